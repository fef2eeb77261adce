"""The scene for the tests of every slice that stands on a published tender."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from scene import Scene
from scene_fixtures import (
    further,
    resting,
    scene,
    scene_of,
    sealed,
    waiting,
)

import govcore.platform
from trading.opening import tasks

__all__ = [
    "further",
    "resting",
    "scene",
    "scene_of",
    "sealed",
    "waiting",
]


@pytest.fixture
def sweep(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Run all sweeps of the opening once, as the worker does, on a platform of its own."""
    settings = scene.platform.settings
    for name, value in {
        "TRADING_DATA": str(settings.data),
        "TRADING_DATABASE_URL": settings.database_url,
        "TRADING_DEMO": "1",
        "TRADING_LOG_INTERVAL": "1",
    }.items():
        monkeypatch.setenv(name, value)
    govcore.platform._opened_in.cache_clear()

    def run() -> None:
        worker = govcore.platform.current()
        worker.db.info["clock_offset"] = scene.platform.db.info["clock_offset"]
        for task in (tasks.close_due, tasks.advance, tasks.check_parts, tasks.destroy_keys):
            scene.write_log()
            task()

    yield run
    govcore.platform.current().db.dispose()
    govcore.platform._opened_in.cache_clear()
