"""Complete an evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from govcore.audit.service import record
from govcore.db import Tx
from govcore.identity.policy import Actor, require
from trading.evaluation.bundle_queries import StoredBundle, for_audit
from trading.evaluation.computing import Ready, outcomes_of, ranking_of
from trading.evaluation.models import EvaluationRound
from trading.evaluation.queries import outcome_rows
from trading.tender.moves import move_lot
from trading.tender.policy import LOT_RULES, LotMove, LotState


@dataclass(frozen=True, slots=True)
class Stored:
    """A paper that lies in the store under its key."""

    key: str
    sha256: str


def complete(
    tx: Tx, found: Ready, *, report: Stored, documents: Mapping[str, str], bundle_sha256: str, at: datetime
) -> bool:
    """Record the result of a round; false when another was first. `documents` are the hashes of its files.

    A ranking that changed asks for a new publicity; with the same one the publicity that had begun goes on.
    """
    lot_id, number = found.context.lot_id, found.round.number
    claimed = tx.execute(
        update(EvaluationRound)
        .where(
            EvaluationRound.lot_id == lot_id,
            EvaluationRound.number == number,
            EvaluationRound.completed_at.is_(None),
        )
        .values(
            completed_at=at,
            report_key=report.key,
            report_sha256=report.sha256,
            benchmark=found.result.benchmark,
            documents=dict(documents),
            bundle_sha256=bundle_sha256,
        )
        .returning(EvaluationRound.lot_id)
    ).one_or_none()
    if claimed is None:
        return False
    outcomes = outcomes_of(found)
    changed = number == 1 or ranking_of(outcomes) != ranking_of(outcome_rows(tx, lot_id, number - 1))
    goes_on = not changed and found.round.resumes == LotState.PUBLICITY
    move_lot(tx, lot_id, LotMove.CONFIRM_RESULT if goes_on else LotMove.EVALUATE, at=at)
    tx.add_all(outcomes)
    ranking = [{"bid": o.bid_id, "rank": o.rank, "total": o.total, "invalid": o.invalid} for o in outcomes]
    data = {
        "number": number,
        "changed": changed,
        "report_sha256": report.sha256,
        "documents": dict(documents),
        "bundle_sha256": bundle_sha256,
        "ranking": ranking,
    }
    record(tx, LOT_RULES[LotMove.EVALUATE].event, subject=lot_id, actor="system", at=at, data=data)
    return True


def publish(tx: Tx, lot_id: str, number: int, *, sha256: str, at: datetime) -> bool:
    """Log in clear which file is the public form of a published result; false when another was first."""
    claimed = tx.execute(
        update(EvaluationRound)
        .where(
            EvaluationRound.lot_id == lot_id,
            EvaluationRound.number == number,
            EvaluationRound.published_at.is_(None),
        )
        .values(published_at=at, published_sha256=sha256)
        .returning(EvaluationRound.number)
    ).one_or_none()
    if claimed is None:
        return False
    data = {"evaluation": number, "bundle_sha256": sha256}
    record(tx, "evaluation.published", subject=lot_id, actor="system", at=at, data=data)
    return True


def take_bundle(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> StoredBundle:
    """Hand an auditor the full form of a public result; that it was taken stands in the log."""
    require(actor, "evaluation.audit")
    found = for_audit(tx, lot_id, actor=actor)
    data = {"evaluation": found.number, "bundle_sha256": found.sha256}
    record(tx, "evaluation.bundle_taken", subject=lot_id, actor=actor.user_id, at=at, data=data)
    return found
