"""A demo's clock that goes ahead of the true time, for all its processes at once; it needs nothing of the platform."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path


def put_ahead(file: Path, ahead: timedelta) -> None:
    """Let every process of a demo that reads this file go so far ahead from now on."""
    draft = file.with_suffix(".new")
    draft.write_text(f"{ahead.total_seconds()!r}\n")
    draft.replace(file)


def written(file: Path) -> timedelta:
    """How far ahead the file says that it is; not at all where there is none."""
    try:
        return timedelta(seconds=float(file.read_text()))
    except FileNotFoundError:
        return timedelta(0)


def of_process(ahead: timedelta, file: Path | None) -> Callable[[], datetime]:
    """The clock of a process that has no database of the platform: a gate, a witness."""
    if file is None:
        return lambda: datetime.now(UTC) + ahead
    return lambda: datetime.now(UTC) + ahead + written(file)
