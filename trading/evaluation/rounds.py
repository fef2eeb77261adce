"""The rounds of an evaluation: the first begins with the first sheet, each later one keeps those before it."""

from __future__ import annotations

from datetime import datetime

from govcore.db import Tx, upsert
from trading.evaluation.criteria import criteria_sha256
from trading.evaluation.models import EvaluationRound
from trading.tender.queries import LotContext


def begin_round(tx: Tx, context: LotContext, *, number: int, at: datetime) -> None:
    """Begin a round, unless it has begun: it is scored by the criteria of its first moment and no others."""
    begun = upsert(tx, EvaluationRound).values(
        lot_id=context.lot_id,
        number=number,
        cause="",
        reason="",
        resumes="",
        began_at=at,
        criteria_sha256=criteria_sha256(context),
    )
    tx.execute(begun.on_conflict_do_nothing())
