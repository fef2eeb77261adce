"""How a notice travels outside the site: channels, states, patience."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum

MAX_ATTEMPTS = 6
LEASE = timedelta(minutes=2)
"""How long a sender may be at one delivery before another takes it."""


class Channel(StrEnum):
    MAIL = "mail"
    SMS = "sms"


class DeliveryState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


def next_wait(attempts: int) -> timedelta | None:
    """How long to wait after so many failed attempts (15 s, doubled each time); nothing when it is given up."""
    return None if attempts >= MAX_ATTEMPTS else timedelta(seconds=15 * 2 ** (attempts - 1))


_MAIL = re.compile(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]{1,180}\.[A-Za-z0-9-]{2,63}")
_MOBILE = re.compile(r"1[3-9]\d{9}")


def is_mail(address: str) -> bool:
    return _MAIL.fullmatch(address) is not None


def is_mobile(number: str) -> bool:
    """A mobile number of mainland China, eleven digits."""
    return _MOBILE.fullmatch(number) is not None
