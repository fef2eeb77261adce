"""Check an exported log without a server: nothing here trusts, or needs, the platform that wrote it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from govcore.audit.note import Note, NoteError, TreeHead, parse_head, parse_note, parse_vkey
from govcore.audit.proof import Proof, ProofRefused, Read
from govcore.audit.replay import Fault, Preimage, check_batches, check_closings, check_preimages
from govcore.audit.tiles import HASH, WIDTH, TileError, TileRef, grow, split_bundle
from govcore.audit.tree import Frontier, leaf_hash
from govcore.audit.trust import Trust

NOT_WITNESSED = "not protected against the holder of the log key: no witness cosigned"
KEY_UNPINNED = "the log's key comes with the log itself: pin it with --trust"
FORK = "the log has signed another root for the size of the pinned checkpoint: two histories"
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
    subject: str = "log"

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)


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
        keys = self.trust.log_keys
        if not keys:
            keys = (parse_vkey(self._text("vkey").strip()),)
            self.warnings.append(KEY_UNPINNED)
        origin = self.trust.origin or self.heads[-1][0].origin
        key = next((key for key in keys if key.name == origin), None)
        if key is None:
            raise Fault(f"no key of the log {origin} is known, only of {', '.join(k.name for k in keys)}")
        for head, note in self.heads:
            if head.origin != origin:
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
        if not self.trust.names_witnesses:
            self.warnings.append(NOT_WITNESSED)
        for check in check_witnesses(self.heads[-1][1], self.trust):
            self.checks.append(check if check.ok else self._told_how_far(check))

    def _told_how_far(self, check: Check) -> Check:
        """A cosignature covers what came before it: say up to where the log is covered."""
        sizes = [
            head.size for head, note in self.heads if all(one.ok for one in check_witnesses(note, self.trust))
        ]
        covered = f"covered up to size {sizes[-1]} of {self.size}" if sizes else "no checkpoint is covered"
        return Check(check.id, False, f"{check.detail}; {covered}")

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


def check_witnesses(note: Note, trust: Trust) -> Iterator[Check]:
    """Whether the witnesses that the verifier names have cosigned this checkpoint."""
    size = parse_head(note.text).size
    for witness in trust.witnesses:
        ok = note.cosigned_at(witness) is not None
        did = "cosigned" if ok else "did not cosign"
        yield Check("witness", ok, f"{witness.name} {did} the checkpoint of size {size}")
    if trust.policy is not None and trust.policy.needs_witnesses:
        ok = trust.policy.witnessed(note)
        did = "cosigned" if ok else "did not cosign"
        yield Check("policy", ok, f"the quorum {trust.policy.quorum} {did} the checkpoint of size {size}")


def verify_proof(text: str, trust: Trust, *, receipt: bytes | None = None) -> Report:
    """Check one entry's `tlog-proof` against a receipt's leaf, the event it carries, and what is pinned."""
    checks: list[Check] = []
    try:
        proof = Proof.parse(text)
        leaf = _leaf_of(proof, trust, receipt)
        checks.append(Check("leaf", True, f"the entry {proof.index} is {leaf.hex()}"))
        checks.append(_proof_signature(proof, trust))
        proof.check_path(leaf)
        checks.append(Check("path", True, f"it is in the tree of {proof.head.size} entries"))
    except ProofRefused as refused:
        name = ("proof", "signature", "path")[min(len(checks), 2)]
        return Report(0, (*checks, Check(name, False, str(refused))), (), "proof")
    checks += check_witnesses(proof.note, trust)
    pinned = trust.checkpoint
    if pinned is not None and pinned.size == proof.head.size:
        same = pinned == proof.head
        checks.append(
            Check("pinned", same, "the pinned checkpoint of this size is the same" if same else FORK)
        )
    warnings = () if trust.names_witnesses else (NOT_WITNESSED,)
    return Report(proof.head.size, tuple(checks), warnings, "proof")


def _leaf_of(proof: Proof, trust: Trust, receipt: bytes | None) -> bytes:
    """Of a receipt given, of the event inside, or the one receipt that is pinned; they must agree."""
    known = [receipt, proof.preimage_leaf, trust.receipts[0] if len(trust.receipts) == 1 else None]
    found = [leaf for leaf in known if leaf is not None]
    if not found:
        raise ProofRefused("the proof carries no event: give the receipt whose entry it is to prove")
    if len(set(found)) > 1:
        raise ProofRefused("the receipt's leaf is not that of the event in the proof")
    return found[0]


def _proof_signature(proof: Proof, trust: Trust) -> Check:
    origin = proof.head.origin
    if not trust.log_keys:
        raise ProofRefused("no key of the log is known: pin it with --trust or --policy")
    for key in trust.log_keys:
        if key.name == origin and trust.origin in (None, origin) and proof.note.signed_by(key):
            return Check("signature", True, f"the checkpoint is signed by {key}")
    raise ProofRefused(f"the checkpoint of {origin} is signed by no key that is pinned")


def _note_of(line: bytes) -> str:
    """The note of a line that holds it and its tree's size, and nothing else."""
    try:
        match json.loads(line):
            case {"size": int(size), "note": str(note), **rest} if not rest:
                if parse_head(parse_note(note).text).size == size:
                    return note
    except ValueError as error:
        raise Fault("a line of checkpoints.jsonl cannot be read") from error
    raise Fault("a line of checkpoints.jsonl does not hold a checkpoint with its size")


def _at(data: bytes, index: int) -> bytes:
    return data[index * HASH : (index + 1) * HASH]


def _tile_fault(ref: TileRef, place: int) -> str:
    if ref.level == 0:
        return f"entry {ref.n * WIDTH + place} does not have the hash that {ref.path} gives it"
    return f"hash {place} of {ref.path} is not the root of the tile below it"
