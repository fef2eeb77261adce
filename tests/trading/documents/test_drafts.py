"""A tender is written subject by subject: kept as it is, whole before it is handed over, and only its agency's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from apps import app_for
from litestar import Litestar
from litestar.testing import TestClient
from page_city import build
from test_bill_sheet import GOOD, sheet

from govcore import clock
from govcore.identity.sessions import open_session
from govcore.platform import Platform
from trading.bidding.limits import limits_of as told_to_bidders
from trading.documents import draft_forms
from trading.documents.answers import DraftAnswers, FieldAnswer, LotAnswer, NotYet, assemble
from trading.documents.checks import examine
from trading.documents.limits import limits_of
from trading.documents.schemas import NewDocuments
from trading.documents.starting import REGIMES, TEMPLATE_NAMES, start
from trading.procedure.policy import Regime
from trading.procedure.rules import rule_set

PAGE = {"accept": "text/html"}
BASIS = {
    "title": "清河护岸工程施工招标",
    "scope": "护岸 3.2 公里，以图纸和工程量清单为准。",
    "location": "临湖市东坝区",
    "contact": "王某，0000-1000002",
    "centre_id": "centre",
}
RULES = {Regime.TB: "tb-2026", Regime.GP: "gp-2026"}


def answered(template: str = "water", **changes: Any) -> DraftAnswers:
    lot = LotAnswer(name="第1标段", estimate="12,500,000", max_price="12000000.00", deposit="200000")
    answers = start(template, rule_set=RULES[REGIMES[template]])
    return msgspec.structs.replace(answers, **{**BASIS, "lots": [lot], **changes})


def made(answers: DraftAnswers) -> NewDocuments:
    return assemble(answers, project_id="p", tenderer_id="tenderer", regulator_id="regulator")


def wrong(answers: DraftAnswers) -> list[tuple[str, str]]:
    with pytest.raises(NotYet) as refused:
        made(answers)
    return [(one.step, one.field) for one in refused.value.wrong]


@pytest.mark.parametrize("template", TEMPLATE_NAMES)
def test_a_template_is_whole_but_for_what_only_the_agency_knows_and_passes_the_checks(template: str) -> None:
    answers = answered(template)
    limits = limits_of(rule_set(answers.rule_set), answers.procures)

    assert examine(made(answers).terms, limits) == []
    assert {field for _, field in wrong(start(template, rule_set="tb-2026"))} == {
        *("title", "scope", "location", "contact", "centre_id", "max_price-1", "deposit-1")
    }


def test_amounts_are_exact_fen_and_names_become_parts_of_the_documents() -> None:
    new = made(answered())

    [lot] = new.terms.lots
    assert (lot.max_price_fen, lot.deposit_fen, lot.estimate_fen) == (
        *(12_000_000_00, 200_000_00, 12_500_000_00),
    )
    assert [one.id for one in new.content.criteria] == ["s1", "s2", "price"]
    assert [one.max_points for one in new.content.criteria] == [30, 10, 60]
    assert [part.id for part in new.content.parts] == ["summary", "deposit", "p1", "p2"]
    assert [seat.org_id for seat in new.custodians] == ["centre", "tenderer", "regulator"]


def test_fields_that_papers_and_checks_look_for_have_ids_of_their_own() -> None:
    asked = [
        FieldAnswer(label="负责人", kind="manager"),
        FieldAnswer(label="备注"),
        FieldAnswer(label="工期", kind="duration_days"),
    ]

    form = made(answered(fields=asked)).content.form

    assert [(field.id, field.kind) for field in form.fields] == [
        ("price_fen", "money"),
        ("manager", "text"),
        ("f2", "text"),
        ("duration_days", "integer"),
    ]
    assert wrong(answered(fields=[*asked, FieldAnswer(label="经理", kind="manager")])) == [
        ("form", "label-4")
    ]


def test_a_part_that_is_judged_blind_takes_pdf_only_and_says_so_in_the_documents() -> None:
    form = {"label-1": "商务文件", "megabytes-1": "10"}
    form |= {"label-2": "技术文件", "megabytes-2": "10", "types-2": "pdf, zip"}
    ticked = draft_forms.take(answered(), "parts", form | {"blind-2": "yes", "blind-3": "yes"})

    parts = made(ticked).content.parts[2:]
    assert [(part.label, part.types, part.blind) for part in parts] == [
        ("商务文件", (), False),
        ("技术文件", ("pdf",), True),
    ]
    assert [one.blind for one in told_to_bidders(made(ticked).content).parts] == [False, False, False, True]


def test_two_envelopes_ask_the_price_later_and_a_discount_beside_it() -> None:
    content = made(answered(two_envelopes=True, price_type="discount", technical_min="20")).content

    assert content.price_form is not None
    assert [field.id for field in content.price_form.fields] == ["price_fen", "discount_bp"]
    assert [part.id for part in content.parts if part.opens == "technical-fixed"] == ["price"]
    assert content.technical_min == 20


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"title": " "}, ("basis", "title")),
        ({"lots": []}, ("lots", "name-1")),
        ({"lots": [LotAnswer(name="a", max_price="1.005", deposit="1")]}, ("lots", "max_price-1")),
        ({"lots": [LotAnswer(name="a", max_price="NaN", deposit="1")]}, ("lots", "max_price-1")),
        ({"lots": [LotAnswer(name="a", max_price="1", deposit="-1")]}, ("lots", "deposit-1")),
        ({"lots": [LotAnswer(name="a", max_price="1", deposit="1", estimate="x")]}, ("lots", "estimate-1")),
        ({"price_points": "61"}, ("scoring", "price_points")),
        ({"validity_days": "0"}, ("terms", "validity_days")),
        ({"available_days": "five"}, ("terms", "available_days")),
        ({"deposit_forms": []}, ("terms", "deposit_forms")),
        ({"two_envelopes": True, "fields": []}, ("form", "label-1")),
    ],
)
def test_an_answer_that_does_not_fit_is_named(changes: dict[str, Any], place: tuple[str, str]) -> None:
    assert wrong(answered(**changes)) == [place]


def test_rows_left_empty_fall_away_and_a_bill_stays_with_its_lot() -> None:
    before = answered(lots=[LotAnswer(name="一"), LotAnswer(name="二")])
    form = {"name-1": "", "name-2": "二", "max_price-2": "1", "name-3": " ", "name-99": "x", "other-1": "y"}

    after = draft_forms.take(before, "lots", form)

    assert after.lots == [LotAnswer(name="二", max_price="1")]
    assert draft_forms.take(before, "form", {"kind-7": "date"}).fields == []
    assert draft_forms.take(before, "terms", {"deposit_cheque": "yes"}).deposit_forms == ["cheque"]


@pytest.fixture
def client(platform: Platform) -> Iterator[TestClient[Litestar]]:
    build(platform)
    with TestClient(app_for(platform), base_url="http://site.example") as client:
        client.follow_redirects = False
        yield client


def as_person(client: TestClient[Litestar], name: str) -> TestClient[Litestar]:
    client.cookies.clear()
    platform = client.app.state.platform
    with platform.db.transaction() as tx:
        client.cookies.set("session", open_session(tx, user_id=name, at=clock.now(tx)))
    return client


def test_an_agency_writes_a_tender_and_hands_it_over(client: TestClient[Litestar]) -> None:
    agency = as_person(client, "agency")
    begun = agency.post("/drafts", data={"project": "project-1", "template": "water"})
    draft = begun.headers["location"].rpartition("/")[0]
    early = agency.post(f"{draft}/hand-over", headers=PAGE)
    agency.post(f"{draft}/basis", data={**BASIS, "rule_set": "demo"})
    lots = {"name-1": "第1标段", "max_price-1": "12000000", "deposit-1": "200000"}
    following = agency.post(f"{draft}/lots", data=lots)
    bad = agency.post(
        f"{draft}/bills/1", files={"file": ("b.xlsx", sheet((*GOOD[:4], "=1", None)))}, headers=PAGE
    )
    agency.post(f"{draft}/bills/1", files={"file": ("b.xlsx", sheet(GOOD))})
    check = agency.get(draft, headers=PAGE)
    handed = agency.post(f"{draft}/hand-over", headers=PAGE)
    again = agency.post(f"{draft}/hand-over", headers=PAGE)
    tender = handed.headers["location"].split("/")[2]
    [version] = agency.get(f"/api/tenders/{tender}/versions").json()
    stranger = {
        name: as_person(client, name).get(draft, headers=PAGE).status_code
        for name in ("other-agency", "bidder")
    }

    assert (early.status_code, handed.status_code, again.status_code) == (422, 303, 303)
    assert following.headers["location"] == f"{draft}/scoring"
    assert (bad.status_code, "E2" in bad.text) == (422, True)
    assert "检查结果" not in check.text
    assert [file["kind"] for file in version["files"]] == ["notice", "documents", "bill"]
    assert version["terms"]["lots"][0]["bill"]["sections"][0]["lines"][0]["quantity"] == "42000"
    assert stranger == {"other-agency": 404, "bidder": 403}


def test_no_step_of_a_draft_asks_for_a_lowest_price_or_a_sign_up(client: TestClient[Litestar]) -> None:
    agency = as_person(client, "agency")
    draft = agency.post("/drafts", data={"project": "project-1", "template": "goods"}).headers["location"]
    pages = [
        agency.get(f"{draft.rpartition('/')[0]}/{step}", headers=PAGE)
        for step in ("basis", "lots", "scoring", "form", "terms", "parts")
    ]
    shown = "".join(page.text for page in pages)

    fields = {name for page in pages for name in re.findall(r'name="([a-z_]+)', page.text)}
    assert [page.status_code for page in pages] == [200] * 6
    assert {name for name in fields if "min" in name or "sign" in name or "enrol" in name} == {
        "technical_min"
    }
    assert [word in shown for word in ("最高限价", "采购包", "最高投标限价", "标段")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_consultation_asks_for_its_ground_and_shows_how_many_suppliers_each_needs(
    client: TestClient[Litestar],
) -> None:
    agency = as_person(client, "agency")
    begun = agency.post("/drafts", data={"project": "project-1", "template": "services"})
    draft = begun.headers["location"].rpartition("/")[0]
    said = {"price_method": "low_price_first", "procedure": "consultation", "more": "yes"}
    before = agency.get(f"{draft}/price", headers=PAGE).text
    agency.post(f"{draft}/price", data=said)
    asked = agency.get(f"{draft}/price?check=1", headers=PAGE).text
    agency.post(f"{draft}/price", data={**said, "ground": "research"})
    check = agency.get(draft, headers=PAGE).text

    assert ('id="ground"' in before, "竞争性磋商的适用情形: 此项尚未填写。" in asked) == (False, True)
    assert re.findall(r'<td class="number"[^>]*>(\d)</td>', asked) == [
        *"3222",
        *"3333",
        *"3333",
        *"2222",
        *"3333",
    ]
    assert "（五）依法必须招标以外的工程建设项目" in asked
    assert "（四）市场竞争不充分的科研项目" in check


def test_what_was_handed_over_is_mended_until_it_is_released(client: TestClient[Litestar]) -> None:
    agency = as_person(client, "agency")
    begun = agency.post("/drafts", data={"project": "project-1", "template": "water"})
    draft = begun.headers["location"].rpartition("/")[0]
    forbidden = "注册资本不少于500万元；须在本市设有分公司"
    agency.post(f"{draft}/basis", data={**BASIS, "rule_set": "demo", "qualification": forbidden})
    lots = {"name-1": "第1标段", "max_price-1": "12000000", "deposit-1": "200000"}
    agency.post(f"{draft}/lots", data=lots)
    tender = agency.post(f"{draft}/hand-over", headers=PAGE).headers["location"].split("/")[2]
    for name in ("图纸.pdf", "错图.pdf"):
        agency.post(f"/tenders/{tender}/documents/1/files", files={"file": (name, b"%PDF-1.7")})
    agency.post(f"/tenders/{tender}/documents/1/files/remove", data={"name": "错图.pdf"})
    code = agency.get(f"/api/tenders/{tender}").json()["code"]
    refused = as_person(client, "tenderer").post(
        f"/tenders/{tender}/approve", data={"code": code}, headers=PAGE
    )

    agency = as_person(client, "agency")
    agency.post(
        f"{draft}/basis", data={**BASIS, "rule_set": "demo", "qualification": "注册资本不少于500万元"}
    )
    agency.post(f"{draft}/hand-over", headers=PAGE)
    agency.post(f"{draft}/lots", data={**lots, "name-2": "二", "max_price-2": "1000", "deposit-2": "10"})
    more = agency.post(f"{draft}/hand-over", headers=PAGE)
    agency.post(f"/tenders/{tender}/documents/1/report", data={"reason-1": "与项目规模相适应"})
    tenderer = as_person(client, "tenderer")
    released = tenderer.post(f"/tenders/{tender}/approve", data={"code": code}, headers=PAGE)
    late = as_person(client, "agency").post(f"{draft}/hand-over", headers=PAGE)
    shown = client.get(f"/api/tenders/{tender}").json()
    [version] = client.get(f"/api/tenders/{tender}/versions").json()

    assert (refused.status_code, "设立本地分支机构" in refused.text) == (422, True)
    assert (more.status_code, released.status_code, late.status_code) == (409, 303, 409)
    assert shown["content"]["qualification"] == "注册资本不少于500万元"
    assert sorted(file["kind"] for file in version["files"]) == ["attachment", "documents", "notice"]
    assert (version["state"], len(shown["lots"])) == ("released", 1)
