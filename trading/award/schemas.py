"""Messages of the award API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec


class NewAward(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The bid that is awarded the lot, and why it is not the first one where the order does not bind."""

    bid_id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,64}$")]
    reason: str = ""


class NoticePublished(msgspec.Struct):
    """A public notice: its page, its file and the file's SHA-256."""

    id: str
    href: str
    pdf: str
    sha256: str


class Awarded(msgspec.Struct):
    """The result notice, and the award letter for the parties."""

    notice: NoticePublished
    letter: str
    letter_sha256: str


class CandidateShown(msgspec.Struct):
    rank: int
    bid_id: str
    bidder: str
    uscc: str
    price_fen: int
    total: str | None
    evaluated_fen: int | None
    out: str | None


class AwardLine(msgspec.Struct):
    """One decision in the sequence of awards; `out` is the cause that closed it."""

    n: int
    bid_id: str
    bidder: str
    basis: str
    decided_at: datetime
    out: str | None


class ReportSent(msgspec.Struct):
    n: int
    pdf: str
    sha256: str


class AwardShown(msgspec.Struct):
    """The published part of a lot's award."""

    lot_id: str
    state: str
    ends_at: datetime | None
    over: bool
    candidates: list[CandidateShown]
    winner_bid_id: str | None
    awards: list[AwardLine]
    failed: str | None
    notices: list[NoticePublished]
