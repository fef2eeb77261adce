"""Two versions are compared value by value; entries of lists are known by number, id or code."""

from __future__ import annotations

from typing import Any

import pytest

from trading.documents.comparing import Change, diff

LINE = {"code": "500101", "name": "土方开挖", "quantity": "42000"}
CASES: dict[str, tuple[Any, Any, list[Change]]] = {
    "the same": ({"a": [1, {"id": "x"}]}, {"a": [1, {"id": "x"}]}, []),
    "a value": (
        {"content": {"validity_days": 90}},
        {"content": {"validity_days": 120}},
        [Change(("content", "validity_days"), "changed", 90, 120)],
    ),
    "text instead of a number": ({"a": 1}, {"a": "1"}, [Change(("a",), "changed", 1, "1")]),
    "true is no 1": ({"a": True}, {"a": 1}, [Change(("a",), "changed", True, 1)]),
    "what was nothing": ({"a": None}, {"a": 3}, [Change(("a",), "added", None, 3)]),
    "a member is gone": ({"a": 1, "b": 2}, {"a": 1}, [Change(("b",), "removed", 2, None)]),
    "an entry by its code": (
        {"lines": [LINE]},
        {"lines": [{**LINE, "quantity": "43000"}]},
        [Change(("lines", "500101", "quantity"), "changed", "42000", "43000")],
    ),
    "an entry before others moves nothing": (
        {"lines": [LINE]},
        {"lines": [{**LINE, "code": "1"}, LINE]},
        [Change(("lines", "1"), "added", None, {**LINE, "code": "1"})],
    ),
    "another order is told once": (
        {"items": [{"id": "a"}, {"id": "b"}]},
        {"items": [{"id": "b"}, {"id": "a"}]},
        [Change(("items", "order"), "changed", ["a", "b"], ["b", "a"])],
    ),
    "a list of values is one value": (
        {"types": ["pdf"]},
        {"types": ["pdf", "xlsx"]},
        [Change(("types",), "changed", ["pdf"], ["pdf", "xlsx"])],
    ),
    "entries with the same code go by their place": (
        [LINE, LINE],
        [LINE, {**LINE, "name": "回填"}],
        [Change(("2", "name"), "changed", "土方开挖", "回填")],
    ),
    "a list that was empty": ({"types": []}, {"types": ["a"]}, [Change(("types",), "changed", [], ["a"])]),
}


@pytest.mark.parametrize(("old", "new", "changes"), CASES.values(), ids=CASES)
def test_a_difference_is_told_with_its_old_and_new_value(old: Any, new: Any, changes: list[Change]) -> None:
    assert diff(old, new) == changes
