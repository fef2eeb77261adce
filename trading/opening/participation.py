"""What people do in the hall: sign in, object to the opening and answer it on the spot, confirm the read-out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update

from govcore.audit.service import record
from govcore.db import Tx, new_id, upsert
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.identity.policy import Actor, Role, require
from trading.opening import drawing
from trading.opening.hall import tell
from trading.opening.hall_queries import host_capacity
from trading.opening.models import Attendance, Confirmation, HallObjection, Opening, OpeningBid
from trading.opening.pausing import confirm_until
from trading.opening.policy import SIGN_IN_BEFORE, UNKNOWN, OpeningState, record_is_due
from trading.opening.stages import covered_bids
from trading.tender import queries as tenders

BIDDER = "bidder"
_OVER = (OpeningState.FAILED, OpeningState.RECORDED)


class NotAParty(Problem):
    code = "E_NOT_A_PARTY"
    status = 403
    text = "You take no part in this opening; everybody may watch it."


class SignInNotOpen(Problem):
    code = "E_SIGN_IN_NOT_OPEN"
    text = "Bidders sign in after the deadline, the hosts of the opening from an hour before it."


class TooLateToSay(Problem):
    code = "E_HALL_OVER"
    text = "The time to object to this opening and to confirm the read-out is over."


class EmptyWords(Problem):
    code = "E_EMPTY"
    status = 422
    text = "Write at least one sentence."


def sign_in(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> None:
    """Sign in for the actor's organisation; again changes nothing.

    Before the closing a bidder is refused in the same words whether or not it has bid.
    """
    require(actor, "opening.attend")
    lot = tenders.published_lot(tx, lot_id)
    opening = tx.get(Opening, lot_id)
    if opening is not None and opening.state in _OVER:
        raise MoveNotAllowed(move="opening.attend", state=opening.state)
    capacity = host_capacity(lot, actor)
    if capacity is None and opening is not None and _bid_of(tx, lot_id, actor) is not None:
        capacity = BIDDER
    elif capacity is None:
        raise SignInNotOpen if opening is None else NotAParty
    elif opening is None and (lot.opening_at is None or at < lot.opening_at - SIGN_IN_BEFORE):
        raise SignInNotOpen
    row = {"lot_id": lot_id, "org_id": actor.org_id, "user_id": actor.user_id, "capacity": capacity, "at": at}
    new = upsert(tx, Attendance).values(**row).on_conflict_do_nothing().returning(Attendance.org_id)
    if tx.execute(new).one_or_none() is None:
        return
    data = {"lot_id": lot_id, "capacity": capacity, "organisation": actor.org_name}
    record(tx, "opening.attended", subject=lot_id, actor=actor.user_id, at=at, data=data)
    tell(tx, lot_id, ("opening.attended", data), at=at)
    if capacity == BIDDER and actor.org_id is not None:
        drawing.let_join(tx, lot_id, actor.org_id, at=at)


def object_to_opening(tx: Tx, lot_id: str, *, text: str, actor: Actor, at: datetime) -> HallObjection:
    """A bidder of this opening objects to it, from the closing until the window after the read-out ends.

    招标投标法实施条例 art. 44: on the spot, and answered on the spot.
    """
    require(actor, "opening.object")
    opening, bid = _my_opening(tx, lot_id, actor)
    if opening.state in _OVER or _window_is_over(tx, opening, at=at):
        raise TooLateToSay
    objection = HallObjection(
        id=new_id(),
        lot_id=lot_id,
        opens=opening.opens,
        org_id=bid.org_id,
        raised_by=actor.user_id,
        raised_at=at,
        text=_words(text),
    )
    tx.add(objection)
    data = {"lot_id": lot_id, "objection": objection.id, "bidder": actor.org_name, "text": objection.text}
    record(tx, "opening.objection_raised", subject=objection.id, actor=actor.user_id, at=at, data=data)
    tell(tx, lot_id, ("opening.objection_raised", data), at=at)
    return objection


def reply(tx: Tx, objection_id: str, *, text: str, actor: Actor, at: datetime) -> str:
    """The lot's tenderer or its agency answers an objection to the opening, once; the lot's id."""
    require(actor, "opening.reply")
    objection = tx.get(HallObjection, objection_id)
    if objection is None:
        raise NotFound
    if host_capacity(tenders.lot_context(tx, objection.lot_id), actor) not in (Role.TENDERER, Role.AGENCY):
        raise NotAParty
    answered = tx.execute(
        update(HallObjection)
        .where(HallObjection.id == objection_id, HallObjection.answered_at.is_(None))
        .values(answered_at=at, answered_by=actor.user_id, answer=_words(text))
        .returning(HallObjection.answer)
    ).one_or_none()
    if answered is None:
        raise MoveNotAllowed(move="opening.reply", state="answered")
    data = {"lot_id": objection.lot_id, "objection": objection_id, "answer": answered[0]}
    record(tx, "opening.objection_replied", subject=objection_id, actor=actor.user_id, at=at, data=data)
    tell(tx, objection.lot_id, ("opening.objection_replied", data), at=at)
    return objection.lot_id


def confirm(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> None:
    """A bidder confirms its line of the read-out in the window after it; again changes nothing."""
    require(actor, "opening.confirm")
    opening, bid = _my_opening(tx, lot_id, actor)
    if opening.state != OpeningState.READ_OUT:
        raise MoveNotAllowed(move="opening.confirm", state=opening.state)
    if tx.get(Confirmation, (bid.bid_id, opening.opens)) is not None:
        return
    if _window_is_over(tx, opening, at=at):
        raise TooLateToSay
    tx.add(Confirmation(bid_id=bid.bid_id, opens=opening.opens, user_id=actor.user_id, at=at))
    data = {"lot_id": lot_id, "number": bid.number, "bidder": actor.org_name}
    record(tx, "opening.confirmed", subject=bid.bid_id, actor=actor.user_id, at=at, data=data)
    tell(tx, lot_id, ("opening.confirmed", data), at=at)


def record_due(tx: Tx, opening: Opening, *, at: datetime) -> bool:
    """True when the record of a read-out may be written."""
    if opening.read_out_at is None or _waits_for_advices(tx, opening) or drawing.waits_for_draw(tx, opening):
        return False
    of_lot = select(OpeningBid.bid_id).where(OpeningBid.lot_id == opening.lot_id)
    confirmed = select(func.count()).where(
        Confirmation.bid_id.in_(of_lot), Confirmation.opens == opening.opens
    )
    unanswered = select(func.count()).where(
        HallObjection.lot_id == opening.lot_id, HallObjection.answered_at.is_(None)
    )
    undecided = select(func.count()).where(OpeningBid.lot_id == opening.lot_id, OpeningBid.fault == UNKNOWN)
    return record_is_due(
        confirmed=tx.scalar(confirmed) or 0,
        bids=len(covered_bids(tx, opening)),
        unanswered=(tx.scalar(unanswered) or 0) + (tx.scalar(undecided) or 0),
        until=_until(tx, opening.lot_id, opening.read_out_at),
        now=at,
    )


def _waits_for_advices(tx: Tx, opening: Opening) -> bool:
    """Where consortia may bid, the bank's advices are read after the read-out, and belong on its record."""
    content = tenders.lot_context(tx, opening.lot_id).content
    return content.consortium and not content.prequalifies and opening.advices_opened_at is None


def _my_opening(tx: Tx, lot_id: str, actor: Actor) -> tuple[Opening, OpeningBid]:
    """The lot's opening, locked so that its record is not written meanwhile, and the actor's bid in it."""
    tenders.published_lot(tx, lot_id)
    opening = tx.scalar(select(Opening).where(Opening.lot_id == lot_id).with_for_update())
    if opening is None:
        raise MoveNotAllowed(move="opening", state="bidding")
    bid = _bid_of(tx, lot_id, actor)
    if bid is None:
        raise NotAParty
    return opening, bid


def _bid_of(tx: Tx, lot_id: str, actor: Actor) -> OpeningBid | None:
    query = select(OpeningBid).where(OpeningBid.lot_id == lot_id, OpeningBid.org_id == actor.org_id)
    return tx.scalar(query)


def _window_is_over(tx: Tx, opening: Opening, *, at: datetime) -> bool:
    return opening.read_out_at is not None and at >= _until(tx, opening.lot_id, opening.read_out_at)


def _until(tx: Tx, lot_id: str, read_out_at: datetime) -> datetime:
    seconds = tenders.lot_context(tx, lot_id).rule_set.seconds("opening.confirmation")
    return confirm_until(tx, lot_id, read_out_at, seconds=seconds)


def _words(text: str) -> str:
    if not text.strip():
        raise EmptyWords
    return text.strip()
