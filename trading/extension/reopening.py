"""A new time for an opening that a fault of the platform stopped: two people set it, everybody reads it.

The bids stay sealed until then; the deadline stays what it was, so nobody bids again. The suspension that the centre
began ends at that moment by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, NamedTuple

import msgspec
from sqlalchemy import select

from govcore import clock
from govcore.audit.entries import time_text
from govcore.audit.service import record
from govcore.clock import BEIJING, start_text
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, Role, require
from govcore.notify.following import announce
from govcore.pdf.figures import stamp
from govcore.platform import Platform
from trading.notices.policy import NoticeKind
from trading.tender import queries as tenders
from trading.tender import suspensions
from trading.tender.announcing import publish_notice
from trading.tender.models import Hold
from trading.tender.policy import Cause, LotState
from trading.tender.queries import LotContext
from trading.tender.reminders import topic

ITEM = "开标时间（因平台故障另行确定）"
REFERENCE = "{w.notice}（{code}）"


class PutOff(NamedTuple):
    """An opening that waits for the end that was set to a fault."""

    lot_id: str
    ref: str
    until: datetime


class NewOpening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When the opening goes on, in Beijing time as a form has it, and what everybody reads about it."""

    opening_at: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d\Z")]
    notice: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class NoFault(Problem):
    code = "E_NO_FAULT"
    text = (
        "A new opening time is set after the deadline and before the read-out, "
        "while a fault of the platform suspends the lot."
    )


class WrongTime(Problem):
    code = "E_OPENING_TIME"
    status = 422
    text = "The new opening time lies ahead, and not before one that was published already."


def setting(tx: Tx, lot_id: str, given: NewOpening, actor: Actor) -> Mapping[str, str | int]:
    """What would be set; the centre proposes, a colleague or the supervising department confirms."""
    lot = tenders.published_lot(tx, lot_id)
    if Role.CENTRE not in actor.roles and lot.regulator.id != actor.org_id:
        raise NotFound
    new = _new_time(tx, lot, given)
    return {
        "lot": lot.lot_code,
        "title": f"{lot.title} · {lot.lot_name}",
        "before": start_text(_before(tx, lot)),
        "then": start_text(new),
        "notice": given.notice,
    }


def set_opening(
    tx: Tx, _platform: Platform, lot_id: str, given: NewOpening, *, proposer: Actor, second: Actor
) -> None:
    """End the suspension at the new time and publish it; raise `NoFault` when the lot went on meanwhile."""
    require(proposer, "extension.reopen")
    lot = tenders.published_lot(tx, lot_id)
    new, before, at = _new_time(tx, lot, given), _before(tx, lot), clock.now(tx)
    for held in _faults(tx, lot_id):
        suspensions.end_at(tx, ref=held.ref, until=new)
    data = {
        "lot": lot.lot_code,
        "before": time_text(before),
        "opening_at": time_text(new),
        "notice": given.notice,
    }
    record(tx, "extension.opening_set", subject=lot_id, actor=proposer.user_id, at=at, data=data)
    changes = [{"item": ITEM, "old": stamp(before), "new": stamp(new)}]
    fields = {
        "reference": REFERENCE.format(code=lot.tender_code, w=lot.words),
        "changes": changes,
        "reason": given.notice,
    }
    publish_notice(tx, lot, kind=NoticeKind.CHANGE, lot_ids=[lot_id], fields=fields, at=at)
    announce(
        tx,
        topic(lot.tender_id),
        about=f"{lot_id}:opening:{time_text(new)}",
        text="{title}, {lot}: after a fault of the platform the opening goes on at {opening}. All bids stay sealed.",
        href=f"/lots/{lot_id}/opening",
        at=at,
        data={"title": lot.title, "lot": lot.lot_name, "opening": stamp(new)},
    )


def settable(tx: Tx, lot: LotContext) -> bool:
    """Whether a new time can be set now."""
    return lot.state == LotState.CLOSED and bool(_faults(tx, lot.lot_id))


def _new_time(tx: Tx, lot: LotContext, given: NewOpening) -> datetime:
    if not settable(tx, lot):
        raise NoFault
    try:
        new = datetime.fromisoformat(given.opening_at).replace(tzinfo=BEIJING)
    except ValueError:
        raise WrongTime from None
    if not clock.now(tx) < new or new < (_planned(tx, lot.lot_id) or new):
        raise WrongTime
    return new


def _faults(tx: Tx, lot_id: str) -> list[suspensions.HeldFor]:
    """The faults that hold the lot now, whether or not their end is known."""
    now = clock.now(tx)
    held = suspensions.holds_of(tx, lot_id)
    return [one for one in held if one.cause is Cause.FAULT and (one.ended_at is None or one.ended_at > now)]


def _planned(tx: Tx, lot_id: str) -> datetime | None:
    """The new time that was published already."""
    return max((one.ended_at for one in _faults(tx, lot_id) if one.ended_at is not None), default=None)


def _before(tx: Tx, lot: LotContext) -> datetime:
    """What everybody took for the opening time until now."""
    before = _planned(tx, lot.lot_id) or lot.opening_at or lot.closed_at
    assert before is not None  # a closed lot had its deadline
    return before


def waiting(tx: Tx) -> list[PutOff]:
    """The openings put off by a fault whose end was set and not noted yet."""
    unnoted = Hold.cause == Cause.FAULT, Hold.ended_at.is_not(None), Hold.released_by.is_(None)
    query = select(Hold.lot_id, Hold.ref, Hold.ended_at).where(*unnoted).order_by(Hold.ended_at)
    return [PutOff(lot_id, ref, until) for lot_id, ref, until in tx.execute(query) if until is not None]


def note_end(tx: Tx, ref: str, until: datetime) -> None:
    """Note that a fault ended at the time that was set, once it has come; safe to repeat."""
    if until <= clock.now(tx):
        suspensions.release_hold(tx, ref=ref, at=until, actor="system")
