"""Bundles of a real evaluation: who gets which form, when the public one is there, and that both hold."""

from __future__ import annotations

import hashlib
import json
from html import unescape

import pytest
from copies import Steps
from evaluated_city import EXPERTS, NAMES, City, SignIn, evaluated
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from govcore.audit.models import LogOutbox
from govcore.platform import Platform
from trading.award import issue
from trading.desk import verify_results
from trading.evaluation import bundle_queries, bundles, queries, recompute, recompute_words, tasks
from trading.evaluation.bundles import Form
from trading.evaluation.tasks import publish_one

PUBLIC = "/api/lots/lot-1/evaluation/bundle"
FULL = f"{PUBLIC}/full"
PAGE = {"accept": "text/html"}


@pytest.fixture
def beginnings() -> dict[str, Steps]:
    return {"city": evaluated}


def logged(city: City, name: str) -> list[bytes]:
    with city.database.read() as tx:
        events = tx.scalars(select(LogOutbox.event).order_by(LogOutbox.id)).all()
    return [event for event in events if f'"type":"{name}"'.encode() in event]


def due(city: City) -> list[tuple[str, int]]:
    with city.database.read() as tx:
        return bundle_queries.due_to_publish(tx)


def test_the_full_bundle_gives_the_result_that_was_recorded(platform: Platform, city: City) -> None:
    with city.database.read() as tx:
        kept = bundle_queries.full(tx, "lot-1", actor=city.actor("tenderer"))
        outcomes = queries.outcomes(tx, "lot-1")
    raw = platform.store.get(kept.key)
    bundle = bundles.read(raw)

    assert hashlib.sha256(raw).hexdigest() == kept.sha256
    assert kept.sha256.encode() in logged(city, "evaluation.completed")[0]
    assert [check for check in recompute.verify(bundle) if not check.holds] == []
    rows = bundle["documents"]["result"]["standings"]
    assert [(row["bid"], row["rank"], row["total"]) for row in rows] == [
        (one.bid.bid_id, one.rank, None if one.total is None else f"{one.total / 100:.2f}")
        for one in outcomes
    ]
    assert [row["invalid"]["code"] for row in rows if row["invalid"]] == ["over_max_price"]


def test_members_and_bidders_have_no_names_in_it(platform: Platform, city: City) -> None:
    text = platform.store.get("evaluation/lot-1/1/bundle-full.json").decode()
    members = [member["id"] for member in bundles.read(text.encode())["documents"]["sheets"]["members"]]

    assert members == ["m1", "m2", "m3", "m4", "m5"]
    assert [name for name in (*EXPERTS, *NAMES.values()) if name in text] == []


def test_the_public_bundle_waits_for_the_notice_and_is_published_once(platform: Platform, city: City) -> None:
    assert due(city) == []
    issue.publicise(platform, "lot-1", actor=city.actor("agency"))
    assert due(city) == [("lot-1", 1)]

    assert publish_one(platform, ("lot-1", 1)) is True
    assert publish_one(platform, ("lot-1", 1)) is False

    assert due(city) == []
    with city.database.read() as tx:
        found = bundle_queries.published(tx, "lot-1")
    assert found is not None
    raw = platform.store.get(found.key)
    assert hashlib.sha256(raw).hexdigest() == found.sha256
    (event,) = logged(city, "evaluation.published")
    assert found.sha256.encode() in event
    bundle = bundles.read(raw)
    assert bundle["form"] == Form.PUBLIC
    assert {check.code for check in recompute.verify(bundle) if not check.holds} == {"sheets"}


def test_a_sweep_that_died_after_storing_publishes_the_same_bytes(platform: Platform, city: City) -> None:
    issue.publicise(platform, "lot-1", actor=city.actor("agency"))
    whole = bundles.read(platform.store.get("evaluation/lot-1/1/bundle-full.json"))
    content = bundles.canonical(bundles.public(whole))
    tasks.store_once(platform.store, "evaluation/lot-1/1/bundle-public.json", content)

    assert publish_one(platform, ("lot-1", 1)) is True


def test_each_form_is_for_those_who_may_see_it(platform: Platform, city: City, sign_in: SignIn) -> None:
    people = ("", "tenderer", "regulator", "agency", "centre", "bidder-1", "expert-1", "other-regulator")

    def got(path: str) -> dict[str, int]:
        return {name: sign_in(name).get(path).status_code for name in people}

    assert set(got(PUBLIC).values()) == {404}
    issue.publicise(platform, "lot-1", actor=city.actor("agency"))
    publish_one(platform, ("lot-1", 1))

    assert set(got(PUBLIC).values()) == {200}
    assert got(FULL) == {
        **{"": 401, "tenderer": 200, "regulator": 200, "agency": 404, "centre": 404},
        **{"bidder-1": 403, "expert-1": 404, "other-regulator": 404},
    }


def test_pages_lead_to_the_form_that_the_reader_may_have(
    platform: Platform, city: City, sign_in: SignIn
) -> None:
    def links(name: str, path: str) -> list[str]:
        page = sign_in(name).get(path, headers=PAGE).text
        return [href for href in (FULL, PUBLIC) if f'href="{href}"' in page]

    result = "/evaluation/lot-1/result"
    assert (links("tenderer", result), links("agency", result)) == ([FULL], [])

    notice = issue.publicise(platform, "lot-1", actor=city.actor("agency"))
    publish_one(platform, ("lot-1", 1))

    assert (links("tenderer", result), links("agency", result)) == ([FULL, PUBLIC], [PUBLIC])
    assert links("", f"/notices/award/{notice.id}") == [PUBLIC]


def test_an_auditor_takes_the_full_form_once_the_result_is_public_and_the_log_says_so(
    platform: Platform, city: City, sign_in: SignIn
) -> None:
    bundle = "/evaluation-bundles/lot-1"
    assert sign_in("auditor").post(bundle).status_code == 404
    issue.publicise(platform, "lot-1", actor=city.actor("agency"))
    publish_one(platform, ("lot-1", 1))

    listed = sign_in("auditor").get("/evaluation-bundles", headers=PAGE).text
    taken = sign_in("auditor").post(bundle)

    assert f'action="{bundle}"' in listed
    assert bundles.read(taken.content)["form"] == Form.FULL
    (event,) = logged(city, "evaluation.bundle_taken")
    assert hashlib.sha256(taken.content).hexdigest().encode() in event
    people = ("centre", "agency", "bidder-1", "expert-1", "tenderer")
    assert {sign_in(name).post(bundle).status_code for name in people} == {403}


def checked(http: TestClient[Litestar], raw: bytes, *, language: str = "en") -> tuple[int, str]:
    answer = http.post(
        "/verify/evaluation",
        files={"file": ("bundle.json", raw)},
        headers=PAGE | {"cookie": f"lang={language}"},
    )
    return answer.status_code, unescape(answer.text)


def test_anybody_has_either_form_computed_again_on_a_page(
    platform: Platform, city: City, sign_in: SignIn
) -> None:
    issue.publicise(platform, "lot-1", actor=city.actor("agency"))
    publish_one(platform, ("lot-1", 1))
    full, public = (
        platform.store.get(f"evaluation/lot-1/1/bundle-{form}.json") for form in (Form.FULL, Form.PUBLIC)
    )

    pages = [checked(sign_in(""), raw)[1] for raw in (full, public)]
    chinese = checked(sign_in(""), public, language="zh_CN")[1]
    tender = sign_in("").get("/tenders/tender-1", headers=PAGE).text

    for page, raw in zip(pages, (full, public), strict=True):
        told = [recompute_words.told(one, "en") for one in recompute.verify(bundles.read(raw))]
        assert [line for line in told if line not in page] == []
        assert "everything that this form can show holds" in page
    hrefs = ("/verify/evaluation", "/api/lots/lot-1/evaluation/bundle")
    assert [f'href="{href}"' in tender for href in hrefs] == [True, True]
    assert ["Exactly this file is published here" in page for page in pages] == [False, True]
    assert "此版本可核对的内容全部相符" in chinese


def test_a_changed_or_malformed_bundle_is_told_apart(platform: Platform, city: City, sign_in: SignIn) -> None:
    raw = platform.store.get("evaluation/lot-1/1/bundle-full.json")
    changed = json.loads(raw)
    changed["documents"]["result"]["standings"][0]["rank"] = 2
    bad = bundles.canonical(changed)
    deep = b"[" * 100_000
    unspeakable = raw.replace(b'"tender":"', b'"tender":"\\ud800', 1)

    status, page = checked(sign_in(""), bad)
    refused = [checked(sign_in(""), one) for one in (b"", b"{}", deep, raw + b" ", unspeakable)]
    large = checked(sign_in(""), b"0" * (verify_results.FILE_LIMIT + 1))

    assert (status, "checks do not hold" in page) == (200, True)
    assert [status for status, _ in [*refused, large]] == [422] * 6
    assert [
        code for code in ("E_NO_FILE", "E_NOT_A_BUNDLE") for _, text in refused if f"[{code}]" in text
    ] == [
        "E_NO_FILE",
        *["E_NOT_A_BUNDLE"] * 4,
    ]
    assert "[E_TOO_LARGE_HERE]" in large[1]
