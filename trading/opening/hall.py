"""The hall's history: every fact of an opening, numbered without gaps in the transaction that made it true."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import insert

from govcore.audit.service import record
from govcore.db import Tx, upsert
from trading.opening.models import Hall, HallEvent

Fact = tuple[str, Mapping[str, object]]
"""The name of an event, and what everybody may see of it."""


def announce(
    tx: Tx,
    event: str,
    *,
    lot_id: str,
    at: datetime,
    data: Mapping[str, object],
    subject: str | None = None,
) -> None:
    """Log what the system did where everybody may see it whole, and tell it in the hall."""
    record(tx, event, subject=subject or lot_id, actor="system", at=at, data=data)
    tell(tx, lot_id, (event, data), at=at)


def tell(tx: Tx, lot_id: str, *facts: Fact, at: datetime) -> None:
    """Add facts to the hall's history.

    The numbers' row stays locked until the caller commits, so nobody can see a number before all lower ones.
    """
    last = _take_numbers(tx, lot_id, len(facts))
    first = last - len(facts) + 1
    rows = [
        {"lot_id": lot_id, "seq": seq, "at": at, "kind": kind, "data": dict(data)}
        for seq, (kind, data) in enumerate(facts, first)
    ]
    tx.execute(insert(HallEvent), rows)


def _take_numbers(tx: Tx, lot_id: str, count: int) -> int:
    statement = upsert(tx, Hall).values(lot_id=lot_id, last_seq=count)
    grown = statement.on_conflict_do_update(
        index_elements=[Hall.lot_id], set_={"last_seq": Hall.last_seq + count}
    )
    return tx.execute(grown.returning(Hall.last_seq)).scalar_one()
