"""Messages of the validity API."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec

from trading.validity.policy import REASON_MAX, Said


class NewOffer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many days after the deadline bids bind then, until when bidders answer, and why it is needed."""

    days: Annotated[int, msgspec.Meta(gt=0, le=3650)]
    answer_by: datetime
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=REASON_MAX)]


class NewAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`letter` is the signed guarantee letter for the longer time, where one secures the bid."""

    said: Said
    letter: Annotated[str, msgspec.Meta(max_length=400_000)] | None = None


class OfferMade(msgspec.Struct):
    id: str


class OfferView(msgspec.Struct):
    id: str
    n: int
    until: datetime
    answer_by: datetime
    reason: str
    offered_at: datetime


class BidView(msgspec.Struct):
    """`said` by offer; `letter_short` are the days by which a letter ends before its bid."""

    number: int
    bidder: str
    uscc: str
    ends_at: datetime
    said: dict[str, str]
    letter_until: date | None
    letter_short: int
    lapsed_at: datetime | None


class BoundView(msgspec.Struct):
    """All bids for the tenderer's side, a bidder's own for itself."""

    lot_id: str
    ends_at: datetime
    offers: list[OfferView]
    bids: list[BidView]
