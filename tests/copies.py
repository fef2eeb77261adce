"""A platform is played once in each process and database, and copied for every test that begins with it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
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


@dataclass(frozen=True)
class Rest:
    """A platform that nobody plays on: its database, its folder, its time, and what its people keep in memory."""

    url: str
    data: Path
    at: datetime
    kept: Any

    def wake(self, settings: Settings) -> Platform:
        """The same platform at the same time on a copy of the data; the copy of the database is the caller's."""
        shutil.copytree(self.data, settings.data, dirs_exist_ok=True)
        platform = Platform.open(settings)
        set_clock(platform.db, self.at)
        return platform


def play(steps: Steps, url: str, data: Path) -> Rest:
    """Found a platform on a database that has its tables, and play these steps."""
    platform = platforms.found(platforms.settings_for(url, data))
    kept = steps(platform)
    with platform.db.read() as tx:
        at = clock.now(tx)
    platform.db.dispose()
    return Rest(url, data, at, kept)
