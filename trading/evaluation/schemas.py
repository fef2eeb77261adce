"""Messages of the evaluation API; points are text such as `12.50`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,64}$")]
PointsText = Annotated[str, msgspec.Meta(max_length=8)]


class NewCommittee(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The users who evaluate the lot, in the order of their seats."""

    members: Annotated[list[Id], msgspec.Meta(max_length=99)]


class SheetPoints(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Points by bid and item; bids that are not named stay as they are."""

    points: Annotated[dict[Id, dict[Id, PointsText]], msgspec.Meta(max_length=1000)]


class SheetShown(msgspec.Struct):
    """The caller's own sheet."""

    lot_id: str
    seat: int
    done: int
    total: int
    locked_at: datetime | None
    points: dict[str, dict[str, str]]


class OutcomeShown(msgspec.Struct):
    bid_id: str
    number: int
    bidder: str
    price_fen: int | None
    rank: int | None
    total: str | None
    parts: dict[str, str]
    invalid: str | None


class MemberSheet(msgspec.Struct):
    """A member's sheet under the number of its seat."""

    seat: int
    points: dict[str, dict[str, str]]


class EvaluationShown(msgspec.Struct):
    lot_id: str
    completed_at: datetime
    report_sha256: str
    report: str
    benchmark_fen: str | None
    outcomes: list[OutcomeShown]
    sheets: list[MemberSheet]


class SignedResult(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The technical result in its signed envelope, as exact text."""

    envelope: Annotated[str, msgspec.Meta(max_length=4_000_000)]
