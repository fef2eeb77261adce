"""Apply a rule of the table: one compare-and-swap, or a refusal."""

from __future__ import annotations

from sqlalchemy import update

from govcore.db import Tx
from govcore.errors import MoveNotAllowed
from trading.challenge.models import Case
from trading.challenge.policy import RULES, Move


def move_case(tx: Tx, case_id: str, move: Move, **values: object) -> None:
    """Move a case's state and set what goes with it, or raise `MoveNotAllowed` and change nothing."""
    rule = RULES[move]
    found = tx.execute(
        update(Case)
        .where(Case.id == case_id, Case.state.in_(rule.sources))
        .values(state=rule.target, **values)
        .returning(Case.id)
    ).one_or_none()
    if found is None:
        raise MoveNotAllowed(move=move, state=tx.get_one(Case, case_id, populate_existing=True).state)
