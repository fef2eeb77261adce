"""The store's part of a backup: every object once, under its content's hash, and a list of what was where."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime

import msgspec

from govcore.errors import NotFound, Problem
from govcore.storage import AlreadyStored, Store
from govcore.upkeep.history import HEADS

OBJECTS, LISTS = "objects", "lists"
LEFT_OUT = (f"{HEADS}/", "staging/")
"""The log's own head, and pieces that nobody has taken in yet."""


class CopyBroken(Problem):
    """The copy lacks an object, or holds another one than was copied."""

    code = "E_BACKUP_STORE"
    status = 422
    text = "The copy of the store does not hold what the backup lists: {key}."


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One object: where it lay, how long it is, what it holds."""

    key: str
    size: int
    sha256: str


def copy(store: Store, into: Store, *, at: datetime) -> bytes:
    """Copy what the last copy lacks, and return the list of everything that is there now.

    An object is written once under its key: what an earlier list names with the same length is not read again.
    """
    earlier = {(one.key, one.size): one for one in _last_list(into)}
    kept = []
    for key, size in store.sizes():
        if key.startswith(LEFT_OUT):
            continue
        with suppress(NotFound):  # taken away meanwhile: an upload that nobody submitted
            kept.append(earlier.get((key, size)) or _copied(store, into, key))
    listed = encode(kept)
    into.put_new(f"{LISTS}/{at:%Y%m%dT%H%M%S%f}", listed)
    return listed


def bring_back(copied: Store, into: Store, listed: bytes) -> int:
    """Put back what the store lacks, each held against its hash; return how many objects that were."""
    there = dict(into.sizes())
    missing = [one for one in decode(listed) if there.get(one.key) != one.size]
    for one in missing:
        try:
            data = copied.get(f"{OBJECTS}/{one.sha256}")
        except NotFound as error:
            raise CopyBroken(key=one.key) from error
        if hashlib.sha256(data).hexdigest() != one.sha256:
            raise CopyBroken(key=one.key)
        into.put_new(one.key, data)
    return len(missing)


def encode(kept: Iterable[Kept]) -> bytes:
    return b"".join(msgspec.json.encode(one) + b"\n" for one in sorted(kept, key=lambda one: one.key))


def decode(listed: bytes) -> list[Kept]:
    return [msgspec.json.decode(line, type=Kept) for line in listed.splitlines()]


def _last_list(into: Store) -> Sequence[Kept]:
    lists = sorted(into.keys(LISTS))
    return decode(into.get(lists[-1])) if lists else []


def _copied(store: Store, into: Store, key: str) -> Kept:
    data = store.get(key)
    digest = hashlib.sha256(data).hexdigest()
    with suppress(AlreadyStored):
        into.put_new(f"{OBJECTS}/{digest}", data)
    return Kept(key, len(data), digest)
