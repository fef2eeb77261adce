"""When a round can be archived, how long it is kept, and what its package is made of."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
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
CARRIED_ON = frozenset({"prequalified", "consulted"})
"""Over too, but who goes on may be known only when the round that follows is over (招标投标法 art. 22)."""

PUBLIC_FOLDERS = ("documents/", "notices/", "clarifications/", "certificates/", "log/")
_PUBLIC_PAPER = re.compile(
    r"lots/\d+/(opening/record.*\.pdf|outages/.*|award/\d+-(candidates|result).*\.pdf)|[^/]*"
)
"""What everybody could read all along: it stays published after the rest was disposed of."""


class PackageState(StrEnum):
    """`COLLECTED` knows what belongs to it, `SEALED` has hashed all of it and is named in the log.

    Of a `DISPOSED` one its manifest is left: the path, length and hash of every file.
    """

    COLLECTED = "collected"
    SEALED = "sealed"
    DISPOSED = "disposed"


def is_done(states: Collection[str], following: Sequence[Collection[str]] = ()) -> bool:
    """Whether every lot of a round has ended, so that nothing sealed or secret is left.

    `following` holds, for each lot that is carried on, the states of the lots of the round that follows it.
    """
    ended = bool(states) and all(state in DONE | CARRIED_ON for state in states)
    return ended and all(is_done(found) for found in following)


def bid_paths(stem: str, part: str, extension: str) -> tuple[str, str]:
    """Where a part of an opened bid and its key lie, beside the bid's manifest `stem`.dsse.json."""
    return f"{stem}-{part}.{extension}", f"{stem}-{part}.key"


def is_public(path: str) -> bool:
    """Whether a file of a package was published to everybody."""
    return path.startswith(PUBLIC_FOLDERS) or _PUBLIC_PAPER.fullmatch(path) is not None


def keep_until(ended_at: datetime, years: int) -> datetime:
    """The end of the years that a round's archive is kept (T40); 29 February ends with 28 February."""
    try:
        return ended_at.replace(year=ended_at.year + years)
    except ValueError:
        return ended_at.replace(year=ended_at.year + years, day=28)


def sums(files: Collection[tuple[str, str]]) -> bytes:
    """Paths and hashes as `sha256sum --check` reads them."""
    return "".join(f"{sha256}  {path}\n" for path, sha256 in files).encode()
