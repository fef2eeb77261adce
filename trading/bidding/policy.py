"""Kinds of message, the rules of their order, and the limits of an upload."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from bidding_docs.manifests import PIECE_SIZE

CAPSULE_LIMIT = 4096
"""No capsule is longer: it holds one share and its context."""

CERTIFICATE_AGE = timedelta(hours=24)
"""A different certificate may supersede a bid only when it was issued this long before."""

CONSENTS = 2
"""So many members who sign in anew may let a fresher certificate supersede a bid."""

CONSENT_LIFETIME = timedelta(hours=1)

UPLOADS_KEPT = 5
"""So many unfinished uploads of one bidder are kept in a lot; the oldest gives way to a sixth."""

UPLOADS_QUOTA = 64 << 30
"""So many bytes one bidder may have announced in unfinished uploads to all lots together."""

PLACE_LIFETIME = timedelta(minutes=15)
"""How long a piece may be sent to the place in the object store that was given for it."""

IDLE_LIMIT = timedelta(days=30)
"""An upload that no bid refers to is dropped when nothing arrived for this long."""

CLEARING_DELAY = timedelta(minutes=10)
"""Between giving an upload up and deleting its bytes; no submission that still saw it lasts as long."""


class Kind(StrEnum):
    BID = "bid"
    WITHDRAW = "withdraw"


def is_seasoned(*, same_certificate: bool, issued_at: datetime, at: datetime) -> bool:
    """A fresh certificate of the same organisation must not displace its bid: an insider CA could issue it."""
    return same_certificate or at - issued_at >= CERTIFICATE_AGE


def next_seq(last: int | None) -> int:
    return 1 if last is None else last + 1


def piece_count(size: int) -> int:
    """Into how many pieces a part of this many bytes is cut."""
    return -(-size // PIECE_SIZE)


def piece_length(size: int, n: int) -> int:
    """How many bytes piece `n` of such a part has: all are full but the last."""
    return min(PIECE_SIZE, size - n * PIECE_SIZE)
