"""Extend the validity of bids: the tenderer offers, each bidder answers, and who is bound no longer is out."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from govcore.audit.entries import time_text
from govcore.audit.service import record
from govcore.clock import BEIJING
from govcore.db import Tx, new_id
from govcore.errors import NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from govcore.notify.service import tell
from govcore.pdf.figures import stamp
from guarantees.policy import RefundReason
from guarantees.service import give_back
from trading.award.exclusions import note_lapse
from trading.award.queries import is_own_side
from trading.opening.deposits import judge_letter
from trading.opening.lapsing import take_out
from trading.opening.queries import payers_of
from trading.tender.models import Lot
from trading.tender.policy import LotState
from trading.validity import queries
from trading.validity.models import Answer, Lapse, Offer
from trading.validity.policy import REASON_MAX, RULE, Said, days_of, end_of_day, is_over
from trading.validity.queries import BOUND, BidBound, Bound

LEAST = "validity.answer"
"""The least time that bidders have to answer."""


class NotBound(Problem):
    code = "E_VALIDITY_STATE"
    text = "Validity is extended from the deadline to the contract, while bids are bound ({rule})."


class ValidityOver(Problem):
    code = "E_VALIDITY_OVER"
    text = "{rule}: the validity of the bids ended at {end}; it can only be extended before."


class OfferOpen(Problem):
    code = "E_VALIDITY_OFFERED"
    text = "An offer is open until {until}; the next one comes after it."


class WrongOffer(Problem):
    code = "E_VALIDITY_OFFER"
    status = 422
    text = (
        "{rule}: the new last day lies after the present one, {end}; bidders have at least {hours} hours to answer, "
        "and answer before the present validity ends; the reason has 1 to {most} characters."
    )


class NothingOffered(Problem):
    code = "E_VALIDITY_NONE"
    text = "No offer to extend the validity can be answered now."


class Answered(Problem):
    code = "E_VALIDITY_ANSWERED"
    text = "Your answer to this offer is given; it cannot be changed."


def offer(
    tx: Tx, lot_id: str, *, days: int, answer_by: datetime, reason: str, actor: Actor, at: datetime
) -> str:
    """Ask every bidder still in to be bound until `days` after the deadline; the offer's id."""
    require(actor, "validity.offer")
    found = _locked(tx, lot_id)
    context, deadline = found.context, found.context.deadline_at
    if not is_own_side(context, actor) or deadline is None:
        raise NotFound
    if at >= found.ends_at:
        raise ValidityOver(rule=RULE, end=stamp(found.ends_at))
    if (open_ := found.open_offer(at)) is not None:
        raise OfferOpen(until=stamp(open_.answer_by))
    until = end_of_day(deadline, after=days, zone=BEIJING)
    least = timedelta(seconds=context.rule_set.seconds(LEAST))
    fits = until > found.latest_end and at + least <= answer_by <= found.ends_at
    if not fits or not 0 < len(reason.strip()) <= REASON_MAX:
        hours = int(least.total_seconds() // 3600)
        raise WrongOffer(rule=RULE, end=stamp(found.latest_end), hours=hours, most=REASON_MAX)
    n = len(found.offers) + 1
    row = Offer(
        id=new_id(),
        lot_id=lot_id,
        n=n,
        until=until,
        answer_by=answer_by,
        reason=reason.strip(),
        offered_by=actor.user_id,
        offered_at=at,
    )
    tx.add(row)
    tx.flush()
    data = {"lot": context.lot_code, "n": n, "until": time_text(until), "answer_by": time_text(answer_by)}
    record(tx, "validity.offered", subject=lot_id, actor=actor.user_id, at=at, data=data)
    for bid in found.still_in:
        tell(
            tx,
            identity.users_with_role(tx, Role.BIDDER, org_id=bid.org_id),
            about=f"validity.offer/{row.id}",
            text="{lot}: the tenderer asks you to extend the validity of your bid. Answer until {until}.",
            data={"lot": context.lot_name, "until": stamp(answer_by)},
            href=f"/lots/{lot_id}/validity",
            at=at,
        )
    return row.id


def answer(
    tx: Tx, lot_id: str, *, said: Said, actor: Actor, at: datetime, letter: bytes | None = None
) -> None:
    """Accept or refuse the open offer for the own bid, once; refusing takes the bid out and frees its deposit.

    `letter` is the guarantee letter that secures the bid for the longer time.
    """
    require(actor, "validity.answer")
    found = _locked(tx, lot_id)
    mine = next((one for one in found.bids if one.org_id == actor.org_id), None)
    if mine is None:
        raise NotFound
    open_ = found.open_offer(at)
    if open_ is None or mine.lapsed_at is not None or at >= mine.ends_at:
        raise NothingOffered
    if open_.id in mine.said:
        raise Answered
    row = Answer(offer_id=open_.id, bid_id=mine.bid_id, said=said, answered_by=actor.user_id, answered_at=at)
    tx.add(row)
    tx.flush()
    data = {"lot": found.context.lot_code, "n": open_.n, "said": said.value}
    record(tx, "validity.answered", subject=mine.bid_id, actor=actor.user_id, at=at, data=data)
    if said is Said.REFUSED:
        _lapse(tx, found, mine, refused=True, by=actor.user_id, at=at)
    elif letter is not None and found.context.deadline_at is not None:
        days = days_of(found.context.deadline_at, open_.until, zone=BEIJING)
        payers = payers_of(tx, mine.bid_id)
        judge_letter(tx, found.context, payers, letter, validity_days=days, at=at)
    _tell_side(
        tx,
        found,
        about=f"validity.answer/{open_.id}/{mine.bid_id}",
        text="{lot}: {bidder} answered your offer to extend the validity.",
        data={"bidder": mine.bidder},
        at=at,
    )


def look(tx: Tx, lot_id: str, *, at: datetime) -> None:
    """Take out who let its validity end in silence, and warn the tenderer's side in time; safe to repeat."""
    found = _locked(tx, lot_id)
    for bid in found.still_in:
        if is_over(found.first_end, bid.offers, at):
            _lapse(tx, found, bid, refused=False, by=found.offers[-1].offered_by, at=at)
    found = queries.whole(tx, lot_id)
    if found.still_in and found.ends_at - queries.warning(found.context.rule_set) <= at < found.ends_at:
        _tell_side(
            tx,
            found,
            about=f"validity.ends/{lot_id}/{time_text(found.ends_at)}",
            text="{lot}: the validity of the bids ends at {end}. Extend it before, or bids stop binding.",
            data={"end": stamp(found.ends_at)},
            at=at,
        )


def _locked(tx: Tx, lot_id: str) -> Bound:
    """The lot's bids, with its row locked against a contract or another answer."""
    state = tx.scalar(select(Lot.state).where(Lot.id == lot_id).with_for_update())
    if state is None:
        raise NotFound
    found = queries.whole(tx, lot_id)
    if state not in BOUND:
        raise NotBound(rule=RULE)
    return found


def _lapse(tx: Tx, found: Bound, bid: BidBound, *, refused: bool, by: str, at: datetime) -> None:
    """The bid is out: never opened, not evaluated, or no candidate any more; its deposit goes back."""
    lot = found.context
    tx.add(Lapse(bid_id=bid.bid_id, lot_id=lot.lot_id, refused=refused, at=at))
    if lot.state in (LotState.CLOSED, LotState.OPENED):
        take_out(tx, lot.lot_id, bid.bid_id, at=at)
    else:
        note_lapse(tx, lot.lot_id, bid.bid_id, by=by, at=at)
    give_back(tx, lot.lot_id, bid.uscc, reason=RefundReason.VALIDITY_ENDED, actor="system", at=at)
    data = {"lot": lot.lot_code, "refused": refused}
    record(tx, "validity.lapsed", subject=bid.bid_id, actor="system", at=at, data=data)


def _tell_side(tx: Tx, found: Bound, *, about: str, text: str, data: dict[str, object], at: datetime) -> None:
    lot = found.context
    staff = [
        user
        for role, org in ((Role.TENDERER, lot.tenderer.id), (Role.AGENCY, lot.agency.id))
        for user in identity.users_with_role(tx, role, org_id=org)
    ]
    href = f"/lots/{lot.lot_id}/validity"
    tell(tx, staff, about=about, text=text, data={"lot": lot.lot_name, **data}, href=href, at=at)
