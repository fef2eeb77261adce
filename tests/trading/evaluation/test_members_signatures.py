"""Members sign sheet and report with keys of their own, and a stranger checks it without the site."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from copies import Rest, Steps
from evaluated_city import EXPERTS, NAMES, NOW, City, SignIn, build, seen_sheet, sheet
from pypdf import PdfReader
from scene import Person
from scene_city import certified

from govcore import dsse
from govcore.certificates.queries import authority_pem
from govcore.errors import NotFound, Problem
from govcore.identity.queries import actor_of_user
from govcore.platform import Platform
from trading.award import issue
from trading.evaluation import bundle_queries, queries, sheets, signatures, signing
from trading.evaluation.again import Repeat, repeat
from trading.evaluation.bundles import canonical, digest_of, read, sha256_of
from trading.evaluation.causes import Cause
from trading.evaluation.cli import evaluation
from trading.evaluation.computing import finished
from trading.evaluation.ending import due_to_end
from trading.evaluation.entries import SHEET_TYPE
from trading.evaluation.forms import forms_of, forms_signed
from trading.evaluation.models import EvaluationRound
from trading.evaluation.policy import REPORT_TYPE
from trading.evaluation.sheet_queries import my_sheet
from trading.evaluation.signature_checks import verify_signatures
from trading.evaluation.signature_rule import RULE, Kind, must_sign
from trading.evaluation.tasks import complete_one, end_one
from trading.tender.queries import lot_context

PAGE = {"accept": "text/html"}
REPORT = "/api/lots/lot-1/report"
SIGNED = "/api/lots/lot-1/evaluation/bundle/signed"
DISSENT = "对第二名的业绩认定有异议"


@dataclass(frozen=True)
class Keyed:
    """The city after its evaluation: the first two experts hold certificates and locked their sheets with them."""

    city: City
    keys: dict[str, dsse.CertificateSigner]

    def report(self) -> str:
        with self.city.database.read() as tx:
            return queries.report_sha256(tx, "lot-1")

    def envelope(self, name: str, dissent: str = "", *, by: str = "") -> bytes:
        """What somebody hands in who signs with the own key, or with another one."""
        with self.city.database.read() as tx:
            found = signatures.to_sign(tx, "lot-1", actor=self.city.actor(name), at=NOW)
        said = signatures.statement(found, dissent)
        return dsse.sign(REPORT_TYPE, said, [self.keys[by or name]]).encode()

    def sign(self, name: str, dissent: str = "", *, envelope: bytes | None = None) -> None:
        with self.city.database.transaction() as tx:
            actor = self.city.actor(name)
            said: dict[str, Any] = {"sha256": self.report(), "dissent": dissent, "envelope": envelope}
            signatures.sign(tx, "lot-1", **said, actor=actor, at=NOW)

    def lock(self, name: str) -> None:
        """Lock the own sheet, signed where there is a key."""
        with self.city.database.transaction() as tx:
            actor, keys = self.city.actor(name), [self.keys[name]] if name in self.keys else []
            document = my_sheet(tx, "lot-1", actor=actor).document
            envelope = dsse.sign(SHEET_TYPE, document, keys).encode() if keys else None
            seen = seen_sheet(tx, "lot-1", actor)
            sheets.lock(tx, "lot-1", sha256=seen, envelope=envelope, actor=actor, at=NOW)

    def evaluate_again(self, platform: Platform) -> None:
        """Begin the next round for an objection."""
        with self.city.database.transaction() as tx:
            proposer, second = actor_of_user(tx, "tenderer"), actor_of_user(tx, "regulator")
            cause = Repeat(cause=Cause.OBJECTION, text="异议成立")
            repeat(tx, platform, "lot-1", cause, proposer=proposer, second=second)

    def sign_all(self) -> None:
        """Two by certificate, one of them dissenting, the others by proof."""
        self.sign("expert-1", envelope=self.envelope("expert-1"))
        self.sign("expert-2", DISSENT, envelope=self.envelope("expert-2", DISSENT))
        for name in EXPERTS[2:]:
            self.sign(name)


def keyed(platform: Platform) -> Keyed:
    city = build(platform.db)
    with platform.db.transaction() as tx:
        keys = {name: certified(tx, platform, name, at=NOW) for name in EXPERTS[:2]}
    city.convene()
    found = Keyed(city, keys)
    for number, name in enumerate(EXPERTS):
        city.fill(name, sheet(number))
        found.lock(name)
    assert complete_one(platform, "lot-1")
    return found


@pytest.fixture
def beginnings() -> dict[str, Steps]:
    return {"committee": keyed}


@pytest.fixture
def committee(platform: Platform, resting: Rest) -> Keyed:
    kept: Keyed = resting.kept
    return replace(kept, city=replace(kept.city, database=platform.db))


@pytest.fixture
def city(committee: Keyed) -> City:
    return committee.city


def refused(action: Callable[[], object]) -> str:
    with pytest.raises(Problem) as caught:
        action()
    return caught.value.code


def due(committee: Keyed) -> list[tuple[str, int]]:
    with committee.city.database.read() as tx:
        return due_to_end(tx)


def signed_bundle(platform: Platform, committee: Keyed) -> bytes:
    with committee.city.database.read() as tx:
        found = bundle_queries.signed(tx, "lot-1", actor=committee.city.actor("regulator"))
    return platform.store.get(found.key)


def test_who_holds_a_certificate_signs_exactly_the_report_with_it(committee: Keyed) -> None:
    own = committee.envelope("expert-1")

    assert refused(lambda: committee.sign("expert-1")) == "E_MEMBER_SIGNATURE"
    assert refused(lambda: committee.sign("expert-1", DISSENT, envelope=own)) == "E_SIGNED_CONTENT"
    others = committee.envelope("expert-1", by="expert-2")
    assert refused(lambda: committee.sign("expert-1", envelope=others)) == "E_SIGNER"
    sheets_own = dsse.sign(SHEET_TYPE, b"{}", [committee.keys["expert-1"]]).encode()
    assert refused(lambda: committee.sign("expert-1", envelope=sheets_own)) == "E_ENVELOPE"
    committee.sign("expert-1", envelope=own)
    assert refused(lambda: committee.sign("expert-1", envelope=own)) == "E_REPORT_SIGNED"
    committee.sign("expert-3")

    with committee.city.database.read() as tx:
        said = signatures.signatures_of(tx, "lot-1", 1)
    assert [(one.seat, one.kind) for one in said] == [(1, Kind.CERTIFICATE), (3, Kind.PROOF)]


def test_a_rule_set_can_ask_everybody_for_a_certificate(committee: Keyed) -> None:
    with committee.city.database.read() as tx:
        context = lot_context(tx, "lot-1")
        rules = context.rule_set
        strict = replace(rules.rules[RULE], value="CERTIFICATE")
        only = replace(context, rule_set=replace(rules, rules={**rules.rules, RULE: strict}))
        actor = committee.city.actor("expert-3")
        asked = [must_sign(tx, one, actor=actor, at=NOW) for one in (context, only)]

    assert asked == [False, True]


def test_once_all_have_signed_the_report_is_kept_with_its_signatures(
    platform: Platform, committee: Keyed
) -> None:
    report = committee.report()
    committee.sign("expert-1", envelope=committee.envelope("expert-1"))
    assert due(committee) == []
    committee.sign("expert-2", DISSENT, envelope=committee.envelope("expert-2", DISSENT))
    for name in EXPERTS[2:]:
        committee.sign(name)
    assert due(committee) == [("lot-1", 1)]

    assert (end_one(platform, ("lot-1", 1)), end_one(platform, ("lot-1", 1)), due(committee)) == (
        True,
        False,
        [],
    )

    with committee.city.database.read() as tx:
        key, _code = queries.signed_report_key(tx, "lot-1", actor=committee.city.actor("tenderer"))
    paper = PdfReader(io.BytesIO(platform.store.get(key)))
    [body] = paper.attachments["report.pdf"]
    assert hashlib.sha256(body).hexdigest() == report
    said = "".join(page.extract_text() for page in paper.pages[len(PdfReader(io.BytesIO(body)).pages) :])
    flat = said.replace("\n", "")
    assert (report in flat, DISSENT in flat, flat.count("数字证书签名") >= 2) == (True, True, True)
    assert "未在" not in flat


def test_forms_say_how_each_member_signed_and_leave_room_for_those_who_may_yet(committee: Keyed) -> None:
    committee.sign("expert-2", DISSENT, envelope=committee.envelope("expert-2", DISSENT))
    committee.sign("expert-3")

    with committee.city.database.read() as tx:
        found = finished(tx, "lot-1")
        assert found is not None
        said = signatures.signatures_of(tx, "lot-1", 1)
        forms = {form.title: form for form in forms_of(tx, found, said)}
    ended = forms_signed(replace(found, round=EvaluationRound(signing_ended_at=NOW)), said)

    at = "2026-11-23 10:00:00"
    signs = {
        1: "",
        2: f"以数字证书签署评标报告\n{at}\n有不同意见",
        3: f"重新验证身份后签署评标报告\n{at}",
        4: "",
        5: "",
    }
    assert forms["评分汇总表"].signs == forms["评标结果表决和签字表"].signs == signs
    assert ended == {seat: text or "未签署评标报告" for seat, text in signs.items()}
    assert forms["评标委员会签到表"].signs == {}
    assert [forms[f"评委个人评分表（评委{seat}）"].lines for seat in (2, 3)] == [
        (f"本人以数字证书签名后锁定，锁定时间：{at}",),
        (f"本人重新验证身份后锁定，由平台记录，锁定时间：{at}",),
    ]


def test_who_is_silent_until_the_result_is_published_is_held_to_agree(
    platform: Platform, committee: Keyed
) -> None:
    committee.sign("expert-2", DISSENT, envelope=committee.envelope("expert-2", DISSENT))
    issue.publicise(platform, "lot-1", actor=committee.city.actor("agency"))
    assert due(committee) == [("lot-1", 1)]

    assert end_one(platform, ("lot-1", 1)) is True

    assert refused(lambda: committee.sign("expert-3")) == "E_REPORT_CLOSED"
    rows = read(signed_bundle(platform, committee))["documents"]["signatures"]["members"]
    assert [row["report"] and row["report"]["dissent"] for row in rows] == [None, DISSENT, None, None, None]


def signed_paper(platform: Platform, number: int) -> str:
    """What the pages say that were put behind a report."""
    with platform.db.read() as tx:
        [(_, key, _)] = [one for one in queries.signed_reports(tx, "lot-1") if one[0] == number]
    paper = PdfReader(io.BytesIO(platform.store.get(key)))
    [body] = paper.attachments["report.pdf"]
    behind = paper.pages[len(PdfReader(io.BytesIO(body)).pages) :]
    return "".join(page.extract_text() for page in behind).replace("\n", "")


def test_who_had_not_signed_when_a_lot_is_evaluated_again_agreed_to_nothing(
    platform: Platform, committee: Keyed
) -> None:
    committee.sign("expert-2", DISSENT, envelope=committee.envelope("expert-2", DISSENT))
    committee.evaluate_again(platform)
    assert due(committee) == [("lot-1", 1)]

    assert end_one(platform, ("lot-1", 1)) is True

    first = signed_paper(platform, 1)
    silent = "评委1、评委3、评委4、评委5在此之前未签署，不视为同意评标结果。"
    assert (DISSENT in first, silent in first, "，视为同意" in first) == (True, True, False)
    for name in EXPERTS:
        committee.lock(name)
    assert (due(committee), complete_one(platform, "lot-1")) == ([], True)
    committee.sign_all()
    assert due(committee) == [("lot-1", 2)]
    assert end_one(platform, ("lot-1", 2)) is True
    assert ("（第2次评标）" in signed_paper(platform, 2), due(committee)) == (True, [])


def test_a_notice_of_the_next_result_publishes_nothing_of_the_one_before(
    platform: Platform, committee: Keyed
) -> None:
    committee.evaluate_again(platform)
    for name in EXPERTS:
        committee.lock(name)
    assert complete_one(platform, "lot-1")
    issue.publicise(platform, "lot-1", actor=committee.city.actor("agency"))

    with platform.db.read() as tx:
        published = bundle_queries.due_to_publish(tx)
    assert end_one(platform, ("lot-1", 1)) is True

    assert published == [("lot-1", 2)]
    assert ("，视为同意" in signed_paper(platform, 1), due(committee)) == (False, [("lot-1", 2)])


def test_a_stranger_checks_every_signature_without_the_site(
    platform: Platform, committee: Keyed, tmp_path: Path
) -> None:
    committee.sign_all()
    assert end_one(platform, ("lot-1", 1))
    raw = signed_bundle(platform, committee)
    file, root = tmp_path / "bundle.json", tmp_path / "authority.pem"
    file.write_bytes(raw)
    with committee.city.database.read() as tx:
        root.write_text(authority_pem(tx))

    told = {(one.code, one.about, one.holds) for one in verify_signatures(read(raw))}
    done = CliRunner().invoke(evaluation, ["verify", str(file), "--authority", str(root)])

    assert {one for one in told if one[0].startswith(("sheet", "report", "seats"))} == {
        ("seats", "5", True),
        *((f"{what}_signed", member, True) for what in ("sheet", "report") for member in ("m1", "m2")),
        *((f"{what}_proved", f"m{n}", None) for what in ("sheet", "report") for n in (3, 4, 5)),
    }
    assert (done.exit_code, "WRONG" in done.output) == (0, False)
    assert "ok: who certified the members' keys" in done.output


FORGED: dict[str, tuple[Callable[[dict[str, Any]], None], set[str]]] = {
    "a dissent taken out": (
        lambda found: found["signatures"]["members"][1]["report"].update(dissent=""),
        {"report_signed"},
    ),
    "points changed": (
        lambda found: found["sheets"]["members"][0]["scores"]["bid-1"].update(plan="24.00"),
        {"sheet_signed", "report_signed"},
    ),
    "another report": (
        lambda found: found["signatures"].update(report_sha256="0" * 64),
        {"report_signed"},
    ),
    "a signature moved to another seat": (
        lambda found: found["signatures"]["members"][0].update(
            report=found["signatures"]["members"][1]["report"]
        ),
        {"report_signed"},
    ),
    "a certificate out of time": (
        lambda found: found["signatures"]["members"][0]["report"].update(at="2030-01-01T00:00:00Z"),
        {"report_signed"},
    ),
    "a certificate of nobody": (
        lambda found: found["signatures"]["certificates"].clear(),
        {"malformed"},
    ),
}


@pytest.mark.parametrize("backend", ["sqlite"])
def test_what_was_changed_afterwards_does_not_pass(platform: Platform, committee: Keyed) -> None:
    committee.sign_all()
    assert end_one(platform, ("lot-1", 1))
    raw = signed_bundle(platform, committee)

    for what, (change, wrong) in FORGED.items():
        bundle = read(raw)
        change(bundle["documents"])
        bundle["sha256"] = {name: sha256_of(one) for name, one in bundle["documents"].items()}
        bundle["digest"] = digest_of(bundle)
        checks = verify_signatures(read(canonical(bundle)))
        assert {one.code for one in checks if one.holds is False} == wrong, what
    other = verify_signatures(read(raw), authority=read(raw)["documents"]["signatures"]["authority"].encode())
    assert [one.code for one in other if one.holds is False] == []


def test_no_form_tells_who_a_member_is(platform: Platform, committee: Keyed) -> None:
    committee.sign_all()
    assert end_one(platform, ("lot-1", 1))
    raw = signed_bundle(platform, committee)

    text = json.dumps(read(raw), ensure_ascii=False)
    certificates = read(raw)["documents"]["signatures"]["certificates"]
    told = [signer.certificate.subject.rfc4514_string() for signer in committee.keys.values()]
    assert len(certificates) == 2
    assert [name for name in NAMES.values() if name in text or any(name in one for one in told)] == []
    with committee.city.database.read() as tx:
        for person in ("tenderer", "agency", "centre", "other-regulator", "expert-1"):
            with pytest.raises(NotFound):
                bundle_queries.signed(tx, "lot-1", actor=committee.city.actor(person))
        full = bundle_queries.full(tx, "lot-1", actor=committee.city.actor("tenderer"))
    assert "signatures" not in read(platform.store.get(full.key))["documents"]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_the_command_signs_the_file_that_was_read_and_no_other(committee: Keyed, sign_in: SignIn) -> None:
    session = sign_in("expert-2")
    member = Person(session, session.cookies["session"])
    report, key = session.get("/evaluation/lot-1/report.pdf").content, committee.keys["expert-2"]
    with pytest.raises(signing.OtherReport):
        signing.sign_report(member, key, "lot-1", report + b" ", dissent=DISSENT)

    signing.sign_report(member, key, "lot-1", report, dissent=f" {DISSENT} ")

    with committee.city.database.read() as tx:
        said = signatures.signatures_of(tx, "lot-1", 1)
    assert [(one.seat, one.kind, one.dissent) for one in said] == [(2, Kind.CERTIFICATE, DISSENT)]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_the_page_lets_the_browser_sign_or_takes_the_proof_and_the_result_tells_which(
    platform: Platform, committee: Keyed, sign_in: SignIn
) -> None:
    pages = {name: sign_in(name).get("/evaluation/lot-1/sign", headers=PAGE).text for name in EXPERTS[1:3]}
    assert ["report-sign.js" in page for page in pages.values()] == [True, False]
    member = sign_in("expert-2")
    statement = member.post(f"{REPORT}/statement", json={"dissent": DISSENT}).content
    envelope = dsse.sign(REPORT_TYPE, statement, [committee.keys["expert-2"]]).encode().decode()
    body = {"sha256": committee.report(), "dissent": DISSENT, "envelope": envelope}
    for stranger in ("tenderer", "outside-expert"):
        assert sign_in(stranger).post(f"{REPORT}/signature", json=body).status_code in (403, 404)

    done = sign_in("expert-2").post(f"{REPORT}/signature", json=body)

    assert done.status_code == 204
    form = {"sha256": committee.report(), "dissent": ""}
    assert sign_in("expert-3").post("/evaluation/lot-1/sign", data=form).status_code == 303
    shown = sign_in("tenderer").get("/evaluation/lot-1/result", headers=PAGE).text
    assert (DISSENT in shown, "数字证书签名" in shown, "重新验证身份" in shown) == (True, True, True)
    assert SIGNED not in shown
    assert sign_in("regulator").get(SIGNED).status_code == 404
    for name in ("expert-1", "expert-4", "expert-5"):
        committee.sign(name, envelope=committee.envelope(name) if name in committee.keys else None)
    assert end_one(platform, ("lot-1", 1))
    assert SIGNED in sign_in("regulator").get("/evaluation/lot-1/result", headers=PAGE).text
    paths = (SIGNED, "/evaluation/lot-1/report-signed.pdf")
    codes = {
        name: [sign_in(name).get(path, headers=PAGE).status_code for path in paths]
        for name in ("regulator", "tenderer", "expert-4", "agency", "other-regulator")
    }
    assert codes == {
        "regulator": [200, 200],
        "tenderer": [404, 200],
        "expert-4": [404, 200],
        "agency": [404, 404],
        "other-regulator": [404, 404],
    }
