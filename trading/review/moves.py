"""Apply a rule of the review's tables: one compare-and-swap, or a refusal."""

from __future__ import annotations

from sqlalchemy import update

from govcore.db import Tx
from govcore.errors import MoveNotAllowed
from trading.review.models import Gate, Request
from trading.review.policy import GATE_RULES, REQUEST_RULES, GateMove, RequestMove


def move_gate(tx: Tx, row: Gate, move: GateMove) -> None:
    """Move a gate's state, or raise `MoveNotAllowed` and change nothing."""
    rule = GATE_RULES[move]
    mine = update(Gate).where(Gate.lot_id == row.lot_id, Gate.node == row.node)
    moved = mine.where(Gate.state.in_(rule.sources)).values(state=rule.target).returning(Gate.node)
    if tx.execute(moved).one_or_none() is None:
        raise MoveNotAllowed(move=move, state=row.state)
    tx.refresh(row, ["state"])


def move_request(tx: Tx, row: Request, move: RequestMove) -> None:
    """Move a request's state, or raise `MoveNotAllowed` and change nothing."""
    rule = REQUEST_RULES[move]
    mine = update(Request).where(Request.id == row.id, Request.state.in_(rule.sources))
    if tx.execute(mine.values(state=rule.target).returning(Request.id)).one_or_none() is None:
        raise MoveNotAllowed(move=move, state=row.state)
    tx.refresh(row, ["state"])
