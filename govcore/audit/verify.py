"""Check an exported log without a server: nothing here trusts, or needs, the platform that wrote it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from govcore.audit.note import Note, NoteError, TreeHead, VerifierKey, parse_head, parse_note, parse_vkey
from govcore.audit.replay import Fault, Preimage, check_batches, check_closings, check_preimages
from govcore.audit.tiles import HASH, WIDTH, TileError, TileRef, grow, split_bundle
from govcore.audit.tree import Frontier, leaf_hash

Read = Callable[[str], bytes | None]
"""`read(path)`: a file of the export, nothing when it is missing."""

NOT_WITNESSED = "not protected against the holder of the log key: no witness cosigned"
KEY_UNPINNED = "the log's key comes with the log itself: pin it with --trust"
NO_EVENTS = "no events.jsonl: blinded entries were not compared with their events"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, and what was found."""

    id: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome; `warnings` say what it does not prove."""

    size: int
    checks: tuple[Check, ...]
    warnings: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What the verifier knows from elsewhere; everything left out is not compared."""

    origin: str | None = None
    vkey: VerifierKey | None = None
    checkpoint: TreeHead | None = None
    receipts: tuple[bytes, ...] = ()
    witnesses: tuple[VerifierKey, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Trust:
        """Read JSON with any of `origin`, `vkey`, `checkpoint` (the note), `receipts` (leaf hashes in hex),
        `witnesses` (verifier keys); raises `ValueError`."""
        raw = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(raw, dict):
            raise ValueError("the trust file is not a JSON object")
        known = {"origin", "vkey", "checkpoint", "receipts", "witnesses"}
        if unknown := sorted(set(raw) - known):
            raise ValueError(f"the trust file has the unknown member {unknown[0]}")
        note = raw.get("checkpoint")
        return cls(
            origin=raw.get("origin"),
            vkey=parse_vkey(raw["vkey"]) if "vkey" in raw else None,
            checkpoint=parse_head(parse_note(note).text) if note else None,
            receipts=tuple(bytes.fromhex(leaf) for leaf in raw.get("receipts", ())),
            witnesses=tuple(parse_vkey(key) for key in raw.get("witnesses", ())),
        )


def verify_export(folder: Path, trust: Trust | None = None) -> Report:
    """Check an export with every checkpoint and event; never raises for what is wrong inside it."""

    def read(path: str) -> bytes | None:
        file = folder / path
        return file.read_bytes() if file.is_file() else None

    return verify_log(read, trust or Trust())


def verify_log(read: Read, trust: Trust) -> Report:
    """Check a log wherever its files come from; without `events.jsonl` only what is public."""
    work = _Verification(read, trust)
    work.run()
    return Report(work.size, tuple(work.checks), tuple(work.warnings))


@dataclass(slots=True)
class _Verification:
    read: Read
    trust: Trust
    checks: list[Check] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    heads: list[tuple[TreeHead, Note]] = field(default_factory=list)
    entries: list[bytes] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)

    @property
    def size(self) -> int:
        return self.heads[-1][0].size if self.heads else 0

    def run(self) -> None:
        """Later checks build on earlier ones, so the first that cannot be read ends the work."""
        steps: list[tuple[str, Callable[[], str]]] = [
            ("checkpoints", self._read_heads),
            ("signatures", self._signatures),
            ("entries", self._read_entries),
        ]
        for name, step in steps:
            if not self._check(name, step) and name != "signatures":
                return
        self._check("tiles", self._tiles)
        self._check("roots", self._roots)
        self._check("pinned", self._pinned)
        self._witnesses()
        self._events()

    def _check(self, name: str, step: Callable[[], str]) -> bool:
        try:
            detail, ok = step(), True
        except (Fault, NoteError, TileError) as fault:
            detail, ok = str(fault), False
        self.checks.append(Check(name, ok, detail))
        return ok

    def _read_heads(self) -> str:
        latest = self._text("checkpoint")
        lines = self.read("checkpoints.jsonl")
        notes = [latest] if lines is None else [_note_of(line) for line in lines.splitlines()]
        for text in notes:
            note = parse_note(text)
            self.heads.append((parse_head(note.text), note))
        if not notes or notes[-1] != latest:
            raise Fault("the last line of checkpoints.jsonl is not the file checkpoint")
        for (old, _), (new, _) in pairwise(self.heads):
            if new.size <= old.size:
                raise Fault(f"the checkpoint of size {new.size} follows the one of size {old.size}")
        return f"{len(self.heads)} checkpoints, the newest of size {self.size}"

    def _signatures(self) -> str:
        key = self.trust.vkey
        if key is None:
            key = parse_vkey(self._text("vkey").strip())
            self.warnings.append(KEY_UNPINNED)
        origin = self.trust.origin or key.name
        for head, note in self.heads:
            if head.origin != origin or key.name != origin:
                raise Fault(f"the checkpoint of size {head.size} is of the log {head.origin}, not {origin}")
            if not note.signed_by(key):
                raise Fault(f"the checkpoint of size {head.size} is not signed by {key}")
        return f"every checkpoint is signed by {key}"

    def _read_entries(self) -> str:
        for n in range(-(-self.size // WIDTH)):
            ref = TileRef(None, n, min(WIDTH, self.size - n * WIDTH))
            bundle = split_bundle(self._bytes(ref.path))
            if len(bundle) != ref.width:
                raise Fault(f"{ref.path} holds {len(bundle)} entries instead of {ref.width}")
            self.entries += bundle
        self.leaves = [leaf_hash(entry) for entry in self.entries]
        return f"{len(self.entries)} entries"

    def _tiles(self) -> str:
        expected = grow(size=0, edge={}, leaves=self.leaves)
        for (level, n), data in expected.items():
            ref = TileRef(level, n, len(data) // HASH)
            found = self._bytes(ref.path)
            if found != data:
                place = next((i for i in range(ref.width) if _at(found, i) != _at(data, i)), ref.width)
                raise Fault(_tile_fault(ref, place))
        return f"{len(expected)} tiles on {1 + max((level for level, _ in expected), default=0)} levels"

    def _roots(self) -> str:
        """Every tree head is the root of the same entries, so each is consistent with the next."""
        frontier, done = Frontier(), 0
        for head, _ in self.heads:
            for leaf in self.leaves[done : head.size]:
                frontier.append(leaf)
            if frontier.root() != head.root:
                raise Fault(
                    f"the checkpoint of size {head.size} has another root: "
                    f"one of the entries {done} to {head.size - 1} was changed, moved, added or left out"
                )
            done = head.size
        return f"{len(self.heads)} roots, each an extension of the one before"

    def _pinned(self) -> str:
        pinned = self.trust.checkpoint
        if pinned is not None:
            frontier = Frontier()
            for leaf in self.leaves[: pinned.size]:
                frontier.append(leaf)
            if frontier.size != pinned.size or frontier.root() != pinned.root:
                raise Fault(f"the log does not extend the pinned checkpoint of size {pinned.size}")
        present = set(self.leaves)
        for leaf in self.trust.receipts:
            if leaf not in present:
                raise Fault(f"the log lacks the entry {leaf.hex()} of a receipt")
        return f"{int(pinned is not None)} pinned checkpoint, {len(self.trust.receipts)} receipts"

    def _witnesses(self) -> None:
        if not self.trust.witnesses:
            self.warnings.append(NOT_WITNESSED)
        for witness in self.trust.witnesses:
            sizes = [head.size for head, note in self.heads if note.signed_by(witness)]
            detail = (
                f"{witness.name} cosigned up to size {sizes[-1]}"
                if sizes
                else f"{witness.name} cosigned nothing"
            )
            self.checks.append(Check("witness", bool(sizes), detail))

    def _events(self) -> None:
        lines = self.read("events.jsonl")
        if lines is None:
            self.warnings.append(NO_EVENTS)
            return
        events: list[Preimage] = []

        def preimages() -> str:
            events.extend(check_preimages(lines.splitlines(), self.entries))
            erased = sum(1 for event in events if event.erased)
            return f"{len(events)} entries have their event, {erased} of them a tombstone"

        if not self._check("events", preimages):
            return
        heads = [head for head, _ in self.heads]
        self._check("instants", lambda: check_batches(events, [head.size for head in heads], self.warnings))
        self._check("closings", lambda: check_closings(events, {head.size: head.root for head in heads}))

    def _text(self, path: str) -> str:
        try:
            return self._bytes(path).decode()
        except UnicodeDecodeError as error:
            raise Fault(f"{path} is not UTF-8") from error

    def _bytes(self, path: str) -> bytes:
        data = self.read(path)
        if data is None:
            raise Fault(f"{path} is missing")
        return data


def _note_of(line: bytes) -> str:
    try:
        note = json.loads(line)["note"]
    except (ValueError, KeyError, TypeError) as error:
        raise Fault("a line of checkpoints.jsonl cannot be read") from error
    if not isinstance(note, str):
        raise Fault("a line of checkpoints.jsonl cannot be read")
    return note


def _at(data: bytes, index: int) -> bytes:
    return data[index * HASH : (index + 1) * HASH]


def _tile_fault(ref: TileRef, place: int) -> str:
    if ref.level == 0:
        return f"entry {ref.n * WIDTH + place} does not have the hash that {ref.path} gives it"
    return f"hash {place} of {ref.path} is not the root of the tile below it"
