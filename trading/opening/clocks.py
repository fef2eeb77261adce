"""Clocks that differ by more than 2 s stop an opening, never the intake: a wrong clock opens too early."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bidding_docs.codes import ClockSkew
from govcore import clock
from govcore.db import Database, Tx

SKEW = timedelta(seconds=2)

_log = structlog.get_logger()


class Clocked(Protocol):
    def now(self) -> datetime: ...


def check_own_clock(tx: Tx) -> None:
    """E_CLOCK_SKEW, and an alarm, when this process's clock and the database's differ.

    Each process that takes part in an opening asks for itself.
    """
    apart = abs(clock.skew(tx))
    if apart > SKEW:
        _log.error("clock.skew", seconds=apart.total_seconds())
    _check(apart)


def check_clocks(db: Database, gate: Clocked) -> None:
    """E_CLOCK_SKEW when this process, the database and the gate do not agree; the way to the gate may take time.

    Whoever asks tells it in the hall: the alarm is rung there, once.
    """
    with db.read() as tx:
        _check(abs(clock.skew(tx)))
        before = clock.now(tx)
    there = gate.now()
    with db.read() as tx:
        after = clock.now(tx)
    _check(max(before - there, there - after, timedelta(0)))


def _check(apart: timedelta) -> None:
    if apart > SKEW:
        raise ClockSkew(seconds=int(apart.total_seconds()))
