"""Kinds of message, and the rules of their order."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

CAPSULE_LIMIT = 4096
"""No capsule is longer: it holds one share and its context."""

CERTIFICATE_AGE = timedelta(hours=24)
"""A different certificate may supersede a bid only when it was issued this long before."""

PIECE_SIZE = 8 << 20


class Kind(StrEnum):
    BID = "bid"
    WITHDRAW = "withdraw"


def may_supersede(*, same_certificate: bool, issued_at: datetime, at: datetime) -> bool:
    """A fresh certificate of the same organisation must not displace its bid: an insider CA could issue it."""
    return same_certificate or at - issued_at >= CERTIFICATE_AGE


def next_seq(last: int | None) -> int:
    return 1 if last is None else last + 1
