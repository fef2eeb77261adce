"""Reading the log: what is published, and what only auditors see."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select, tuple_

from govcore.audit.entries import COVER
from govcore.audit.models import LogBundle, LogCheckpoint, LogEvent, LogOutbox, LogTile, OutboxDelivery
from govcore.audit.note import proof_text
from govcore.audit.tiles import (
    HASH,
    TileError,
    TileRef,
    node_source,
    pack_entry,
    parse_path,
    split_bundle,
)
from govcore.audit.tree import inclusion_path
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor, require
from govcore.module import Registry
from govcore.vault import VaultKey


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A published tree head; `note` is the signed note, cosigned when a witness answered."""

    size: int
    root: bytes
    instant: datetime
    note: str


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """A leaf with its preimage; event and nonce are missing after an erasure, the nonce of public ones too.

    A `withheld` one has no preimage yet: it is a cover, or it would tell a secret that still lasts.
    """

    index: int
    leaf: bytes
    type: str
    subject: str
    public: bool
    event: bytes | None
    nonce: bytes | None
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """A task that a subscriber is still owed."""

    id: int
    task: str
    subject: str


_CHECKPOINTS = select(
    LogCheckpoint.size,
    LogCheckpoint.root,
    LogCheckpoint.instant,
    func.coalesce(LogCheckpoint.cosigned_note, LogCheckpoint.note),
)

_EVENTS = select(
    LogEvent.idx,
    LogEvent.leaf,
    LogEvent.type,
    LogEvent.subject,
    LogEvent.public,
    LogEvent.event,
    LogEvent.nonce,
)

_OWED = select(OutboxDelivery.id, OutboxDelivery.task, OutboxDelivery.subject).where(
    OutboxDelivery.done_at.is_(None)
)


def latest_checkpoint(tx: Tx) -> Checkpoint | None:
    """The newest published tree head; nothing before the first instant."""
    row = tx.execute(_CHECKPOINTS.order_by(LogCheckpoint.size.desc()).limit(1)).one_or_none()
    return Checkpoint(*row) if row else None


def checkpoints(tx: Tx) -> Iterator[Checkpoint]:
    """Every published tree head, in order."""
    for row in tx.execute(_CHECKPOINTS.order_by(LogCheckpoint.size)):
        yield Checkpoint(*row)


def tiles(tx: Tx, refs: Sequence[TileRef]) -> dict[tuple[int, int], bytes]:
    """The stored tiles of hashes, as long as they are now, by level and number."""
    keys = [(ref.level, ref.n) for ref in refs]
    query = select(LogTile.level, LogTile.n, LogTile.data).where(tuple_(LogTile.level, LogTile.n).in_(keys))
    return {(level, n): data for level, n, data in tx.execute(query)} if keys else {}


def tile_bytes(tx: Tx, path: str) -> bytes:
    """The blob at a tlog-tiles path; `NotFound` when the tree has not grown so far."""
    try:
        ref = parse_path(path)
    except TileError as error:
        raise NotFound from error
    if ref.level is None:
        bundle = tx.scalar(select(LogBundle.data).where(LogBundle.n == ref.n))
        entries = split_bundle(bundle or b"")[: ref.width]
        found, data = len(entries), b"".join(map(pack_entry, entries))
    else:
        tile = tiles(tx, [ref]).get((ref.level, ref.n), b"")
        data = tile[: ref.width * HASH]
        found = len(data) // HASH
    if found < ref.width:
        raise NotFound
    return data


def inclusion_proof(tx: Tx, leaf: bytes, *, with_preimage: bool = False) -> str:
    """The `tlog-proof` of a leaf in the newest tree; `NotFound` until the log holds it.

    Leaf hashes are public, so only the event's owner may be given `with_preimage` (extra = nonce and event).
    """
    checkpoint = latest_checkpoint(tx)
    row = tx.execute(_EVENTS.where(LogEvent.leaf == leaf)).one_or_none()
    if checkpoint is None or row is None:
        raise NotFound

    def tile(level: int, n: int) -> bytes:
        return tiles(tx, [TileRef(level, n)])[level, n]

    path = inclusion_path(node_source(tile), row.idx, checkpoint.size)
    extra = (row.nonce or b"") + row.event if with_preimage and row.event is not None else None
    return proof_text(index=row.idx, path=path, note=checkpoint.note, extra=extra)


def index_of(tx: Tx, leaf: bytes) -> int | None:
    """Where the log holds a leaf; nothing while it waits for its instant."""
    return tx.scalar(select(LogEvent.idx).where(LogEvent.leaf == leaf))


def is_blinded(tx: Tx, leaf: bytes) -> bool:
    """Whether the log holds a blinded entry with this leaf hash."""
    return (
        tx.scalar(select(LogEvent.idx).where(LogEvent.leaf == leaf, LogEvent.public.is_(False))) is not None
    )


def events(
    tx: Tx, *, actor: Actor, start: int = 0, limit: int = 256, subject: str | None = None
) -> list[LoggedEvent]:
    """The log with its preimages, from an index onward; only with the permission `audit.read`.

    While a secret lasts (who bids, before the deadline: 招标投标法 art. 22) sealed events are withheld together
    with the covers that hide them, from the entry on at which the secret began.
    """
    require(actor, "audit.read")
    registry: Registry = tx.info["registry"]
    sealed = {name for name, kind in registry.events.items() if kind.sealed} | {COVER}
    withheld = and_(LogEvent.type.in_(sealed), LogEvent.idx >= _sealed_from(tx, registry))
    query = _EVENTS.add_columns(withheld).where(LogEvent.idx >= start).order_by(LogEvent.idx).limit(limit)
    if subject is not None:
        query = query.where(LogEvent.subject == subject, ~withheld)
    return [_withhold(row.idx, row.leaf) if row[-1] else LoggedEvent(*row[:-1]) for row in tx.execute(query)]


def _withhold(index: int, leaf: bytes) -> LoggedEvent:
    return LoggedEvent(index, leaf, type="", subject="", public=False, event=None, nonce=None, withheld=True)


def _sealed_from(tx: Tx, registry: Registry) -> int:
    """The index of the first entry that may belong to a secret of some module; beyond the log when none lasts."""
    begun = [
        since for module in registry.modules if module.sealed_since and (since := module.sealed_since(tx))
    ]
    if not begun:
        return sys.maxsize
    query = select(func.max(LogCheckpoint.size)).where(LogCheckpoint.instant < min(begun))
    return tx.scalar(query) or 0


def all_events(tx: Tx) -> Iterator[LoggedEvent]:
    """Every leaf with its preimage, for the export by whoever holds the database."""
    for row in tx.execute(_EVENTS.order_by(LogEvent.idx).execution_options(yield_per=1000)):
        yield LoggedEvent(*row)


def log_key(tx: Tx) -> bytes:
    """The log's public key; `NotFound` before the platform's keys were made."""
    public = tx.scalar(select(VaultKey.public).where(VaultKey.purpose == "log"))
    if public is None:
        raise NotFound
    return public


def oldest_waiting(tx: Tx) -> datetime | None:
    """When the oldest event that the log does not hold yet was recorded."""
    return tx.scalar(select(func.min(LogOutbox.created_at)))


def due_deliveries(tx: Tx, *, at: datetime, limit: int) -> list[Delivery]:
    """Owed tasks that nobody is at, oldest first."""
    query = (
        _OWED.where(or_(OutboxDelivery.leased_until.is_(None), OutboxDelivery.leased_until <= at))
        .order_by(OutboxDelivery.id)
        .limit(limit)
    )
    return [Delivery(*row) for row in tx.execute(query)]


def open_delivery(tx: Tx, delivery_id: int) -> Delivery | None:
    """The owed task, unless it is done."""
    row = tx.execute(_OWED.where(OutboxDelivery.id == delivery_id)).one_or_none()
    return Delivery(*row) if row else None
