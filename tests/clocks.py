"""The legal clock in tests."""

from __future__ import annotations

from datetime import datetime, timedelta

from govcore import clock
from govcore.db import Database


def move_clock(database: Database, **delta: float) -> None:
    """Move this database's legal clock forward (`seconds=5`)."""
    database.info["clock_offset"] = database.info.get("clock_offset", timedelta(0)) + timedelta(**delta)


def set_clock(database: Database, at: datetime) -> None:
    """Let this database's legal clock show `at` now and run on from there."""
    with database.read() as tx:
        move_clock(database, seconds=(at - clock.now(tx)).total_seconds())
