"""Apply a rule of the table: one compare-and-swap, or a refusal."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from govcore.db import Tx
from govcore.errors import Detail, MoveNotAllowed
from trading.tender.models import Lot, Tender
from trading.tender.policy import LOT_RULES, LOT_WORDS, ORDER, RULES, LotMove, LotState, Move
from trading.tender.suspensions import keep_running


class OutOfOrder(MoveNotAllowed):
    """A step of a lot that was skipped to, or taken twice; names by what law it has its place."""

    text = (
        "This step is not possible now ({basis}): the lot stands at “{stands}”. "
        "Open its page again to see what can be done."
    )

    @classmethod
    def of(cls, move: LotMove, state: str) -> OutOfOrder:
        return cls(basis=ORDER[move], stands=Detail(LOT_WORDS[LotState(state)]), move=move, state=state)


def move_tender(tx: Tx, tender_id: str, move: Move) -> None:
    """Move a tender's state, or raise `MoveNotAllowed` and change nothing."""
    rule = RULES[move]
    found = tx.execute(
        update(Tender)
        .where(Tender.id == tender_id, Tender.state.in_(rule.sources))
        .values(state=rule.target)
        .returning(Tender.id)
    ).one_or_none()
    if found is None:
        raise MoveNotAllowed(move=move, state=tx.get_one(Tender, tender_id).state)


def move_lot(tx: Tx, lot_id: str, move: LotMove, *, at: datetime) -> None:
    """Move a lot's state, or raise `MoveNotAllowed` or, while it is suspended, `Suspended`, and change nothing."""
    rule = LOT_RULES[move]
    found = tx.execute(
        update(Lot)
        .where(Lot.id == lot_id, Lot.state.in_(rule.sources))
        .values(state=rule.target)
        .returning(Lot.id)
    ).one_or_none()
    if found is None:
        raise OutOfOrder.of(move, tx.get_one(Lot, lot_id).state)
    if rule.step is not None:
        keep_running(tx, lot_id, rule.step, at)
