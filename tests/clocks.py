"""The legal clock in tests."""

from __future__ import annotations

from datetime import timedelta

from govcore.db import Database


def move_clock(database: Database, **delta: float) -> None:
    """Move this database's legal clock forward (`seconds=5`)."""
    database.info["clock_offset"] = database.info.get("clock_offset", timedelta(0)) + timedelta(**delta)
