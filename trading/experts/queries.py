"""Reads of the expert pool: names for its keeper alone; for draws, who can be drawn, without an actor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from sqlalchemy import Select, and_, exists, func, or_, select

from govcore import grants
from govcore.clock import BEIJING
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity import queries as identity
from govcore.identity.models import Organisation, User
from govcore.identity.policy import Actor, Role, require
from govcore.keys import KeyWrapper
from trading.experts.models import CreditNote, Expert, PendingImport, Practice, Speciality
from trading.experts.policy import (
    PAGE_SIZE,
    Candidate,
    NoteKind,
    Particulars,
    Standing,
    plain_names,
    standing,
)
from trading.experts.sheet import Line

KEEP = "experts.keep"
ENTRY, NOTE, IMPORT = "expert-entry", "expert-note", "expert-import"
"""What the pool's secrets are wrapped for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a keeper looks for; empty fields ask for nothing."""

    name: str = ""
    speciality: str = ""
    region: str = ""
    employer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One entry in the keeper's list."""

    id: str
    name: str
    username: str
    specialities: tuple[str, ...]
    employer: str
    region: str
    since: date
    until: date | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the entries that were looked for."""

    rows: tuple[Row, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A credit note as its readers see it."""

    kind: NoteKind
    grade: int | None
    lot_id: str | None
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Everything that the pool says of somebody."""

    row: Row
    particulars: Particulars
    notes: tuple[Noted, ...]


def specialities(tx: Tx) -> list[Speciality]:
    """All of them in the order of their codes, which is that of the tree."""
    return list(tx.scalars(select(Speciality).order_by(Speciality.code)))


def search(tx: Tx, wanted: Filter, *, page: int, actor: Actor, at: datetime) -> Found:
    """The entries that fit, by name."""
    require(actor, KEEP)
    query = _matching(wanted)
    total = tx.scalar(select(func.count()).select_from(query.subquery())) or 0
    page = max(1, min(page, -(-total // PAGE_SIZE) or 1))
    shown = tx.execute(
        query.order_by(User.name, Expert.id).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    ).all()
    return Found(tuple(_rows(tx, shown, at)), total, page)


def entry(tx: Tx, wrapper: KeyWrapper, expert_id: str, *, actor: Actor, at: datetime) -> Entry:
    """One entry with its credit notes, the newest first; `NotFound` when there is none."""
    require(actor, KEEP)
    found = tx.execute(
        select(Expert, User).join(User, User.id == Expert.user_id).where(Expert.id == expert_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    return Entry(
        row=_rows(tx, [found], at)[0],
        particulars=particulars_of(tx, wrapper, found[0]),
        notes=_notes(tx, wrapper, expert_id),
    )


def everybody(tx: Tx, wrapper: KeyWrapper, wanted: Filter, *, actor: Actor) -> list[tuple[str, Particulars]]:
    """User name and entry of all who fit, for the export."""
    require(actor, KEEP)
    found = tx.execute(_matching(wanted).order_by(User.username)).all()
    return [(user.username, particulars_of(tx, wrapper, expert)) for expert, user in found]


def pending_import(tx: Tx, wrapper: KeyWrapper, *, actor: Actor) -> list[Line]:
    """The rows that the actor sent and did not confirm yet."""
    require(actor, KEEP)
    found = tx.get(PendingImport, actor.user_id)
    if found is None:
        return []
    return msgspec.json.decode(wrapper.unwrap(IMPORT, actor.user_id, found.wrapped), type=list[Line])


def entries_of(
    tx: Tx, wrapper: KeyWrapper, usernames: Sequence[str], *, actor: Actor
) -> Mapping[str, Particulars | None]:
    """What the pool says of these accounts already, nothing for one without an entry; others are left out."""
    require(actor, KEEP)
    query = select(User.username, Expert).outerjoin(Expert, Expert.user_id == User.id)
    experts = User.id.in_(grants.holders(tx, [Role.EXPERT]))
    rows = tx.execute(query.where(User.username.in_(usernames), User.active, experts))
    return {name: None if expert is None else particulars_of(tx, wrapper, expert) for name, expert in rows}


def expert_account(tx: Tx, username: str) -> str | None:
    """The id of the active account of this name that has the role of an expert."""
    experts = User.id.in_(grants.holders(tx, [Role.EXPERT]))
    return tx.scalar(select(User.id).where(User.username == username, User.active, experts))


def particulars_of(tx: Tx, wrapper: KeyWrapper, expert: Expert) -> Particulars:
    """What is kept wrapped of an entry."""
    return msgspec.json.decode(wrapper.unwrap(ENTRY, expert.id, expert.wrapped), type=Particulars)


def candidates(tx: Tx, wrapper: KeyWrapper, *, on: date) -> list[Candidate]:
    """Everybody whom a draw can find in the pool on a day, for services: no door hands this out."""
    active = and_(
        Expert.suspended_at.is_(None),
        Expert.since <= on,
        or_(Expert.until.is_(None), Expert.until >= on),
        User.active,
        User.id.in_(grants.holders(tx, [Role.EXPERT])),
    )
    rows = tx.execute(
        select(Expert, User.name, Organisation.uscc)
        .join(User, User.id == Expert.user_id)
        .outerjoin(Organisation, Organisation.id == User.org_id)
        .where(active)
        .order_by(Expert.id)
    ).all()
    punished = set(
        tx.scalars(select(CreditNote.expert_id).where(CreditNote.kind == NoteKind.PUNISHED).distinct())
    )
    found = []
    for expert, name, home in rows:
        said = particulars_of(tx, wrapper, expert)
        found.append(
            Candidate(
                expert_id=expert.id,
                user_id=expert.user_id,
                specialities=said.specialities,
                region=said.region,
                employer=said.employer,
                ties=said.ties,
                punished=expert.id in punished,
                home=home,
                phone=said.phone,
                persons=frozenset().union(*map(plain_names, (name, *said.kin))),
            )
        )
    return found


def pooled(tx: Tx, user_id: str, *, on: date) -> tuple[str, Standing] | None:
    """The employer's code and the standing of a person's entry on a day; nothing without an entry."""
    found = tx.scalar(select(Expert).where(Expert.user_id == user_id))
    if found is None:
        return None
    suspended = found.suspended_at is not None
    return found.employer, standing(since=found.since, until=found.until, suspended=suspended, on=on)


def expert_of(tx: Tx, user_id: str) -> str | None:
    """The id of a person's entry, for services."""
    return tx.scalar(select(Expert.id).where(Expert.user_id == user_id))


def _matching(wanted: Filter) -> Select[Expert, User]:
    query = select(Expert, User).join(User, User.id == Expert.user_id)
    if wanted.name:
        query = query.where(User.name.icontains(wanted.name, autoescape=True))
    if wanted.employer:
        query = query.where(Expert.employer == wanted.employer)
    if wanted.region:
        query = query.where(Expert.region.startswith(wanted.region, autoescape=True))
    if wanted.speciality:
        has = exists().where(
            Practice.expert_id == Expert.id,
            Practice.speciality.startswith(wanted.speciality, autoescape=True),
        )
        query = query.where(has)
    return query


def _rows(tx: Tx, shown: Sequence[tuple[Expert, User]], at: datetime) -> list[Row]:
    on = at.astimezone(BEIJING).date()
    practised: dict[str, list[str]] = {}
    codes = select(Practice).where(Practice.expert_id.in_([expert.id for expert, _ in shown]))
    for one in tx.scalars(codes.order_by(Practice.speciality)):
        practised.setdefault(one.expert_id, []).append(one.speciality)
    return [
        Row(
            id=expert.id,
            name=user.name,
            username=user.username,
            specialities=tuple(practised.get(expert.id, ())),
            employer=expert.employer,
            region=expert.region,
            since=expert.since,
            until=expert.until,
            standing=standing(
                since=expert.since,
                until=expert.until,
                suspended=expert.suspended_at is not None,
                on=on,
            ),
        )
        for expert, user in shown
    ]


def _notes(tx: Tx, wrapper: KeyWrapper, expert_id: str) -> tuple[Noted, ...]:
    query = select(CreditNote).where(CreditNote.expert_id == expert_id)
    rows = list(tx.scalars(query.order_by(CreditNote.noted_at.desc(), CreditNote.id)))
    names = identity.user_names(tx, [row.noted_by for row in rows])
    return tuple(
        Noted(
            kind=NoteKind(row.kind),
            grade=row.grade,
            lot_id=row.lot_id,
            text=wrapper.unwrap(NOTE, row.id, row.wrapped).decode(),
            by=names[row.noted_by],
            at=row.noted_at,
        )
        for row in rows
    )
