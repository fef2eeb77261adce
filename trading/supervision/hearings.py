"""Until when those who are recorded may answer, where a new holiday notice moves it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from sqlalchemy import select, update

from govcore.calendar import Calendar
from govcore.calendar.dues import MovedDue
from govcore.db import Tx
from trading.procedure.deadlines import Limit
from trading.procedure.stored import from_plain, plain, reckon_again
from trading.supervision.models import MisconductRecord

_TEXT_NAMES = {"hearing": "Statement on a record of misconduct"}


def recount(tx: Tx, calendar: Calendar, at: datetime) -> Iterator[MovedDue]:
    """The hearings that are open and unanswered, and end at another moment by this calendar."""
    row = MisconductRecord
    query = select(row.id, row.reply_until, row.reckoning).where(
        row.statement.is_(None), row.reply_until > at, row.reckoning.is_not(None)
    )
    for record_id, until, reckoning in tx.execute(query.order_by(row.id)):
        limit = reckon_again(from_plain(reckoning), calendar=calendar)
        if limit.at != until:
            yield MovedDue(
                text=_TEXT_NAMES["hearing"],
                label="",
                subject=record_id,
                before=until,
                after=limit.at,
                move=partial(_move, tx, record_id, limit),
            )


def _move(tx: Tx, record_id: str, limit: Limit) -> None:
    unanswered = (MisconductRecord.id == record_id, MisconductRecord.statement.is_(None))
    values = {"reply_until": limit.at, "reckoning": plain(limit)}
    tx.execute(update(MisconductRecord).where(*unanswered).values(values))
