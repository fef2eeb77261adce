"""Which causes let a lot end without a winner, by its facts."""

from __future__ import annotations

from govcore.db import Tx
from trading.award import queries
from trading.award.policy import FAILURES, Failure
from trading.evaluation.queries import outcomes
from trading.review.documents import least_valid
from trading.review.queries import too_few_valid
from trading.tender.policy import LOT_RULES, LotMove, LotState
from trading.tender.queries import LotContext


def holds(tx: Tx, context: LotContext, cause: Failure) -> bool:
    """Whether the facts let this cause end this lot; what no fact can show is for two people to answer for."""
    if cause not in FAILURES[context.rule_set.regime]:
        return False
    if cause is Failure.CANDIDATE_OUT:
        return (
            any(one.out for one in queries.ranked_of(tx, context.lot_id))
            and queries.present_award(tx, context.lot_id) is None
        )
    ranked = sum(1 for one in outcomes(tx, context.lot_id) if one.rank is not None)
    evaluated = context.state != LotState.OPENED
    if cause is Failure.ALL_REJECTED:
        return evaluated and not ranked
    if cause is Failure.TOO_FEW:
        return ranked < least_valid(context) if evaluated else too_few_valid(tx, context)
    return queries.present_award(tx, context.lot_id) is None


def causes_that_hold(tx: Tx, context: LotContext) -> list[Failure]:
    """The causes that a page offers."""
    if context.state not in LOT_RULES[LotMove.END].sources:
        return []
    return [cause for cause in FAILURES[context.rule_set.regime] if holds(tx, context, cause)]
