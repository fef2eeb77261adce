"""Record patrols and misconduct, hear the subject, circulate and retract notices."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec
from sqlalchemy import select, update

from govcore.audit.service import record
from govcore.calendar.queries import calendar_of
from govcore.clock import BEIJING
from govcore.db import Tx, new_id
from govcore.errors import Forbidden, NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from govcore.notify.service import tell
from govcore.numbering.service import cancel_number, take_number
from govcore.pdf.styles import SERIF, require_glyphs
from trading.procedure.deadlines import due
from trading.procedure.stored import plain
from trading.supervision import queries
from trading.supervision.models import CirculatedNotice, MisconductRecord, Patrol
from trading.supervision.moves import move_record
from trading.supervision.policy import (
    CATEGORIES,
    NOTICE_TITLE,
    RecordMove,
    RecordState,
    Result,
    Subject,
    hearing_over,
    subject_of,
)
from trading.supervision.schemas import NewMisconduct, NewNotice, NewPatrol
from trading.tender.queries import LotContext, published_lot

SUBJECT_ROLES = (Role.TENDERER, Role.AGENCY, Role.BIDDER, Role.BANK)
NOTICE_SERIES = "通"


class SecondPatrollerMissing(Problem):
    code = "E_PATROL_TWO"
    status = 422
    text = "A patrol needs a second person of the same centre."


class InFuture(Problem):
    code = "E_NOT_YET"
    status = 422
    text = "Only what has taken place can be recorded."


class UnknownCategory(Problem):
    code = "E_CATEGORY"
    status = 422
    text = "There is no misconduct category of this name."


class SubjectNotInTender(Problem):
    """The category names a party of the tender, and the organisation is not that party."""

    code = "E_SUBJECT"
    status = 422
    text = "The category does not fit the organisation's part in this tender."


class NoIssueFound(Problem):
    code = "E_PATROL_CLEAN"
    text = "The patrol found no issue, so no record can rest on it."


class HearingOpen(Problem):
    """The subject may still make its statement (domain: duty to inform and to hear)."""

    code = "E_HEARING_OPEN"
    text = "The organisation may still make its statement; nothing is circulated or reported before."


class HearingOver(Problem):
    code = "E_HEARING_OVER"
    text = "The time for the statement is over."


class AlreadyAnswered(Problem):
    code = "E_ANSWERED"
    text = "The organisation has made its statement already."


class DrafterSigns(Problem):
    """Whoever recorded or drafted does not sign: two people answer for every paper."""

    code = "E_DRAFTER_SIGNS"
    status = 403
    text = "A paper is signed by somebody else than the person who prepared it."


def require_printable(*texts: str) -> None:
    """Raise `GlyphMissing` for words that no paper could carry later, when nobody can change them."""
    for text in texts:
        require_glyphs("".join(text.splitlines()), SERIF)


def record_patrol(tx: Tx, patrol: NewPatrol, *, actor: Actor, at: datetime) -> Patrol:
    """Record a patrol of the actor and a second person of the same centre."""
    require(actor, "supervision.patrol")
    if actor.org_id is None:
        raise Forbidden
    colleagues = identity.users_with_role(tx, Role.CENTRE, org_id=actor.org_id)
    if patrol.second_id == actor.user_id or patrol.second_id not in colleagues:
        raise SecondPatrollerMissing
    if patrol.date > at.astimezone(BEIJING).date():
        raise InFuture
    row = Patrol(
        id=new_id(),
        org_id=actor.org_id,
        date=patrol.date,
        session=patrol.session,
        first_id=actor.user_id,
        second_id=patrol.second_id,
        checks=msgspec.to_builtins(patrol.checks),
        recorded_at=at,
    )
    tx.add(row)
    tx.flush()
    data = {"checks": len(patrol.checks), "issues": _issues(row), "content": _digest(row.checks)}
    record(tx, "supervision.patrol_recorded", subject=row.id, actor=actor.user_id, at=at, data=data)
    return row


def record_misconduct(tx: Tx, report: NewMisconduct, *, actor: Actor, at: datetime) -> MisconductRecord:
    """Record what an organisation did in a lot, and tell it that it may answer."""
    require(actor, "supervision.record")
    if actor.org_id is None:
        raise Forbidden
    _check_report(report, at=at)
    context = published_lot(tx, report.lot_id)
    subject = identity.organisation(tx, report.subject_id)
    _check_subject(report, context)
    if report.patrol_id is not None and not _issues(
        queries.visible_patrol(tx, report.patrol_id, actor=actor)
    ):
        raise NoIssueFound
    hearing = due(context.rule_set, "misconduct.hearing", at, calendar=calendar_of(tx))
    row = MisconductRecord(
        id=new_id(),
        org_id=actor.org_id,
        lot_id=context.lot_id,
        patrol_id=report.patrol_id,
        subject_id=subject.id,
        category=report.category,
        grade=report.grade,
        occurred_at=report.occurred_at,
        facts=report.facts.strip(),
        basis=report.basis.strip(),
        evidence=msgspec.to_builtins(report.evidence),
        state=RecordState.RECORDED,
        recorded_by=actor.user_id,
        recorded_at=at,
        reply_until=hearing.at,
        reckoning=plain(hearing),
        statement=None,
        statement_at=None,
    )
    tx.add(row)
    tx.flush()
    data = {"category": row.category, "grade": row.grade, "content": _digest([row.facts, row.evidence])}
    record(tx, "supervision.misconduct_recorded", subject=row.id, actor=actor.user_id, at=at, data=data)
    _tell_subject(tx, row, text="A misconduct record names your organisation; you may answer it.", at=at)
    return row


def give_statement(tx: Tx, misconduct_id: str, *, text: str, actor: Actor, at: datetime) -> None:
    """The subject answers the record, once, while its window is open by the clock."""
    require(actor, "supervision.answer")
    require_printable(text)
    row = queries.misconduct_row(tx, misconduct_id, actor=actor)
    if row.subject_id != actor.org_id:
        raise NotFound
    if row.statement is not None:
        raise AlreadyAnswered
    if row.state != RecordState.RECORDED or at >= row.reply_until:
        raise HearingOver
    given = tx.execute(
        update(MisconductRecord)
        .where(
            MisconductRecord.id == row.id,
            MisconductRecord.statement.is_(None),
            MisconductRecord.state == RecordState.RECORDED,
        )
        .values(statement=text.strip(), statement_at=at)
        .returning(MisconductRecord.id)
    ).one_or_none()
    if given is None:
        raise AlreadyAnswered
    record(
        tx,
        "supervision.statement_given",
        subject=row.id,
        actor=actor.user_id,
        at=at,
        data={"content": _digest(text.strip())},
    )


def sign_notice(
    tx: Tx, misconduct_id: str, notice: NewNotice, *, actor: Actor, at: datetime
) -> CirculatedNotice:
    """Sign the notice of a record after the subject was heard; it takes its number here."""
    require(actor, "supervision.sign")
    require_printable(notice.handling, notice.requirements)
    row = signable(tx, misconduct_id, actor=actor, at=at)
    if row.recorded_by == actor.user_id:
        raise DrafterSigns
    event = move_record(tx, row, RecordMove.SIGN_NOTICE)
    notice_id, title = new_id(), NOTICE_TITLE.format(subject=identity.organisation(tx, row.subject_id).name)
    signed = CirculatedNotice(
        id=notice_id,
        misconduct_id=row.id,
        scope=notice.scope,
        handling=notice.handling.strip(),
        requirements=notice.requirements.strip(),
        number=str(
            take_number(
                tx, org_id=row.org_id, series=NOTICE_SERIES, document_id=notice_id, title=title, at=at
            )
        ),
        signed_by=actor.user_id,
        signed_at=at,
    )
    tx.add(signed)
    tx.flush()
    data = {"number": signed.number, "scope": signed.scope, "notice": signed.id}
    record(tx, event, subject=row.id, actor=actor.user_id, at=at, data=data)
    return signed


def circulate(tx: Tx, notice_id: str, *, pdf_sha256: str, at: datetime) -> None:
    """Hand out a signed notice whose paper is stored; raise `MoveNotAllowed` when it was before."""
    notice = tx.get_one(CirculatedNotice, notice_id)
    row = tx.get_one(MisconductRecord, notice.misconduct_id)
    event = move_record(tx, row, RecordMove.CIRCULATE)
    notice.pdf_sha256, notice.circulated_at = pdf_sha256, at
    record(tx, event, subject=row.id, actor="system", at=at, data={"pdf": pdf_sha256})
    _tell_subject(tx, row, text="A notice about your organisation was circulated.", at=at)


def retract(tx: Tx, misconduct_id: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """Retract a circulated notice after an objection was upheld; its number stays, cancelled."""
    require(actor, "supervision.sign")
    row = queries.misconduct_row(tx, misconduct_id, actor=actor)
    event = move_record(tx, row, RecordMove.RETRACT)
    notice = tx.scalars(select(CirculatedNotice).where(CirculatedNotice.misconduct_id == row.id)).one()
    notice.retracted_at, notice.retract_reason = at, reason.strip()
    cancel_number(tx, document_id=notice.id, reason=reason, at=at)
    record(tx, event, subject=row.id, actor=actor.user_id, at=at, data={"reason": _digest(reason.strip())})
    _tell_subject(tx, row, text="The notice about your organisation was retracted.", at=at)


def signable(tx: Tx, misconduct_id: str, *, actor: Actor, at: datetime) -> MisconductRecord:
    """A record of the actor's centre whose subject was heard; raise `HearingOpen` before that."""
    row = queries.misconduct_row(tx, misconduct_id, actor=actor)
    answered = row.statement is not None
    if not hearing_over(answered=answered, reply_until=row.reply_until, now=at):
        raise HearingOpen
    return row


def _check_report(report: NewMisconduct, *, at: datetime) -> None:
    if report.occurred_at > at:
        raise InFuture
    if report.category not in CATEGORIES:
        raise UnknownCategory
    require_printable(report.facts, report.basis, *(piece.name for piece in report.evidence))


def _check_subject(report: NewMisconduct, context: LotContext) -> None:
    parties = {Subject.TENDERER: context.tenderer.id, Subject.AGENCY: context.agency.id}
    kind = subject_of(report.category)
    fits = (
        parties[kind] == report.subject_id if kind in parties else report.subject_id not in parties.values()
    )
    if not fits:
        raise SubjectNotInTender


def _tell_subject(tx: Tx, row: MisconductRecord, *, text: str, at: datetime) -> None:
    users = {
        user for role in SUBJECT_ROLES for user in identity.users_with_role(tx, role, org_id=row.subject_id)
    }
    tell(
        tx,
        users,
        about=f"misconduct/{row.id}/{row.state}",
        text=text,
        href=f"/supervision/records/{row.id}",
        at=at,
    )


def _issues(patrol: Patrol) -> int:
    return sum(check["result"] == Result.ISSUE for check in patrol.checks)


def _digest(content: object) -> str:
    """What the log keeps of words that may name people: their hash."""
    return hashlib.sha256(msgspec.json.encode(content)).hexdigest()
