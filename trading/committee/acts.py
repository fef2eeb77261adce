"""Acts of two people of the centre: void a member's seat, appoint a substitute, prolong a session."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

import msgspec

from govcore import clock
from govcore.authority.proposals import checked_reason
from govcore.clock import start_text
from govcore.db import Tx
from govcore.errors import MoveNotAllowed, NotFound
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from govcore.module import Act
from govcore.platform import Platform
from trading.committee import meeting, queries, service
from trading.committee.policy import GROUND_WORDS, Cause, Ground, NewSeat
from trading.committee.queries import Seat
from trading.tender.queries import LotContext, lot_context

Number = Annotated[int, msgspec.Meta(ge=1, le=999)]
Said = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class Remove(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose seat, for which ground of the law, and what happened."""

    seat: Number
    ground: Literal["conflict", "absent", "health", "excluded"]
    what: Said


class Substitute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For which void seat, who sits instead, and why nobody was drawn."""

    seat: Number
    user_id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,64}$")]
    why: Said


class Prolong(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By how many minutes the open session is to last longer, and why."""

    minutes: Annotated[int, msgspec.Meta(ge=1, le=1440)]
    why: Said


def removal(tx: Tx, lot_id: str, given: Remove, actor: Actor) -> Mapping[str, str | int]:
    """Whose seat would be void, and on what ground."""
    lot, seat = _seat(tx, lot_id, given.seat, actor)
    if seat.void:
        raise service.SeatVoid
    return {
        "lot": lot.lot_code,
        "title": f"{lot.title} · {lot.lot_name}",
        "seat": seat.seat,
        "member": queries.session(tx, lot_id, actor=actor, at=clock.now(tx)).names[seat.seat],
        "ground": GROUND_WORDS[Ground(given.ground)],
        "what": given.what,
    }


def remove(
    tx: Tx, _platform: Platform, lot_id: str, given: Remove, *, proposer: Actor, second: Actor
) -> None:
    """Void the seat: its member is out at once."""
    require(proposer, "committee.appoint")
    at, ground = clock.now(tx), Ground(given.ground)
    reason = checked_reason(given.what)
    service.void_seat(tx, lot_id, given.seat, ground=ground, reason=reason, by=proposer.user_id, at=at)


def substitution(tx: Tx, lot_id: str, given: Substitute, actor: Actor) -> Mapping[str, str | int]:
    """Who would sit for whom."""
    lot, seat = _seat(tx, lot_id, given.seat, actor)
    if not seat.void or seat.replaced_by is not None:
        raise MoveNotAllowed(move="committee.substitute", state="replaced" if seat.void else "seated")
    member = NewSeat(given.user_id, seat.kind)
    service.check_member(tx, lot, member)
    return {
        "lot": lot.lot_code,
        "title": f"{lot.title} · {lot.lot_name}",
        "seat": seat.seat,
        "left": queries.session(tx, lot_id, actor=actor, at=clock.now(tx)).names[seat.seat],
        "member": identity.user_names(tx, [given.user_id])[given.user_id],
        "why": given.why,
    }


def substitute(
    tx: Tx, _platform: Platform, lot_id: str, given: Substitute, *, proposer: Actor, second: Actor
) -> None:
    """Seat the substitute on a new seat."""
    require(proposer, "committee.appoint")
    seat = next((one for one in queries.seats(tx, lot_id) if one.seat == given.seat), None)
    if seat is None:
        raise NotFound
    service.seat_substitute(
        tx,
        lot_id,
        given.seat,
        member=NewSeat(given.user_id, seat.kind),
        cause=Cause.APPOINTED,
        reason=given.why,
        actor=proposer,
        at=clock.now(tx),
    )


def prolonging(tx: Tx, lot_id: str, given: Prolong, actor: Actor) -> Mapping[str, str | int]:
    """From when to when the session would last."""
    if Role.CENTRE not in actor.roles:
        raise NotFound
    lot, (until, _) = lot_context(tx, lot_id), meeting.prolongable(tx, lot_id, at=clock.now(tx))
    return {
        "lot": lot.lot_code,
        "title": f"{lot.title} · {lot.lot_name}",
        "until": start_text(until),
        "minutes": given.minutes,
        "then": start_text(until + timedelta(minutes=given.minutes)),
        "why": given.why,
    }


def prolong(
    tx: Tx, _platform: Platform, lot_id: str, given: Prolong, *, proposer: Actor, second: Actor
) -> None:
    """Let the session last longer."""
    why = checked_reason(given.why)
    meeting.prolong_session(tx, lot_id, minutes=given.minutes, why=why, actor=proposer, at=clock.now(tx))


def _seat(tx: Tx, lot_id: str, number: int, actor: Actor) -> tuple[LotContext, Seat]:
    seat = next((one for one in queries.seats(tx, lot_id) if one.seat == number), None)
    if Role.CENTRE not in actor.roles or seat is None:
        raise NotFound
    return lot_context(tx, lot_id), seat


ACTS = [
    Act(
        name="committee.remove",
        text="Void a member's seat",
        warning="The member is out at once and never comes back to this committee; what was concluded on the seat "
        "counts for nothing and is kept (实施条例 art. 48).",
        permission="committee.appoint",
        second="committee.second",
        content=Remove,
        labels={
            "lot": "Lot",
            "title": "Tender",
            "seat": "Seat",
            "member": "Member",
            "ground": "Ground of the law",
            "what": "What happened to the member",
        },
        typed="lot",
        facts=removal,
        run=remove,
        back="/evaluation/{object_id}/committee",
    ),
    Act(
        name="committee.substitute",
        text="Appoint a substitute",
        warning="The substitute takes a new seat and concludes everything anew (实施条例 art. 48). Where substitutes "
        "were drawn, the next one in the order of the draw takes the seat instead.",
        permission="committee.appoint",
        second="committee.second",
        content=Substitute,
        labels={
            "lot": "Lot",
            "title": "Tender",
            "seat": "Void seat",
            "left": "Who left it",
            "member": "Substitute",
            "why": "Why nobody was drawn",
        },
        typed="lot",
        facts=substitution,
        run=substitute,
        back="/evaluation/{object_id}/committee",
    ),
    Act(
        name="committee.prolong",
        text="Prolong a committee's session",
        warning="Members go on until the new end. When more than a third of them find the time too short, it has to be "
        "prolonged (T16 · 实施条例 art. 48).",
        permission="committee.convene",
        second="committee.second",
        content=Prolong,
        labels={
            "lot": "Lot",
            "title": "Tender",
            "until": "Ends now",
            "minutes": "Minutes more",
            "then": "Ends then",
            "why": "Why it is prolonged",
        },
        typed="lot",
        facts=prolonging,
        run=prolong,
        back="/evaluation/{object_id}/committee",
    ),
]
