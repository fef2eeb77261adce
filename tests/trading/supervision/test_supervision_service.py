"""From a patrol to the regulator's acknowledgement, on both databases."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select
from supervision_factories import EVIDENCE, FACTS, STATEMENT, Floor, letter, notice

from govcore import clock
from govcore.audit.models import LogOutbox
from govcore.errors import Forbidden, MoveNotAllowed, NotFound, Problem
from govcore.notify.queries import inbox
from govcore.numbering.models import Office, TakenNumber
from govcore.numbering.service import OfficeUnnamed
from govcore.pdf.styles import GlyphMissing
from govcore.seals.sealing import paper_key
from trading.supervision import dispatch, letters, queries, service
from trading.supervision.models import CirculatedNotice, MisconductRecord, SupervisorLetter
from trading.supervision.policy import Area, CheckItem, LetterState, RecordState, Result, Scope
from trading.supervision.schemas import Check, NewMisconduct


def record_misconduct(floor: Floor, report: NewMisconduct | None = None) -> str:
    with floor.platform.db.transaction() as tx:
        row = service.record_misconduct(
            tx, report or floor.misconduct(), actor=floor.actor("recorder"), at=floor.at
        )
    return row.id


def answer(floor: Floor, misconduct_id: str, *, by: str = "agent", text: str = STATEMENT) -> None:
    with floor.platform.db.transaction() as tx:
        service.give_statement(tx, misconduct_id, text=text, actor=floor.actor(by), at=floor.at)


def sign_notice(
    floor: Floor, misconduct_id: str, *, by: str = "signer", scope: Scope = Scope.AGENCIES
) -> str:
    with floor.platform.db.transaction() as tx:
        signed = service.sign_notice(tx, misconduct_id, notice(scope), actor=floor.actor(by), at=floor.at)
    return signed.id


def draft(floor: Floor, misconduct_id: str, *, by: str = "recorder") -> str:
    with floor.platform.db.transaction() as tx:
        drafted = letters.draft_letter(tx, misconduct_id, letter(), actor=floor.actor(by), at=floor.at)
    return drafted.id


def sign(floor: Floor, letter_id: str, *, by: str = "signer") -> None:
    with floor.platform.db.transaction() as tx:
        letters.sign_letter(tx, letter_id, actor=floor.actor(by), at=floor.at)


def acknowledge(floor: Floor, letter_id: str, *, by: str = "regulator") -> None:
    with floor.platform.db.transaction() as tx:
        letters.acknowledge(tx, letter_id, actor=floor.actor(by), at=floor.at)


def sent_letter(floor: Floor) -> str:
    misconduct_id = record_misconduct(floor)
    answer(floor, misconduct_id)
    letter_id = draft(floor, misconduct_id)
    sign(floor, letter_id)
    dispatch.issue_letter(floor.platform, letter_id)
    return letter_id


def pdf_text(floor: Floor, sha256: str | None) -> str:
    content = floor.platform.store.get(paper_key(str(sha256)))
    return "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).replace("\n", "")


def events(floor: Floor) -> int:
    with floor.platform.db.read() as tx:
        return tx.scalar(select(func.count()).select_from(LogOutbox)) or 0


def test_a_patrol_of_two_keeps_its_checks(floor: Floor) -> None:
    with floor.platform.db.transaction() as tx:
        service.record_patrol(tx, floor.patrol(), actor=floor.actor("recorder"), at=floor.at)

    with floor.platform.db.read() as tx:
        (shown,) = queries.visible_patrols(tx, actor=floor.actor("signer"))
        assert queries.visible_patrols(tx, actor=floor.actor("rival")) == []
        assert queries.visible_patrols(tx, actor=floor.actor("agent")) == []
    assert (shown.patrollers, shown.checks, shown.issues) == (["周巡", "吴签"], floor.patrol().checks, 1)


@pytest.mark.parametrize("second", ["recorder", "rival", "agent"])
def test_a_patrol_needs_a_second_person_of_the_centre(floor: Floor, second: str) -> None:
    patrol = floor.patrol(second_id=floor.users[second])

    with pytest.raises(service.SecondPatrollerMissing), floor.platform.db.transaction() as tx:
        service.record_patrol(tx, patrol, actor=floor.actor("recorder"), at=floor.at)


def test_a_patrol_of_tomorrow_is_refused(floor: Floor) -> None:
    patrol = floor.patrol(date=floor.patrol().date + timedelta(days=1))

    with pytest.raises(service.InFuture), floor.platform.db.transaction() as tx:
        service.record_patrol(tx, patrol, actor=floor.actor("recorder"), at=floor.at)


def test_a_record_tells_its_subject_and_nobody_else(floor: Floor) -> None:
    misconduct_id = record_misconduct(floor)

    with floor.platform.db.read() as tx:
        told = {
            name: [m.href for m in inbox(tx, floor.platform.keys, actor=floor.actor(name))]
            for name in floor.users
        }
    href = f"/supervision/records/{misconduct_id}"
    assert {name: hrefs for name, hrefs in told.items() if hrefs} == {"agent": [href]}


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"category": "agency.fined"}, service.UnknownCategory),
        ({"category": "tenderer.late_start"}, service.SubjectNotInTender),
        ({"category": "bidder.disturbance"}, service.SubjectNotInTender),
        ({"lot_id": "lot-2"}, NotFound),
        ({"lot_id": "no-such-lot"}, NotFound),
        ({"subject_id": "no-such-organisation"}, NotFound),
        ({"patrol_id": "no-such-patrol"}, NotFound),
        ({"facts": "\U0001f600"}, GlyphMissing),
    ],
)
def test_a_record_that_does_not_fit_is_refused(
    floor: Floor, changes: dict[str, object], refusal: type[Problem]
) -> None:
    report = floor.misconduct(**changes)

    with pytest.raises(refusal), floor.platform.db.transaction() as tx:
        service.record_misconduct(tx, report, actor=floor.actor("recorder"), at=floor.at)


def test_a_record_about_tomorrow_is_refused(floor: Floor) -> None:
    report = floor.misconduct(occurred_at=floor.at + timedelta(days=1))

    with pytest.raises(service.InFuture):
        record_misconduct(floor, report)


def test_a_record_rests_only_on_a_patrol_that_found_something(floor: Floor) -> None:
    clean = [Check(area=Area.ENTRANCE, item=CheckItem.ORDER, result=Result.OK)]
    with floor.platform.db.transaction() as tx:
        actor, at = floor.actor("recorder"), floor.at
        walked = service.record_patrol(tx, floor.patrol(), actor=actor, at=at)
        found_nothing = service.record_patrol(tx, floor.patrol(checks=clean), actor=actor, at=at)

    assert record_misconduct(floor, floor.misconduct(patrol_id=walked.id))
    with pytest.raises(service.NoIssueFound):
        record_misconduct(floor, floor.misconduct(patrol_id=found_nothing.id))


def test_the_subject_answers_once_and_in_time(floor: Floor) -> None:
    misconduct_id = record_misconduct(floor)
    answer(floor, misconduct_id)

    with pytest.raises(service.AlreadyAnswered):
        answer(floor, misconduct_id)
    late = record_misconduct(floor)
    floor.let_the_hearing_pass()
    with pytest.raises(service.HearingOver):
        answer(floor, late)
    with floor.platform.db.read() as tx:
        assert queries.misconduct(tx, misconduct_id, actor=floor.actor("agent")).statement == STATEMENT
        assert queries.misconduct(tx, late, actor=floor.actor("agent")).statement is None


@pytest.mark.parametrize(
    ("name", "refusal"), [("tenderer", NotFound), ("bidder", NotFound), ("recorder", Forbidden)]
)
def test_nobody_but_the_subject_answers(floor: Floor, name: str, refusal: type[Problem]) -> None:
    misconduct_id = record_misconduct(floor)

    with pytest.raises(refusal):
        answer(floor, misconduct_id, by=name)


def test_nothing_is_circulated_or_reported_before_the_hearing_is_over(floor: Floor) -> None:
    misconduct_id = record_misconduct(floor)
    before = events(floor)

    for act in (sign_notice, draft):
        with pytest.raises(service.HearingOpen):
            act(floor, misconduct_id)
    assert events(floor) == before
    floor.let_the_hearing_pass()
    assert sign_notice(floor, misconduct_id)
    assert draft(floor, misconduct_id)


def test_whoever_prepared_a_paper_does_not_sign_it(floor: Floor) -> None:
    misconduct_id = record_misconduct(floor)
    answer(floor, misconduct_id)
    letter_id = draft(floor, misconduct_id)

    with pytest.raises(service.DrafterSigns):
        sign_notice(floor, misconduct_id, by="recorder")
    with pytest.raises(service.DrafterSigns):
        sign(floor, letter_id, by="recorder")
    with floor.platform.db.read() as tx:
        assert tx.get_one(MisconductRecord, misconduct_id).state == RecordState.RECORDED
        assert tx.get_one(SupervisorLetter, letter_id).state == LetterState.DRAFTED
        assert list(tx.scalars(select(TakenNumber.serial))) == []


def test_a_circulated_notice_is_a_numbered_paper_with_the_statement(floor: Floor) -> None:
    misconduct_id = record_misconduct(floor)
    answer(floor, misconduct_id)
    notice_id = sign_notice(floor, misconduct_id)

    dispatch.issue_notice(floor.platform, notice_id)

    with floor.platform.db.read() as tx:
        shown = queries.misconduct(tx, misconduct_id, actor=floor.actor("agent"))
    year = floor.at.astimezone(clock.BEIJING).year
    assert shown.notice is not None
    stored = floor.platform.store.get(paper_key(str(shown.notice.pdf_sha256)))
    assert shown.state == RecordState.CIRCULATED
    assert shown.notice.number == f"临川公资通〔{year}〕1号"
    assert shown.notice.pdf_sha256 == hashlib.sha256(stored).hexdigest()
    text = pdf_text(floor, shown.notice.pdf_sha256)
    for words in (shown.notice.number, FACTS, STATEMENT, "准备工作不及时", EVIDENCE.name):
        assert words in text


def test_issuing_twice_or_after_a_crash_hands_out_the_same_paper_once(floor: Floor) -> None:
    misconduct_id = record_misconduct(floor)
    answer(floor, misconduct_id)
    notice_id, letter_id = sign_notice(floor, misconduct_id), draft(floor, misconduct_id)
    sign(floor, letter_id)
    with floor.platform.db.read() as tx:
        assert queries.unissued(tx) == ([notice_id], [letter_id])

    for _ in range(2):
        dispatch.issue_notice(floor.platform, notice_id)
        dispatch.issue_letter(floor.platform, letter_id)
        counted = events(floor)

    assert events(floor) == counted
    with floor.platform.db.read() as tx:
        assert queries.unissued(tx) == ([], [])
        sent = queries.letter(tx, letter_id, actor=floor.actor("regulator"))
        assert len(inbox(tx, floor.platform.keys, actor=floor.actor("regulator"))) == 1
    stored = floor.platform.store.get(paper_key(str(sent.pdf_sha256)))
    assert sent.pdf_sha256 == hashlib.sha256(stored).hexdigest()


@pytest.mark.parametrize(
    ("scope", "readers"),
    [
        (Scope.INTERNAL, {"recorder", "signer", "agent"}),
        (Scope.AGENCIES, {"recorder", "signer", "agent", "tenderer"}),
        (Scope.PUBLIC, None),
    ],
)
def test_a_notice_is_read_within_its_scope_only(floor: Floor, scope: Scope, readers: set[str] | None) -> None:
    misconduct_id = record_misconduct(floor)
    answer(floor, misconduct_id)
    notice_id = sign_notice(floor, misconduct_id, scope=scope)
    dispatch.issue_notice(floor.platform, notice_id)

    assert may_read(floor, notice_id) == (readers if readers is not None else set(floor.users))


def test_a_retracted_notice_keeps_its_number_and_its_public_does_not_see_it(floor: Floor) -> None:
    misconduct_id = record_misconduct(floor)
    answer(floor, misconduct_id)
    notice_id = sign_notice(floor, misconduct_id, scope=Scope.PUBLIC)
    dispatch.issue_notice(floor.platform, notice_id)
    with floor.platform.db.transaction() as tx:
        service.retract(tx, misconduct_id, reason="复核异议成立", actor=floor.actor("signer"), at=floor.at)

    with floor.platform.db.read() as tx:
        cancelled = tx.get_one(TakenNumber, notice_id)
        assert (cancelled.serial, cancelled.cancel_reason) == (1, "复核异议成立")
    assert may_read(floor, notice_id) == {"recorder", "signer", "agent"}
    with pytest.raises(MoveNotAllowed):
        draft(floor, misconduct_id)


def may_read(floor: Floor, notice_id: str) -> set[str]:
    readers = set()
    with floor.platform.db.read() as tx:
        for name in floor.users:
            try:
                queries.visible_notice(tx, notice_id, actor=floor.actor(name))
            except NotFound:
                continue
            readers.add(name)
    return readers


def test_a_letter_reaches_the_regulator_and_is_acknowledged_once(floor: Floor) -> None:
    letter_id = sent_letter(floor)

    acknowledge(floor, letter_id)

    with floor.platform.db.read() as tx:
        shown = queries.letter(tx, letter_id, actor=floor.actor("regulator"))
        hrefs = [message.href for message in inbox(tx, floor.platform.keys, actor=floor.actor("regulator"))]
    year = floor.at.astimezone(clock.BEIJING).year
    assert shown.state == LetterState.ACKNOWLEDGED
    assert shown.number == f"临川公资函〔{year}〕1号"
    assert (shown.sender, shown.addressee) == ("临川市公共资源交易中心", "临川市水利局")
    assert (shown.drafted_by, shown.signed_by) == ("周巡", "吴签")
    assert hrefs == [f"/letters/{letter_id}"]
    text = pdf_text(floor, shown.pdf_sha256)
    for words in (shown.number, "临川市水利局：", FACTS, STATEMENT, "专此函告。"):
        assert words in text
    with pytest.raises(MoveNotAllowed):
        acknowledge(floor, letter_id)


def test_a_letter_does_not_exist_for_others_and_before_it_is_sent(floor: Floor) -> None:
    misconduct_id = record_misconduct(floor)
    answer(floor, misconduct_id)
    letter_id = draft(floor, misconduct_id)

    with pytest.raises(NotFound):
        acknowledge(floor, letter_id)
    sign(floor, letter_id)
    dispatch.issue_letter(floor.platform, letter_id)

    with pytest.raises(NotFound):
        acknowledge(floor, letter_id, by="stranger")
    with floor.platform.db.read() as tx:
        seen = {name for name in floor.users if queries.visible_letters(tx, actor=floor.actor(name))}
    assert seen == {"recorder", "signer", "regulator"}
    assert letter_state(floor, letter_id) == LetterState.SENT


def letter_state(floor: Floor, letter_id: str) -> str:
    with floor.platform.db.read() as tx:
        return tx.get_one(SupervisorLetter, letter_id).state


def test_a_record_carries_one_letter(floor: Floor) -> None:
    misconduct_id = record_misconduct(floor)
    answer(floor, misconduct_id)

    def try_to_draft(_: int) -> bool:
        try:
            draft(floor, misconduct_id)
        except letters.LetterExists:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(try_to_draft, range(4))) == [False, False, False, True]


def test_two_signers_at_once_take_one_number(floor: Floor) -> None:
    misconduct_id = record_misconduct(floor)
    answer(floor, misconduct_id)

    def try_to_sign(_: int) -> bool:
        try:
            sign_notice(floor, misconduct_id)
        except MoveNotAllowed:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(try_to_sign, range(4))) == [False, False, False, True]
    with floor.platform.db.read() as tx:
        assert list(tx.scalars(select(TakenNumber.serial))) == [1]
        assert tx.scalar(select(func.count()).select_from(CirculatedNotice)) == 1


def test_a_centre_without_a_short_name_cannot_number(floor: Floor) -> None:
    misconduct_id = record_misconduct(floor)
    answer(floor, misconduct_id)
    with floor.platform.db.transaction() as tx:
        tx.delete(tx.get_one(Office, floor.orgs["centre"]))

    with pytest.raises(OfficeUnnamed):
        sign_notice(floor, misconduct_id)


VERBS: list[tuple[str, Callable[[Floor, str, str], object]]] = [
    ("notice", lambda floor, record_id, by: sign_notice(floor, record_id, by=by)),
    ("letter", lambda floor, record_id, by: draft(floor, record_id, by=by)),
]


@pytest.mark.parametrize(("verb", "act"), VERBS)
@pytest.mark.parametrize(
    ("name", "refusal"), [("rival", NotFound), ("agent", Forbidden), ("regulator", Forbidden)]
)
def test_outsiders_can_neither_circulate_nor_report(
    floor: Floor, verb: str, act: Callable[[Floor, str, str], object], name: str, refusal: type[Problem]
) -> None:
    misconduct_id = record_misconduct(floor)
    answer(floor, misconduct_id)

    with pytest.raises(refusal):
        act(floor, misconduct_id, name)
    with floor.platform.db.read() as tx:
        assert tx.get_one(MisconductRecord, misconduct_id).state == RecordState.RECORDED
        assert not queries.has_letter(tx, misconduct_id), verb
