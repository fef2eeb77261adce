"""The log under test, on each database and where the database makes no difference."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from log_factories import Log, open_log


@pytest.fixture
def log(database_url: str) -> Iterator[Log]:
    """An empty log, on each database."""
    log = open_log(database_url)
    yield log
    log.database.dispose()


@pytest.fixture
def sqlite_log(tmp_path: Path) -> Iterator[Log]:
    """An empty log where the database makes no difference."""
    log = open_log(f"sqlite:///{tmp_path}/log.sqlite3")
    yield log
    log.database.dispose()
