"""Messages of the register's API."""

from __future__ import annotations

from datetime import datetime

import msgspec


class NumberEntry(msgspec.Struct):
    """A document number; a cancelled one keeps its place and its reason."""

    number: str
    series: str
    year: int
    serial: int
    office: str
    title: str
    taken_at: datetime
    cancelled_at: datetime | None
    reason: str
