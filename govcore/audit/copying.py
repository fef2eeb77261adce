"""A second place for the log: what is published at once, the preimages as soon as they keep no secret.

The place is an object store; a folder of it reads like a public export (`trading audit verify FOLDER`), and the lines
of `events/` in their order are an export's `events.jsonl`.
"""

from __future__ import annotations

from contextlib import suppress

import msgspec

from govcore.audit import copy_queries, queries, service
from govcore.audit.copy_queries import Copied
from govcore.audit.note import VerifierKey
from govcore.audit.schemas import EventOut
from govcore.audit.tiles import WIDTH, TileRef, tiles_of
from govcore.db import Tx
from govcore.platform import Platform
from govcore.storage import AlreadyStored, Store


def copy(platform: Platform, store: Store) -> None:
    """Bring the second place up to the published log; safe to run late, twice, or after a crash in between."""
    with platform.db.snapshot() as tx:
        done = copy_queries.copied(tx)
        head = queries.published_checkpoint(tx)
        if head is None:
            return
        open_to = min(head.size, queries.sealed_from(tx))
        events = max(done.events, open_to // WIDTH * WIDTH)
        if (head.size, events) == (done.size, done.events):
            return
        known = set(tiles_of(done.size)) if done.size else set()
        for ref in tiles_of(head.size):
            if ref not in known:
                _put(store, ref.path, queries.tile_bytes(tx, ref.path))
        for n in range(done.events // WIDTH, events // WIDTH):
            _put(store, _place(n), _lines(tx, n))
        for n in copy_queries.bundles_erased(tx, since=done.size, below=head.size, copied=done.events):
            store.delete(_place(n))
            _put(store, _place(n), _lines(tx, n))
        vkey = f"{VerifierKey(platform.settings.log_origin, queries.log_key(tx))}\n"
    _put(store, "vkey", vkey.encode())
    _put(store, f"checkpoints/{head.size:020d}", head.note.encode())
    store.delete("checkpoint")
    _put(store, "checkpoint", head.note.encode())
    with platform.db.transaction() as tx:
        service.keep_copied(tx, Copied(head.size, events))


def _place(n: int) -> str:
    return f"events/{TileRef(None, n, WIDTH).path.removeprefix('tile/entries/')}.jsonl"


def _lines(tx: Tx, n: int) -> bytes:
    found = queries.all_events(tx, start=n * WIDTH, below=(n + 1) * WIDTH)
    return b"".join(msgspec.json.encode(EventOut.of(one)) + b"\n" for one in found)


def _put(store: Store, key: str, data: bytes) -> None:
    """What was begun before a crash is there already, and the same."""
    with suppress(AlreadyStored):
        store.put_new(key, data)
