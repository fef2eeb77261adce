"""Messages of the evaluation API; points are text such as `12.50`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,64}$")]
Node = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
PointsText = Annotated[str, msgspec.Meta(max_length=8)]
Count = Annotated[int, msgspec.Meta(ge=0, le=999)]


class SheetPoints(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Points, or how often each step holds, by bid and item; what is not named stays, an empty text empties an item.

    `why` is needed to change a bid of which every item was filled.
    """

    points: Annotated[dict[Id, dict[Node, PointsText | dict[Node, Count]]], msgspec.Meta(max_length=1000)]
    why: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class SheetLock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The hash of the sheet as the caller saw it, and its document signed where the caller holds a certificate."""

    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
    envelope: Annotated[str, msgspec.Meta(max_length=4_000_000)] | None = None


class SheetShown(msgspec.Struct):
    """The caller's own sheet; `sha256` is that of the document that locking it binds to."""

    lot_id: str
    number: int
    seat: int
    done: int
    total: int
    saved_at: datetime | None
    locked_at: datetime | None
    sha256: str
    points: dict[str, dict[str, str | dict[str, int]]]


class OutcomeShown(msgspec.Struct):
    bid_id: str
    number: int
    bidder: str
    price_fen: int | None
    rank: int | None
    total: str | None
    evaluated_fen: int | None
    parts: dict[str, str]
    invalid: str | None


class MemberSheet(msgspec.Struct):
    """A member's sheet under the number of its seat."""

    seat: int
    points: dict[str, dict[str, str | dict[str, int]]]


class EvaluationShown(msgspec.Struct):
    lot_id: str
    completed_at: datetime
    report_sha256: str
    report: str
    benchmark: str | None
    outcomes: list[OutcomeShown]
    sheets: list[MemberSheet]


class SignedResult(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The technical result in its signed envelope, as exact text."""

    envelope: Annotated[str, msgspec.Meta(max_length=4_000_000)]


class Dissent(msgspec.Struct, forbid_unknown_fields=True):
    """What a member does not agree with, and why; empty to agree."""

    dissent: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class SignedReport(msgspec.Struct, forbid_unknown_fields=True):
    """The statement about the report with this hash, in a DSSE envelope."""

    sha256: str
    envelope: Annotated[str, msgspec.Meta(max_length=20_000)]
    dissent: Annotated[str, msgspec.Meta(max_length=2000)] = ""
