"""When a round can be archived, how long it is kept, and what its package is made of."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

FORMAT = "trading-archive@v1"
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
PROOF = "manifest.tlog-proof"
README = "README.txt"
MADE_EVENT = "archive.made"
"""The log's entry that names a package by the hash of its manifest."""

DONE = frozenset({"awarded", "contracted", "failed", "terminated", "cancelled"})
"""The states of a lot after which nothing of its round is secret any more."""


class PackageState(StrEnum):
    """`COLLECTED` knows what belongs to it, `SEALED` has hashed all of it and is named in the log."""

    COLLECTED = "collected"
    SEALED = "sealed"


def is_done(states: Collection[str]) -> bool:
    """Whether every lot of a round has ended, so that nothing sealed or secret is left."""
    return bool(states) and all(state in DONE for state in states)


def keep_until(ended_at: datetime, years: int) -> datetime:
    """The end of the years that a round's archive is kept (T40); 29 February ends with 28 February."""
    try:
        return ended_at.replace(year=ended_at.year + years)
    except ValueError:
        return ended_at.replace(year=ended_at.year + years, day=28)


def sums(files: Collection[tuple[str, str]]) -> bytes:
    """Paths and hashes as `sha256sum --check` reads them."""
    return "".join(f"{sha256}  {path}\n" for path, sha256 in files).encode()
