"""One thing to do on a first page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing to do; texts are keys of the catalogue, `command` is typed."""

    text: str
    data: dict[str, object] = field(default_factory=dict)
    href: str = ""
    by: datetime | None = None
    article: str = ""
    word: str = "To do"
    kind: str = "warning"
    command: str = ""
