"""The scene is played once in each process and database, and copied for every test that begins with it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import platforms
from apps import app_for
from clocks import set_clock
from litestar.testing import TestClient
from scene import Scene, build
from scene_city import Published

from bidding_docs.sealing import SealedBid
from govcore.platform import Platform
from govcore.settings import Settings

SITE = "http://site.example"
Sealed = dict[str, SealedBid]
Steps = Callable[[Scene], Sealed]
"""Plays on from a published tender, and returns the bids that were submitted."""


@dataclass(frozen=True)
class Resting:
    """A scene that nobody plays on: its database, its folders, and what its people keep in memory."""

    url: str
    data: Path
    folder: Path
    city: Published
    sealed: Sealed
    at: datetime | None = None
    """Its legal time, once it differs from the machine's."""

    def wake(self, settings: Settings) -> Platform:
        """The same platform on a copy of the data; the copy of the database is the caller's."""
        shutil.copytree(self.data, settings.data, dirs_exist_ok=True)
        platform = Platform.open(settings)
        if self.at is not None:
            set_clock(platform.db, self.at)
        return platform

    def people(self) -> Published:
        """The people's keys and sessions; what a test adds stays with the test."""
        mine = {one.name: getattr(self.city, one.name) for one in fields(self.city)}
        return Published(
            **{name: dict(value) if isinstance(value, dict) else value for name, value in mine.items()}
        )

    def sealed_in(self, folder: Path) -> Sealed:
        """The bids that were submitted, in a copy of the bidders' folders."""
        if not self.sealed:
            return {}
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)

        def moved(path: Path) -> Path:
            return folder / path.relative_to(self.folder)

        return {
            bidder: replace(
                bid,
                folder=moved(bid.folder),
                recovery=moved(bid.recovery),
                parts={name: moved(path) for name, path in bid.parts.items()},
                capsules={key: moved(path) for key, path in bid.capsules.items()},
            )
            for bidder, bid in self.sealed.items()
        }


def play(url: str, folder: Path, **given: Any) -> Resting:
    """Publish the tender in a new database; `given` says how it differs from the usual one."""
    platform = platforms.found(platforms.settings_for(url, folder / "data"))
    with TestClient(app_for(platform), base_url=SITE) as http:
        city = build(platform, http, folder / "scene", **given).city
    platform.db.dispose()
    return Resting(url, folder / "data", folder / "scene", city, {})


def play_on(rest: Resting, url: str, folder: Path, steps: Steps) -> Resting:
    """Play these steps in a copy of the scene and of its database."""
    platform = rest.wake(platforms.settings_for(url, folder / "data"))
    with TestClient(app_for(platform), base_url=SITE) as http:
        scene = Scene(platform, http, folder / "scene", rest.people())
        sealed = steps(scene)
        at = scene.now() if platform.db.info["clock_offset"] else None
    platform.db.dispose()
    return Resting(url, folder / "data", folder / "scene", scene.city, sealed, at)
