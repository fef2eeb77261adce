"""What moves the windows of an opening: suspensions of the lot, and outages of the platform that were measured.

While the lot is suspended nothing is released or read either.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select

from govcore import clock
from govcore.audit.entries import parse_event, parse_time, time_text
from govcore.db import Tx
from govcore.notify import following
from govcore.outages.policy import Span as Outage
from govcore.outages.policy import union as join
from govcore.outages.policy import without as cut_out
from govcore.outages.queries import measured, outages_since
from govcore.pdf.figures import stamp
from trading.opening.hall import announce, tell
from trading.opening.models import HallEvent, Opening, Prolongation
from trading.opening.policy import Window, Windows, confirmations_until, prolonged
from trading.procedure.policy import RuleSet
from trading.procedure.spans import Span, moved, union
from trading.tender.models import Lot
from trading.tender.policy import ENDED, LOT_RULES, Cause, LotMove
from trading.tender.queries import lot_context
from trading.tender.reminders import topic
from trading.tender.suspensions import HeldFor, frozen_of, holds_of

OUTAGE = "opening.outage_measured"
PUT_OFF = "extension.opening_set"


def windows_of(tx: Tx, opening: Opening) -> Windows:
    """The windows of the present stage with what two people added, moved by every suspension and outage inside.

    What is suspended at the closing begins when the suspension ends; while one lasts the ends stay ahead.
    """
    start = begun_at(opening)
    frozen = stood_still(tx, opening.lot_id, since=start)
    stored = Windows(opening.bidder_until, opening.seal_check_until, opening.release_until)
    until = prolonged(stored, given_more(tx, opening))
    bidder = until.bidder_until
    return Windows(
        bidder_until=moved(bidder, start=start, frozen=frozen) if bidder else None,
        seal_check_until=moved(until.seal_check_until, start=start, frozen=frozen),
        release_until=moved(until.release_until, start=start, frozen=frozen),
    )


def given_more(tx: Tx, opening: Opening) -> dict[Window, timedelta]:
    """What two people added to the windows of the present stage."""
    query = select(Prolongation.window, func.sum(Prolongation.seconds)).group_by(Prolongation.window)
    mine = (Prolongation.lot_id == opening.lot_id, Prolongation.opens == opening.opens)
    return {Window(window): timedelta(seconds=int(sum)) for window, sum in tx.execute(query.where(*mine))}


def confirm_until(tx: Tx, lot_id: str, read_out_at: datetime, *, seconds: int) -> datetime:
    """Until when bidders confirm a read-out or object to it, moved likewise."""
    more = given_more(tx, tx.get_one(Opening, lot_id)).get(Window.CONFIRM, timedelta())
    until = confirmations_until(read_out_at, confirmation=seconds) + more
    return moved(until, start=read_out_at, frozen=stood_still(tx, lot_id, since=read_out_at))


def stood_still(tx: Tx, lot_id: str, *, since: datetime) -> tuple[Span, ...]:
    """The time since then in which the lot was suspended or the platform was out."""
    out = outages_since(tx, since, clock.now(tx))
    return union([*frozen_of(tx, lot_id), *((one.start, one.end) for one in out)])


def resume_by(held: Sequence[HeldFor], rules: RuleSet) -> datetime | None:
    """Until when an opening that stands still by a fault of the platform is to go on, by the first that lasts."""
    began = [one.began_at for one in held if one.cause == Cause.FAULT and one.ended_at is None]
    return min(began) + timedelta(seconds=rules.seconds("opening.fault_resume")) if began else None


def tell_overdue(tx: Tx, lot_id: str, *, at: datetime) -> bool:
    """Tell followers once that an opening did not go on in time after a fault; false while there is nothing to tell."""
    lot = lot_context(tx, lot_id)
    due = resume_by(holds_of(tx, lot_id), lot.rule_set)
    return (
        due is not None
        and at >= due
        and following.announce(
            tx,
            topic(lot.tender_id),
            about=f"{lot_id}:fault:{due:%Y%m%dT%H%M%S}",
            text="{title}, {lot}: the opening stands still by a fault of the platform and did not go on by {due}. "
            "All bids stay sealed; a new time will be published.",
            href=f"/lots/{lot_id}/opening",
            at=at,
            data={"title": lot.title, "lot": lot.lot_name, "due": stamp(due)},
        )
    )


def was_unmeasured(tx: Tx, opening: Opening, *, until: datetime | None) -> bool:
    """True when the probers fell silent in the bidders' window: nobody knows whether the platform was out."""
    return until is not None and bool(measured(tx, since=begun_at(opening), until=until).unknown)


def outages_to_tell(tx: Tx, opening: Opening) -> list[Outage]:
    """The measured outages of the present stage, as far as the hall was not told of them."""
    told = select(HallEvent.data).where(HallEvent.lot_id == opening.lot_id, HallEvent.kind == OUTAGE)
    known = [Outage(parse_time(one["began"]), parse_time(one["ended"])) for one in tx.scalars(told)]
    out = outages_since(tx, begun_at(opening), clock.now(tx))
    whole = [Outage(_down(one.start), _up(one.end)) for one in out]
    return cut_out(join(whole), join(known))


def tell_outages(tx: Tx, lot_id: str) -> None:
    """Log each measured outage of the present stage once, for everybody and for the gate, which reads it there."""
    opening = tx.scalars(select(Opening).where(Opening.lot_id == lot_id).with_for_update()).one()
    at = clock.now(tx)
    for one in outages_to_tell(tx, opening):
        data = {"lot_id": lot_id, "began": time_text(one.start), "ended": time_text(one.end)}
        announce(tx, OUTAGE, lot_id=lot_id, at=at, data=data)


def _down(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _up(at: datetime) -> datetime:
    """Whole seconds as the log has them: the gate must not be earlier than the platform."""
    return _down(at + timedelta(microseconds=999_999))


def begun_at(opening: Opening) -> datetime:
    """When the present stage began: the closing, or the event that fixed the technical result."""
    if opening.stage_payload is None:
        return opening.closed_at
    return parse_time(str(parse_event(opening.stage_payload)["at"]))


def tell_holds(tx: Tx, lot_id: str, *, at: datetime) -> None:
    """Tell in the hall's history each beginning and end of a suspension, and the lot's end, unless it knows."""
    lot = tx.scalars(select(Lot).where(Lot.id == lot_id).with_for_update()).one()
    told = {
        (one.kind, one.data.get("hold"))
        for one in tx.scalars(select(HallEvent).where(HallEvent.lot_id == lot_id))
    }
    facts: list[tuple[str, dict[str, object]]] = []
    for one in holds_of(tx, lot_id):
        data: dict[str, object] = {"lot": lot.code, "hold": one.id, "cause": one.cause}
        facts.append(("tender.suspended", data))
        if one.ended_at is not None and one.ended_at <= at:
            facts.append(("tender.resumed", data))
        elif one.ended_at is not None and one.cause == Cause.FAULT:
            until = time_text(one.ended_at)
            facts.append((PUT_OFF, data | {"hold": f"{one.id}/{until}", "opening_at": until}))
    if lot.state in ENDED:
        move = next(
            move for move in (LotMove.TERMINATE, LotMove.CANCEL) if LOT_RULES[move].target == lot.state
        )
        facts.append((LOT_RULES[move].event, {"lot": lot.code}))
    if new := [fact for fact in facts if (fact[0], fact[1].get("hold")) not in told]:
        tell(tx, lot_id, *new, at=at)
