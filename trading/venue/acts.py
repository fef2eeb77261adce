"""An act of two people of the centre: say from where a committee's members are let into a room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec

from govcore import clock
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, Role
from govcore.module import Act
from govcore.platform import Platform
from trading.venue import service
from trading.venue.models import Room
from trading.venue.policy import plain_networks


class LetIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The networks, one a line, from which members are let into the room."""

    networks: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


class BadNetworks(Problem):
    code = "E_ROOM_NETWORKS"
    status = 422
    text = "Write each network as an address and its length, such as 10.1.3.0/24, one a line."


def letting_in(tx: Tx, room_id: str, given: LetIn, actor: Actor) -> Mapping[str, str | int]:
    """From where the room would let members in, and from where it does now."""
    room = tx.get(Room, room_id)
    if Role.CENTRE not in actor.roles or room is None or room.retired_at is not None:
        raise NotFound
    return {
        "room": room.name,
        "place": room.place,
        "networks": ", ".join(_networks(given)),
        "before": ", ".join(room.networks) or "–",
    }


def let_in(
    tx: Tx, _platform: Platform, room_id: str, given: LetIn, *, proposer: Actor, second: Actor
) -> None:
    """Let members in from these networks."""
    service.let_in(tx, room_id, networks=_networks(given), actor=proposer, at=clock.now(tx))


def _networks(given: LetIn) -> list[str]:
    found = plain_networks(given.networks.replace(",", "\n").splitlines())
    if not found:
        raise BadNetworks
    return found


ACTS = [
    Act(
        name="venue.let_in",
        text="Let committees meet in a room",
        warning="Members are let into a session in this room from these networks only; an open session goes by it "
        "at once.",
        permission="venue.book",
        second="venue.second",
        content=LetIn,
        labels={
            "room": "Room",
            "place": "Where it lies",
            "networks": "Networks",
            "before": "Networks until now",
        },
        typed="room",
        facts=letting_in,
        run=let_in,
        back="/rooms",
    ),
]
