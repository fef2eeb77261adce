"""Reads of validity: for the tenderer's side every bid's, for a bidder its own; for everybody else nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from govcore.clock import BEIJING
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.models import Organisation
from govcore.identity.policy import Actor, Role
from guarantees.queries import letters_in_force
from trading.award.queries import is_own_side, outs_of
from trading.opening import consortia
from trading.opening.models import OpeningBid
from trading.opening.policy import BidState
from trading.procedure.policy import RuleSet
from trading.procedure.rules import rule_set
from trading.tender.models import Lot, Tender
from trading.tender.policy import LotState
from trading.tender.queries import LotContext, lot_context
from trading.validity.models import Answer, Lapse, Offer
from trading.validity.policy import Offered, Said, end_of_day, ends_at

BOUND = frozenset(
    {LotState.CLOSED, LotState.OPENED, LotState.EVALUATED, LotState.PUBLICITY, LotState.AWARDED}
)
"""The states of a lot in which its bids bind their bidders: from the closing on, when who bid is public."""

BINDING = (BidState.SEALED, BidState.OPENED)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferShown:
    id: str
    n: int
    until: datetime
    answer_by: datetime
    reason: str
    offered_by: str
    offered_at: datetime

    @property
    def last_day(self) -> date:
        return (self.until - timedelta(seconds=1)).astimezone(BEIJING).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class BidBound:
    """One bid, sealed or opened: until when it binds, what its bidder said, and until when its letter secures it."""

    bid_id: str
    number: int
    org_id: str
    bidder: str
    uscc: str
    ends_at: datetime
    said: Mapping[str, Said]
    offers: tuple[Offered, ...]
    letter_until: date | None
    lapsed_at: datetime | None

    @property
    def letter_short(self) -> int:
        """By how many days the letter ends before the bid does; 0 without a letter."""
        last = (self.ends_at - timedelta(seconds=1)).astimezone(BEIJING).date()
        return max(0, (last - self.letter_until).days) if self.letter_until else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """The validity of a lot's bids as one reader sees it: all of them, or only the reader's own."""

    context: LotContext
    first_end: datetime
    offers: tuple[OfferShown, ...]
    bids: tuple[BidBound, ...]
    own_side: bool

    @property
    def still_in(self) -> list[BidBound]:
        return [one for one in self.bids if one.lapsed_at is None]

    @property
    def ends_at(self) -> datetime:
        """When the first of the bids still in stops binding."""
        return min((one.ends_at for one in self.still_in), default=self.first_end)

    @property
    def latest_end(self) -> datetime:
        return max((one.ends_at for one in self.still_in), default=self.first_end)

    def open_offer(self, at: datetime) -> OfferShown | None:
        """The offer that can be answered now."""
        return self.offers[-1] if self.offers and at < self.offers[-1].answer_by else None


def bound(tx: Tx, lot_id: str, *, actor: Actor) -> Bound:
    """The validity of a closed lot, for its tenderer's side and its bidders; `NotFound` for everybody else."""
    found = whole(tx, lot_id)
    if is_own_side(found.context, actor):
        return found
    own = tuple(one for one in found.bids if Role.BIDDER in actor.roles and one.org_id == actor.org_id)
    if not own:
        raise NotFound
    return Bound(
        context=found.context, first_end=found.first_end, offers=found.offers, bids=own, own_side=False
    )


def whole(tx: Tx, lot_id: str) -> Bound:
    """The same for services and sweeps; `NotFound` without a deadline, and for applications, which bind nobody."""
    context = lot_context(tx, lot_id)
    if context.deadline_at is None or context.content.prequalifies:
        raise NotFound
    first = end_of_day(context.deadline_at, after=context.content.validity_days, zone=BEIJING)
    offers = list(tx.scalars(select(Offer).where(Offer.lot_id == lot_id).order_by(Offer.n)))
    return Bound(
        context=context,
        first_end=first,
        offers=tuple(_shown(one) for one in offers),
        bids=tuple(_bids(tx, lot_id, offers, first)),
        own_side=True,
    )


def _bids(tx: Tx, lot_id: str, offers: list[Offer], first: datetime) -> list[BidBound]:
    said: dict[str, dict[str, Said]] = {}
    for row in tx.scalars(select(Answer).where(Answer.offer_id.in_([one.id for one in offers]))):
        said.setdefault(row.bid_id, {})[row.offer_id] = Said(row.said)
    lapsed = {row.bid_id: row.at for row in tx.scalars(select(Lapse).where(Lapse.lot_id == lot_id))}
    letters, outs = letters_in_force(tx, lot_id), outs_of(tx, lot_id)
    query = select(OpeningBid, Organisation).join(Organisation, Organisation.id == OpeningBid.org_id)
    rows = tx.execute(query.where(OpeningBid.lot_id == lot_id).order_by(OpeningBid.number)).all()
    found = []
    for bid, organisation in rows:
        gone = bid.state not in BINDING or bid.bid_id in outs
        if gone and bid.bid_id not in lapsed:
            continue
        own = said.get(bid.bid_id, {})
        asked = tuple(Offered(one.until, one.answer_by, own.get(one.id)) for one in offers)
        found.append(
            BidBound(
                bid_id=bid.bid_id,
                number=bid.number,
                org_id=bid.org_id,
                bidder=consortia.name_of(bid, organisation.name),
                uscc=organisation.uscc,
                ends_at=ends_at(first, asked),
                said=own,
                offers=asked,
                letter_until=letters.get(organisation.uscc),
                lapsed_at=lapsed.get(bid.bid_id),
            )
        )
    return found


def _shown(row: Offer) -> OfferShown:
    return OfferShown(
        id=row.id,
        n=row.n,
        until=row.until,
        answer_by=row.answer_by,
        reason=row.reason,
        offered_by=row.offered_by,
        offered_at=row.offered_at,
    )


def to_watch(tx: Tx, *, at: datetime, among: Collection[str] | None = None) -> list[str]:
    """The lots whose bids stop binding soon, or were offered to bind longer; all, or those `among` these."""
    days, applies = (Tender.content[name] for name in ("validity_days", "prequalifies"))
    columns = (Lot.id, Lot.deadline_at, Tender.rule_set, days.as_integer(), applies.as_boolean())
    query = select(*columns).join(Tender, Tender.id == Lot.tender_id)
    query = query.where(Lot.state.in_(BOUND), Lot.deadline_at.is_not(None)).order_by(Lot.deadline_at, Lot.id)
    if among is not None:
        query = query.where(Lot.id.in_(among))
    offered = set(tx.scalars(select(Offer.lot_id)))
    return [
        lot_id
        for lot_id, deadline, rules, days, applies in tx.execute(query)
        if lot_id in offered
        or (not applies and at >= end_of_day(deadline, after=days, zone=BEIJING) - warning(rule_set(rules)))
    ]


def warning(rules: RuleSet) -> timedelta:
    """How long before the end of validity the tenderer's side is warned."""
    return timedelta(seconds=rules.seconds("validity.warn"))


def own_lots(tx: Tx, lot_ids: Collection[str], *, actor: Actor) -> list[str]:
    """Those of the lots in which a bid of the actor's organisation is sealed or opened and binds it."""
    own = OpeningBid.org_id == actor.org_id, OpeningBid.state.in_(BINDING)
    return list(tx.scalars(select(OpeningBid.lot_id).where(*own, OpeningBid.lot_id.in_(lot_ids))))
