"""A trading floor: a centre with three people, a published tender, two regulators and a bidder."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from supervision_factories import Floor, build_floor

from govcore.module import discover
from govcore.platform import Platform
from govcore.settings import Settings


@cache
def needed(*names: str) -> str:
    """These modules and all they require, as the setting names them."""
    modules = {module.name: module for module in discover().modules}
    found: list[str] = []
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.append(name)
            waiting += modules[name].requires
    return ",".join(found)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Only the modules that supervision stands on, with a clock that tests may move."""
    return Settings.from_environ(
        {
            "TRADING_DATA": str(tmp_path / "data"),
            "TRADING_DATABASE_URL": database_url,
            "TRADING_DEMO": "1",
            "TRADING_LOG_INTERVAL": "1",
            "TRADING_MODULES": needed("supervision", "web"),
        }
    )


@pytest.fixture
def floor(platform: Platform) -> Floor:
    return build_floor(platform)
