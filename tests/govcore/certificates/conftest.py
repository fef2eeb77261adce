"""A company with one person, who is a bidder, on the core alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from apps import app_for
from litestar.testing import TestClient

sys.path.insert(0, str(Path(__file__).parent))

from certificate_factories import AT, USCC, WRAPPER, actor_named, add_user
from proving_city import SITE, City, found

import govcore.platform
from govcore.certificates.service import create_authority
from govcore.db import Database
from govcore.identity.policy import Actor
from govcore.identity.service import register_organisation
from govcore.module import discover
from govcore.platform import Platform


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    registry = discover(["identity", "certificates", "audit", "notify", "web"])
    database = Database(database_url, info={"registry": registry})
    with database.transaction() as tx:
        create_authority(tx, WRAPPER, name="Test CA", at=AT)
        company = register_organisation(tx, uscc=USCC, name="晨光水务", actor="system", at=AT)
        add_user(tx, "wang", company.id)
    yield database
    database.dispose()


@pytest.fixture
def city(platform: Platform) -> Iterator[City]:
    """The site of `proving_city`, with an outside authority that it trusts."""
    with TestClient(app_for(platform), base_url=SITE) as http:
        yield found(platform, http)


@pytest.fixture
def worker(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    """The platform that tasks find, on the database of `platform`."""
    settings = platform.settings
    for name, value in {
        "TRADING_DATA": str(settings.data),
        "TRADING_DATABASE_URL": settings.database_url,
        "TRADING_DEMO": "1",
    }.items():
        monkeypatch.setenv(name, value)
    govcore.platform._opened_in.cache_clear()
    yield govcore.platform.current()
    govcore.platform.current().db.dispose()
    govcore.platform._opened_in.cache_clear()


@pytest.fixture
def wang(database: Database) -> Actor:
    """The bidder of the company."""
    return actor_named(database, "wang")
