"""A trading floor: a centre with three people, a published tender, two regulators and a bidder."""

from __future__ import annotations

from pathlib import Path

import pytest
from supervision_factories import Floor, build_floor

from govcore.platform import Platform
from govcore.settings import Settings


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Only the modules that supervision stands on, with a clock that tests may move."""
    return Settings.from_environ(
        {
            "TRADING_DATA": str(tmp_path / "data"),
            "TRADING_DATABASE_URL": database_url,
            "TRADING_DEMO": "1",
            "TRADING_LOG_INTERVAL": "1",
            "TRADING_MODULES": "identity,audit,notify,numbering,calendar,seals,web,procedure,project,notices,tender"
            ",supervision",
        }
    )


@pytest.fixture
def floor(platform: Platform) -> Floor:
    return build_floor(platform)
