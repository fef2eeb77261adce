"""Work on a lot's opened bids that a person orders: a worker does it beside all requests and tells how far it is.

Each slice that has such work keeps its orders in a table of its own and its result where it likes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, ForeignKey, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from govcore import clock
from govcore.db import Base, Database, Tx, UTCDateTime
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.sweeping import each

T = TypeVar("T")
Kind = TypeVar("Kind", bound="Order")

MOST_TRIES = 3
"""So many workers try; work that ends all of them is given up, and whoever ordered it may order it again."""


class Order(Base):
    """A lot's order; ordered again it begins anew.

    Until `lease_until` one worker is at it, and its sweep leaves it alone; a worker that died is followed after it.
    """

    __abstract__ = True

    lot_id: Mapped[str] = mapped_column(ForeignKey("opening_opening.lot_id"), primary_key=True)
    ordered_by: Mapped[str] = mapped_column(ForeignKey("identity_user.id"))
    ordered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    bids: Mapped[int]
    read: Mapped[int]
    tries: Mapped[int] = mapped_column(server_default="0")
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an order is: so many of the bids are read; nothing when there is no order."""

    ordered_at: datetime | None = None
    bids: int = 0
    read: int = 0
    finished_at: datetime | None = None
    given_up: bool = False

    @property
    def running(self) -> bool:
        return self.ordered_at is not None and self.finished_at is None and not self.given_up


def progress(row: Order | None, *, at: datetime) -> Progress:
    if row is None:
        return Progress()
    at_it = row.lease_until is not None and row.lease_until > at
    given_up = row.finished_at is None and row.tries >= MOST_TRIES and not at_it
    return Progress(row.ordered_at, row.bids, row.read, row.finished_at, given_up)


def order(
    tx: Tx, table: type[Kind], lot_id: str, *, bids: int, actor: Actor, at: datetime, **first: object
) -> None:
    """Order the work on so many bids, anew if it was ordered before; `first` fills a new row's other columns."""
    row = tx.get(table, lot_id, with_for_update=True)
    if row is None:
        row = table(lot_id=lot_id, **first)
        tx.add(row)
    row.ordered_by, row.ordered_at, row.bids, row.read, row.tries = actor.user_id, at, bids, 0, 0
    row.finished_at = row.lease_until = None


def carry_out_all(platform: Platform, table: type[Order], step: Callable[[Platform, str], object]) -> None:
    """One order after the other, the oldest first; one that cannot does not stop the others, and is tried again."""
    waiting = table.finished_at.is_(None), table.tries < MOST_TRIES
    with platform.db.read() as tx:
        due = list(tx.scalars(select(table.lot_id).where(*waiting).order_by(table.ordered_at)))
    each(platform, due, step)


@dataclass(frozen=True, slots=True)
class Job:
    """An order that a worker has taken; nothing it tells counts once the work was ordered anew."""

    db: Database
    table: type[Order]
    lot_id: str
    ordered_at: datetime
    lease: timedelta

    def each(self, bids: Sequence[T]) -> Iterator[T]:
        """The bids one by one; behind each is told that it was read, and the work kept for another lease."""
        for read, bid in enumerate(bids, start=1):
            yield bid
            with self.db.transaction() as tx:
                until = clock.now(tx) + self.lease
                tx.execute(update(self.table).where(*self._mine).values(read=read, lease_until=until))

    def finish(self, tx: Tx) -> datetime | None:
        """End the order in the transaction that keeps its result; nothing where that is no longer wanted."""
        mine, at = (*self._mine, self.table.finished_at.is_(None)), clock.now(tx)
        done = update(self.table).where(*mine).values(finished_at=at).returning(self.table.lot_id)
        return at if tx.execute(done).one_or_none() is not None else None

    @property
    def _mine(self) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return self.table.lot_id == self.lot_id, self.table.ordered_at == self.ordered_at


def take(db: Database, table: type[Order], lot_id: str, *, lease: timedelta) -> Job | None:
    """Take an order for a while; nothing when another has it or there is none to carry out."""
    with db.transaction() as tx:
        now = clock.now(tx)
        free = or_(table.lease_until.is_(None), table.lease_until <= now)
        waiting = table.lot_id == lot_id, table.finished_at.is_(None), table.tries < MOST_TRIES
        taken = (
            update(table).where(*waiting, free).values(lease_until=now + lease, read=0, tries=table.tries + 1)
        )
        ordered_at = tx.execute(taken.returning(table.ordered_at)).scalar_one_or_none()
    return Job(db, table, lot_id, ordered_at, lease) if ordered_at is not None else None
