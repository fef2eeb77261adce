"""What a bidder is asked for of its own keys: its share of the present stage, or the keys when custodians fail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from trading.opening import queries
from trading.opening.hall_bids import HallBid
from trading.opening.models import Opening, OpeningBid
from trading.opening.policy import OpeningState, OwnKeyStep, recovery_step, share_step
from trading.opening.queries import Hall
from trading.tender.queries import LotContext


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKeys:
    """Both acts in one lot, for one bid; without a bid before the closing, when nobody may know who has one."""

    lot: LotContext
    opens: str
    bid: HallBid | None
    share: OwnKeyStep
    share_until: datetime | None
    recovery: OwnKeyStep
    recovery_from: datetime | None

    def step(self, act: str) -> OwnKeyStep:
        """Of the act `share` or `recovery`."""
        return self.share if act == "share" else self.recovery

    @property
    def labels(self) -> list[str]:
        """What the tender calls the parts that open at the present stage."""
        return [part.label for part in self.lot.content.parts if part.opens == self.opens]


def own_keys(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> OwnKeys:
    """What the actor's bid is asked for; after the closing `NotFound` for everybody without a bid."""
    hall = queries.hall(tx, lot_id)
    bid = own_line(hall, actor)
    if hall.bids_root is not None and bid is None:
        raise NotFound
    return asked_of(hall, bid, at=at)


def shares_due(tx: Tx, *, actor: Actor, at: datetime) -> list[tuple[str, datetime]]:
    """The lots that wait for the share of the actor's organisation now, and until when; the most urgent first."""
    if not actor.may("opening.give_share"):
        return []
    query = (
        select(Opening.lot_id)
        .join(OpeningBid, OpeningBid.lot_id == Opening.lot_id)
        .where(
            OpeningBid.org_id == actor.org_id,
            Opening.state == OpeningState.SEALED,
            Opening.bidder_until.is_not(None),
        )
    )
    asked = [own_keys(tx, lot_id, actor=actor, at=at) for lot_id in tx.scalars(query)]
    due = [
        (one.lot.lot_id, one.share_until) for one in asked if one.share == OwnKeyStep.DUE and one.share_until
    ]
    return sorted(due, key=lambda one: one[1])


def own_line(hall: Hall, actor: Actor) -> HallBid | None:
    """The actor's own line of the hall."""
    return next((one for one in hall.bids if one.uscc == actor.uscc), None) if actor.uscc else None


def asked_of(hall: Hall, bid: HallBid | None, *, at: datetime) -> OwnKeys:
    """What is asked of one line of the hall now; nothing of a bid that does not get into the present stage."""
    sealed = hall.state == OpeningState.SEALED and (bid is None or bid.in_stage)
    return OwnKeys(
        lot=hall.lot,
        opens=hall.opens,
        bid=bid,
        share=share_step(
            asked=hall.lot.content.bidder_share,
            sealed=sealed,
            until=hall.bidder_until,
            given=bid is not None and bid.share_given,
            now=at,
        ),
        share_until=hall.bidder_until,
        recovery=recovery_step(
            sealed=sealed,
            release_until=hall.release_until,
            given=bid is not None and bid.recovered,
            now=at,
        ),
        recovery_from=hall.release_until,
    )
