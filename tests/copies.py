"""A platform is played once in each process and database, and copied for every test that begins with it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import platforms
from clocks import set_clock

from govcore import clock
from govcore.platform import Platform
from govcore.settings import Settings

Steps = Callable[[Platform], Any]
"""Plays on a new platform; what it returns are the people's keys and names, which no test may change."""


Stages = dict[tuple[Hashable, ...], Any]
"""Platforms at rest by what they are copies of."""


@dataclass(frozen=True)
class Rest:
    """A platform that nobody plays on: its database, its folder, its time, and what its people keep in memory."""

    url: str
    data: Path
    at: datetime | None
    kept: Any

    def wake(self, settings: Settings) -> Platform:
        """The same platform at the same time on a copy of the data; the copy of the database is the caller's."""
        shutil.copytree(self.data, settings.data, dirs_exist_ok=True)
        platform = Platform.open(settings)
        if self.at is not None:
            set_clock(platform.db, self.at)
        return platform


def nothing(_platform: Platform) -> None:
    """The steps of a platform that was founded, and that is all: it wakes at the present time."""


def play(steps: Steps, url: str, data: Path, *, since: datetime | None = None) -> Rest:
    """Found a platform on a database that has its tables, with a CA as old as that, and play these steps."""
    platform = platforms.found(platforms.settings_for(url, data), since=since)
    kept = steps(platform)
    with platform.db.read() as tx:
        at = None if steps is nothing else clock.now(tx)
    platform.db.dispose()
    return Rest(url, data, at, kept)
