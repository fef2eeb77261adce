"""Filing, effect, reply, withdrawal, paper and secrecy of objections and challenges, on both databases."""

from __future__ import annotations

import json

import pytest
from challenge_city import LOT, TENDER, Town, beijing, opened
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from govcore import dsse
from govcore.audit.models import LogOutbox
from govcore.db import Base
from govcore.errors import NotFound, Problem
from govcore.notify import queries as notify
from trading.challenge import filing, queries, service
from trading.challenge.clocks import TooLate
from trading.challenge.entries import Filer
from trading.challenge.evidence import BadEvidence, Given, store_all
from trading.challenge.filing import NewCase, Paper
from trading.challenge.policy import Kind, Side, Stage, State
from trading.challenge.receipts import MEDIA_TYPE
from trading.challenge.service import NamesTheFiler
from trading.challenge.standing import NoStanding, OwnTender
from trading.tender.moves import move_lot
from trading.tender.policy import LotMove
from trading.tender.suspensions import Suspended

ON_ONE = pytest.mark.parametrize("backend", ["sqlite"])
"""For rules that no database has a part in."""

EVERYTHING = {"opening", "evaluation", "publicity", "award", "contract"}


def answer(
    town: Town, case_id: str, at: str, *, person: str = "agency", public: str = "资格条件将修改。"
) -> None:
    actor = town.actor(person)
    with town.platform.db.transaction() as tx:
        service.reply(
            tx,
            town.platform,
            case_id,
            text="意见成立，将发布澄清。",
            public_text=public,
            actor=actor,
            at=beijing(at),
        )


def withdraw(town: Town, case_id: str, at: str, *, person: str) -> None:
    actor = town.actor(person)
    with town.platform.db.transaction() as tx:
        service.withdraw(tx, town.platform, case_id, reason="已经澄清", actor=actor, at=beijing(at))


def lines(town: Town, person: str, at: str) -> list[tuple[str, str]]:
    with town.platform.db.read() as tx:
        found = queries.visible_cases(tx, town.platform, actor=town.actor(person), at=beijing(at))
    return [(one.number, one.state) for one in found]


def test_an_objection_stops_everything_until_it_is_answered(town: Town) -> None:
    case_id = town.file("bidder-1", "2026-03-10 10:00")

    assert town.stopped("2026-03-10 10:00") == EVERYTHING
    assert town.stopped("2026-03-10 09:59:59") == set()
    answer(town, case_id, "2026-03-12 15:00")
    assert town.stopped("2026-03-12 14:59:59") == EVERYTHING
    assert town.stopped("2026-03-12 15:00") == set()
    assert town.row(case_id).state == State.ANSWERED


@ON_ONE
def test_two_objections_hold_until_both_are_answered(town: Town) -> None:
    first, second = town.file("bidder-1", "2026-03-10 10:00"), town.file("bidder-2", "2026-03-11 10:00")

    answer(town, first, "2026-03-12 10:00")
    assert town.stopped("2026-03-12 10:01") == EVERYTHING
    answer(town, second, "2026-03-13 10:00")
    assert town.stopped("2026-03-13 10:01") == set()


@ON_ONE
def test_a_challenge_stops_the_contract_only_and_a_query_nothing(market: Town) -> None:
    query = market.file("bidder-1", "2026-03-10 10:00", kind=Kind.QUERY)
    assert market.stopped("2026-03-10 10:01") == set()

    challenge = market.file("bidder-2", "2026-03-10 11:00", kind=Kind.CHALLENGE)
    assert market.stopped("2026-03-10 11:01") == {"contract"}
    actor = market.actor("tenderer")
    with market.platform.db.transaction() as tx:
        reason = "只涉及联系方式，不影响采购结果。"
        service.find_effect(
            tx,
            market.platform,
            challenge,
            affects=False,
            reason=reason,
            actor=actor,
            at=beijing("2026-03-11"),
        )
    assert market.stopped("2026-03-11 00:01") == set()
    answer(market, query, "2026-03-11 10:00")


@ON_ONE
def test_a_query_that_may_touch_the_result_stops_the_contract_too(market: Town) -> None:
    query = market.file("bidder-1", "2026-03-10 10:00", kind=Kind.QUERY)
    actor = market.actor("agency")

    with market.platform.db.transaction() as tx:
        service.find_effect(
            tx,
            market.platform,
            query,
            affects=True,
            reason="涉及评分。",
            actor=actor,
            at=beijing("2026-03-10 12:00"),
        )

    assert market.stopped("2026-03-10 12:01") == {"contract"}


@pytest.mark.parametrize(("kind", "code"), [(Kind.CHALLENGE, "E_REGIME"), (Kind.QUERY, "E_REGIME")])
@ON_ONE
def test_a_tender_knows_no_challenge(town: Town, kind: Kind, code: str) -> None:
    with pytest.raises(Problem) as caught:
        town.file("bidder-1", "2026-03-10 10:00", kind=kind)
    assert caught.value.code == code


@ON_ONE
def test_the_last_moment_is_the_last_second_of_the_tenth_day_before_the_deadline(town: Town) -> None:
    town.file("bidder-1", "2026-03-21 23:59:59")

    with pytest.raises(TooLate) as caught:
        town.file("bidder-2", "2026-03-22 00:00:00")
    assert str(caught.value).startswith("E_CASE_LATE: T07 · ")
    assert "2026-03-21 24:00:00" in str(caught.value)


def test_publicity_does_not_end_and_nothing_is_awarded_while_an_objection_is_unanswered(town: Town) -> None:
    opened(town, "2026-03-31 10:00", deadline="2026-03-31 09:30")
    town.publicity("2026-04-08 10:00", "2026-04-12 00:00")
    case_id = town.file("bidder-1", "2026-04-10 16:00", stage=Stage.RESULT)

    with pytest.raises(Suspended) as caught, town.platform.db.transaction() as tx:
        move_lot(tx, LOT, LotMove.AWARD, at=beijing("2026-04-13 08:00"))
    assert caught.value.data["basis"] == "T08 · 实施条例 art. 22, 54"
    late = town.file("bidder-2", "2026-04-13 09:00", stage=Stage.RESULT)  # the publicity goes on
    for one in (case_id, late):
        answer(town, one, "2026-04-14 10:00")
    with pytest.raises(TooLate):
        town.file("bidder-2", "2026-04-14 11:00", stage=Stage.RESULT)
    with town.platform.db.transaction() as tx:
        move_lot(tx, LOT, LotMove.AWARD, at=beijing("2026-04-14 12:00"))


@ON_ONE
def test_only_participants_and_holders_of_the_documents_may_object(town: Town) -> None:
    for person, refusal in (("bidder-3", NoStanding), ("bidder-4", NoStanding)):
        with pytest.raises(refusal):
            town.file(person, "2026-03-10 10:00")
    with pytest.raises(Problem) as caught:
        town.file("tenderer", "2026-03-10 10:00")
    assert caught.value.code == "E_FORBIDDEN"
    with pytest.raises(dsse.BadEnvelope):
        town.file("bidder-3", "2026-03-10 10:00", receipt=b"no receipt")
    assert issubclass(OwnTender, Problem)
    assert town.stopped("2026-03-10 10:01") == set()


@ON_ONE
def test_the_tenderer_learns_who_filed_at_the_deadline_and_everybody_else_never(town: Town) -> None:
    case_id = town.file("bidder-1", "2026-03-10 10:00")

    before, after = (
        town.shown("agency", case_id, day) for day in ("2026-03-31 09:29:59", "2026-03-31 09:30")
    )
    assert (before.filer, after.filer.name if after.filer else "") == (None, "临湖安澜水利建设有限公司")
    assert (before.entries[0].author, after.entries[0].author) == ("", "临湖安澜水利建设有限公司 bidder-1")
    mine = town.shown("bidder-1", case_id, "2026-03-10 11:00")
    assert (mine.as_, mine.filer and mine.filer.name) == (Side.FILER, "临湖安澜水利建设有限公司")
    assert town.shown("regulator", case_id, "2026-04-30").filer is None
    for stranger in ("bidder-2", "centre", "other-agency", "other-tenderer", "other-regulator", "expert-1"):
        with pytest.raises(NotFound):
            town.shown(stranger, case_id, "2026-04-30")
        assert lines(town, stranger, "2026-04-30") == []


def test_no_row_and_no_message_tells_who_filed(town: Town) -> None:
    town.file("bidder-1", "2026-03-10 10:00", text="我方是临湖安澜水利建设有限公司")

    with town.platform.db.read() as tx:
        kept = [
            repr(row)
            for table in Base.metadata.sorted_tables
            if table.name.startswith(("objection_", "notify_", "tender_hold"))
            and table.name != "notify_contact"
            for row in tx.execute(select(table)).all()
        ]
        kept += [event.decode() for event in tx.scalars(select(LogOutbox.event))]
        told = notify.inbox(tx, town.platform.keys, actor=town.actor("bidder-1"))
    assert [row for row in kept if "bidder-1" in row or "临湖安澜" in row] == []
    assert told == []


def test_the_filer_is_told_of_the_reply_and_the_tenderer_of_the_filing(town: Town) -> None:
    case_id = town.file("bidder-1", "2026-03-10 10:00")
    answer(town, case_id, "2026-03-12 15:00")

    with town.platform.db.read() as tx:
        texts = {
            person: [one.text for one in notify.inbox(tx, town.platform.keys, actor=town.actor(person))]
            for person in ("bidder-1", "bidder-2", "agency", "tenderer")
        }
    assert texts == {
        "bidder-1": ["{number} was answered."],
        "bidder-2": [],
        "agency": ["{number} was filed in {title} and waits for your reply."],
        "tenderer": ["{number} was filed in {title} and waits for your reply."],
    }


@ON_ONE
def test_what_everybody_reads_of_a_reply_must_not_name_the_filer(town: Town) -> None:
    case_id = town.file("bidder-1", "2026-03-10 10:00")

    with pytest.raises(NamesTheFiler):
        answer(town, case_id, "2026-03-12 10:00", public="答复 临湖安澜 水利建设有限公司 的异议：采纳。")
    answer(town, case_id, "2026-03-12 10:00")
    with town.platform.db.read() as tx:
        assert [one.text for one in queries.published_cases(tx, TENDER)] == ["资格条件将修改。"]


@ON_ONE
def test_a_late_reply_is_taken_and_marked_late(town: Town) -> None:
    case_id = town.file("bidder-1", "2026-03-10 10:00")
    town.file("bidder-2", "2026-03-10 10:00")

    answer(town, case_id, "2026-03-14 00:00")

    shown = town.shown("bidder-1", case_id, "2026-03-14 10:00")
    assert [(one.said, one.late) for one in shown.entries] == [("filed", False), ("replied", True)]
    assert [(one.limit.rule, one.late) for one in shown.clocks] == [("T08", True), ("T29", False)]


@ON_ONE
def test_only_the_filer_withdraws_and_only_the_own_side_replies(town: Town) -> None:
    case_id = town.file("bidder-1", "2026-03-10 10:00")

    for person in ("bidder-2", "other-agency"):
        with pytest.raises(Problem):
            withdraw(town, case_id, "2026-03-11", person=person)
    with pytest.raises(NotFound):
        answer(town, case_id, "2026-03-11 10:00", person="other-agency")
    withdraw(town, case_id, "2026-03-11 12:00", person="bidder-1")
    assert town.stopped("2026-03-11 12:00") == set()
    with pytest.raises(Problem) as caught:
        answer(town, case_id, "2026-03-11 13:00")
    assert caught.value.code == "E_STATE"


@ON_ONE
def test_a_receipt_is_signed_and_counts_nothing(town: Town) -> None:
    case_id = town.file("bidder-1", "2026-03-10 10:00")
    row = town.row(case_id)
    signer = town.platform.keys.receipt_signer
    envelope = dsse.Envelope.decode(row.receipt)

    said = json.loads(envelope.payload)
    assert dsse.verify(
        envelope, MEDIA_TYPE, {signer.keyid: Ed25519PublicKey.from_public_bytes(signer.public_bytes)}
    )
    assert (said["number"], said["received_at"]) == (row.number, "2026-03-10T02:00:00Z")
    assert row.number == f"YY20260310-{case_id[:6].upper()}"
    assert len(said["files"]) == 1
    assert "临湖安澜" not in envelope.payload.decode()


def enter(
    town: Town, received: str, at: str, *, person: str = "agency", stage: Stage = Stage.DOCUMENTS
) -> str:
    new = NewCase(kind=Kind.OBJECTION, stage=stage, lot_ids=[LOT], text="纸质异议")
    paper = Paper(received_at=beijing(received), filer=Filer("", "清源堤防工程有限公司", "", "李某"))
    actor = town.actor(person)
    with town.platform.db.transaction() as tx:
        case = filing.enter_paper(tx, town.platform, TENDER, new, paper, actor=actor, at=beijing(at))
        return case.id


def test_a_paper_counts_from_its_receipt_undoes_nothing_and_flags_what_was_done(town: Town) -> None:
    opened(town, "2026-03-31 10:00", deadline="2026-03-31 09:30")
    town.publicity("2026-04-08 10:00", "2026-04-12 00:00")

    case_id = enter(town, "2026-03-20 16:00", "2026-04-09 09:00")

    row = town.row(case_id)
    assert [one["act"] for one in row.overtaken] == ["closed", "opened", "publicised"]
    assert (row.received_at, row.recorded_at) == (beijing("2026-03-20 16:00"), beijing("2026-04-09 09:00"))
    assert town.stopped("2026-03-20 16:00") == EVERYTHING
    shown = town.shown("agency", case_id, "2026-04-09 10:00")
    assert next((one.limit.rule, str(one.at)) for one in shown.clocks) == ("T08", "2026-03-23 16:00:00+00:00")


@ON_ONE
def test_a_paper_is_entered_by_the_own_side_in_time_and_not_from_the_future(town: Town) -> None:
    for received, at, person in (
        ("2026-03-22 00:00", "2026-03-23 09:00", "agency"),
        ("2026-03-11 00:00", "2026-03-10 09:00", "agency"),
        ("2026-01-01 00:00", "2026-03-10 09:00", "agency"),
        ("2026-03-09 00:00", "2026-03-10 09:00", "other-agency"),
        ("2026-03-09 00:00", "2026-03-10 09:00", "bidder-1"),
    ):
        with pytest.raises(Problem):
            enter(town, received, at, person=person)
    assert lines(town, "agency", "2026-03-23 10:00") == []


@pytest.mark.parametrize(
    "files",
    [
        [Given("a.exe", b"MZ")],
        [Given("a.pdf", b"PK\x03\x04")],
        [Given("a.pdf", b"%PDF-" + b"0" * (10 << 20))],
        [Given("a.pdf", b"%PDF-1.7")] * 6,
    ],
)
@ON_ONE
def test_evidence_is_of_known_kinds_and_within_its_limits(town: Town, files: list[Given]) -> None:
    with pytest.raises(BadEvidence):
        store_all(town.platform.store, files)


@ON_ONE
def test_evidence_lies_encrypted_and_comes_back_whole(town: Town) -> None:
    case_id = town.file("bidder-1", "2026-03-10 10:00")
    [file] = town.shown("agency", case_id, "2026-03-10 11:00").entries[0].files

    with town.platform.db.read() as tx:
        row = queries.visible_evidence(tx, town.platform, file.id, actor=town.actor("agency"))
        with pytest.raises(NotFound):
            queries.visible_evidence(tx, town.platform, file.id, actor=town.actor("bidder-2"))
    assert queries.opened(town.platform, row) == Given("说明.pdf", b"%PDF-1.7 evidence")
    assert b"evidence" not in town.platform.store.get(row.store_key)
