"""What every part of an evaluation asks about a lot: who sits, which round."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from govcore.db import Tx
from trading.committee import queries as committees
from trading.evaluation.models import EvaluationRound


def seats(tx: Tx, lot_id: str, *, then: datetime | None = None) -> dict[str, int]:
    """The numbers of the seats that count, by their members, in their order: now, or those that counted then."""
    every = committees.seats(tx, lot_id)
    return {seat.user_id: seat.seat for seat in every if not seat.void or (then and seat.counted(then))}


def present_number(tx: Tx, lot_id: str) -> int:
    """Which evaluation of the lot goes on, or was the last: the first is 1."""
    return tx.scalar(select(func.max(EvaluationRound.number)).where(EvaluationRound.lot_id == lot_id)) or 1


def present_round(tx: Tx, lot_id: str) -> EvaluationRound | None:
    """The round that goes on, or was the last; nothing before the first."""
    return tx.get(EvaluationRound, (lot_id, present_number(tx, lot_id)))


def followed_at(tx: Tx, row: EvaluationRound) -> datetime | None:
    """When the lot's next evaluation began, if it was evaluated again."""
    return tx.scalar(select(EvaluationRound.began_at).filter_by(lot_id=row.lot_id, number=row.number + 1))
