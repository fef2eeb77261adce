"""What the regulator does with a complaint: accept, ask, refuse, suspend and resume, stop the clock, decide.

Only the department of the case, and each act is logged. The platform carries orders out and gives none
(电子招标投标办法 art. 52; 实施条例 art. 61, 62; 政府采购法 art. 56, 57).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from govcore.audit.entries import time_text
from govcore.calendar.queries import calendar_of
from govcore.db import Tx, new_id
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from govcore.notify.service import tell
from govcore.platform import Platform
from trading.challenge import clocks, facts, publishing
from trading.challenge.entries import Spoken, checked_words, say
from trading.challenge.evidence import Stored
from trading.challenge.filing import case_ref
from trading.challenge.models import Case, Order, Pause
from trading.challenge.moves import move_case
from trading.challenge.policy import Kind, Move, Outcome, Said, Side, State, Step, order_ends
from trading.challenge.service import check_public, held, release_all, tell_filer
from trading.tender.policy import Cause
from trading.tender.queries import LotContext, lot_context
from trading.tender.suspensions import hold, release_hold


class SuspendedAlready(Problem):
    code = "E_ORDERED"
    text = "An order to suspend stands in this case already."


class NoOrder(Problem):
    code = "E_NO_ORDER"
    text = "No order to suspend stands in this case."


class ClockStands(Problem):
    code = "E_CLOCK"
    text = "The time for the decision stands still, or runs, already."


class StepsOnlyUpheld(Problem):
    code = "E_STEPS"
    status = 422
    text = "Steps follow from a complaint that is upheld, and from no other."


def accept(tx: Tx, platform: Platform, case_id: str, *, text: str, actor: Actor, at: datetime) -> Case:
    """Accept a complaint: the other side reads it from now on, and the time for the decision runs."""
    case = _mine(tx, case_id, actor)
    move_case(tx, case.id, Move.ACCEPT, accepted_at=at)
    _say(tx, platform, case, Said.ACCEPTED, text, "challenge.accepted", actor, at)
    lot = lot_of(tx, case)
    sides = ((Role.TENDERER, lot.tenderer.id), (Role.AGENCY, lot.agency.id))
    people = [user for role, org in sides for user in identity.users_with_role(tx, role, org_id=org)]
    tell(
        tx,
        people,
        about=f"challenge.accepted/{case.id}",
        text="The complaint {number} about {title} was accepted; you may state your view.",
        data={"title": lot.title, "number": case.number},
        href=f"/objections/{case.id}",
        at=at,
    )
    return case


def ask(tx: Tx, platform: Platform, case_id: str, *, text: str, actor: Actor, at: datetime) -> Case:
    """Say once, in writing, what a complaint lacks; its time to be accepted runs anew from the supplement."""
    case = _mine(tx, case_id, actor)
    move_case(tx, case.id, Move.ASK)
    _say(tx, platform, case, Said.SUPPLEMENT_ASKED, text, "challenge.supplement_asked", actor, at)
    return case


def refuse(tx: Tx, platform: Platform, case_id: str, *, text: str, actor: Actor, at: datetime) -> Case:
    """Refuse to accept a complaint, with the reason."""
    case = _mine(tx, case_id, actor)
    move_case(tx, case.id, Move.REFUSE, settled_at=at)
    _say(tx, platform, case, Said.REFUSED, text, "challenge.refused", actor, at)
    release_all(tx, case, at=at, actor=actor.user_id)
    return case


def order_suspension(
    tx: Tx, platform: Platform, case_id: str, *, reason: str, actor: Actor, at: datetime
) -> Order:
    """Suspend the lots of a complaint; in procurement at most for the cap, which nothing moves (GPL 57)."""
    case = _mine(tx, case_id, actor)
    if case.state not in (State.RECEIVED, State.ACCEPTED):
        raise MoveNotAllowed(move=Said.ORDERED, state=case.state)
    if facts.standing_orders(tx, case.id, at=at):
        raise SuspendedAlready
    lot, words = lot_of(tx, case), checked_words(reason)
    cap = clocks.order_cap(lot.rule_set, at, calendar=calendar_of(tx))
    order = Order(
        id=new_id(),
        case_id=case.id,
        ordered_by=actor.user_id,
        ordered_at=at,
        reason=words,
        capped_at=cap.at if cap else None,
    )
    tx.add(order)
    tx.flush()
    lots = facts.lot_ids_of(tx, case.id)
    hold(
        tx,
        lot_ids=lots,
        cause=Cause.COMPLAINT,
        ref=case_ref(order.id),
        at=at,
        actor=actor.user_id,
        until=order.capped_at,
    )
    until: dict[str, object] = {"until": time_text(order.capped_at)} if order.capped_at else {}
    _say(tx, platform, case, Said.ORDERED, words, "challenge.suspension_ordered", actor, at, until)
    publishing.publish_order(tx, case, lot, reason=words, until=order.capped_at, actor=actor, at=at)
    return order


def lift_suspension(
    tx: Tx, platform: Platform, case_id: str, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Let the lots go on before the decision."""
    case = _mine(tx, case_id, actor)
    orders = facts.standing_orders(tx, case.id, at=at)
    if not orders:
        raise NoOrder
    for order in orders:
        order.ended_at = at
        release_hold(tx, ref=case_ref(order.id), at=at, actor=actor.user_id)
    _say(tx, platform, case, Said.LIFTED, reason, "challenge.suspension_lifted", actor, at)
    publishing.publish_lifting(tx, case, lot_of(tx, case), reason=reason, actor=actor, at=at)


def lapse_order(tx: Tx, order_id: str, *, at: datetime) -> bool:
    """End an order whose cap has passed, at the moment of its cap; false when it is over or not due."""
    order = tx.get(Order, order_id, with_for_update=True)
    if order is None or order.ended_at is not None or not order_ends(None, order.capped_at, at):
        return False
    order.ended_at = order.capped_at
    assert order.capped_at is not None
    release_hold(tx, ref=case_ref(order.id), at=order.capped_at, actor="system")
    return True


def pause_clock(tx: Tx, platform: Platform, case_id: str, *, text: str, actor: Actor, at: datetime) -> Case:
    """Testing, inspection or expert review begins: its time does not count for the decision."""
    case = _mine(tx, case_id, actor)
    if case.state != State.ACCEPTED:
        raise MoveNotAllowed(move=Said.PAUSED, state=case.state)
    running = select(Pause.id).where(Pause.case_id == case.id, Pause.ended_at.is_(None))
    if tx.scalar(running) is not None:
        raise ClockStands
    tx.add(Pause(id=new_id(), case_id=case.id, began_at=at, reason=checked_words(text)))
    _say(tx, platform, case, Said.PAUSED, text, "challenge.clock_paused", actor, at)
    return case


def continue_clock(
    tx: Tx, platform: Platform, case_id: str, *, text: str, actor: Actor, at: datetime
) -> Case:
    """The review is over: the time for the decision runs again."""
    case = _mine(tx, case_id, actor)
    open_ = (Pause.case_id == case.id, Pause.ended_at.is_(None))
    ended = tx.scalars(update(Pause).where(*open_).values(ended_at=at).returning(Pause.id)).all()
    if not ended:
        raise ClockStands
    _say(tx, platform, case, Said.CONTINUED, text, "challenge.clock_continued", actor, at)
    return case


def decide(
    tx: Tx,
    platform: Platform,
    case_id: str,
    *,
    outcome: Outcome,
    steps: Sequence[Step],
    text: str,
    public_text: str,
    files: Sequence[Stored] = (),
    actor: Actor,
    at: datetime,
) -> Case:
    """Decide a complaint: its orders end, the decision is published without the filer, steps are recommended."""
    case = _mine(tx, case_id, actor)
    if steps and outcome is not Outcome.UPHELD:
        raise StepsOnlyUpheld
    check_public(platform, case, public_text)
    lot, public = lot_of(tx, case), checked_words(public_text)
    late = case.accepted_at is not None and at >= _decision_due(tx, case, lot, at)
    settled = {"settled_at": at, "outcome": outcome, "steps": list(steps), "public_text": public}
    move_case(tx, case.id, Move.DECIDE, **settled)
    tx.refresh(case)
    extra: dict[str, object] = {"outcome": outcome, "steps": list(steps), "late": late}
    _say(
        tx, platform, case, Said.DECIDED, text, "challenge.decided", actor, at, extra, files=files, late=late
    )
    release_all(tx, case, at=at, actor=actor.user_id)
    publishing.publish_decision(tx, platform, case, lot, actor=actor, at=at)
    return case


PLAIN_ACTS = {
    "accept": accept,
    "ask": ask,
    "refuse": refuse,
    "pause": pause_clock,
    "continue": continue_clock,
}
"""Acts that take nothing but words, by their names in addresses."""


def lot_of(tx: Tx, case: Case) -> LotContext:
    return lot_context(tx, facts.lot_ids_of(tx, case.id)[0])


def _decision_due(tx: Tx, case: Case, lot: LotContext, at: datetime) -> datetime:
    assert case.accepted_at is not None
    pauses = facts.pauses_of(tx, case.id, at=at)
    return clocks.decision_due(lot.rule_set, case.accepted_at, pauses, calendar=calendar_of(tx)).at


def _mine(tx: Tx, case_id: str, actor: Actor) -> Case:
    """A complaint of the actor's department, locked; every other does not exist."""
    require(actor, "challenge.decide")
    case = held(tx, case_id)
    if case.kind != Kind.COMPLAINT or case.regulator_id != actor.org_id:
        raise NotFound
    return case


def _say(
    tx: Tx,
    platform: Platform,
    case: Case,
    said: Said,
    text: str,
    event: str,
    actor: Actor,
    at: datetime,
    data: dict[str, object] | None = None,
    *,
    files: Sequence[Stored] = (),
    late: bool = False,
) -> None:
    """The entry in the case's file and in the log, and word to the filer."""
    by = Spoken(side=Side.REGULATOR, text=text, files=files, late=late)
    say(tx, platform, case, said, event, by, actor=actor, at=at, data=data)
    about = f"{said}/{at:%Y%m%dT%H%M%S%f}"
    tell_filer(tx, case, said, about=about, at=at)
