"""Reads of supervision: the centre sees its own, a subject what names it, a regulator what was sent to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec
from sqlalchemy import ColumnElement, Select, exists, false, or_, select

from govcore.calendar import Calendar, Due
from govcore.calendar.queries import calendar_of
from govcore.clock import BEIJING
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity import queries as identity
from govcore.identity.models import Organisation, User
from govcore.identity.policy import Actor, Role
from trading.project.models import Project
from trading.supervision.models import CirculatedNotice, MisconductRecord, Patrol, SupervisorLetter
from trading.supervision.policy import REPLY_WORKING_DAYS, LetterState, RecordState, Scope
from trading.supervision.schemas import (
    Check,
    Evidence,
    LetterShown,
    MisconductShown,
    NoticeShown,
    PatrolShown,
    PublicNotice,
)
from trading.tender.models import Lot, Tender


def reply_due(dated: date, *, calendar: Calendar) -> Due:
    """When a letter of this date must be answered."""
    return calendar.due_after(dated, REPLY_WORKING_DAYS)


def visible_patrols(tx: Tx, *, actor: Actor, limit: int = 100) -> list[PatrolShown]:
    """The patrols of the actor's centre, newest first."""
    if not actor.may("supervision.patrol"):
        return []
    order = (Patrol.date.desc(), Patrol.recorded_at.desc(), Patrol.id)
    rows = tx.scalars(select(Patrol).where(Patrol.org_id == actor.org_id).order_by(*order).limit(limit)).all()
    names = identity.user_names(tx, [user for row in rows for user in (row.first_id, row.second_id)])
    return [
        PatrolShown(
            id=row.id,
            date=row.date,
            session=row.session,
            patrollers=[names[row.first_id], names[row.second_id]],
            checks=msgspec.convert(row.checks, list[Check]),
            recorded_at=row.recorded_at,
        )
        for row in rows
    ]


def visible_patrol(tx: Tx, patrol_id: str, *, actor: Actor) -> Patrol:
    """A patrol of the actor's centre; `NotFound` for every other."""
    row = tx.get(Patrol, patrol_id)
    if row is None or row.org_id != actor.org_id or not actor.may("supervision.patrol"):
        raise NotFound
    return row


def misconduct_row(tx: Tx, misconduct_id: str, *, actor: Actor) -> MisconductRecord:
    """A record the actor may see; `NotFound` for every other."""
    query = select(MisconductRecord).where(MisconductRecord.id == misconduct_id)
    row = tx.scalar(query.where(_record_visible(actor)))
    if row is None:
        raise NotFound
    return row


def letter_row(tx: Tx, letter_id: str, *, actor: Actor) -> SupervisorLetter:
    """A letter the actor may see; `NotFound` for every other."""
    query = select(SupervisorLetter).join(
        MisconductRecord, MisconductRecord.id == SupervisorLetter.misconduct_id
    )
    row = tx.scalar(query.where(SupervisorLetter.id == letter_id, _letter_visible(actor)))
    if row is None:
        raise NotFound
    return row


def has_letter(tx: Tx, misconduct_id: str) -> bool:
    return bool(tx.scalar(select(exists().where(SupervisorLetter.misconduct_id == misconduct_id))))


def visible_misconduct(tx: Tx, *, actor: Actor, limit: int = 100) -> list[MisconductShown]:
    """Records the actor may see, newest first."""
    order = (MisconductRecord.recorded_at.desc(), MisconductRecord.id)
    return _records(tx, _RECORDS.where(_record_visible(actor)).order_by(*order).limit(limit))


def misconduct(tx: Tx, misconduct_id: str, *, actor: Actor) -> MisconductShown:
    """One of the records the actor may see; `NotFound` for every other."""
    found = _records(tx, _RECORDS.where(MisconductRecord.id == misconduct_id, _record_visible(actor)))
    if not found:
        raise NotFound
    shown = found[0]
    if not actor.may("supervision.record"):
        shown.letter_id = None
    return shown


def visible_letters(tx: Tx, *, actor: Actor, limit: int = 100) -> list[LetterShown]:
    """Letters the actor may see, newest first: a regulator sees those sent to its organisation."""
    order = (SupervisorLetter.drafted_at.desc(), SupervisorLetter.id)
    return _letters(tx, _LETTERS.where(_letter_visible(actor)).order_by(*order).limit(limit))


def letter(tx: Tx, letter_id: str, *, actor: Actor) -> LetterShown:
    """One of the letters the actor may see; `NotFound` for every other."""
    found = _letters(tx, _LETTERS.where(SupervisorLetter.id == letter_id, _letter_visible(actor)))
    if not found:
        raise NotFound
    return found[0]


def visible_notice(tx: Tx, notice_id: str, *, actor: Actor) -> CirculatedNotice:
    """A circulated notice within its scope; the centre and the subject always see it."""
    row = tx.execute(
        select(CirculatedNotice, MisconductRecord)
        .join(MisconductRecord, MisconductRecord.id == CirculatedNotice.misconduct_id)
        .where(CirculatedNotice.id == notice_id, CirculatedNotice.circulated_at.is_not(None))
    ).one_or_none()
    if row is None:
        raise NotFound
    notice, record = row
    involved = actor.org_id in (record.org_id, record.subject_id)
    reader = notice.scope == Scope.PUBLIC or (
        notice.scope == Scope.AGENCIES and bool(actor.roles & {Role.AGENCY, Role.TENDERER})
    )
    if not involved and not (reader and record.state == RecordState.CIRCULATED):
        raise NotFound
    return notice


def public_notices(tx: Tx, *, limit: int = 200) -> list[PublicNotice]:
    """What was circulated to everybody, newest first; of a retracted notice neither handling nor paper."""
    query = (
        select(CirculatedNotice, MisconductRecord.category, Organisation.name)
        .join(MisconductRecord, MisconductRecord.id == CirculatedNotice.misconduct_id)
        .join(Organisation, Organisation.id == MisconductRecord.subject_id)
        .where(CirculatedNotice.scope == Scope.PUBLIC, CirculatedNotice.circulated_at.is_not(None))
        .order_by(CirculatedNotice.circulated_at.desc(), CirculatedNotice.id)
    )
    return [
        PublicNotice(
            id=one.id,
            number=one.number,
            organisation=name,
            category=category,
            handling="" if one.retracted_at else one.handling,
            circulated_at=one.circulated_at,
            retracted_at=one.retracted_at,
            retract_reason=one.retract_reason,
        )
        for one, category, name in tx.execute(query.limit(limit))
        if one.circulated_at is not None
    ]


def unissued(tx: Tx) -> tuple[list[str], list[str]]:
    """Ids of signed notices and of signed letters whose papers are not handed out yet, for the sweep."""
    notices = select(CirculatedNotice.id).where(CirculatedNotice.circulated_at.is_(None))
    letters = select(SupervisorLetter.id).where(SupervisorLetter.state == LetterState.SIGNED)
    return (
        list(tx.scalars(notices.order_by(CirculatedNotice.signed_at, CirculatedNotice.id))),
        list(tx.scalars(letters.order_by(SupervisorLetter.signed_at, SupervisorLetter.id))),
    )


_RECORDS = (
    select(MisconductRecord, Lot, Tender, Organisation.name, User.name, CirculatedNotice, SupervisorLetter.id)
    .join(Lot, Lot.id == MisconductRecord.lot_id)
    .join(Tender, Tender.id == Lot.tender_id)
    .join(Organisation, Organisation.id == MisconductRecord.subject_id)
    .join(User, User.id == MisconductRecord.recorded_by)
    .outerjoin(CirculatedNotice, CirculatedNotice.misconduct_id == MisconductRecord.id)
    .outerjoin(SupervisorLetter, SupervisorLetter.misconduct_id == MisconductRecord.id)
)
_LETTERS = (
    select(SupervisorLetter, MisconductRecord, Tender, Project)
    .join(MisconductRecord, MisconductRecord.id == SupervisorLetter.misconduct_id)
    .join(Lot, Lot.id == MisconductRecord.lot_id)
    .join(Tender, Tender.id == Lot.tender_id)
    .join(Project, Project.id == Tender.project_id)
)

_LetterRow = tuple[SupervisorLetter, MisconductRecord, Tender, Project]


def _record_visible(actor: Actor) -> ColumnElement[bool]:
    sides: list[ColumnElement[bool]] = [false()]
    if actor.may("supervision.record"):
        sides.append(MisconductRecord.org_id == actor.org_id)
    if actor.may("supervision.answer"):
        sides.append(MisconductRecord.subject_id == actor.org_id)
    return or_(*sides)


def _letter_visible(actor: Actor) -> ColumnElement[bool]:
    sides: list[ColumnElement[bool]] = [false()]
    if actor.may("supervision.draft"):
        sides.append(MisconductRecord.org_id == actor.org_id)
    if actor.may("supervision.acknowledge"):
        arrived = SupervisorLetter.state.in_((LetterState.SENT, LetterState.ACKNOWLEDGED))
        sides.append((SupervisorLetter.addressee_id == actor.org_id) & arrived)
    return or_(*sides)


def _records(
    tx: Tx, query: Select[MisconductRecord, Lot, Tender, str, str, CirculatedNotice, str]
) -> list[MisconductShown]:
    return [
        MisconductShown(
            id=row.id,
            lot_code=lot.code,
            lot_name=lot.name,
            tender_title=tender.title,
            subject=subject,
            category=row.category,
            grade=row.grade,
            occurred_at=row.occurred_at,
            facts=row.facts,
            basis=row.basis,
            evidence=msgspec.convert(row.evidence, list[Evidence]),
            state=row.state,
            recorded_by=recorder,
            recorded_at=row.recorded_at,
            reply_until=row.reply_until,
            statement=row.statement,
            statement_at=row.statement_at,
            notice=_notice(notice) if notice else None,
            letter_id=letter_id,
        )
        for row, lot, tender, subject, recorder, notice, letter_id in tx.execute(query).all()
    ]


def _notice(row: CirculatedNotice) -> NoticeShown:
    return NoticeShown(
        id=row.id,
        number=row.number,
        scope=row.scope,
        handling=row.handling,
        requirements=row.requirements,
        signed_at=row.signed_at,
        circulated_at=row.circulated_at,
        pdf_sha256=row.pdf_sha256,
        retracted_at=row.retracted_at,
        retract_reason=row.retract_reason,
        href=f"/api/circulated-notices/{row.id}/paper",
    )


def _letters(tx: Tx, query: Select[SupervisorLetter, MisconductRecord, Tender, Project]) -> list[LetterShown]:
    rows = [(letter, record, tender, project) for letter, record, tender, project in tx.execute(query)]
    org_ids = {o for row, record, *_ in rows for o in (row.addressee_id, record.org_id, record.subject_id)}
    organisations = tx.scalars(select(Organisation).where(Organisation.id.in_(org_ids)))
    orgs = {organisation.id: organisation.name for organisation in organisations}
    people = identity.user_names(tx, _people(rows))
    calendar = calendar_of(tx)
    return [_letter(row, orgs=orgs, people=people, calendar=calendar) for row in rows]


def _people(rows: Sequence[_LetterRow]) -> list[str]:
    return [user for row, *_ in rows for user in (row.drafted_by, row.signed_by) if user]


def _letter(
    found: _LetterRow, *, orgs: dict[str, str], people: dict[str, str], calendar: Calendar
) -> LetterShown:
    row, record, tender, project = found
    signed = row.signed_at.astimezone(BEIJING).date() if row.signed_at else None
    due = reply_due(signed, calendar=calendar) if signed else None
    return LetterShown(
        id=row.id,
        state=row.state,
        number=row.number,
        addressee=orgs[row.addressee_id],
        sender=orgs[record.org_id],
        project=project.name,
        tender_title=tender.title,
        subject=orgs[record.subject_id],
        category=record.category,
        grade=record.grade,
        occurred_at=record.occurred_at,
        facts=record.facts,
        basis=record.basis,
        evidence=msgspec.convert(record.evidence, list[Evidence]),
        statement=record.statement,
        suggestion=row.suggestion,
        drafted_by=people[row.drafted_by],
        drafted_at=row.drafted_at,
        signed_by=people[row.signed_by] if row.signed_by else None,
        signed_at=row.signed_at,
        sent_at=row.sent_at,
        reply_due=due.day if due else None,
        reply_due_provisional=due.provisional if due else False,
        acknowledged_at=row.acknowledged_at,
        pdf_sha256=row.pdf_sha256,
        href=f"/api/letters/{row.id}/paper",
    )
