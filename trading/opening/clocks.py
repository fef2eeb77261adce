"""Clocks that differ by more than 2 s stop an opening, never the intake: a wrong clock opens too early."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from bidding_docs.codes import ClockSkew
from govcore import clock
from govcore.db import Database, Tx

SKEW = timedelta(seconds=2)


class Clocked(Protocol):
    def now(self) -> datetime: ...


def check_own_clock(tx: Tx) -> None:
    """E_CLOCK_SKEW when this process's clock and the database's differ: each process that opens asks for itself."""
    _check(abs(clock.skew(tx)))


def check_clocks(db: Database, gate: Clocked) -> None:
    """E_CLOCK_SKEW when this process, the database and the gate do not agree; the way to the gate may take time."""
    with db.read() as tx:
        check_own_clock(tx)
        before = clock.now(tx)
    there = gate.now()
    with db.read() as tx:
        after = clock.now(tx)
    _check(max(before - there, there - after, timedelta(0)))


def _check(apart: timedelta) -> None:
    if apart > SKEW:
        raise ClockSkew(seconds=int(apart.total_seconds()))
