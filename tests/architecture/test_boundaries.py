"""House rules that no type checker knows; each is shown to catch what it is for."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("govcore", "bidding_docs", "guarantees", "trading", "bureau")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
DOORS = [path for path in SOURCES if path.name in ("pages.py", "api.py", "tasks.py")]
SCORING = [path for path in SOURCES if path.parent.name == "scoring"]
RULES = [path for path in SOURCES if path.name in ("policy.py", "service.py")] + SCORING
LONGEST = 500

QUERY_WORDS = {"select", "insert", "update", "delete", "text"}
CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.monotonic",
    "time.sleep",
}
CHANCE = {"random", "randint", "choice", "choices", "shuffle", "sample", "randrange", "randbelow"}


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_absolute() else str(path)


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Module and name of every import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, ""
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.module or "", alias.name


def queries_built(source: str) -> list[str]:
    """What a door would build a query with."""
    tree = ast.parse(source)
    found = [
        name
        for module, name in _imported(tree)
        if module.split(".")[0] == "sqlalchemy" and name in QUERY_WORDS | {""}
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            receiver = ast.unparse(node.func.value)
            if receiver == "tx" and node.func.attr in ("execute", "scalar", "scalars", "query", "get", "add"):
                found.append(ast.unparse(node.func))
    return found


def clocks_and_dice(source: str) -> list[str]:
    """Reads of the system's clock and of chance; as defaults of arguments they are allowed."""
    tree = ast.parse(source)
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        head, _, last = called.rpartition(".")
        if ".".join(called.split(".")[-2:]) in CLOCKS or (head in ("random", "secrets") and last in CHANCE):
            found.append(called)
    return found


@pytest.mark.parametrize("path", DOORS, ids=_name)
def test_pages_api_and_tasks_build_no_queries(path: Path) -> None:
    assert queries_built(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "from sqlalchemy import select",
        "import sqlalchemy",
        "def f(tx): return tx.scalars(q)",
        "def f(tx): tx.add(row)",
    ],
)
def test_a_query_in_a_door_would_be_found(source: str) -> None:
    assert len(queries_built(source)) == 1


@pytest.mark.parametrize("path", RULES, ids=_name)
def test_time_and_chance_come_as_arguments(path: Path) -> None:
    assert clocks_and_dice(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "datetime.now(UTC)",
        "datetime.datetime.now()",
        "date.today()",
        "time.time()",
        "random.choice(x)",
        "secrets.choice(x)",
    ],
)
def test_a_clock_or_dice_would_be_found(source: str) -> None:
    assert len(clocks_and_dice(source)) == 1


@pytest.mark.parametrize("path", [p for p in SOURCES if p.name == "policy.py"], ids=_name)
def test_policy_needs_the_standard_library_only(path: Path) -> None:
    foreign = {
        module.split(".")[0]
        for module, _ in _imported(ast.parse(path.read_text()))
        if module.split(".")[0] not in (*sys.stdlib_module_names, *PACKAGES)
    }

    assert foreign == set()


def test_scoring_needs_the_standard_library_and_itself_only() -> None:
    imported = {module for path in SCORING for module, _ in _imported(ast.parse(path.read_text()))}
    own = {module for module in imported if module.startswith("trading.evaluation.scoring")}

    assert {module.split(".")[0] for module in imported - own} <= set(sys.stdlib_module_names)
    assert own  # the package was found


def test_no_file_is_longer_than_anybody_reads() -> None:
    sources = [*SOURCES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "migrations").rglob("*.py")]
    too_long = {_name(path): n for path in sources if (n := len(path.read_text().splitlines())) > LONGEST}

    assert too_long == {}


def test_import_contracts_are_kept() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout


HELP = """
import sys
sys.argv = ["trading", "--help"]
from govcore.cli import main
try:
    main()
finally:
    print([name for name in ("litestar", "sqlalchemy", "celery", "cryptography") if name in sys.modules])
"""


def test_help_lists_every_command_without_the_heavy_libraries() -> None:
    done = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=True)

    lines = done.stdout.splitlines()
    shown = [line.split() for line in lines[lines.index("Commands:") + 1 : -1] if line.startswith("  ")]
    commands = {
        words[0]
        for words, line in zip(shown, lines[lines.index("Commands:") + 1 :], strict=False)
        if line[2] != " "
    }
    assert {"serve", "worker", "beat", "migrate", "demo", "bid", "custodian", "audit"} <= commands
    assert lines[-1] == "[]"


def test_numbers_in_addresses_are_bounded() -> None:
    """A number that no database holds would be a fault of ours instead of a malformed address."""
    unbounded = re.compile(r"From(?:Query|Path)\[int\b")

    assert [_name(path) for path in SOURCES if unbounded.search(path.read_text(encoding="utf-8"))] == []
