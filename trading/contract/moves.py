"""Apply a rule of the contract's table: one compare-and-swap, or a refusal."""

from __future__ import annotations

from sqlalchemy import update

from govcore.db import Tx
from govcore.errors import MoveNotAllowed
from trading.contract.models import Contract
from trading.contract.policy import RULES, ContractMove


def move_contract(tx: Tx, row: Contract, move: ContractMove) -> None:
    """Move a contract's state, or raise `MoveNotAllowed` and change nothing."""
    rule = RULES[move]
    moved = update(Contract).where(Contract.id == row.id, Contract.state.in_(rule.sources))
    if tx.execute(moved.values(state=rule.target).returning(Contract.id)).one_or_none() is None:
        raise MoveNotAllowed(move=move, state=row.state)
    tx.refresh(row, ["state"])
