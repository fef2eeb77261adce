"""Reading the log: what is published, and what only auditors see."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_

from govcore.audit import policy
from govcore.audit.entries import COVER, parse_event
from govcore.audit.models import (
    LogBundle,
    LogCheckpoint,
    LogEvent,
    LogOutbox,
    LogTile,
    LogWitness,
    OutboxDelivery,
)
from govcore.audit.note import VerifierKey, parse_note, parse_vkey, proof_text
from govcore.audit.tiles import (
    HASH,
    TileError,
    TileRef,
    node_source,
    pack_entry,
    parse_path,
    split_bundle,
)
from govcore.audit.tlog_policy import Witness
from govcore.audit.tree import NodeSource, consistency_path, inclusion_path, subtree_root
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

    def cosigned_by(self, witnesses: Collection[VerifierKey]) -> bool:
        """Whether each of the witnesses has cosigned exactly this tree head."""
        signed = parse_note(self.note)
        return all(signed.cosigned_at(witness) is not None for witness in witnesses)


@dataclass(frozen=True, slots=True)
class WitnessState:
    """How far a witness has cosigned, and since when it has not answered as it should."""

    vkey: str
    size: int
    cosigned_at: datetime | None
    failing_since: datetime | None
    problem: str

    @property
    def name(self) -> str:
        return self.vkey.partition("+")[0]


@dataclass(frozen=True, slots=True)
class Health:
    """What an auditor must know at once: late entries, a log that stands still, witnesses that do not cosign."""

    latest: Checkpoint | None
    promises_at_risk: bool
    stands_still: bool
    silent: tuple[WitnessState, ...]


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

_LOOK_BACK = 32
"""Witnesses that answer at all cosign the same tree heads; a common one is soon found."""

_OWED = select(OutboxDelivery.id, OutboxDelivery.task, OutboxDelivery.subject).where(
    OutboxDelivery.done_at.is_(None)
)


def latest_checkpoint(tx: Tx) -> Checkpoint | None:
    """The newest published tree head; nothing before the first instant."""
    row = tx.execute(_CHECKPOINTS.order_by(LogCheckpoint.size.desc()).limit(1)).one_or_none()
    return Checkpoint(*row) if row else None


def published_checkpoint(tx: Tx) -> Checkpoint | None:
    """The newest tree head with the cosignatures of all required witnesses; it never goes back.

    Before they have cosigned anything, and where none is required, the newest of all.
    """
    required = [witness.vkey for witness in witnesses(tx) if witness.required]
    return _newest_cosigned(tx, required) or latest_checkpoint(tx)


def _newest_cosigned(tx: Tx, witnesses: Collection[VerifierKey]) -> Checkpoint | None:
    """One that every witness has cosigned is at most as large as what the slowest of them has seen."""
    seen = {str(witness): 0 for witness in witnesses}
    sizes = select(LogWitness.vkey, LogWitness.size).where(LogWitness.vkey.in_(seen))
    seen |= {row.vkey: row.size for row in tx.execute(sizes)}
    if not seen or not (least := min(seen.values())):
        return None
    cosigned = _CHECKPOINTS.where(LogCheckpoint.cosigned_note.is_not(None), LogCheckpoint.size <= least)
    for row in tx.execute(cosigned.order_by(LogCheckpoint.size.desc()).limit(_LOOK_BACK)):
        if (checkpoint := Checkpoint(*row)).cosigned_by(witnesses):
            return checkpoint
    return None


def cosigned_by(tx: Tx, size: int, vkeys: Collection[str]) -> bool:
    """Whether each witness has cosigned a tree of this size or a larger one, which contains it.

    Signatures are verified here; the table only says where to look. No witness, no condition.
    """
    query = select(LogWitness.vkey, LogWitness.size).where(LogWitness.vkey.in_(vkeys))
    seen = {row.vkey: row.size for row in tx.execute(query)}
    return all(_vouches(tx, vkey, seen.get(vkey, 0), size) for vkey in vkeys)


def _vouches(tx: Tx, vkey: str, cosigned: int, size: int) -> bool:
    if cosigned < size:
        return False
    row = tx.execute(_CHECKPOINTS.where(LogCheckpoint.size == cosigned)).one_or_none()
    return row is not None and Checkpoint(*row).cosigned_by([parse_vkey(vkey)])


def leaf_cosigned_by(tx: Tx, leaf: bytes, vkeys: Collection[str]) -> bool:
    """Whether each witness has cosigned a tree that holds the leaf; false while the leaf waits."""
    index = index_of(tx, leaf)
    return index is not None and cosigned_by(tx, index + 1, vkeys)


def checkpoints_after(tx: Tx, size: int, *, newest: int) -> list[Checkpoint]:
    """The last `newest` tree heads that are larger than `size`, in order."""
    query = _CHECKPOINTS.where(LogCheckpoint.size > size).order_by(LogCheckpoint.size.desc()).limit(newest)
    return [Checkpoint(*row) for row in tx.execute(query)][::-1]


def witness_states(tx: Tx) -> list[tuple[Witness, WitnessState]]:
    """The witnesses of the settings with what is known of them."""
    rows = {row.vkey: row for row in tx.scalars(select(LogWitness))}
    return [(witness, _state(witness, rows.get(str(witness.vkey)))) for witness in witnesses(tx)]


def health(tx: Tx, *, at: datetime) -> Health:
    """The log's state; how many entries wait, and since when, is nobody's business before the promise is at risk."""
    settings = tx.info.get("settings")
    interval = timedelta(seconds=settings.log_interval) if settings else policy.DEFAULT_INTERVAL
    latest = latest_checkpoint(tx)
    return Health(
        latest,
        policy.alarm_due(oldest_waiting(tx), now=at, interval=interval),
        latest is not None and policy.stands_still(latest.instant, now=at, interval=interval),
        tuple(state for _, state in witness_states(tx) if state.failing_since is not None),
    )


def _state(witness: Witness, row: LogWitness | None) -> WitnessState:
    if row is None:
        return WitnessState(str(witness.vkey), 0, None, None, "")
    return WitnessState(row.vkey, row.size, row.cosigned_at, row.failing_since, row.problem)


def witnesses(tx: Tx) -> tuple[Witness, ...]:
    """The witnesses of the settings."""
    settings = tx.info.get("settings")
    return settings.witnesses if settings else ()


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
    """The `tlog-proof` of a leaf in the published tree, in the newest while that does not hold it yet.

    `NotFound` until the log holds it. Leaf hashes are public, so only the event's owner may be given
    `with_preimage` (extra = nonce and event).
    """
    row = tx.execute(_EVENTS.where(LogEvent.leaf == leaf)).one_or_none()
    checkpoint = published_checkpoint(tx)
    if row is not None and checkpoint is not None and checkpoint.size <= row.idx:
        checkpoint = latest_checkpoint(tx)
    if row is None or checkpoint is None:
        raise NotFound
    path = inclusion_path(_nodes(tx), row.idx, checkpoint.size)
    extra = (row.nonce or b"") + row.event if with_preimage and row.event is not None else None
    return proof_text(index=row.idx, path=path, note=checkpoint.note, extra=extra)


def consistency_proof(tx: Tx, *, old: int, new: int) -> list[bytes]:
    """That the tree of `new` entries extends the one of `old`; `NotFound` when there is no such tree."""
    checkpoint = latest_checkpoint(tx)
    if checkpoint is None or not 0 <= old <= new <= checkpoint.size:
        raise NotFound
    return consistency_path(_nodes(tx), old, new)


def _nodes(tx: Tx) -> NodeSource:
    def tile(level: int, n: int) -> bytes:
        return tiles(tx, [TileRef(level, n)])[level, n]

    return node_source(tile)


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
    hidden = withheld(tx)
    query = _EVENTS.add_columns(hidden).where(LogEvent.idx >= start).order_by(LogEvent.idx).limit(limit)
    if subject is not None:
        query = query.where(LogEvent.subject == subject, ~hidden)
    return [_withhold(row.idx, row.leaf) if row[-1] else LoggedEvent(*row[:-1]) for row in tx.execute(query)]


def _withhold(index: int, leaf: bytes) -> LoggedEvent:
    return LoggedEvent(index, leaf, type="", subject="", public=False, event=None, nonce=None, withheld=True)


def withheld(tx: Tx) -> ColumnElement[bool]:
    """Which entries nobody may read yet, as a condition on `LogEvent`."""
    registry: Registry = tx.info["registry"]
    sealed = {name for name, kind in registry.events.items() if kind.sealed} | {COVER}
    return and_(LogEvent.type.in_(sealed), LogEvent.idx >= sealed_from(tx))


def sealed_from(tx: Tx) -> int:
    """The index of the first entry that may belong to a secret of some module; beyond the log when none lasts."""
    registry: Registry = tx.info["registry"]
    begun = [
        since for module in registry.modules if module.sealed_since and (since := module.sealed_since(tx))
    ]
    if not begun:
        return sys.maxsize
    query = select(func.max(LogCheckpoint.size)).where(LogCheckpoint.instant < min(begun))
    return tx.scalar(query) or 0


def all_events(tx: Tx, *, start: int = 0, below: int) -> Iterator[LoggedEvent]:
    """Every leaf from `start` to `below` with its preimage, for the export by whoever holds the database."""
    query = _EVENTS.where(LogEvent.idx >= start, LogEvent.idx < below).order_by(LogEvent.idx)
    for row in tx.execute(query.execution_options(yield_per=1000)):
        yield LoggedEvent(*row)


def root_at(tx: Tx, size: int) -> bytes:
    """The root that the log had when it had so many entries; it never had more than it has."""
    return subtree_root(_nodes(tx), 0, size)


def of_type(tx: Tx, name: str) -> Iterator[dict[str, Any]]:
    """Every event of a type, in the tree already or on its way, that was not erased; for rare types."""
    for raw in tx.scalars(select(LogEvent.event).where(LogEvent.type == name, LogEvent.event.is_not(None))):
        yield parse_event(raw or b"")
    for raw in tx.scalars(select(LogOutbox.event)):
        if (parsed := parse_event(raw))["type"] == name:
            yield parsed


def newest_public(tx: Tx, name: str) -> dict[str, Any] | None:
    """The newest event of a public type, in the tree already or on its way; nothing when there is none."""
    waiting = select(LogOutbox.event).where(LogOutbox.nonce.is_(None)).order_by(LogOutbox.id.desc())
    for event in tx.scalars(waiting):
        if (parsed := parse_event(event))["type"] == name:
            return parsed
    logged = select(LogEvent.event).where(LogEvent.type == name).order_by(LogEvent.idx.desc()).limit(1)
    raw = tx.scalar(logged)
    return None if raw is None else parse_event(raw)


def public_leaves(tx: Tx, subject: str, types: Sequence[str]) -> list[tuple[str, bytes]]:
    """Type and leaf of a subject's public events, in the tree already or on their way; the order depends on neither."""
    logged = select(LogEvent.type, LogEvent.leaf).where(LogEvent.subject == subject, LogEvent.type.in_(types))
    found = {(name, leaf) for name, leaf in tx.execute(logged.where(LogEvent.public.is_(True)))}
    for event, leaf in tx.execute(select(LogOutbox.event, LogOutbox.leaf).where(LogOutbox.nonce.is_(None))):
        parsed = parse_event(event)
        if parsed["subject"] == subject and parsed["type"] in types:
            found.add((str(parsed["type"]), leaf))
    return sorted(found, key=lambda one: (types.index(one[0]), one[1]))


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
