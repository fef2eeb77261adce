"""What a module tells about its stored days, so that a new notice can move those that nobody has met yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Recount = Callable[..., Iterable["MovedDue"]]
"""`recount(tx, calendar, at)` yields what a calendar moves among the days a module keeps that are neither met nor over
at that moment; it moves nothing yet. A published deadline is never among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedDue:
    """A stored day before and after. `text` is a key of the catalogue and says what is due, `label` of which case.

    `move()` writes it; it does nothing when somebody met the day meanwhile.
    """

    text: str
    label: str
    subject: str
    before: datetime
    after: datetime
    move: Callable[[], Any]
