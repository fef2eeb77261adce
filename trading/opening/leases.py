"""Who does the long work of an opening: one at a time, and somebody else soon after it died."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, update

from govcore import clock
from govcore.db import Database
from trading.opening.models import Opening

LEASE = timedelta(seconds=15)


def leased(db: Database, lot_id: str) -> bool:
    """True for the one who may work on this opening for the next 15 s; a double run would only cost time."""
    with db.transaction() as tx:
        at = clock.now(tx)
        free = or_(Opening.lease_until.is_(None), Opening.lease_until <= at)
        won = tx.execute(
            update(Opening)
            .where(Opening.lot_id == lot_id, free)
            .values(lease_until=at + LEASE)
            .returning(Opening.lot_id)
        ).one_or_none()
    return won is not None


def keep(db: Database, lot_id: str, *, at: datetime, until: timedelta) -> None:
    """Nobody works on this opening for so long: what was found will not change by looking again at once."""
    with db.transaction() as tx:
        tx.execute(update(Opening).where(Opening.lot_id == lot_id).values(lease_until=at + until))


def give_back(db: Database, lot_id: str) -> None:
    with db.transaction() as tx:
        tx.execute(update(Opening).where(Opening.lot_id == lot_id).values(lease_until=None))
