"""A witness on a port of its own, and a small log that it may follow."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from govcore.audit import note
from govcore.audit.note import VerifierKey
from govcore.audit.tlog_policy import Witness as Known
from govcore.audit.tree import consistency_path, fold, leaf_hash
from govcore.witness import keys
from govcore.witness.protocol import Witness
from govcore.witness.server import Server
from govcore.witness.state import State

ORIGIN = "city.example/log/2026"
NAME = "regulator.example/witness"
NOW = 1_790_000_000


class LogKey:
    """A log's signer from a fixed seed."""

    def __init__(self, seed: bytes = b"k" * 32) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_bytes = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


@dataclass
class History:
    """The leaves of one log; another `salt` is another history from the entry `since` on."""

    key: LogKey = field(default_factory=LogKey)
    salt: bytes = b""
    since: int = 0
    origin: str = ORIGIN

    def leaves(self, size: int) -> list[bytes]:
        return [leaf_hash(b"entry %d" % n + (self.salt if n >= self.since else b"")) for n in range(size)]

    def checkpoint(self, size: int) -> str:
        head = note.TreeHead(self.origin, size, fold(self.leaves(size)))
        return note.sign(head, self.key)

    def path(self, old: int, new: int) -> list[bytes]:
        leaves = self.leaves(new)

        def node(height: int, index: int) -> bytes:
            return fold(leaves[index << height : (index + 1) << height])

        return consistency_path(node, old, new)

    def body(self, old: int, new: int) -> bytes:
        return body(old, self.path(old, new), self.checkpoint(new))


def body(old: int, path: Sequence[bytes], signed: str) -> bytes:
    lines = [f"old {old}", *(base64.b64encode(digest).decode() for digest in path)]
    return ("\n".join(lines) + f"\n\n{signed}").encode()


def log_vkey(key: LogKey | None = None, origin: str = ORIGIN) -> VerifierKey:
    return VerifierKey(origin, (key or LogKey()).public_bytes)


def make_witness(folder: Path, log: VerifierKey | None = None, *, name: str = NAME) -> Witness:
    pinned = log or log_vkey()
    keys.create(folder, name=name, logs={pinned.name: pinned})
    State.create(folder)
    return open_witness(folder)


def open_witness(folder: Path) -> Witness:
    return Witness(keys.load_key(folder), keys.load_logs(folder), State(folder), lambda: NOW)


@dataclass(frozen=True)
class Served:
    """A witness that answers over HTTP."""

    url: str
    witness: Witness

    @property
    def vkey(self) -> VerifierKey:
        return self.witness.key.vkey

    def known(self, *, required: bool = True) -> Known:
        return Known(self.url, self.vkey, required)

    def post(self, content: bytes) -> httpx.Response:
        return httpx.post(f"{self.url}/add-checkpoint", content=content)


@contextmanager
def serve(witness: Witness, port: int = 0) -> Iterator[Served]:
    server = Server(("127.0.0.1", port), witness)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Served(f"http://127.0.0.1:{server.server_address[1]}", witness)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
