"""Note what a committee reads, complete an evaluation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor, require
from trading.committee.service import keep_in_session
from trading.evaluation.models import EvaluationRound, Outcome
from trading.evaluation.points import Result
from trading.evaluation.sheet_queries import my_sheet
from trading.tender.moves import move_lot
from trading.tender.policy import LOT_RULES, LotMove


def complete(
    tx: Tx,
    lot_id: str,
    *,
    number: int,
    result: Result,
    report_key: str,
    report_sha256: str,
    at: datetime,
) -> bool:
    """Record the result of an evaluation whose sheets are all locked; false when another was first."""
    claimed = tx.execute(
        update(EvaluationRound)
        .where(
            EvaluationRound.lot_id == lot_id,
            EvaluationRound.number == number,
            EvaluationRound.completed_at.is_(None),
        )
        .values(
            completed_at=at,
            report_key=report_key,
            report_sha256=report_sha256,
            benchmark=None if result.benchmark_fen is None else str(result.benchmark_fen / 100),
        )
        .returning(EvaluationRound.lot_id)
    ).one_or_none()
    if claimed is None:
        return False
    move_lot(tx, lot_id, LotMove.EVALUATE, at=at)
    outcomes = _outcomes(lot_id, number, result)
    tx.add_all(outcomes)
    ranking = [{"bid": o.bid_id, "rank": o.rank, "total": o.total, "invalid": o.invalid} for o in outcomes]
    data = {"report_sha256": report_sha256, "ranking": ranking}
    record(tx, LOT_RULES[LotMove.EVALUATE].event, subject=lot_id, actor="system", at=at, data=data)
    return True


def _outcomes(lot_id: str, number: int, result: Result) -> list[Outcome]:
    return [
        Outcome(
            lot_id=lot_id,
            number=number,
            bid_id=standing.bid_id,
            position=position,
            price_fen=standing.price_fen,
            rank=standing.rank,
            total=None if standing.total is None else int(standing.total * 100),
            parts={part.criterion_id: int(part.points * 100) for part in standing.parts},
            invalid=standing.invalid,
        )
        for position, standing in enumerate(result.standings, start=1)
    ]


def note_reading(tx: Tx, lot_id: str, *, bid_id: str, part: str, actor: Actor, at: datetime) -> None:
    """Log that a member, in session, reads a part of an opened bid; `NotFound` for every other bid."""
    require(actor, "evaluation.score")
    keep_in_session(tx, lot_id, actor=actor, at=at)
    if bid_id not in {bid.bid_id for bid in my_sheet(tx, lot_id, actor=actor).bids}:
        raise NotFound
    data = {"lot_id": lot_id, "part": part}
    record(tx, "evaluation.document_read", subject=bid_id, actor=actor.user_id, at=at, data=data)
