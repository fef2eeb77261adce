"""Apply a rule of the opening's table: one compare-and-swap, or a refusal."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from govcore.db import Tx
from govcore.errors import MoveNotAllowed
from trading.opening.models import Opening
from trading.opening.policy import RULES, OpeningMove
from trading.tender.policy import Step
from trading.tender.suspensions import keep_running


def move_opening(tx: Tx, opening: Opening, move: OpeningMove, *, at: datetime) -> None:
    """Move an opening's state, or raise `MoveNotAllowed` or `Suspended` and change nothing."""
    rule = RULES[move]
    found = tx.execute(
        update(Opening)
        .where(Opening.lot_id == opening.lot_id, Opening.state == rule.source)
        .values(state=rule.target)
        .returning(Opening.lot_id)
    ).one_or_none()
    if found is None:
        raise MoveNotAllowed(move=move, state=opening.state)
    if rule.waits:
        keep_running(tx, opening.lot_id, Step.OPENING, at)
