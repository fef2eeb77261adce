"""A module from its own folder: installed, migrated, used, uninstalled; and the guide shows exactly its files."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import sysconfig
import venv
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from govcore import clock
from govcore.audit.entries import parse_event
from govcore.audit.models import LogOutbox
from govcore.audit.queries import due_deliveries
from govcore.audit.service import record
from govcore.db import Database
from govcore.identity.policy import Role
from govcore.identity.service import register_organisation, register_user
from govcore.identity.sessions import open_session
from govcore.module import Module, ModuleError, build_registry, discover
from govcore.platform import Platform
from govcore.settings import Settings
from govcore.setup import drop, migrate, tables_of

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "external_module"
GUIDE = ROOT / "docs" / "guide" / "write-a-module.md"
VISIT = str(Path(__file__).with_name("visiting.py"))
CODE = sorted(path for kind in ("*.py", "*.html") for path in FOLDER.rglob(kind) if path.read_text())
SHOWN = {path.relative_to(FOLDER).as_posix() for path in CODE} | {
    "pyproject.toml",
    "lost_property/locale/zh_CN.po",
}


class Environment:
    """A virtual environment that sees what this one has, and whatever is installed into it besides."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, symlinks=True)
        self.python = folder / "bin" / "python"
        ours = sysconfig.get_path("purelib")
        theirs = sysconfig.get_path("purelib", "posix_prefix", {"base": str(folder), "platbase": str(folder)})
        (Path(theirs) / "platform.pth").write_text(f"import site; site.addsitedir({ours!r})\n")

    def run(self, *command: str, environ: dict[str, str] | None = None, given: str = "") -> str:
        done = subprocess.run(
            [self.python, *command],
            env={**os.environ, **(environ or {})},
            input=given,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def pip(self, *command: str) -> None:
        pip = [sys.executable, "-m", "pip", "--python", str(self.python), "--disable-pip-version-check", "-q"]
        subprocess.run([*pip, *command], check=True, capture_output=True)


def test_an_external_module_comes_works_and_goes(
    sqlite_databases: Any, postgresql_databases: Any, tmp_path: Path
) -> None:
    sites = [_founded(make(False), tmp_path) for make in (sqlite_databases, postgresql_databases)]
    here = Environment(tmp_path / "venv")
    shutil.copytree(FOLDER, tmp_path / "source")

    here.pip("install", "--no-index", "--no-deps", "--no-build-isolation", str(tmp_path / "source"))
    used = _visit(here, sites)
    kept = _copy_of(sites[0], tmp_path / "kept.sqlite3")
    drops = [
        here.run("-m", "govcore", "modules", "drop", "lost_property", "--yes", environ=_environ(url, data))
        for url, data, _ in sites
    ]
    here.pip("uninstall", "--yes", "lost-property")
    without = _visit(here, [*sites, kept])

    assert used == [USED, USED]
    assert (
        drops == ["Dropped lost_property_thing. The log keeps its entries. Now uninstall the package.\n"] * 2
    )
    assert without == [GONE, GONE, {**GONE, "tables": USED["tables"]}]
    for url, _, _ in sites:
        assert _logged(url) == ["lost.kept", "lost.kept", "lost.returned", "module.dropped"]
    assert _things(kept[0]) == ["gloves"]


USED = {
    "modules": ["lost_property"],
    "current": True,
    "tables": ["lost_property_thing", "lost_property_version"],
    "health": "ok",
    "door": True,
    "shelf": 200,
    "visitor": 401,
    "kept": [303, 303],
    "shown": [True, True],
    "returned": [303, 404],
    "too_long": 422,
    "words": ["失物招领", "gloves"],
}
GONE = {"modules": [], "current": True, "tables": [], "health": "ok", "door": False, "shelf": 404}


def _founded(url: str, folder: Path) -> tuple[str, Path, str]:
    """The platform without the module: its database, its data, and the session of a clerk."""
    data = folder / url.split(":")[0]
    settings = Settings.from_environ(_environ(url, data))
    migrate(settings)
    database = Database(url, info={"registry": discover()})
    with database.transaction() as tx:
        at = clock.now(tx)
        org = register_organisation(tx, uscc="91330100MA2KEXAMPD", name="服务大厅", actor="system", at=at)
        user = register_user(
            tx,
            username="clerk",
            name="窗口人员",
            password="correct horse battery",
            org_id=org.id,
            roles=[Role.CLERK],
            actor="system",
            at=at,
        )
        session = open_session(tx, user_id=user.id, at=at)
    database.dispose()
    return url, data, session


def _environ(url: str, data: Path) -> dict[str, str]:
    return {"TRADING_DATA": str(data), "TRADING_DATABASE_URL": url, "TRADING_DEMO": "1"}


def _visit(here: Environment, sites: list[tuple[str, Path, str]]) -> list[dict[str, Any]]:
    given = json.dumps([(url, str(data), session) for url, data, session in sites])
    printed = here.run(VISIT, given=given)
    found: list[dict[str, Any]] = json.loads(printed)
    return found


def _copy_of(site: tuple[str, Path, str], path: Path) -> tuple[str, Path, str]:
    """The same site over a copy of its SQLite file: its owner keeps the tables."""
    with closing(sqlite3.connect(site[0].removeprefix("sqlite:///"))) as database:
        database.execute(f"VACUUM INTO '{path}'")
    return f"sqlite:///{path}", site[1], site[2]


def _logged(url: str) -> list[str]:
    database = Database(url)
    with database.read() as tx:
        rows = [parse_event(row.event) for row in tx.query(LogOutbox).order_by(LogOutbox.id)]
    database.dispose()
    return [str(one["type"]) for one in rows if str(one["type"]).startswith(("lost.", "module."))]


def _things(url: str) -> list[str]:
    database = Database(url)
    with database.read() as tx:
        found = list(tx.scalars(text("SELECT what FROM lost_property_thing")))
    database.dispose()
    return found


@pytest.mark.parametrize("name", ["supervision", "treasure"])
def test_only_an_external_modules_tables_can_be_dropped(platform: Platform, name: str) -> None:
    before = inspect(platform.db.engine).get_table_names()

    with pytest.raises(ModuleError, match=f"no enabled module {name} brings tables of its own"):
        drop(platform.db, name)

    assert inspect(platform.db.engine).get_table_names() == before


def test_a_dropped_module_is_owed_nothing_any_more(platform: Platform) -> None:
    ghost = Module(
        name="ghost",
        prefixes=("ghost",),
        subscriptions={"identity.user_registered": "ghost.greet"},
        migrations=Path("ghost"),
    )
    heir = replace(
        ghost, name="heir", prefixes=("heir",), subscriptions={"identity.user_registered": "heir.greet"}
    )
    platform.db.info["registry"] = build_registry([*platform.registry.modules, ghost, heir])
    with platform.db.transaction() as tx:
        facts = {"subject": "u", "actor": "system", "data": {}}
        record(tx, "identity.user_registered", at=clock.now(tx), **facts)

    assert drop(platform.db, "ghost") == []

    with platform.db.read() as tx:
        owed = {delivery.task for delivery in due_deliveries(tx, at=clock.now(tx), limit=9)}
    assert "heir.greet" in owed
    assert "ghost.greet" not in owed


def test_a_longer_name_keeps_its_tables_from_a_shorter_one() -> None:
    short, long = Module(name="opening", prefixes=("a",)), Module(name="opening_hall", prefixes=("b",))
    registry = build_registry([short, long])
    of = {module.name: {table.name for table in tables_of(module, registry)} for module in (short, long)}

    assert of["opening_hall"] == {"opening_hall_event", "opening_hall_objection"}
    assert "opening_opening" in of["opening"]
    assert of["opening"] & of["opening_hall"] == set()


def test_the_guide_shows_the_files_of_the_module_that_is_tested() -> None:
    shown = dict(re.findall(r"^```\w+ (\S+)\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL))

    assert set(shown) == SHOWN
    assert {name: text for name, text in shown.items() if text != (FOLDER / name).read_text()} == {}


def test_the_module_of_the_guide_has_less_than_a_hundred_lines_of_code() -> None:
    lines = [line for path in CODE for line in path.read_text().splitlines() if line.strip()]

    assert 50 < len(lines) < 100
