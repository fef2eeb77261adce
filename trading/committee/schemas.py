"""Messages of the committee API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,64}$")]
Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
Reason = Annotated[str, msgspec.Meta(max_length=500)]
SeatNumber = Annotated[int, msgspec.Meta(ge=1, le=999)]


class NewCommittee(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is appointed, the experts first, in the order of their seats, and why without a draw."""

    members: Annotated[list[Id], msgspec.Meta(max_length=99)]
    reason: Reason
    representatives: Annotated[list[Id], msgspec.Meta(max_length=33)] = []


class NewWindow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Until when the committee meets, and the room in which it does."""

    ends_at: datetime
    room: Id | None = None


class Promised(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The hash of the promise that was read."""

    sha256: Sha256


class ForLeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    seat: SeatNumber


class Conflict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the member has to avoid this evaluation."""

    reason: Reason


class SeatShown(msgspec.Struct):
    seat: int
    kind: str
    leader: bool
    present: bool
    promised_at: datetime | None
    void: bool
    replaced_by: int | None


class SessionShown(msgspec.Struct):
    """The committee's session as a member or the centre sees it: seats by number, nobody by name.

    `leader_named` says that the tenderer names the leader; else the members elect one.
    """

    lot_id: str
    state: str
    leader: int | None
    leader_named: bool
    own_seat: int | None
    promise: str
    promise_sha256: str
    promise_version: str
    seats: list[SeatShown]
