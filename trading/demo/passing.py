"""How time passes between two steps: what takes seconds is waited for, weeks go by with the demo's clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol, TypeVar

import click

from govcore.ahead import put_ahead
from govcore.clock import BEIJING
from trading.client import Refused

PATIENCE = 120.0

T = TypeVar("T")


class Passing(Protocol):
    """What a story asks of time; `now` tells the site's."""

    def until(self, moment: datetime, *, now: Callable[[], datetime], label: str) -> None:
        """Return when the site's clock has reached a moment."""

    def when_over(self, verb: Callable[[], T]) -> T:
        """What the verb gives once the period that forbids it is over."""


class Waited:
    """Periods of seconds, as the rule set `demo` has them."""

    def until(self, moment: datetime, *, now: Callable[[], datetime], label: str) -> None:
        left = max((moment - now()).total_seconds(), 0)
        with click.progressbar(length=int(left * 10) + 1, label=f"          {label}") as bar:
            while now() < moment:
                time.sleep(0.1)
                bar.update(1)

    def when_over(self, verb: Callable[[], T]) -> T:
        """Ask until the period is over; the server's clock decides, not ours."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return verb()
            except Refused as refused:
                if refused.problem.get("status") != 409 or time.monotonic() > end:
                    raise
            time.sleep(0.3)


@dataclass
class PutAhead:
    """Lawful periods: the clock of all processes is put ahead, and everybody signs in anew afterwards."""

    file: Path
    signed_out: Callable[[], None]
    ahead: timedelta = timedelta(0)

    def until(self, moment: datetime, *, now: Callable[[], datetime], label: str) -> None:
        if (left := moment - now()) <= timedelta(0):
            return
        self._put(left)
        day = f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M}"
        click.echo(f"          ⏩ {label}：时钟拨到 {day}")

    def when_over(self, verb: Callable[[], T]) -> T:
        """Let one day after another go by, as many as a period of the law can last."""
        for _ in range(MOST_DAYS):
            try:
                return verb()
            except Refused as refused:
                if refused.problem.get("status") != 409:
                    raise
            self._put(timedelta(days=1))
            click.echo("          ⏩ 过了一天")
        return verb()

    def _put(self, further: timedelta) -> None:
        self.ahead += further
        put_ahead(self.file, self.ahead)
        self.signed_out()


MOST_DAYS = 60
