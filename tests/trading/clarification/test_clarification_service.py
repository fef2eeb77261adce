"""A question has no asker, an answer reaches everybody at one moment, and two people stand behind it."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import msgspec
import pytest
from clarifying import (
    ACT,
    CHANGE,
    anonymous,
    answer,
    ask,
    gathered,
    hand_over,
    prepare,
    published,
    release,
    release_refused,
)
from scene import Scene
from scene_facts import events, refused, verdict
from sqlalchemy import select, update

from govcore.identity.queries import actor_of_user
from govcore.notify import queries as notify
from trading.clarification.models import Question
from trading.clarification.queries import KeptQuestion
from trading.client import Refused
from trading.tender.models import Lot, Tender

SECRET = "我公司（清源堤防工程有限公司）能否提前进场？"


def open_questions(scene: Scene, person: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = scene.person(person).get(f"/api/tenders/{scene.city.tender_id}/questions")
    return found


def problem(scene: Scene, person: str, method: str, path: str, **options: object) -> tuple[int, str]:
    return verdict(refused(scene, person, method, path, **options))


def test_a_question_is_shown_by_its_words_alone_at_the_next_half_hour_to_agency_and_tenderer(
    scene: Scene,
) -> None:
    references = {
        ask(scene, "图纸是否提供电子版？"): "图纸是否提供电子版？",
        ask(scene, SECRET, "bidder-3"): SECRET,
    }
    before = open_questions(scene, "agency")
    scene.move_clock(minutes=30)

    path = f"/api/tenders/{scene.city.tender_id}/questions"
    shown = [{"reference": key, "text": references[key]} for key in sorted(references)]
    assert (before, open_questions(scene, "agency"), open_questions(scene, "tenderer")) == ([], shown, shown)
    assert {name: problem(scene, name, "GET", path) for name in ("centre", "bidder-3", "auditor")} == {
        "centre": (403, "E_FORBIDDEN"),
        "bidder-3": (403, "E_FORBIDDEN"),
        "auditor": (403, "E_FORBIDDEN"),
    }


def test_neither_row_nor_log_tells_who_asked_or_when(scene: Scene) -> None:
    reference = ask(scene, SECRET, "bidder-3")
    ask(scene, "图纸是否提供电子版？")

    with scene.platform.db.read() as tx:
        rows = list(tx.scalars(select(Question)))
        mine = next(row for row in rows if row.reference == reference)
        sealed = scene.platform.wrapper.unwrap("question", mine.id, mine.wrapped)
    logged = events(scene, "clarification.asked")
    told = repr([vars(row) for row in rows]) + repr(logged)
    kept = msgspec.json.decode(sealed, type=KeptQuestion)

    assert [word for word in ("bidder-3", "清源", "能否提前进场") if word in told] == []
    assert (kept.text, kept.user_id) == (SECRET, "bidder-3")
    assert {row.collected_at.minute % 30 for row in rows} == {0}
    assert {one["actor"] for one in logged} == {"asker"}
    assert hashlib.sha256(sealed).hexdigest() in [one["data"]["question_sha256"] for one in logged]


def test_answers_appear_at_one_moment_for_everybody_and_every_follower_is_told_the_same(scene: Scene) -> None:
    for name in ("stranger", "bidder-2"):
        scene.person(name).call("POST", f"/tenders/{scene.city.tender_id}/follow")
    first, second = gathered(scene, "图纸是否提供电子版？", SECRET)
    clean = answer(second, "能否提前进场？", "不能。", shortened="原文含提问人名称")

    made = hand_over(scene, answers=[answer(first, "图纸是否提供电子版？", "已随招标文件发布。"), clean])
    before = published(scene)
    shown = release(scene, made)

    assert (before, published(scene)) == ([], [shown])
    assert [(one["question"], one["answer"], one["shortened"]) for one in shown["content"]["answers"]] == [
        (one["question"], one["answer"], one.get("shortened", ""))
        for one in (answer(first, "图纸是否提供电子版？", "已随招标文件发布。"), clean)
    ]
    assert open_questions(scene, "agency") == []
    assert "清源" not in anonymous(scene, "GET", f"/clarifications/{made}").text
    paper = anonymous(scene, "GET", shown["paper_href"]).content
    assert (hashlib.sha256(paper).hexdigest(), paper[:5]) == (shown["paper_sha256"], b"%PDF-")
    with scene.platform.db.read() as tx:
        inboxes = [
            [
                (one.text, one.data)
                for one in notify.inbox(tx, scene.platform.keys, actor=actor_of_user(tx, name))
            ]
            for name in ("stranger", "bidder-2", "bidder-1")
        ]
    assert inboxes[0] == inboxes[1]
    assert (len(inboxes[0]), inboxes[2]) == (1, [])
    assert events(scene, "clarification.released")[0]["data"]["paper_sha256"] == shown["paper_sha256"]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_the_asker_finds_the_own_question_and_nobody_else_does(scene: Scene) -> None:
    reference = ask(scene, "图纸是否提供电子版？", "bidder-3")
    path = f"/tenders/{scene.city.tender_id}/questions"

    pages = {name: scene.person(name).call("GET", path).text for name in ("bidder-3", "bidder-1")}

    assert {name: reference in text for name, text in pages.items()} == {"bidder-3": True, "bidder-1": False}


def test_what_is_prepared_is_seen_by_agency_and_tenderer_and_released_by_the_tenderer_alone(
    scene: Scene,
) -> None:
    made = prepare(scene, changes=[CHANGE], untouched="仅更正笔误")
    path, tender = f"/api/clarifications/{made['id']}", f"/api/tenders/{scene.city.tender_id}/clarification"

    assert problem(scene, "tenderer", "POST", f"{path}/release") == (409, "E_STATE")
    scene.person("agency").call("POST", f"{path}/hand-over")
    found = {
        "the agency releases": problem(scene, "agency", "POST", f"{path}/release"),
        "the agency changes it meanwhile": problem(
            scene, "agency", "PUT", tender, json={"changes": [CHANGE]}
        ),
        "the tenderer prepares": problem(scene, "tenderer", "PUT", tender, json={"changes": [CHANGE]}),
        "a bidder looks": problem(scene, "bidder-1", "GET", tender),
        "everybody reads it": (anonymous(scene, "GET", path).status_code, ""),
    }
    scene.person("tenderer").post(f"{path}/return", {"reason": "请写明章节"})
    again = prepare(scene, changes=[CHANGE])

    assert found == {
        "the agency releases": (403, "E_FORBIDDEN"),
        "the agency changes it meanwhile": (409, "E_CLARIFICATION_READY"),
        "the tenderer prepares": (403, "E_FORBIDDEN"),
        "a bidder looks": (403, "E_FORBIDDEN"),
        "everybody reads it": (404, ""),
    }
    assert (again["id"], again["number"], again["state"], again["returned_for"]) == (
        made["id"],
        1,
        "preparing",
        "请写明章节",
    )


@pytest.mark.parametrize("backend", ["sqlite"])
def test_what_cannot_be_published_is_refused_when_it_is_prepared(scene: Scene) -> None:
    path = f"/api/tenders/{scene.city.tender_id}/clarification"
    contents: dict[str, dict[str, object]] = {
        "E_QUESTION": {"answers": [answer("AAAA-AAAA", "？")]},
        "E_CHANGE": {"changes": [CHANGE | {"after": CHANGE["before"]}]},
        "E_ACT_TIMES": {"acts": [ACT | {"ends_at": ACT["starts_at"]}]},
        "E_GLYPH": {"statement": "印不出的字 \U0001f6a7"},
        "E_SCHEMA": {"statement": "x" * 8001},
    }

    found = {code: problem(scene, "agency", "PUT", path, json=body) for code, body in contents.items()}

    assert found == {code: (422, code) for code in contents}


def test_a_question_is_published_in_other_words_only_with_a_reason_and_answered_once(scene: Scene) -> None:
    (reference,) = gathered(scene, SECRET)
    path = f"/api/tenders/{scene.city.tender_id}/clarification"
    without = {"answers": [answer(reference, "能否提前进场？")]}
    twice = {"answers": [answer(reference, SECRET), answer(reference, SECRET)]}

    found = [problem(scene, "agency", "PUT", path, json=body) for body in (without, twice)]
    release(scene, hand_over(scene, answers=[answer(reference, SECRET)]))
    found.append(problem(scene, "agency", "PUT", path, json={"answers": [answer(reference, SECRET)]}))

    assert found == [(422, "E_SHORTENED"), (422, "E_QUESTION"), (422, "E_QUESTION")]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_an_empty_clarification_is_not_handed_over(scene: Scene) -> None:
    made = prepare(scene)

    assert problem(scene, "agency", "POST", f"/api/clarifications/{made['id']}/hand-over") == (
        422,
        "E_CLARIFICATION_EMPTY",
    )


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_receipt_is_taken_only_where_it_is_a_genuine_one_of_this_tender(scene: Scene) -> None:
    tender = scene.city.tender_id
    receipt = anonymous(scene, "POST", f"/tenders/{tender}/documents/1/receipt").text
    path = f"/api/tenders/{tender}/questions"

    taken = [
        anonymous(scene, "POST", path, json={"text": "？", "receipt": text}).status_code
        for text in (receipt, receipt.replace("e", "f", 3), "{}")
    ]

    assert taken == [201, 422, 422]


def test_after_the_deadline_nothing_is_asked_or_clarified(scene: Scene) -> None:
    made = hand_over(scene, changes=[CHANGE])
    scene.move_clock(hours=1)
    path = f"/api/tenders/{scene.city.tender_id}"

    assert [
        anonymous(scene, "POST", f"{path}/questions", json={"text": "？"}).status_code,
        problem(scene, "agency", "PUT", f"{path}/clarification", json={"changes": [CHANGE]}),
        problem(scene, "tenderer", "POST", f"/api/clarifications/{made}/release"),
    ] == [409, (409, "E_CLARIFICATION_LATE"), (409, "E_CLARIFICATION_LATE")]


def test_a_sample_has_a_nameless_number_and_no_list_before_the_deadline(scene: Scene) -> None:
    tender, agency = f"/api/tenders/{scene.city.tender_id}/samples", scene.person("agency")
    early = problem(scene, "agency", "POST", tender, json={"what": "护坡砌块 2 件"})
    now = scene.now().isoformat()
    times = {"kind": "samples", "starts_at": now, "ends_at": "2099-01-01T00:00:00Z"}
    release(scene, hand_over(scene, acts=[ACT | times]))

    taken = agency.post(tender, {"what": "护坡砌块 2 件"})
    before = agency.get(tender)
    looked_up = anonymous(scene, "GET", f"/api/samples/{taken['number'].lower()}").json()
    scene.move_clock(hours=1)

    assert (early, before, looked_up, agency.get(tender)) == ((409, "E_NO_SAMPLES"), [], taken, [taken])
    assert "护坡" not in repr(events(scene))


def second_version(scene: Scene, **content: object) -> None:
    """The agency prepares version 2 of the documents, which differs in this."""
    versions = f"/api/tenders/{scene.city.tender_id}/versions"
    terms = scene.person("agency").get(versions)[0]["terms"]
    terms["content"] |= content
    scene.person("agency").post(versions, {"terms": terms, "why": "澄清", "reasons": {}})


def in_force(scene: Scene) -> list[tuple[int, str]]:
    shown = anonymous(scene, "GET", f"/api/tenders/{scene.city.tender_id}/versions").json()
    return [(one["number"], one["published_at"]) for one in shown]


def test_a_new_version_of_the_documents_is_published_only_with_its_clarification(scene: Scene) -> None:
    ((first, _),) = in_force(scene)
    second_version(scene, validity_days=120)
    made = hand_over(scene, version=2)
    unreleased = release_refused(scene, made)
    scene.person("tenderer").call("POST", f"/api/tenders/{scene.city.tender_id}/versions/2/release")
    before = in_force(scene)
    shown = release(scene, made)

    assert unreleased == "Version 2 of the documents is not released by the tenderer yet."
    assert [number for number, _ in before] == [first]
    assert [number for number, _ in in_force(scene)] == [2, 1]
    assert shown["content"]["version"] == 2
    notice = anonymous(scene, "GET", f"/tenders/{scene.city.tender_id}").text
    assert f"/clarifications/{made}" in notice


@pytest.mark.parametrize("backend", ["sqlite"])
def test_g05_procurement_changes_neither_its_object_nor_its_qualification(scene: Scene) -> None:
    second_version(scene, qualification="甲级")
    scene.person("tenderer").call("POST", f"/api/tenders/{scene.city.tender_id}/versions/2/release")
    made = hand_over(scene, version=2)
    with scene.platform.db.transaction() as tx:
        tx.execute(update(Tender).values(rule_set="gp-2026"))
        tx.execute(update(Lot).values(deadline_at=scene.now() + timedelta(days=30)))
    by_version = release_refused(scene, made)
    scene.person("tenderer").post(f"/api/clarifications/{made}/return", {"reason": "不得修改资格条件"})
    agency, path = scene.person("agency", language="en"), f"/api/tenders/{scene.city.tender_id}/clarification"
    with pytest.raises(Refused) as by_words:
        agency.call("PUT", path, json={"changes": [CHANGE | {"about": "object"}]})

    refusal = (
        "G05 · {articles}: a clarification may not change this: {what}. End this round and tender again."
    )
    articles = "87号令 art. 27, 政府采购法实施条例 art. 31"
    assert by_version == refusal.format(articles=articles, what="Who may bid (qualification)")
    assert by_words.value.problem["title"] == refusal.format(articles=articles, what="What is procured")


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_question_is_asked_on_the_page_without_an_account_and_what_was_typed_is_kept(scene: Scene) -> None:
    path = f"/tenders/{scene.city.tender_id}/questions"
    blank = anonymous(scene, "POST", path, data={"text": " ", "receipt": ""})
    wrong = anonymous(scene, "POST", path, data={"text": "能否踏勘？", "receipt": "x"})
    taken = anonymous(scene, "POST", path, data={"text": "能否踏勘？", "receipt": ""})
    shown = anonymous(scene, "GET", taken.headers["location"]).text

    assert (blank.status_code, wrong.status_code, taken.status_code) == (422, 422, 303)
    assert "能否踏勘？" in wrong.text
    assert taken.headers["location"].rpartition("=")[2] in shown
    assert "能否踏勘？" not in shown


@pytest.mark.parametrize("backend", ["sqlite"])
def test_the_agency_works_through_its_pages_and_the_tenderer_releases_by_typing_the_code(
    scene: Scene,
) -> None:
    (reference,) = gathered(scene, SECRET)
    desk, agency = f"/tenders/{scene.city.tender_id}/clarification", scene.person("agency")

    def typed(path: str, **data: str) -> None:
        agency.call("POST", path, data=data, follow_redirects=False)

    words = {"question": "能否提前进场？", "shortened": "", "answer": "不能。"}
    with pytest.raises(Refused) as unexplained:
        typed(f"{desk}/answers/{reference}", **words)
    typed(f"{desk}/answers/{reference}", **words | {"shortened": "含提问人名称"})
    typed(f"{desk}/changes", **CHANGE)
    times = {"starts_at": "2030-01-07T09:00", "ends_at": "2030-01-07T11:00", "note": ""}
    typed(f"{desk}/acts", **ACT | times)
    typed(f"{desk}/changes/0/remove")
    typed(desk, statement="开标地点不变。", untouched="", version="0")
    made = agency.get(f"/api{desk}")
    typed(f"/clarifications/{made['id']}/hand-over")
    tenderer, page = scene.person("tenderer"), f"/clarifications/{made['id']}/release"
    preview = tenderer.call("GET", f"/clarifications/{made['id']}/preview.pdf").content
    with pytest.raises(Refused) as mistyped:
        tenderer.call("POST", page, data={"code": "E0"})
    code = scene.person("agency").get(f"/api/tenders/{scene.city.tender_id}")["code"]
    tenderer.call("POST", page, data={"code": code}, follow_redirects=False)

    (shown,) = published(scene)
    assert (unexplained.value.problem["status"], mistyped.value.problem["status"]) == (422, 422)
    assert preview[:5] == b"%PDF-"
    content = {
        "answers": [answer(reference, "能否提前进场？", "不能。", shortened="含提问人名称")],
        "changes": [],
        "statement": "开标地点不变。",
    }
    assert {name: shown["content"][name] for name in content} == content
    assert [act["starts_at"] for act in shown["content"]["acts"]] == ["2030-01-07T09:00:00+08:00"]
