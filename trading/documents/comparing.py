"""What changed between two versions: old and new of every value that differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

_KEYS = ("number", "id", "code", "name")
"""What an entry of a list is known by, in this order; entries without any of them are known by their place."""

MISSING = object()


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs; `path` names the members from the outside in, list entries by their number, id or code.

    What was added has no `old`, what was removed no `new`; a whole entry of a list is told once, not member by member.
    """

    path: tuple[str, ...]
    kind: Literal["added", "removed", "changed"]
    old: Any
    new: Any


def diff(old: Any, new: Any) -> list[Change]:
    """Compare two values of plain data (objects, lists, texts, numbers) in the order of the new one."""
    return list(_compare((), old, new))


def _compare(path: tuple[str, ...], old: Any, new: Any) -> Iterator[Change]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _members(path, old, new)
    elif _is_list(old) and _is_list(new) and (old or new):
        yield from _entries(path, old, new)
    elif old != new or type(old) is not type(new):
        yield _change(path, old, new)


def _members(path: tuple[str, ...], old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name in (*new, *(name for name in old if name not in new)):
        before, after = old.get(name, MISSING), new.get(name, MISSING)
        if before is MISSING or after is MISSING:
            yield _change((*path, name), before, after)
        else:
            yield from _compare((*path, name), before, after)


def _entries(path: tuple[str, ...], old: Sequence[Any], new: Sequence[Any]) -> Iterator[Change]:
    if not all(isinstance(entry, Mapping) for entry in (*old, *new)):
        yield from [_change(path, old, new)] if list(old) != list(new) else []
        return
    key = next((key for key in _KEYS if _names(old, key) and _names(new, key)), None)
    before, after = _keyed(old, key), _keyed(new, key)
    yield from _members(path, before, after)
    if [name for name in before if name in after] != [name for name in after if name in before]:
        yield Change((*path, "order"), "changed", list(before), list(after))


def _names(entries: Sequence[Mapping[str, Any]], key: str) -> bool:
    """True when the entries have this member, each with another text."""
    names = [str(entry[key]) for entry in entries if entry.get(key) not in (None, "")]
    return len(names) == len(entries) == len(set(names))


def _keyed(entries: Sequence[Mapping[str, Any]], key: str | None) -> dict[str, Any]:
    """The entries by what they are known by in both lists; by their place where there is nothing such."""
    return {str(entry[key]) if key else str(place): entry for place, entry in enumerate(entries, 1)}


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _change(path: tuple[str, ...], old: Any, new: Any) -> Change:
    if old is MISSING or old is None:
        return Change(path, "added", None, new)
    if new is MISSING or new is None:
        return Change(path, "removed", old, None)
    return Change(path, "changed", old, new)
