"""Messages of the venue's API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from trading.venue.policy import TEXT_MAX, Use


class NewRoom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    place: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    seats: Annotated[int, msgspec.Meta(gt=0, le=10_000)]


class NewBooking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A room for a lot, from when to when, and who hosts."""

    room: Annotated[str, msgspec.Meta(max_length=64)]
    use: Use
    starts_at: datetime
    ends_at: datetime
    host: Annotated[str, msgspec.Meta(max_length=64)]


class NewObservation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    use: Use
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_MAX)]
    seen_at: datetime


class Made(msgspec.Struct):
    id: str


class BookingView(msgspec.Struct):
    id: str
    room: str
    place: str
    lot_id: str
    use: str
    starts_at: datetime
    ends_at: datetime
    host: str


class SeenView(msgspec.Struct):
    use: str
    text: str
    seen_at: datetime
    recorded_at: datetime
    witness: str
    late: bool
