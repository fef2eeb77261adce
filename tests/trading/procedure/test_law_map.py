"""The map from articles to tests holds every rule of the lawful rule sets, and its tests exist."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from trading.procedure.rules import rule_sets

ROOT = Path(__file__).parents[3]
LINES = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in (ROOT / "docs/law-map.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("|")
]
PRODUCT = ("trading", "govcore", "guarantees", "bidding_docs")
ROWS = [line for line in LINES if line[0].startswith("`")]
BOUNDS = [line for line in LINES if re.match(r"[TG]\d\d\b", line[0])]
PLAYED = [line for line in LINES if line[0].startswith(("BH", "tender", "purchase"))]
LAWFUL = {rule for rules in rule_sets().values() if rules.lawful for rule in rules.rules}


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_every_rule_of_a_lawful_set_has_one_row() -> None:
    mapped = Counter(rule for rules, *_ in ROWS for rule in quoted(rules))

    assert LAWFUL - mapped.keys() == set()
    assert {rule: n for rule, n in mapped.items() if n > 1 or rule not in LAWFUL} == {}


def test_the_cases_of_what_must_not_happen_are_all_there() -> None:
    cases = [case for case, *_ in PLAYED if case.startswith("BH")]

    assert cases == [f"BH{n:02}" for n in (*range(1, 15), *range(17, 21))]


def test_every_row_names_tests_that_exist() -> None:
    missing = []
    for *_, tests in (*ROWS, *PLAYED, *BOUNDS):
        named = [one for one in quoted(tests) if one != "P"]
        assert named or tests.startswith(("shown", "`P`"))
        for test in named:
            name, _, function = test.partition("::")
            path = ROOT / "tests" / name
            if not path.is_file() or (
                function and f"def {function}(" not in path.read_text(encoding="utf-8")
            ):
                missing.append(test)

    assert missing == []


def test_every_row_names_code_that_the_product_asks() -> None:
    """A rule that only tests reckon with would be in this map and bind nobody."""
    product = [path for folder in PRODUCT for path in (ROOT / folder).rglob("*.py")]
    words = Counter(word for path in product for word in re.findall(r"\w+", path.read_text(encoding="utf-8")))

    wrong = []
    for _, _, code, _ in ROWS:
        for place, names in re.findall(r"`([\w/.]+)`(?: \(([^)]*)\))?", code):
            path, asked = ROOT / place, quoted(names)
            text = path.read_text(encoding="utf-8") if path.is_file() else ""
            if not path.exists() or any(name not in text or words[name] < 2 for name in asked):
                wrong.append((place, names))

    assert wrong == []


def test_every_rule_with_a_boundary_is_named_with_the_tests_of_it() -> None:
    wanted = {f"T{n:02}" for n in (*range(1, 14), *range(18, 31), 32, 33, 35, 38)}
    wanted |= {f"G{n:02}" for n in (*range(1, 14), *range(16, 20), 21, 22)}

    assert wanted - {rule for rules, *_ in BOUNDS for rule in re.findall(r"[TG]\d\d", rules)} == set()
