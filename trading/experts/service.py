"""Keep the expert pool: enter, change, import, suspend, note."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import delete, select, update

from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import Problem
from govcore.identity.policy import Actor, require
from govcore.keys import KeyWrapper
from trading.experts import queries
from trading.experts.models import CreditNote, Expert, PendingImport, Practice, Speciality
from trading.experts.policy import TEXT_MAX, NoteKind, Particulars, is_speciality, parent_of
from trading.experts.queries import ENTRY, IMPORT, KEEP, NOTE
from trading.experts.sheet import Line


class SpecialityUnknown(Problem):
    code = "E_SPECIALITY"
    status = 422
    text = "A speciality has a letter and up to four pairs of digits, two names, and the one above it must exist."


class SpecialityExists(Problem):
    code = "E_SPECIALITY_EXISTS"
    text = "The speciality {speciality} is in the list already."


class NoExpertAccount(Problem):
    """One person, one account: an entry is an entry of an account that may evaluate."""

    code = "E_EXPERT_ACCOUNT"
    status = 422
    text = "There is no active account {username} with the role of an evaluation expert."


class AlreadySuspended(Problem):
    code = "E_EXPERT_SUSPENDED"
    text = "This expert is suspended already, or not suspended at all; load the page again."


class ReasonMissing(Problem):
    code = "E_REASON"
    status = 422
    text = "Give a reason of at most {most} characters."


class NothingToImport(Problem):
    code = "E_IMPORT_GONE"
    text = "There is no sheet of yours to take over. Send it once more."


def add_speciality(tx: Tx, *, code: str, zh: str, en: str, actor: Actor, at: datetime) -> None:
    """Add a speciality below one that exists; codes never change, and none is taken out."""
    require(actor, KEEP)
    above = parent_of(code)
    named = bool(zh.strip() and en.strip()) and max(len(zh), len(en)) <= TEXT_MAX
    if not is_speciality(code) or not named or (above and tx.get(Speciality, above) is None):
        raise SpecialityUnknown
    if tx.get(Speciality, code) is not None:
        raise SpecialityExists(speciality=code)
    tx.add(Speciality(code=code, zh=zh.strip(), en=en.strip()))
    tx.flush()
    record(tx, "experts.speciality_added", subject=code, actor=actor.user_id, at=at, data={"zh": zh.strip()})


def save(
    tx: Tx, wrapper: KeyWrapper, *, username: str, particulars: Particulars, actor: Actor, at: datetime
) -> str:
    """Enter the person of an account into the pool, or change what the entry says; the entry's id."""
    require(actor, KEEP)
    user_id = queries.expert_account(tx, username)
    if user_id is None:
        raise NoExpertAccount(username=username[:64])
    found = tx.scalar(select(Expert).where(Expert.user_id == user_id))
    if found is None:
        found = Expert(id=new_id(), user_id=user_id, entered_at=at)
        changed = ["entered"]
    else:
        changed = _changes(queries.particulars_of(tx, wrapper, found), particulars)
        if not changed:
            return found.id
    found.employer, found.region = particulars.employer, particulars.region
    found.since, found.until = particulars.since, particulars.until
    found.wrapped = wrapper.wrap(ENTRY, found.id, msgspec.json.encode(particulars))
    tx.add(found)
    tx.flush()
    tx.execute(delete(Practice).where(Practice.expert_id == found.id))
    tx.add_all(Practice(expert_id=found.id, speciality=code) for code in particulars.specialities)
    entered = changed == ["entered"]
    record(
        tx,
        "experts.entered" if entered else "experts.changed",
        subject=found.id,
        actor=actor.user_id,
        at=at,
        data={"user": user_id} if entered else {"fields": changed},
    )
    return found.id


def propose_import(tx: Tx, wrapper: KeyWrapper, lines: Sequence[Line], *, actor: Actor, at: datetime) -> None:
    """Keep the good rows of a sheet until the keeper confirms; a new sheet takes the place of the one before."""
    require(actor, KEEP)
    wrapped = wrapper.wrap(IMPORT, actor.user_id, msgspec.json.encode(lines))
    tx.merge(PendingImport(user_id=actor.user_id, wrapped=wrapped, sent_at=at))


def confirm_import(tx: Tx, wrapper: KeyWrapper, *, actor: Actor, at: datetime) -> int:
    """Take over the rows that the keeper looked at, all or none; how many there were."""
    require(actor, KEEP)
    lines = queries.pending_import(tx, wrapper, actor=actor)
    if not lines:
        raise NothingToImport
    for line in lines:
        save(tx, wrapper, username=line.username, particulars=line.particulars, actor=actor, at=at)
    tx.execute(delete(PendingImport).where(PendingImport.user_id == actor.user_id))
    return len(lines)


def note(
    tx: Tx,
    wrapper: KeyWrapper,
    expert_id: str,
    *,
    kind: NoteKind,
    text: str,
    actor: Actor,
    at: datetime,
    lot_id: str | None = None,
    grade: int | None = None,
) -> None:
    """Write a credit note: who, when, why. A note is never changed; a later one says what was wrong with it."""
    if not text.strip() or len(text) > TEXT_MAX:
        raise ReasonMissing(most=TEXT_MAX, field="reason")
    note_id = new_id()
    tx.add(
        CreditNote(
            id=note_id,
            expert_id=expert_id,
            kind=kind,
            lot_id=lot_id,
            grade=grade,
            wrapped=wrapper.wrap(NOTE, note_id, text.strip().encode()),
            noted_by=actor.user_id,
            noted_at=at,
        )
    )
    tx.flush()
    record(
        tx,
        "experts.noted",
        subject=expert_id,
        actor=actor.user_id,
        at=at,
        data={"kind": kind, "lot": lot_id, "grade": grade},
    )


def note_misconduct(
    tx: Tx,
    wrapper: KeyWrapper,
    expert_id: str,
    *,
    kind: NoteKind,
    text: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Note a misconduct or a punishment; who was punished in tendering is drawn no more (评标规定 art. 12)."""
    queries.entry(tx, wrapper, expert_id, actor=actor, at=at)
    note(tx, wrapper, expert_id, kind=kind, text=text, actor=actor, at=at)


def suspend(tx: Tx, wrapper: KeyWrapper, expert_id: str, *, text: str, actor: Actor, at: datetime) -> None:
    """Take somebody out of draws until further notice."""
    _turn(tx, wrapper, expert_id, suspended=True, text=text, actor=actor, at=at)


def let_return(tx: Tx, wrapper: KeyWrapper, expert_id: str, *, text: str, actor: Actor, at: datetime) -> None:
    """End a suspension."""
    _turn(tx, wrapper, expert_id, suspended=False, text=text, actor=actor, at=at)


def note_export(tx: Tx, *, count: int, actor: Actor, at: datetime) -> None:
    """Log that a keeper took the pool away as a file."""
    require(actor, KEEP)
    record(tx, "experts.exported", subject="pool", actor=actor.user_id, at=at, data={"entries": count})


def _turn(
    tx: Tx, wrapper: KeyWrapper, expert_id: str, *, suspended: bool, text: str, actor: Actor, at: datetime
) -> None:
    queries.entry(tx, wrapper, expert_id, actor=actor, at=at)
    before = Expert.suspended_at.is_(None) if suspended else Expert.suspended_at.is_not(None)
    turned = update(Expert).where(Expert.id == expert_id, before)
    value = at if suspended else None
    if tx.scalar(turned.values(suspended_at=value).returning(Expert.id)) is None:
        raise AlreadySuspended
    kind = NoteKind.SUSPENSION if suspended else NoteKind.RETURN
    note(tx, wrapper, expert_id, kind=kind, text=text, actor=actor, at=at)


def _changes(old: Particulars, new: Particulars) -> list[str]:
    """The names of the fields that differ."""
    return [name for name in Particulars.__slots__ if getattr(old, name) != getattr(new, name)]
