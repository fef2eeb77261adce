"""The validity of bids: JSON."""

from __future__ import annotations

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from trading.validity import queries, service
from trading.validity.schemas import BidView, BoundView, NewAnswer, NewOffer, OfferMade, OfferView


@get("/api/lots/{lot_id:str}/validity", permission="validity.read", sync_to_thread=True)
def show(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> BoundView:
    """Until when bids bind: all for the tenderer's side, the own one for a bidder."""
    with platform.db.read() as tx:
        found = queries.bound(tx, lot_id, actor=actor)
    return BoundView(
        lot_id=lot_id,
        ends_at=found.ends_at,
        offers=[msgspec.convert(one, OfferView, from_attributes=True) for one in found.offers],
        bids=[msgspec.convert(one, BidView, from_attributes=True) for one in found.bids],
    )


@post(
    "/api/lots/{lot_id:str}/validity/offers",
    permission="validity.offer",
    fresh=True,
    sync_to_thread=True,
    status_code=201,
)
def offer(
    lot_id: FromPath[str],
    data: JSONBody[NewOffer],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> OfferMade:
    """Ask all bidders still in to be bound longer."""
    with platform.db.transaction() as tx:
        offer_id = service.offer(
            tx,
            lot_id,
            days=data.days,
            answer_by=data.answer_by,
            reason=data.reason,
            actor=actor,
            at=clock.now(tx),
        )
    return OfferMade(offer_id)


@post(
    "/api/lots/{lot_id:str}/validity/answer",
    permission="validity.answer",
    fresh=True,
    sync_to_thread=True,
    status_code=204,
)
def answer(
    lot_id: FromPath[str],
    data: JSONBody[NewAnswer],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Accept or refuse the open offer for the own bid."""
    letter = data.letter.encode() if data.letter is not None else None
    with platform.db.transaction() as tx:
        service.answer(tx, lot_id, said=data.said, letter=letter, actor=actor, at=clock.now(tx))


ROUTES = [show, offer, answer]
