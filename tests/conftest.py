"""Real collaborators for every test: SQLite and PostgreSQL, Redis, S3, a platform with keys.

The tables are made once a process and copied for each test: a file on SQLite, a template database on
PostgreSQL. Emptying tables is no way: the log refuses DELETE and TRUNCATE.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import copies
import httpx
import hypothesis
import platforms
import psycopg
import pytest
import servers
from argon2 import PasswordHasher
from copies import Rest, Stages, Steps
from hypothesis import HealthCheck
from sqlalchemy import Engine, create_engine
from structlog.contextvars import clear_contextvars

import govcore.platform
from govcore import db, logs
from govcore.db import Base, Database
from govcore.i18n import Catalogue
from govcore.identity import passwords
from govcore.module import Registry, discover
from govcore.platform import Platform
from govcore.settings import Settings

BACKENDS = ("sqlite", "postgresql")

UrlMaker = Callable[[bool | str], str]
"""The address of a new database on one backend: complete (True), empty (False), or a copy of the one at an address."""


hypothesis.settings.register_profile(
    "suite",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis.settings.load_profile("suite")
"""The same examples each time, however slow the machine: what fails once fails again."""


def pytest_configure() -> None:
    """What is imported and collected stays to the end: the garbage collector need not go through it again and again."""
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


@pytest.fixture(scope="session")
def registry() -> Registry:
    return discover()


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The maintenance database of this test process's own PostgreSQL."""
    with servers.postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with servers.redis() as url:
        yield url


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """An S3 API with the bucket `servers.BUCKET`; the credentials are in the environment."""
    with pytest.MonkeyPatch.context() as patch, servers.s3() as endpoint:
        for name, value in servers.S3_ACCOUNT.items():
            patch.setenv(name, value)
        yield endpoint


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_url: str) -> UrlMaker:
    numbers = count(1)
    templates: dict[frozenset[str], str] = {}

    def template() -> str:
        tables = frozenset(Base.metadata.tables)
        if tables not in templates:
            name = f"template_{next(numbers)}"
            _execute(postgresql_url, f"CREATE DATABASE {name}")
            _create_tables(_with_database(postgresql_url, name))
            templates[tables] = name
        return templates[tables]

    def make(source: bool | str) -> str:
        name = f"test_{next(numbers)}"
        empty_or_complete = template() if source else "template0"
        original = _name(source) if isinstance(source, str) else empty_or_complete
        # Without fsync a copy of the files is three times as fast as one through the write-ahead log.
        _execute(postgresql_url, f"CREATE DATABASE {name} TEMPLATE {original} STRATEGY FILE_COPY")
        return _with_database(postgresql_url, name)

    return make


@pytest.fixture(scope="session")
def sqlite_databases() -> Iterator[UrlMaker]:
    with tempfile.TemporaryDirectory(prefix="sqlite-", dir=servers.in_memory()) as folder:
        yield _sqlite_in(Path(folder))


def _sqlite_in(folder: Path) -> UrlMaker:
    numbers = count(1)
    templates: dict[frozenset[str], Path] = {}

    def template() -> Path:
        tables = frozenset(Base.metadata.tables)
        if tables not in templates:
            path = folder / f"template-{len(templates)}.sqlite3"
            _create_tables(f"sqlite:///{path}")
            templates[tables] = path
        return templates[tables]

    def make(source: bool | str) -> str:
        path = folder / f"test-{next(numbers)}.sqlite3"
        if source:
            original = source.removeprefix("sqlite:///") if isinstance(source, str) else template()
            shutil.copyfile(original, path)
        return f"sqlite:///{path}"

    return make


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Each database in turn."""
    name: str = request.param
    return name


@pytest.fixture
def make_database(backend: str, request: pytest.FixtureRequest) -> Iterator[UrlMaker]:
    """Makes databases on this backend; they are gone after the test."""
    made: list[str] = []

    maker: UrlMaker = request.getfixturevalue(f"{backend}_databases")

    def make(source: bool | str) -> str:
        made.append(maker(source))
        return made[-1]

    yield make
    for url in made:
        if backend == "sqlite":
            for part in ("", "-wal", "-shm"):
                Path(url.removeprefix("sqlite:///") + part).unlink(missing_ok=True)
        else:
            _execute(request.getfixturevalue("postgresql_url"), f"DROP DATABASE {_name(url)} WITH (FORCE)")


@pytest.fixture(scope="session")
def stages() -> Stages:
    """The platforms of this process at rest, by backend and how far they were played."""
    return {}


@pytest.fixture
def beginnings() -> dict[str, Steps]:
    """What is played, once, before a test that asks for a fixture of this name; a directory names its own."""
    return {}


@pytest.fixture
def since() -> datetime | None:
    """Since when the platform has its CA, where that is not since now."""
    return None


@pytest.fixture
def resting(
    request: pytest.FixtureRequest,
    stages: Stages,
    backend: str,
    registry: Registry,
    beginnings: dict[str, Steps],
    since: datetime | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Rest:
    """What the test's platform is a copy of: played to one of the `beginnings`, or founded and never used."""
    steps = next(
        (steps for name, steps in beginnings.items() if name in request.fixturenames), copies.nothing
    )
    key = backend, steps, since
    if key not in stages:
        url = request.getfixturevalue(f"{backend}_databases")(True)
        stages[key] = copies.play(steps, url, tmp_path_factory.mktemp("played"), since=since)
    rest: Rest = stages[key]
    return rest


@pytest.fixture
def database_url(make_database: UrlMaker, request: pytest.FixtureRequest) -> str:
    """A database with every imported module's tables, on each backend: without rows, or as the platform begins."""
    rest = request.getfixturevalue("resting") if "platform" in request.fixturenames else None
    return make_database(rest.url if rest else True)


@pytest.fixture
def empty_database_url(make_database: UrlMaker) -> str:
    """A database without tables, on each backend."""
    return make_database(False)


@pytest.fixture
def settings(registry: Registry, database_url: str, tmp_path: Path) -> Settings:
    """`registry` comes first: it imports every module's tables before the database is copied."""
    return platforms.settings_for(database_url, tmp_path / "data")


@pytest.fixture
def platform(settings: Settings, resting: Rest) -> Iterator[Platform]:
    """A platform with its keys and its registration CA: new, or as far as it was played for this test."""
    platform = resting.wake(settings)
    yield platform
    platform.db.dispose()


@pytest.fixture
def database(platform: Platform) -> Database:
    return platform.db


def _create_tables(url: str) -> None:
    database = Database(url)
    Base.metadata.create_all(database.engine)
    database.dispose()


def _execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def _name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """People of the tests are made by the dozen; what argon2 costs in truth, `test_passwords.py` knows."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", quick)
        patch.setattr(passwords, "_NOBODY", quick.hash("nobody has this password"))
        yield


@pytest.fixture(scope="session", autouse=True)
def _statements_compiled_once() -> Iterator[None]:
    """A statement becomes SQL once in this process, not once in each test's engine: engines share their dialects."""
    first: dict[tuple[str, str | None], Engine] = {}

    def shared(url: str, **options: Any) -> Engine:
        engine = create_engine(url, query_cache_size=5000, **options)
        other = first.setdefault((engine.dialect.name, options.get("isolation_level")), engine)
        if other.dialect.server_version_info is None:  # it never met a server
            first[engine.dialect.name, options.get("isolation_level")] = engine
        else:
            engine.dialect, engine._compiled_cache = other.dialect, other._compiled_cache
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "create_engine", shared)
        yield


@pytest.fixture(scope="session", autouse=True)
def _sentences_gathered_once() -> Iterator[None]:
    """Each set of modules has one catalogue in this process: elsewhere a process opens one platform, here thousands."""
    gather, gathered = govcore.platform._catalogue, dict[tuple[str, ...], Catalogue]()

    def shared(registry: Registry) -> Catalogue:
        names = tuple(module.name for module in registry.modules)
        if names not in gathered:
            gathered[names] = gather(registry)
        return gathered[names]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(govcore.platform, "_catalogue", shared)
        yield


@pytest.fixture(scope="session", autouse=True)
def _nothing_to_wait_for() -> Iterator[None]:
    """No power fails between two tests, and their clients in this process trust no authority of the web."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _descriptor: None)
        patch.setattr("httpx._transports.default.create_ssl_context", cache(httpx.create_ssl_context))
        yield


@pytest.fixture(autouse=True)
def _nobodys_request() -> None:
    """No test begins within another's request: scenes sign people in outside of any, all in one thread."""
    logs.begin_request()
    clear_contextvars()


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the caller's shell reaches a test."""
    for name in [name for name in os.environ if name.startswith("TRADING_")]:
        monkeypatch.delenv(name)
