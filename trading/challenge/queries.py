"""Reads of cases: the filer sees its own, the tenderer what it must answer, the regulator what is before it.

Who filed is told to the regulator of a complaint at once, to the tenderer from the deadline on, to others never.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select

from govcore.calendar.queries import calendar_of
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.delegated import covered
from govcore.identity.policy import Actor, Role
from govcore.platform import Platform
from trading.challenge import evidence, facts
from trading.challenge.dues import Clock, clocks_of
from trading.challenge.entries import Filer, filer_of, filer_tag, words_of
from trading.challenge.evidence import Given
from trading.challenge.models import Case, Clue, ClueLine, Entry, Evidence, Order, Pause
from trading.challenge.policy import (
    OPEN,
    ClueSide,
    Kind,
    Side,
    State,
    names_are_shown,
    order_ends,
    way,
)
from trading.project.models import Project
from trading.tender.models import Lot, Tender
from trading.tender.queries import LotContext, lot_context
from trading.tender.suspensions import HeldFor, holds_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    id: str
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """One act of a case's file; `author` is empty where it may not be told."""

    said: str
    side: str
    at: datetime
    late: bool
    text: str = field(repr=False)
    author: str = field(repr=False)
    files: tuple[FileView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A case in a list, with the clock that runs now."""

    id: str
    number: str
    kind: str
    stage: str
    state: str
    as_: Side
    tender_id: str
    title: str
    lots: str
    received_at: datetime
    clock: Clock | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A case as one reader may see it: `as_` is on whose side it reads."""

    id: str
    number: str
    kind: str
    stage: str
    state: str
    as_: Side
    regime: str
    lawful: bool
    band: str
    tender_id: str
    tender_code: str
    title: str
    lots: tuple[LotContext, ...]
    filer: Filer | None
    ground: str
    on_paper: bool
    known_at: datetime
    received_at: datetime
    recorded_at: datetime
    settled_at: datetime | None
    accepted_at: datetime | None
    affects_result: bool
    if_affects: bool
    overtaken: tuple[dict[str, Any], ...]
    clocks: tuple[Clock, ...]
    entries: tuple[EntryView, ...]
    holds: tuple[tuple[LotContext, HeldFor], ...]
    orders: tuple[Order, ...]
    pauses: tuple[Pause, ...]
    ordered: bool
    paused: bool
    outcome: str | None
    steps: tuple[str, ...]
    public_text: str | None
    about: tuple[str, str] | None
    followed_by: tuple[str, str] | None
    department: str

    @property
    def open(self) -> bool:
        return self.state in OPEN

    @property
    def terms(self) -> Mapping[str, str]:
        """What its pages say otherwise than about works."""
        return self.lots[0].terms if self.lots else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicCase:
    """What everybody may read of a settled case: never who filed it."""

    number: str
    kind: str
    stage: str
    settled_at: datetime
    outcome: str | None
    steps: tuple[str, ...]
    text: str


def case(tx: Tx, platform: Platform, case_id: str, *, actor: Actor, at: datetime) -> CaseView:
    """A case as the actor may see it; `NotFound` for everybody without a part in it."""
    row, side = visible_case(tx, platform, case_id, actor=actor)
    lots = _lots(tx, row)
    named = side is not Side.TENDERER or names_are_shown([lot.deadline_at for lot in _all(tx, row)], at)
    named = named and not (side is Side.REGULATOR and row.kind != Kind.COMPLAINT)
    found = None if row.kind == Kind.COMPLAINT else way(lots[0].rule_set.regime, row.kind)
    orders = tx.scalars(select(Order).where(Order.case_id == row.id).order_by(Order.ordered_at)).all()
    pauses = tx.scalars(select(Pause).where(Pause.case_id == row.id).order_by(Pause.began_at)).all()
    refs = {f"challenge/{one}" for one in (row.id, *(order.id for order in orders))}
    return CaseView(
        id=row.id,
        number=row.number,
        kind=row.kind,
        stage=row.stage,
        state=row.state,
        as_=side,
        regime=lots[0].rule_set.regime,
        lawful=lots[0].rule_set.lawful,
        band=lots[0].rule_set.name,
        tender_id=row.tender_id,
        tender_code=lots[0].tender_code,
        title=lots[0].title,
        lots=tuple(lots),
        filer=filer_of(platform, row) if named else None,
        ground=row.ground,
        on_paper=row.on_paper,
        known_at=row.known_at,
        received_at=row.received_at,
        recorded_at=row.recorded_at,
        settled_at=row.settled_at,
        accepted_at=row.accepted_at,
        affects_result=row.affects_result,
        if_affects=found is not None and found.if_affects,
        overtaken=tuple(row.overtaken),
        clocks=tuple(clocks_of(tx, row, lots[0], orders, calendar=calendar_of(tx), at=at, explained=True)),
        entries=tuple(_entries(tx, platform, row, named=named)),
        holds=tuple((lot, one) for lot in lots for one in holds_of(tx, lot.lot_id) if one.ref in refs),
        orders=tuple(orders),
        pauses=tuple(pauses),
        ordered=any(not order_ends(one.ended_at, one.capped_at, at) for one in orders),
        paused=any(one.ended_at is None for one in pauses),
        outcome=row.outcome,
        steps=tuple(row.steps),
        public_text=row.public_text,
        about=_linked(tx, platform, row.about_id, actor),
        followed_by=_complaint_after(tx, platform, row, actor),
        department=lots[0].regulator.name,
    )


def visible_case(tx: Tx, platform: Platform, case_id: str, *, actor: Actor) -> tuple[Case, Side]:
    """A case the actor has a part in, and on which side; `NotFound` for every other."""
    found = tx.execute(_with_project(actor, platform).where(Case.id == case_id)).one_or_none()
    if found is None:
        raise NotFound
    row, project = found
    side = _side(platform, row, project, actor)
    lots = facts.lot_ids_of(tx, row.id) if side is Side.FILER else []
    if not all(covered(platform.keys, actor, lot_id) for lot_id in lots):
        raise NotFound
    return row, side


def _side(platform: Platform, row: Case, project: Project, actor: Actor) -> Side:
    """On whose side somebody reads who was found to have a part in a case."""
    if actor.may("challenge.file") and row.filer_tag == filer_tag(platform, actor.org_id):
        return Side.FILER
    if actor.may("challenge.decide") and project.regulator_id == actor.org_id:
        return Side.REGULATOR
    return Side.TENDERER


def visible_evidence(tx: Tx, platform: Platform, evidence_id: str, *, actor: Actor) -> Evidence:
    """A file of a case the actor has a part in; `NotFound` for every other."""
    row = tx.get(Evidence, evidence_id)
    if row is None:
        raise NotFound
    visible_case(tx, platform, tx.get_one(Entry, row.entry_id).case_id, actor=actor)
    return row


def opened(platform: Platform, row: Evidence) -> Given:
    """The bytes of a file that was found visible."""
    return evidence.content_of(platform.store, platform.wrapper, row)


def visible_cases(
    tx: Tx, platform: Platform, *, actor: Actor, at: datetime, tender_id: str = "", limit: int = 100
) -> list[CaseLine]:
    """The cases the actor has a part in: the open ones first, of those the earliest due."""
    query = _with_project(actor, platform)
    if tender_id:
        query = query.where(Case.tender_id == tender_id)
    closed_last = Case.state.not_in(OPEN)
    rows = tx.execute(query.order_by(closed_last, Case.received_at.desc()).limit(limit)).all()
    lines = [_line(tx, row, _side(platform, row, project, actor), at) for row, project in rows]
    return sorted(
        lines, key=lambda one: (one.state not in OPEN, one.clock is None, one.clock and one.clock.at)
    )


def published_cases(tx: Tx, tender_id: str, *, limit: int = 200) -> list[PublicCase]:
    """Answers and decisions of a published tender as everybody may read them, the newest first."""
    query = select(Case).where(
        Case.tender_id == tender_id,
        Case.public_text.is_not(None),
        Case.state.in_((State.ANSWERED, State.DECIDED)),
    )
    return [
        PublicCase(
            number=row.number,
            kind=row.kind,
            stage=row.stage,
            settled_at=row.settled_at or row.recorded_at,
            outcome=row.outcome,
            steps=tuple(row.steps),
            text=row.public_text or "",
        )
        for row in tx.scalars(query.order_by(Case.settled_at.desc()).limit(limit))
    ]


def clues(tx: Tx, *, actor: Actor, limit: int = 100) -> list[tuple[Clue, str, int]]:
    """The clues for the actor's department: the tender's title, how often the sender said more; not their words."""
    if not actor.may("challenge.decide"):
        return []
    by_sender = ClueLine.clue_id == Clue.id, ClueLine.side == ClueSide.SENDER
    more = select(func.count()).where(*by_sender).scalar_subquery()
    query = select(Clue, Tender.title, more).join(Tender, Tender.id == Clue.tender_id)
    query = query.join(Project, Project.id == Tender.project_id).where(Project.regulator_id == actor.org_id)
    found = tx.execute(query.order_by(Clue.day.desc(), Clue.id).limit(limit))
    return [(row, title, count) for row, title, count in found]


def orders_due(tx: Tx, *, at: datetime) -> list[str]:
    """Ids of the orders whose cap has passed and that are not ended yet, for the sweep."""
    return list(tx.scalars(select(Order.id).where(Order.ended_at.is_(None), Order.capped_at <= at)))


def _with_project(actor: Actor, platform: Platform) -> Select[Case, Project]:
    """The cases of the actor: filed by its organisation, to be answered by it, before it."""
    sides: list[ColumnElement[bool]] = [false()]
    if actor.may("challenge.file"):
        sides.append(Case.filer_tag == filer_tag(platform, actor.org_id))
    if actor.may("challenge.reply"):
        own = [Project.tenderer_id] if Role.TENDERER in actor.roles else []
        own += [Project.agency_id] if Role.AGENCY in actor.roles else []
        told = or_(Case.kind != Kind.COMPLAINT, Case.accepted_at.is_not(None))
        sides.append(and_(or_(false(), *(side == actor.org_id for side in own)), told))
    if actor.may("challenge.decide"):
        sides.append(Project.regulator_id == actor.org_id)
    query = select(Case, Project).join(Tender, Tender.id == Case.tender_id)
    return query.join(Project, Project.id == Tender.project_id).where(or_(*sides))


def _line(tx: Tx, row: Case, side: Side, at: datetime) -> CaseLine:
    lots = _lots(tx, row)
    known = clocks_of(tx, row, lots[0], (), calendar=calendar_of(tx), at=at)
    running = [one for one in known if one.running and (row.state in OPEN or at < one.at)]
    return CaseLine(
        id=row.id,
        number=row.number,
        kind=row.kind,
        stage=row.stage,
        state=row.state,
        as_=side,
        tender_id=row.tender_id,
        title=lots[0].title,
        lots="、".join(lot.lot_name for lot in lots),
        received_at=row.received_at,
        clock=min(running, key=lambda one: one.at, default=None),
    )


def _lots(tx: Tx, row: Case) -> list[LotContext]:
    return [lot_context(tx, lot_id) for lot_id in facts.lot_ids_of(tx, row.id)]


def _all(tx: Tx, row: Case) -> Sequence[Lot]:
    return tx.scalars(select(Lot).where(Lot.tender_id == row.tender_id)).all()


def _entries(tx: Tx, platform: Platform, row: Case, *, named: bool) -> Iterable[EntryView]:
    for entry in tx.scalars(select(Entry).where(Entry.case_id == row.id).order_by(Entry.seq)):
        words = words_of(platform, entry)
        known = named or entry.side != Side.FILER
        files = tx.scalars(select(Evidence).where(Evidence.entry_id == entry.id).order_by(Evidence.id))
        yield EntryView(
            said=entry.said,
            side=entry.side,
            at=entry.at,
            late=entry.late,
            text=words.text,
            author=f"{words.organisation} {words.person}".strip() if known else "",
            files=tuple(
                FileView(
                    id=one.id,
                    name=evidence.name_of(platform.wrapper, one),
                    size=one.size,
                    sha256=one.sha256,
                )
                for one in files
            ),
        )


def _linked(tx: Tx, platform: Platform, case_id: str | None, actor: Actor) -> tuple[str, str] | None:
    """Id and number of another case that the actor has a part in."""
    if case_id is None:
        return None
    try:
        row, _ = visible_case(tx, platform, case_id, actor=actor)
    except NotFound:
        return None
    return row.id, row.number


def _complaint_after(tx: Tx, platform: Platform, row: Case, actor: Actor) -> tuple[str, str] | None:
    query = select(Case.id).where(Case.about_id == row.id).order_by(Case.received_at.desc()).limit(1)
    return _linked(tx, platform, tx.scalar(query), actor)
