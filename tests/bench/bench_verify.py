"""Checking a whole exported log with all its events, in entries a second.

The peer does nothing but the hashing that cannot be avoided: three SHA-256 for each entry (blinding, leaf, tree).
In memory, from a log of 400 ordinary instants with 64 entries each, a third of them real.
"""

from __future__ import annotations

import hashlib
import json
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from govcore.audit import note
from govcore.audit.entries import COVER, entry_bytes, event_bytes
from govcore.audit.note import TreeHead, VerifierKey
from govcore.audit.tiles import HASH, TileRef, grow, pack_entry, tiles_of
from govcore.audit.tree import Frontier, leaf_hash
from govcore.audit.trust import Trust
from govcore.audit.verify import verify_log
from tests.bench.results import Result

INSTANTS, BUCKET = 400, 64
TURNS = 5
ORIGIN = "bench.example/log/2026"
INTERVAL = timedelta(minutes=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


class _Key:
    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes(32))
        self.public_bytes = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


def measure() -> list[Result]:
    """The verifier and the bare loop take turns; their medians count."""
    key = _Key()
    events = _events()
    files = _files(events, key)
    trust = Trust(vkey=VerifierKey(ORIGIN, key.public_bytes))
    ours, bare = [], []
    for _ in range(TURNS):
        ours.append(_seconds(lambda: _verified(files, trust)))
        bare.append(_seconds(lambda: _hashed(events)))
    count = INSTANTS * BUCKET
    return [
        Result(
            name=f"verifying an export of {count:,} entries with events, against the bare hashing",
            unit="entries/s",
            ours=count / statistics.median(ours),
            peer=count / statistics.median(bare),
        )
    ]


def _verified(files: dict[str, bytes], trust: Trust) -> None:
    report = verify_log(files.get, trust)
    assert report.ok, report.checks


def _hashed(events: list[tuple[bytes, bytes]]) -> None:
    for event, nonce in events:
        entry = b"\x01" + hashlib.sha256(b"bidseal/v1/leaf\n" + nonce + event).digest()
        leaf = hashlib.sha256(b"\x00" + entry).digest()
        hashlib.sha256(b"\x01" + leaf + leaf).digest()


def _seconds(work: Callable[[], None]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _events() -> list[tuple[bytes, bytes]]:
    chance = random.Random(1)
    found = []
    rhythm = {"bucket": BUCKET, "interval_ms": 60_000, "forced": False}
    for instant in range(1, INSTANTS + 1):
        at = START + instant * INTERVAL
        for place in range(BUCKET):
            if place % 3:
                event = event_bytes(type=COVER, subject="log", at=at, actor="system", data=rhythm)
            else:
                data = {"lot": "L-1", "manifest_sha256": chance.randbytes(32).hex()}
                event = event_bytes(type="bid.submitted", subject="b", at=at, actor="u", data=data)
            found.append((event, chance.randbytes(32)))
    return found


def _files(events: list[tuple[bytes, bytes]], key: _Key) -> dict[str, bytes]:
    entries = [entry_bytes(event, nonce) for event, nonce in events]
    leaves = [leaf_hash(entry) for entry in entries]
    frontier, heads = Frontier(), []
    for n, leaf in enumerate(leaves, 1):
        frontier.append(leaf)
        if n % BUCKET == 0:
            signed = note.sign(TreeHead(ORIGIN, n, frontier.root()), key)
            heads.append(json.dumps({"size": n, "note": signed}))
    lines = [
        json.dumps({"index": n, "leaf": leaf.hex(), "event": event.decode(), "nonce": nonce.hex()})
        for n, ((event, nonce), leaf) in enumerate(zip(events, leaves, strict=True))
    ]
    files = {
        "checkpoint": str(json.loads(heads[-1])["note"]).encode(),
        "checkpoints.jsonl": "\n".join(heads).encode(),
        "events.jsonl": "\n".join(lines).encode(),
    }
    for ref in tiles_of(len(entries)):
        if ref.level is None:
            files[ref.path] = b"".join(map(pack_entry, entries[ref.n * 256 : ref.n * 256 + ref.width]))
    for (level, n), data in grow(size=0, edge={}, leaves=leaves).items():
        files[TileRef(level, n, len(data) // HASH).path] = data
    return files


if __name__ == "__main__":
    for result in measure():
        print(result)
