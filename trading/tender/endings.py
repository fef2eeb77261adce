"""Give a lot up before its end: the tenderer terminates it, or the supervising department cancels it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from govcore import clock
from govcore.audit.service import record
from govcore.db import Tx
from trading.tender import custodian_keys
from trading.tender.models import Lot
from trading.tender.moves import move_lot
from trading.tender.policy import LOT_RULES, LotMove

BASIS = {
    "TB": {
        LotMove.TERMINATE: "T26 · 实施条例 art. 31",
        LotMove.CANCEL: "实施条例 art. 62, 81",
    },
    "GP": {
        LotMove.TERMINATE: "G10 · 政府采购货物和服务招标投标管理办法 art. 29",
        LotMove.CANCEL: "政府采购法 art. 36, 57",
    },
}
"""By what law a lot is given up, in each regime."""


def end(
    tx: Tx, lot_id: str, move: LotMove, *, notice: str, regime: str, basis: str | None = None
) -> datetime:
    """End a lot for good, at a moment read after its lock; what `notice` says is public.

    `basis` is another law than the usual one. Sealed bids stay sealed for ever: the custodians' kept keys go now, the
    gate's as soon as it reads of it. Deposits go back by a sweep of the opening, which also reads the banks' advices.
    """
    lot = tx.scalars(select(Lot).where(Lot.id == lot_id).with_for_update()).one()
    at = clock.now(tx)
    move_lot(tx, lot_id, move, at=at)
    lot.ended_at = at
    data = {"lot": lot.code, "round": lot.round, "notice": notice, "basis": basis or BASIS[regime][move]}
    record(tx, LOT_RULES[move].event, subject=lot_id, actor="system", at=at, data=data)
    custodian_keys.destroy(tx, lot_id, lot.code, at=at)
    return at
