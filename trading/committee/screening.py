"""Members held against the bids once these were read out: only then is it known whom the bids name (domain: I8)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select

from govcore.clock import BEIJING
from govcore.db import Tx
from govcore.keys import KeyWrapper
from trading.committee import drawing_queries as queries
from trading.committee.drawing import AVOID_YEARS
from trading.committee.drawing_policy import conflict_of
from trading.committee.models import Committee
from trading.committee.policy import Ground
from trading.committee.queries import active_seats
from trading.committee.service import held, void_seat
from trading.experts import queries as experts
from trading.opening.models import Opening
from trading.tender.models import Lot
from trading.tender.policy import LotState
from trading.tender.queries import lot_context


def to_screen(tx: Tx) -> list[str]:
    """The lots that are being evaluated by members who were not held against their last read-out."""
    query = select(Committee.lot_id).join(Opening, Opening.lot_id == Committee.lot_id)
    query = query.join(Lot, Lot.id == Committee.lot_id).where(Lot.state == LotState.OPENED)
    fresh = or_(Committee.screened_for.is_(None), Committee.screened_for != Opening.read_out_at)
    return list(tx.scalars(query.where(Opening.read_out_at.is_not(None), fresh).order_by(Committee.lot_id)))


def screen(tx: Tx, wrapper: KeyWrapper, lot_id: str, *, at: datetime) -> list[int]:
    """Void the seats of members whose declared facts tie them to who bids or to a main person that a bid names.

    Their numbers; who was drawn is followed by the next ticket, who was appointed by whom two people appoint. Nothing
    but the ground is recorded: what a member declared stays in the pool. Doing it twice changes nothing.
    """
    committee, opening = held(tx, lot_id), tx.get_one(Opening, lot_id)
    if opening.read_out_at is None or committee.screened_for == opening.read_out_at:
        return []
    on = at.astimezone(BEIJING).date()
    known = {one.user_id: one for one in experts.candidates(tx, wrapper, on=on)}
    bidders, years = queries.bidders(tx, lot_id), lot_context(tx, lot_id).rule_set.count(AVOID_YEARS)
    tied = [
        seat.seat
        for seat in active_seats(tx, lot_id)
        if seat.user_id in known and conflict_of(known[seat.user_id], bidders, on=on, years=years)
    ]
    for seat in tied:
        void_seat(tx, lot_id, seat, ground=Ground.TIED, reason="", by="system", at=at)
    committee.screened_for = opening.read_out_at
    return tied
