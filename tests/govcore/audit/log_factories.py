"""A log on a real database, with a clock that the test moves."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random, SystemRandom

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from govcore.audit import note, service, tree
from govcore.audit.export import export
from govcore.audit.module import MODULE
from govcore.audit.note import VerifierKey
from govcore.audit.queries import Checkpoint
from govcore.audit.service import Leaf
from govcore.db import Base, Database, Tx
from govcore.identity.policy import Actor
from govcore.module import EventType, Module, Registry, build_registry

ORIGIN = "city.example/log/2026"
BUCKET = 8
MINUTE = timedelta(minutes=1)
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
AUDITOR = Actor(user_id="auditor-1", permissions=frozenset({"audit.read", "audit.erase"}))
BIDDER = Actor(user_id="bidder-1", permissions=frozenset({"bid.submit"}))

TRADE = Module(
    name="trade",
    prefixes=("bid", "tender"),
    requires=("audit",),
    audit_events=(
        EventType(name="bid.received", zh="收到投标", en="Bid received", subject="bid"),
        EventType(name="tender.closed", zh="投标截止", en="Tender closed", subject="lot", public=True),
    ),
    subscriptions={"tender.closed": "opening.begin"},
)


class Key:
    """An Ed25519 signer from a fixed seed."""

    def __init__(self, seed: bytes = b"k" * 32) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_bytes = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


KEY = Key()
VKEY = VerifierKey(ORIGIN, KEY.public_bytes)


def registry() -> Registry:
    return build_registry([MODULE, TRADE])


@dataclass
class Log:
    """The log under test; `now` moves only when the test says so."""

    database: Database
    now: datetime = START
    leaves: list[Leaf] = field(default_factory=list)
    rng: Random = field(default_factory=SystemRandom)

    def bid(self, number: int = 1, *, at: datetime | None = None) -> Leaf:
        with self.database.transaction() as tx:
            leaf = service.record(
                tx,
                "bid.received",
                subject=f"bid-{number}",
                actor=f"bidder-{number}",
                at=at or self.now,
                data={"file": "投标文件.pdf", "size": number},
            )
        self.leaves.append(leaf)
        return leaf

    def close(self, *, lot: str = "lot-1", size: int | None = None) -> Leaf:
        """Force an instant and log that the lot closed at its head."""
        with self.database.transaction() as tx:
            head = self.force(tx)
            data = {
                "tender_id": "tender-1",
                "lot_id": lot,
                "round": 1,
                "cp_size": size or head.size,
                "cp_root": head.root.hex(),
            }
            return service.record(tx, "tender.closed", subject=lot, actor="system", at=self.now, data=data)

    def force(self, tx: Tx) -> Checkpoint:
        head = self._integrate(tx, forced=True)
        assert head is not None
        return head

    def tick(self, *, by: timedelta = MINUTE, forced: bool = False) -> Checkpoint | None:
        """Let time pass, then let the integrator look."""
        self.now += by
        with self.database.transaction() as tx:
            return self._integrate(tx, forced=forced)

    def notice_the_clock(self) -> None:
        """What the sweep does when the clock stands before the last instant."""
        with self.database.transaction() as tx:
            service.note_clock_set_back(tx, at=self.now)

    def _integrate(self, tx: Tx, *, forced: bool) -> Checkpoint | None:
        return service.integrate(
            tx,
            at=self.now,
            signer=KEY,
            origin=ORIGIN,
            bucket=BUCKET,
            interval=MINUTE,
            forced=forced,
            rng=self.rng,
        )

    def write_to(self, folder: Path) -> Path:
        with self.database.snapshot() as tx:
            export(tx, folder, vkey=str(VKEY))
        return folder


def open_log(url: str) -> Log:
    database = Database(url, info={"registry": registry()})
    Base.metadata.create_all(database.engine)
    return Log(database)


def proves(proof: str, leaf: bytes) -> bool:
    """Read a tlog-proof as its specification says."""
    top, _, signed = proof.partition("\n\n")
    lines = top.split("\n")
    head = note.parse_head(note.parse_note(signed).text)
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    index = int(lines[1].removeprefix("index "))
    path = [base64.b64decode(line) for line in lines[2:]]
    return tree.verify_inclusion(leaf=leaf, index=index, size=head.size, root=head.root, path=path)
