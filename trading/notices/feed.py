"""The feed of public changes: noted in the transaction that makes them, numbered after it by one integrator.

No reader can pass an item by: whatever is numbered was committed before, numbers are given in one transaction at a
time, and the next one begins after the last is seen by everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, func, insert, select

from govcore.db import Tx
from trading.notices.models import FeedItem, FeedWaiting

Subject = Literal["notice", "tender", "lot"]

BATCH = 1000
"""So many changes are numbered in one transaction."""

_LOCK = 0x6E6F7469  # "noti"


def note(tx: Tx, subject: Subject, subject_id: str, *, tender_id: str, change: str) -> None:
    """Owe the feed a change of something published; never call it for a draft, nor for a bid."""
    row = {"subject": subject, "subject_id": subject_id, "tender_id": tender_id, "change": change}
    tx.execute(insert(FeedWaiting).inline(), row)


def number(tx: Tx, *, at: datetime, limit: int = BATCH) -> int:
    """Give the changes that wait their numbers, oldest first; how many got one."""
    if tx.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        tx.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    oldest = select(FeedWaiting.id).order_by(FeedWaiting.id).limit(limit)
    taken = tx.scalars(delete(FeedWaiting).where(FeedWaiting.id.in_(oldest)).returning(FeedWaiting)).all()
    if not taken:
        return 0
    last = tx.scalar(select(func.max(FeedItem.seq))) or 0
    rows = [
        {
            "seq": seq,
            "subject": one.subject,
            "subject_id": one.subject_id,
            "tender_id": one.tender_id,
            "change": one.change,
            "numbered_at": at,
        }
        for seq, one in enumerate(sorted(taken, key=lambda one: one.id), last + 1)
    ]
    tx.execute(insert(FeedItem), rows)
    return len(rows)


def forwards(tx: Tx, *, after: int, limit: int) -> Sequence[FeedItem]:
    """The items after a number, oldest first."""
    query = select(FeedItem).where(FeedItem.seq > after).order_by(FeedItem.seq).limit(limit)
    return tx.scalars(query).all()


def backwards(tx: Tx, *, before: int | None, limit: int) -> Sequence[FeedItem]:
    """The items before a number, or all, newest first."""
    query = select(FeedItem).order_by(FeedItem.seq.desc()).limit(limit)
    return tx.scalars(query if before is None else query.where(FeedItem.seq < before)).all()
