"""The leaf by itself: only its own module is registered, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from wrappers import file_wrapper

import govcore.audit.models  # noqa: F401 - its tables are created with ours
from govcore import vault
from govcore.db import Base, Database
from govcore.keys import KeyWrapper
from govcore.module import build_registry
from govcore.vault import Vault
from guarantees.module import MODULE


@pytest.fixture(scope="session")
def wrapper() -> KeyWrapper:
    return file_wrapper()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with every table and a registry that holds the guarantees module alone."""
    registry = build_registry([replace(MODULE, requires=())])
    database = Database(database_url, info={"registry": registry, "clock_offset": timedelta(0)})
    Base.metadata.create_all(database.engine)
    yield database
    database.dispose()


@pytest.fixture
def keys(database: Database, wrapper: KeyWrapper) -> Vault:
    with database.transaction() as tx:
        vault.create_missing(tx, wrapper)
    with database.read() as tx:
        return Vault.load(tx, wrapper)
