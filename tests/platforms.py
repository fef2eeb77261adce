"""Platforms for tests: founded on a database with its tables; they have the keys and the registration CA."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from govcore import clock, vault
from govcore.certificates.service import create_authority
from govcore.keys import create_kek
from govcore.platform import Platform
from govcore.settings import Settings


def settings_for(database_url: str, data: Path) -> Settings:
    return Settings.from_environ(
        {
            "TRADING_DATA": str(data),
            "TRADING_DATABASE_URL": database_url,
            "TRADING_DEMO": "1",
            "TRADING_LOG_INTERVAL": "1",
        }
    )


def found(settings: Settings, *, since: datetime | None = None) -> Platform:
    """A platform on a database that has its tables, its CA as old as that; the caller disposes of its database.

    What is played on days of the past needs a CA that is older than they are.
    """
    create_kek(settings.kek_file)
    platform = Platform.open(settings)
    with platform.db.transaction() as tx:
        vault.create_missing(tx, platform.wrapper)
        create_authority(tx, platform.wrapper, name="Test CA", at=since or clock.now(tx))
    return platform
