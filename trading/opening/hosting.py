"""Where nobody can name whose fault it is, the host of the opening decides, with a reason (domain: 4.4)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import MoveNotAllowed, NotFound
from govcore.identity.policy import Actor, Role, require
from trading.opening.deposits import give_back_due
from trading.opening.hall import tell
from trading.opening.hall_queries import host_capacity
from trading.opening.models import Attribution, Opening, OpeningBid
from trading.opening.participation import EmptyWords, NotAParty
from trading.opening.policy import UNKNOWN, state_after_failure
from trading.opening.schemas import Fault
from trading.tender import queries as tenders


def decide(
    tx: Tx, lot_id: str, number: int, *, fault: Fault, reason: str, actor: Actor, at: datetime
) -> None:
    """The tenderer or its agency says once who answers for a bid that did not open; what follows follows at once.

    By the bidder's fault it counts as revoked, else as withdrawn and its deposit goes back (电子招标投标办法 art. 31).
    """
    require(actor, "opening.attribute")
    if host_capacity(tenders.published_lot(tx, lot_id), actor) not in (Role.TENDERER, Role.AGENCY):
        raise NotAParty
    opening = tx.scalar(select(Opening).where(Opening.lot_id == lot_id).with_for_update())
    bid = tx.scalar(select(OpeningBid).where(OpeningBid.lot_id == lot_id, OpeningBid.number == number))
    if opening is None or bid is None:
        raise NotFound
    if not reason.strip():
        raise EmptyWords
    decided = tx.execute(
        update(OpeningBid)
        .where(OpeningBid.bid_id == bid.bid_id, OpeningBid.fault == UNKNOWN)
        .values(fault=fault, state=state_after_failure(fault))
        .returning(OpeningBid.bid_id)
    ).one_or_none()
    if decided is None:
        raise MoveNotAllowed(move="opening.attribute", state=bid.fault or bid.state)
    tx.add(
        Attribution(
            bid_id=bid.bid_id, fault=fault, reason=reason.strip(), decided_by=actor.user_id, decided_at=at
        )
    )
    data = {"lot_id": lot_id, "number": number, "fault": fault, "reason": reason.strip()}
    record(tx, "opening.attributed", subject=bid.bid_id, actor=actor.user_id, at=at, data=data)
    tell(tx, lot_id, ("opening.attributed", data), at=at)
    tx.refresh(bid)
    give_back_due(tx, lot_id, at=at)
