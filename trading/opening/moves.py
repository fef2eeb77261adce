"""Apply a rule of the opening's table: one compare-and-swap, or a refusal."""

from __future__ import annotations

from sqlalchemy import update

from govcore.db import Tx
from govcore.errors import MoveNotAllowed
from trading.opening.models import Opening
from trading.opening.policy import RULES, OpeningMove


def move_opening(tx: Tx, opening: Opening, move: OpeningMove) -> None:
    """Move an opening's state, or raise `MoveNotAllowed` and change nothing."""
    rule = RULES[move]
    found = tx.execute(
        update(Opening)
        .where(Opening.lot_id == opening.lot_id, Opening.state == rule.source)
        .values(state=rule.target)
        .returning(Opening.lot_id)
    ).one_or_none()
    if found is None:
        raise MoveNotAllowed(move=move, state=opening.state)
