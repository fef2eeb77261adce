"""Digests of a sealed file, computed while it is written: SHA-256 of the whole and the root over its pieces."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from bidding_docs.age_stream import Readable
from bidding_docs.codes import StoreHash
from bidding_docs.manifests import PIECE_SIZE, Part
from bidding_docs.merkle import merkle_root


@dataclass(frozen=True, slots=True)
class Digests:
    size: int
    sha256: str
    pieces: tuple[str, ...]

    @property
    def pieces_root(self) -> str:
        """Return the RFC 6962 root whose leaves are the raw digests of the pieces."""
        return merkle_root([bytes.fromhex(piece) for piece in self.pieces]).hex()


class Digester:
    """Takes a file's bytes in order and tells its digests."""

    def __init__(self, piece_size: int = PIECE_SIZE) -> None:
        self._piece_size = piece_size
        self._whole, self._piece = hashlib.sha256(), hashlib.sha256()
        self._size = self._filled = 0
        self._pieces: list[str] = []

    def update(self, data: bytes | memoryview) -> None:
        self._whole.update(data)
        self._size += len(data)
        view = memoryview(data)
        while view:
            part = view[: self._piece_size - self._filled]
            self._piece.update(part)
            self._filled += len(part)
            view = view[len(part) :]
            if self._filled == self._piece_size:
                self._close_piece()

    def finish(self) -> Digests:
        """Return the digests; nothing may be added afterwards."""
        if self._filled:
            self._close_piece()
        return Digests(self._size, self._whole.hexdigest(), tuple(self._pieces))

    def _close_piece(self) -> None:
        self._pieces.append(self._piece.hexdigest())
        self._piece = hashlib.sha256()
        self._filled = 0


def digests_of(stream: Readable) -> Digests:
    """Return the digests of everything left in the stream."""
    digester = Digester()
    while block := stream.read(1024 * 1024):
        digester.update(block)
    return digester.finish()


def check_stored(stream: Readable, part: Part) -> None:
    """E_STORE_HASH unless the stream holds exactly the sealed file that the manifest names."""
    found = digests_of(stream)
    if (found.size, found.sha256, found.pieces_root) != (part.size, part.sha256, part.pieces_root):
        raise StoreHash(what=part.id)
