"""The rounds of an evaluation: the first begins with the committee, each later one keeps those before it."""

from __future__ import annotations

from datetime import datetime

from govcore.db import Tx
from trading.evaluation.criteria import criteria_sha256
from trading.evaluation.models import EvaluationRound
from trading.tender.queries import LotContext


def begin_round(tx: Tx, context: LotContext, *, number: int, at: datetime) -> None:
    """Begin a round, which is scored by the criteria of this moment and no others."""
    tx.add(
        EvaluationRound(
            lot_id=context.lot_id, number=number, began_at=at, criteria_sha256=criteria_sha256(context)
        )
    )
    tx.flush()
