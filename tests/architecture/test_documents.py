"""What the documents point to is there, and they tell nothing of the machines on which they were written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")])
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
DECISIONS = ROOT / "docs/adr"
PLACES = (ROOT, ROOT / "tests", ROOT / "trading", ROOT / "govcore", ROOT / "frontend")
"""From where files are named; the slices of the trading platform are named without it."""

FENCED = re.compile(r"^ *(`{3,}).*?^ *\1", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(<?([^)\s>]+)>?\)")
OUTSIDE = re.compile(r"[a-z]+:")
HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)
NO_ANCHOR = re.compile(r"[^\w\- ]")
QUOTED = re.compile(r"`([\w./-]+\.(?:py|ts|js|sh|md))(?:::(\w+))?`")
SHORT = re.compile(r"`(test_\w+(?:\.py)?)`")
FOREIGN = re.compile(
    r"/(?:home|root|tmp|work|mnt)/|\b(?:pypi\.org|pythonhosted|npmjs|npmmirror|proxy\.golang)\b|session's tools",
    re.I,
)


@cache
def defined_in(path: Path) -> frozenset[str]:
    return frozenset(re.findall(r"^(?:async )?def (test_\w+)\(", path.read_text(), re.MULTILINE))


def prose(path: Path) -> str:
    """A document without its blocks of code."""
    return FENCED.sub("", path.read_text())


def anchors(text: str) -> set[str]:
    """The anchors that headings get on the usual sites."""
    return {NO_ANCHOR.sub("", heading.lower()).replace(" ", "-") for heading in HEADING.findall(text)}


def broken_links(path: Path, text: str) -> Iterator[str]:
    for link in LINK.findall(text):
        if OUTSIDE.match(link):
            continue
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        if not target.exists():
            yield f"{path.name}: {link} leads nowhere"
        elif anchor and anchor not in anchors(prose(target)):
            yield f"{path.name}: {link} leads to no heading"


def missing_files(path: Path, text: str) -> Iterator[str]:
    """Files and tests that are quoted by their place and are not there."""
    for name, test in QUOTED.findall(text):
        if "/" not in name or name.startswith("/"):
            continue
        found = [place / name for place in (*PLACES, path.parent) if (place / name).exists()]
        if not found:
            yield f"{path.name}: {name} is not there"
        elif test and test not in defined_in(found[0]):
            yield f"{path.name}: {name} has no {test}"
    known = {name for file in TESTS for name in (file.name, *defined_in(file))}
    yield from (f"{path.name}: {name} is no test" for name in SHORT.findall(text) if name not in known)


def test_every_link_between_documents_leads_somewhere() -> None:
    assert [broken for path in DOCUMENTS for broken in broken_links(path, prose(path))] == []


def test_every_file_and_test_that_a_document_quotes_is_there() -> None:
    assert [missing for path in DOCUMENTS for missing in missing_files(path, prose(path))] == []


def test_every_decision_has_its_number_once_and_its_line_in_the_index() -> None:
    files = sorted(path.name for path in DECISIONS.glob("[0-9]*.md"))
    index = re.findall(r"^(\d+)\. \[.*\]\((.*)\)$", (DECISIONS / "README.md").read_text(), re.MULTILINE)

    assert [int(name[:4]) for name in files] == list(range(1, len(files) + 1))
    assert index == [(str(int(name[:4])), name) for name in files]


def test_no_document_names_machines_or_registries() -> None:
    found = [(path.name, FOREIGN.findall(path.read_text())) for path in DOCUMENTS]

    assert [one for one in found if one[1]] == []


def test_a_broken_document_would_be_found() -> None:
    path = ROOT / "README.md"
    links = "[a](docs/nothing.md) [b](#no-such) [c](SECURITY.md#reporting)"
    quotes = "`tests/conftest.py::test_x` `govcore/no.py` `test_y` `test_kill.py`"

    assert list(broken_links(path, links)) == [
        "README.md: docs/nothing.md leads nowhere",
        "README.md: #no-such leads to no heading",
    ]
    assert list(missing_files(path, quotes)) == [
        "README.md: tests/conftest.py has no test_x",
        "README.md: govcore/no.py is not there",
        "README.md: test_y is no test",
    ]
    assert FOREIGN.search("see /home/me or files.pythonhosted.org")
