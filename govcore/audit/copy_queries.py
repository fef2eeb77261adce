"""What of the log lies in the second place, and what of it must be written again."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from govcore.audit.entries import ERASED
from govcore.audit.models import LogCopy, LogEvent
from govcore.audit.tiles import WIDTH
from govcore.db import Tx


@dataclass(frozen=True, slots=True)
class Copied:
    """How much of the log lies in the second place: entries, and preimages of entries."""

    size: int
    events: int


def copied(tx: Tx) -> Copied:
    """What the second place holds."""
    row = tx.execute(select(LogCopy.size, LogCopy.events)).one_or_none()
    return Copied(*row) if row else Copied(0, 0)


def bundles_erased(tx: Tx, *, since: int, below: int, copied: int) -> list[int]:
    """The bundles below `copied` with an entry whose erasure the log holds from `since` to `below`."""
    told = select(LogEvent.subject).where(
        LogEvent.type == ERASED, LogEvent.idx >= since, LogEvent.idx < below
    )
    leaves = [bytes.fromhex(leaf) for leaf in tx.scalars(told)]
    found = select(LogEvent.idx).where(LogEvent.leaf.in_(leaves), LogEvent.idx < copied)
    return sorted({idx // WIDTH for idx in tx.scalars(found)})
