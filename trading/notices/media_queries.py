"""Reads of what goes to the media: for the centre and for the sweeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import msgspec
from sqlalchemy import func, select

from govcore.clock import BEIJING
from govcore.db import Tx
from govcore.identity.policy import Actor, require
from govcore.media import Medium
from govcore.settings import Settings
from trading.notices.models import Dispatch, Notice, NoticePaper, Reconciliation, Unfinished
from trading.notices.policy import DISPATCH_WORDS, PENDING, SETTLED_BADLY, DispatchState
from trading.notices.schemas import Difference

DAYS = 7
"""So many days back the media are compared with us."""

AGAIN_AFTER, AFTER_FAULT = timedelta(hours=24), timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTheWay:
    """A notice that a medium does not have yet, or refuses."""

    notice_id: str
    title: str
    medium: str
    state: DispatchState
    attempts: int
    due_at: datetime
    published_at: datetime
    detail: str
    said: str

    @property
    def word(self) -> str:
        return DISPATCH_WORDS[self.state]

    @property
    def bad(self) -> bool:
        return self.state in SETTLED_BADLY


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What came of a day's comparison."""

    medium: str
    day: date
    at: datetime
    ours: int
    differences: tuple[Difference, ...]
    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MediumShown:
    """A medium with how many notices are in which state there."""

    id: str
    name: str
    waiting: int
    acknowledged: int
    bad: int


def media_ids(tx: Tx) -> set[str]:
    """The media of the settings."""
    return {one.id for one in _settings(tx).media}


def due(tx: Tx, medium: str, *, at: datetime, limit: int) -> list[str]:
    """The notices whose turn it is at a medium; those that still lack a paper wait."""
    query = (
        select(Dispatch.notice_id)
        .outerjoin(Unfinished, Unfinished.notice_id == Dispatch.notice_id)
        .where(Dispatch.medium == medium, Dispatch.state.in_(PENDING), Dispatch.due_at <= at)
        .where(Unfinished.notice_id.is_(None))
    )
    return list(tx.scalars(query.order_by(Dispatch.due_at).limit(limit)))


def to_send(tx: Tx, notice_id: str) -> tuple[Notice, NoticePaper | None]:
    """The notice and the paper that goes with it: the sealed one where there is one."""
    query = select(NoticePaper).where(NoticePaper.notice_id == notice_id)
    return tx.get_one(Notice, notice_id), tx.scalar(query.order_by(NoticePaper.sealed.desc()).limit(1))


def owed_on(tx: Tx, medium: str, day: date) -> tuple[dict[str, str], set[str]]:
    """The hashes of a Beijing day's notices that go to a medium, by id, and which of them it has acknowledged."""
    start = datetime.combine(day, time(), BEIJING)
    query = select(Notice.id, Notice.sha256, Dispatch.state).join(Dispatch, Dispatch.notice_id == Notice.id)
    rows = tx.execute(
        query.where(
            Dispatch.medium == medium,
            Notice.published_at >= start,
            Notice.published_at < start + timedelta(days=1),
        )
    ).all()
    acknowledged = {row.id for row in rows if row.state == DispatchState.ACKNOWLEDGED}
    return {row.id: row.sha256 for row in rows}, acknowledged


def to_compare(tx: Tx, *, at: datetime) -> tuple[Medium, date] | None:
    """The medium and day that were not compared for longest, when any is due."""
    today = at.astimezone(BEIJING).date()
    known = {
        (row.medium, row.day): row.compared_at + (AFTER_FAULT if row.fault else AGAIN_AFTER)
        for row in tx.scalars(select(Reconciliation).where(Reconciliation.day > today - timedelta(days=DAYS)))
    }
    for medium in _settings(tx).media:
        for back in range(DAYS):
            day = today - timedelta(days=back)
            if day >= medium.since and known.get((medium.id, day), at) <= at:
                return medium, day
    return None


def media(tx: Tx, *, actor: Actor) -> list[MediumShown]:
    """The media and how far each is, for the centre."""
    require(actor, "notice.media")
    query = select(Dispatch.medium, Dispatch.state, func.count().label("n"))
    counts = {
        (row.medium, row.state): row.n for row in tx.execute(query.group_by(Dispatch.medium, Dispatch.state))
    }
    return [
        MediumShown(
            id=one.id,
            name=one.name,
            waiting=sum(counts.get((one.id, state), 0) for state in PENDING),
            acknowledged=counts.get((one.id, DispatchState.ACKNOWLEDGED), 0),
            bad=sum(counts.get((one.id, state), 0) for state in SETTLED_BADLY),
        )
        for one in _settings(tx).media
    ]


def on_the_way(tx: Tx, *, actor: Actor, limit: int = 200) -> list[OnTheWay]:
    """What the media do not have yet, for the centre; what failed comes first."""
    require(actor, "notice.media")
    query = (
        select(Dispatch, Notice.title, Notice.published_at)
        .join(Notice, Notice.id == Dispatch.notice_id)
        .where(Dispatch.state != DispatchState.ACKNOWLEDGED)
        .order_by(Dispatch.state.in_(PENDING), Notice.published_at.desc())
    )
    return [
        OnTheWay(
            notice_id=row.Dispatch.notice_id,
            title=row.title,
            medium=row.Dispatch.medium,
            state=DispatchState(row.Dispatch.state),
            attempts=row.Dispatch.attempts,
            due_at=row.Dispatch.due_at,
            published_at=row.published_at,
            detail=row.Dispatch.detail or "",
            said=row.Dispatch.said or "",
        )
        for row in tx.execute(query.limit(limit))
    ]


def compared(tx: Tx, *, actor: Actor) -> list[Compared]:
    """The newest comparisons, for the centre."""
    require(actor, "notice.media")
    query = select(Reconciliation).order_by(Reconciliation.day.desc(), Reconciliation.medium).limit(50)
    return [
        Compared(
            medium=row.medium,
            day=row.day,
            at=row.compared_at,
            ours=row.ours,
            differences=tuple(msgspec.convert(row.differences, list[Difference])),
            fault=row.fault or "",
        )
        for row in tx.scalars(query)
    ]


def _settings(tx: Tx) -> Settings:
    settings: Settings = tx.info["settings"]
    return settings
