"""Complaints on both databases: what comes first, who handles them, orders, the clock that stops, decisions."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence

import pytest
from challenge_city import LOT, TENDER, Town, beijing, opened
from sqlalchemy import select

from govcore.audit.models import LogOutbox
from govcore.errors import NotFound, Problem
from trading.challenge import bundle, complaining, complaints, queries, service
from trading.challenge.clocks import ReplyPending, TooLate
from trading.challenge.complaining import ComplainedAlready, ObjectionFirst
from trading.challenge.complaints import NoOrder, StepsOnlyUpheld, SuspendedAlready
from trading.challenge.entries import Filer
from trading.challenge.filing import NewCase, Paper
from trading.challenge.policy import Kind, Outcome, Side, Stage, State, Step
from trading.challenge.service import NamesTheFiler
from trading.opening.models import HallObjection

ON_ONE = pytest.mark.parametrize("backend", ["sqlite"])
"""For rules that no database has a part in."""

EVERYTHING = {"opening", "evaluation", "publicity", "award", "contract"}


def take(
    town: Town, act: str, case_id: str, at: str, *, person: str = "regulator", text: str = "依法处理。"
) -> None:
    actor = town.actor(person)
    with town.platform.db.transaction() as tx:
        complaints.PLAIN_ACTS[act](tx, town.platform, case_id, text=text, actor=actor, at=beijing(at))


def order(town: Town, case_id: str, at: str, *, person: str = "regulator") -> str:
    actor = town.actor(person)
    with town.platform.db.transaction() as tx:
        return complaints.order_suspension(
            tx, town.platform, case_id, reason="核查期间暂停。", actor=actor, at=beijing(at)
        ).id


def decide(
    town: Town,
    case_id: str,
    at: str,
    *,
    outcome: Outcome = Outcome.UPHELD,
    steps: Sequence[Step] = (Step.CHANGE_DOCUMENTS,),
    person: str = "regulator",
    public: str = "投诉事项成立。",
) -> None:
    actor = town.actor(person)
    with town.platform.db.transaction() as tx:
        complaints.decide(
            tx,
            town.platform,
            case_id,
            outcome=outcome,
            steps=steps,
            text="经查，资格条件不合理。",
            public_text=public,
            actor=actor,
            at=beijing(at),
        )


def answered(town: Town, filed: str, replied: str) -> str:
    """An objection or challenge of bidder 1 to the documents, answered."""
    kind = Kind.OBJECTION if town.shown_regime() == "TB" else Kind.CHALLENGE
    case_id = town.file("bidder-1", filed, kind=kind)
    actor = town.actor("agency")
    with town.platform.db.transaction() as tx:
        words = {"text": "不予采纳。", "public_text": "维持原文件。"}
        service.reply(tx, town.platform, case_id, **words, actor=actor, at=beijing(replied))
    return case_id


def test_an_objection_comes_first_and_its_time_does_not_count(town: Town) -> None:
    for stage in (Stage.DOCUMENTS, Stage.RESULT, Stage.OPENING):
        with pytest.raises(ObjectionFirst) as caught:
            town.complain("bidder-1", "2026-03-10 10:00", stage=stage)
        assert caught.value.data["rule"] == "T29"
    about = town.file("bidder-1", "2026-03-10 10:00")
    with pytest.raises(ReplyPending):
        town.complain("bidder-1", "2026-03-13 23:59:59", about=about)

    # Known on the 10th and ten days, plus four to the late reply on the 14th: 24 March.
    actor = town.actor("agency")
    with town.platform.db.transaction() as tx:
        words = {"text": "不予采纳。", "public_text": "维持原文件。"}
        service.reply(tx, town.platform, about, **words, actor=actor, at=beijing("2026-03-14 10:00"))
    with pytest.raises(TooLate) as late:
        town.complain("bidder-1", "2026-03-25 00:00", about=about)
    case_id = town.complain("bidder-1", "2026-03-24 23:59:59", about=about)

    assert late.value.data["until"] == "2026-03-24 24:00:00"
    assert (town.row(case_id).about_id, town.row(case_id).regulator_id) == (about, "regulator")


@ON_ONE
def test_what_was_objected_to_in_the_hall_may_be_complained_about(town: Town) -> None:
    opened(town, "2026-03-31 10:00", deadline="2026-03-31 09:30")
    with town.platform.db.transaction() as tx:
        said = {"id": "spoken", "opens": "opening", "org_id": "bidder-1", "raised_by": "bidder-1"}
        raised, answered_at = beijing("2026-03-31 10:05"), beijing("2026-03-31 10:10")
        tx.add(
            HallObjection(
                **said, lot_id=LOT, raised_at=raised, text="唱标有误", answered_at=answered_at, answer="无误"
            )
        )

    assert town.row(town.complain("bidder-1", "2026-04-10 10:00", stage=Stage.OPENING)).stage == "opening"
    with pytest.raises(ObjectionFirst):
        town.complain("bidder-2", "2026-04-01 10:00", stage=Stage.OPENING)


@ON_ONE
def test_a_complaint_about_something_else_needs_no_objection_but_ten_days_and_standing(town: Town) -> None:
    for person, at in (("bidder-3", "2026-03-10"), ("bidder-1", "2026-03-24 00:00")):
        with pytest.raises(Problem):
            town.complain(person, at, known="2026-03-13 08:00")
    town.complain("bidder-1", "2026-03-23 23:59:59", known="2026-03-13 08:00")


@ON_ONE
def test_the_first_to_receive_handles_it(town: Town) -> None:
    first = town.complain("bidder-1", "2026-03-10 10:00")

    with pytest.raises(ComplainedAlready) as caught:
        town.complain("bidder-1", "2026-03-11 10:00")
    assert caught.value.data["number"] == town.row(first).number
    town.complain("bidder-2", "2026-03-11 10:00")  # of somebody else
    take(town, "refuse", first, "2026-03-12 10:00")
    town.complain("bidder-1", "2026-03-12 11:00")


@ON_ONE
def test_in_procurement_the_fifteen_working_days_count_from_the_end_of_the_time_to_reply(
    market: Town,
) -> None:
    with pytest.raises(ObjectionFirst):
        market.complain("bidder-1", "2026-03-10 10:00", stage=Stage.RESULT)
    about = answered(market, "2026-03-10 10:00", "2026-03-11 10:00")

    assert {one.limit.rule: str(one.at) for one in market.shown("bidder-1", about, "2026-03-12").clocks} == {
        "G21.reply": "2026-03-19 16:00:00+00:00",
        "G21.complaint": "2026-04-10 16:00:00+00:00",
    }
    market.complain("bidder-1", "2026-04-10 23:59:59", about=about)


@ON_ONE
def test_only_the_regulator_of_the_case_acts_and_sees_who_complained(town: Town) -> None:
    case_id = town.complain("bidder-1", "2026-03-10 10:00")

    for person in ("other-regulator", "agency", "bidder-1", "centre"):
        with pytest.raises(Problem):
            take(town, "accept", case_id, "2026-03-11", person=person)
        with pytest.raises(Problem):
            order(town, case_id, "2026-03-11", person=person)
        with pytest.raises(Problem):
            decide(town, case_id, "2026-03-11", person=person)
    with pytest.raises(NotFound):
        town.shown("agency", case_id, "2026-03-11")  # before it is accepted
    take(town, "accept", case_id, "2026-03-11 10:00")
    theirs, ours = (
        town.shown("regulator", case_id, "2026-03-11 11:00"),
        town.shown("agency", case_id, "2026-03-11 11:00"),
    )
    assert (theirs.as_, theirs.filer and theirs.filer.name) == (Side.REGULATOR, "临湖安澜水利建设有限公司")
    assert (ours.as_, ours.filer) == (Side.TENDERER, None)


@ON_ONE
def test_an_incomplete_complaint_is_received_anew_with_its_supplement(town: Town) -> None:
    case_id = town.complain("bidder-1", "2026-03-10 10:00")
    take(town, "ask", case_id, "2026-03-11 10:00", text="请补充证明材料。")
    with pytest.raises(Problem) as caught:
        take(town, "accept", case_id, "2026-03-11 11:00")
    assert caught.value.code == "E_STATE"

    actor = town.actor("bidder-1")
    with town.platform.db.transaction() as tx:
        at = beijing("2026-03-16 10:00")
        service.supplement(tx, town.platform, case_id, text="见附件。", actor=actor, at=at)

    shown = town.shown("regulator", case_id, "2026-03-16 11:00")
    assert (shown.state, str(shown.clocks[0].at)) == (State.RECEIVED, "2026-03-19 16:00:00+00:00")


def test_an_order_suspends_everything_is_published_and_ends_with_the_decision(town: Town) -> None:
    case_id = town.complain("bidder-1", "2026-03-10 10:00")
    assert town.stopped("2026-03-10 10:01") == set()  # a complaint suspends nothing by itself

    order(town, case_id, "2026-03-11 10:00")
    with pytest.raises(SuspendedAlready):
        order(town, case_id, "2026-03-11 11:00")
    assert town.stopped("2026-03-11 10:00") == EVERYTHING
    take(town, "accept", case_id, "2026-03-12 10:00")
    decide(town, case_id, "2026-03-20 10:00")

    assert town.stopped("2026-03-20 10:00") == set()
    assert town.row(case_id).steps == ["change_documents"]
    assert [kind for kind, _ in town.notices()] == ["suspension", "objection_result"]
    assert [words for _, words in town.notices() if "临湖安澜" in words] == []


@ON_ONE
def test_an_order_is_lifted_by_who_gave_it(town: Town) -> None:
    case_id = town.complain("bidder-1", "2026-03-10 10:00")
    order(town, case_id, "2026-03-11 10:00")
    actor = town.actor("regulator")

    with town.platform.db.transaction() as tx:
        at = beijing("2026-03-12 10:00")
        complaints.lift_suspension(tx, town.platform, case_id, reason="已查明。", actor=actor, at=at)

    assert town.stopped("2026-03-12 10:00") == set()
    assert [kind for kind, _ in town.notices()] == ["suspension", "resumption"]
    with pytest.raises(NoOrder), town.platform.db.transaction() as tx:
        complaints.lift_suspension(
            tx, town.platform, case_id, reason="再次", actor=actor, at=beijing("2026-03-13")
        )


@ON_ONE
def test_in_procurement_an_order_lapses_after_thirty_days_without_anybody_doing_anything(
    market: Town,
) -> None:
    about = answered(market, "2026-03-10 10:00", "2026-03-11 10:00")
    case_id = market.complain("bidder-1", "2026-03-12 10:00", about=about)
    order_id = order(market, case_id, "2026-03-13 10:00")

    assert market.stopped("2026-04-12 23:59:59") == EVERYTHING
    assert market.stopped("2026-04-13 00:00") == set()
    for at, done in (("2026-04-12 23:59:59", False), ("2026-04-13 08:00", True), ("2026-04-13 09:00", False)):
        with market.platform.db.transaction() as tx:
            assert complaints.lapse_order(tx, order_id, at=beijing(at)) is done
    assert market.shown("regulator", case_id, "2026-04-13 10:00").ordered is False


@ON_ONE
def test_review_by_experts_moves_the_decision_and_a_late_one_is_marked(town: Town) -> None:
    case_id = town.complain("bidder-1", "2026-03-02 10:00")
    take(town, "accept", case_id, "2026-03-02 11:00")
    take(town, "pause", case_id, "2026-03-09 10:00", text="委托检测机构检测。")
    with pytest.raises(Problem):
        take(town, "pause", case_id, "2026-03-10 10:00")
    take(town, "continue", case_id, "2026-03-23 10:00", text="检测报告已收到。")

    due = {one.limit.rule: str(one.at) for one in town.shown("regulator", case_id, "2026-03-24").clocks}
    assert due["T30.decide"] == "2026-04-28 16:00:00+00:00"
    decide(town, case_id, "2026-04-29 00:00", outcome=Outcome.DISMISSED, steps=())
    shown = town.shown("bidder-1", case_id, "2026-04-29 10:00")
    assert (shown.outcome, shown.entries[-1].late) == ("dismissed", True)


@ON_ONE
def test_decisions_follow_rules_and_name_nobody(town: Town) -> None:
    case_id = town.complain("bidder-1", "2026-03-10 10:00")
    with pytest.raises(Problem) as early:
        decide(town, case_id, "2026-03-11")
    take(town, "accept", case_id, "2026-03-11")

    for refusal, changed in (
        (StepsOnlyUpheld, {"outcome": Outcome.DISMISSED}),
        (NamesTheFiler, {"public": "临湖安澜水利建设有限公司的投诉成立"}),
    ):
        with pytest.raises(refusal):
            decide(town, case_id, "2026-03-12", **changed)  # type: ignore[arg-type]
    decide(town, case_id, "2026-03-12", outcome=Outcome.MALICIOUS, steps=())
    assert early.value.code == "E_STATE"
    with town.platform.db.read() as tx:
        [public] = queries.published_cases(tx, TENDER)
    assert (public.outcome, public.text) == ("malicious", "投诉事项成立。")


@ON_ONE
def test_a_complaint_on_paper_counts_from_its_receipt(town: Town) -> None:
    new = NewCase(kind=Kind.COMPLAINT, stage=Stage.PROCESS, lot_ids=[LOT], text="书面投诉")
    paper = Paper(received_at=beijing("2026-03-09 16:00"), filer=Filer("", "某公司", "", "王某"))
    ids = {}
    for person in ("regulator", "other-regulator"):
        actor = town.actor(person)
        try:
            with town.platform.db.transaction() as tx:
                at = beijing("2026-03-11 09:00")
                case = complaining.enter_paper_complaint(
                    tx, town.platform, TENDER, new, paper, actor=actor, at=at
                )
                ids[person] = case.id
        except NotFound:
            ids[person] = ""

    assert ids["other-regulator"] == ""
    shown = town.shown("regulator", ids["regulator"], "2026-03-11 10:00")
    assert (shown.on_paper, str(shown.clocks[0].at)) == (True, "2026-03-12 16:00:00+00:00")


def test_the_file_of_a_complaint_holds_what_came_before_and_its_hashes(town: Town) -> None:
    about = answered(town, "2026-03-10 10:00", "2026-03-12 10:00")
    case_id = town.complain("bidder-1", "2026-03-13 10:00", about=about)
    order(town, case_id, "2026-03-13 11:00")
    actor, at = town.actor("regulator"), beijing("2026-03-14 10:00")

    with town.platform.db.transaction() as tx:
        number, content = bundle.take(tx, town.platform, case_id, actor=actor, at=at)
        with pytest.raises(Problem):
            bundle.take(tx, town.platform, case_id, actor=town.actor("other-regulator"), at=at)
        events = [json.loads(raw)["type"] for raw in tx.scalars(select(LogOutbox.event))]

    archive = zipfile.ZipFile(io.BytesIO(content))
    manifest = json.loads(archive.read("manifest.json"))
    before = town.row(about).number
    assert {one["path"]: one["sha256"] for one in manifest["files"]} == {
        name: hashlib.sha256(archive.read(name)).hexdigest()
        for name in archive.namelist()
        if name != "manifest.json"
    }
    assert {
        "documents.json",
        f"cases/{number}.json",
        f"cases/{before}.json",
        f"receipts/{before}.json",
    } <= set(archive.namelist())
    assert [one["said"] for one in json.loads(archive.read(f"cases/{before}.json"))["said"]] == [
        "filed",
        "replied",
    ]
    [evidence] = [name for name in archive.namelist() if name.startswith("evidence/")]
    assert archive.read(evidence) == b"%PDF-1.7 evidence"
    assert [name[:18] for name in archive.namelist() if name.startswith("notices/")] == ["notices/suspension"]
    assert events.count("challenge.file_read") == 1
