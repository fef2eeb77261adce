"""Read a `tlog-proof`, hold it against a leaf offline, and make one from a log's files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from govcore.audit.entries import NONCE_SIZE, EntryError, entry_leaf, parse_event
from govcore.audit.note import (
    Note,
    NoteError,
    TreeHead,
    VerifierKey,
    parse_head,
    parse_note,
    proof_text,
    unbase64,
)
from govcore.audit.tiles import HASH, WIDTH, TileRef, node_source, split_hashes
from govcore.audit.tree import inclusion_path, verify_inclusion

HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9]\d{0,18})")

Read = Callable[[str], bytes | None]
"""`read(path)`: a file of a log, nothing when it is missing."""


class ProofRefused(ValueError):
    """The proof does not show that the leaf is in a log signed by this key."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A parsed proof; nothing in it is verified yet, and `extra` is only what its maker says."""

    index: int
    path: tuple[bytes, ...]
    extra: bytes | None
    note: Note
    head: TreeHead

    @classmethod
    def parse(cls, text: str) -> Proof:
        """Raise `ProofRefused` for anything but the one form of the specification."""
        top, separator, note = text.partition("\n\n")
        header, *lines = top.split("\n")
        if not separator or header != HEADER:
            raise ProofRefused("this is no tlog-proof")
        try:
            extra = unbase64(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else None
            index = _INDEX.fullmatch(lines[0]) if lines else None
            if index is None:
                raise ProofRefused("the proof does not tell the entry's index")
            path = tuple(unbase64(line) for line in lines[1:])
            signed = parse_note(note)
            return cls(int(index[1]), path, extra, signed, parse_head(signed.text))
        except NoteError as error:
            raise ProofRefused(str(error)) from error

    @property
    def preimage_leaf(self) -> bytes | None:
        """The leaf hash of the event (with its nonce, when it is private) in `extra`; `ProofRefused` for others."""
        if self.extra is None:
            return None
        private = not self.extra.startswith(b'{"v":1,')
        nonce = self.extra[:NONCE_SIZE] if private else None
        event = self.extra[NONCE_SIZE:] if private else self.extra
        try:
            parse_event(event)
            return entry_leaf(event, nonce)
        except EntryError as error:
            raise ProofRefused(f"the proof's extra line holds no event: {error}") from error

    def check_path(self, leaf: bytes) -> None:
        """Raise `ProofRefused` unless the path leads from the leaf to the checkpoint's root."""
        if not verify_inclusion(
            leaf=leaf, index=self.index, size=self.head.size, root=self.head.root, path=self.path
        ):
            raise ProofRefused("the path does not lead from the leaf to the root")


def note_of(text: str) -> Note:
    """The signed checkpoint that a proof leads to, its signatures not yet verified; `ProofRefused` for other text."""
    return Proof.parse(text).note


def check_inclusion(text: str, leaf: bytes, key: VerifierKey) -> TreeHead:
    """The tree head that holds the leaf; `ProofRefused` when the proof, the signature or the path is wrong."""
    proof = Proof.parse(text)
    if not proof.note.signed_by(key):
        raise ProofRefused("the checkpoint is not signed by the log's key")
    proof.check_path(leaf)
    return proof.head


def prove(read: Read, leaf: bytes) -> str:
    """The proof of a leaf from a log's files, with its event when they hold it; `ProofRefused` when it is missing."""
    checkpoint = read("checkpoint")
    if checkpoint is None:
        raise ProofRefused("there is no checkpoint")
    note = checkpoint.decode(errors="replace")
    try:
        size = parse_head(parse_note(note).text).size
    except NoteError as error:
        raise ProofRefused(str(error)) from error

    def tile(level: int, n: int) -> bytes:
        width = min(WIDTH, (size >> 8 * level) - n * WIDTH)
        return read(TileRef(level, n, width).path) or b""

    index = _index_of(tile, size, leaf)
    path = inclusion_path(node_source(tile), index, size)
    return proof_text(index=index, path=path, note=note, extra=_extra(read, index))


def _index_of(tile: Callable[[int, int], bytes], size: int, leaf: bytes) -> int:
    for n in range(-(-size // WIDTH)):
        data = tile(0, n)
        if leaf in data and leaf in (hashes := split_hashes(data[: len(data) // HASH * HASH])):
            return n * WIDTH + hashes.index(leaf)
    raise ProofRefused(f"the log of {size} entries does not hold the leaf {leaf.hex()}")


def _extra(read: Read, index: int) -> bytes | None:
    """Nonce and event of an entry, from an auditor's export."""
    lines = (read("events.jsonl") or b"").splitlines()
    if index >= len(lines):
        return None
    raw = json.loads(lines[index])
    if "event" not in raw:
        return None
    return bytes.fromhex(raw.get("nonce") or "") + str(raw["event"]).encode()
