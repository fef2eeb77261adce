"""Where the files of a package come from, and how each is read, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from govcore.platform import Platform
from trading.archive.models import PackageFile
from trading.bidding.uploads import piece_key
from trading.challenge import evidence
from trading.challenge.models import Evidence

WRAPPED = "archive_file"
"""What the bodies are wrapped for that name people or open bids."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file before it is read: an object of the store, its own bytes, or bytes that are kept wrapped.

    `sha256` is the hash it must have; `taken` is what has to be put together or decrypted (`Pieces`, `Proof`).
    """

    path: str
    key: str | None = None
    sha256: str | None = None
    body: bytes | None = None
    secret: bytes | None = field(default=None, repr=False)
    taken: str | None = None


@dataclass(frozen=True, slots=True)
class Pieces:
    """A part of a bid as it was received: the pieces of one upload."""

    upload_id: str
    sha256: str
    count: int

    def __str__(self) -> str:
        return f"pieces/{self.upload_id}/{self.sha256}/{self.count}"


@dataclass(frozen=True, slots=True)
class Proof:
    """Evidence of a case: stored as ciphertext of a key of its own."""

    evidence_id: str

    def __str__(self) -> str:
        return f"evidence/{self.evidence_id}"


def context_of(package_id: str, position: int) -> str:
    return f"{package_id}/{position}"


def content_of(platform: Platform, file: PackageFile) -> Iterator[bytes]:
    """The file's bytes, a piece at a time; `NotFound` where what it is made of is gone."""
    if file.body is not None:
        return iter([file.body])
    if file.wrapped is not None:
        context = context_of(file.package_id, file.position)
        return iter([platform.wrapper.unwrap(WRAPPED, context, file.wrapped)])
    if file.taken is not None:
        kind, *rest = file.taken.split("/")
        return _pieces(platform, *rest) if kind == "pieces" else _evidence(platform, *rest)
    return platform.store.stream(file.store_key or "")


def _pieces(platform: Platform, upload_id: str, sha256: str, count: str) -> Iterator[bytes]:
    return (platform.store.get(piece_key(upload_id, sha256, n)) for n in range(int(count)))


def _evidence(platform: Platform, evidence_id: str) -> Iterator[bytes]:
    with platform.db.read() as tx:
        row = tx.get_one(Evidence, evidence_id)
    yield evidence.content_of(platform.store, platform.wrapper, row).content
