"""Writing the log: business code records, one integrator grows the tree at fixed instants."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random, SystemRandom

import msgspec
from sqlalchemy import Table, delete, func, insert, or_, select, text, update

from govcore.audit import note, queries
from govcore.audit.copy_queries import Copied
from govcore.audit.entries import (
    CLOCK_SET_BACK,
    CLOCK_SET_FORWARD,
    COVER,
    ERASED,
    NONCE_SIZE,
    entry_bytes,
    entry_leaf,
    event_bytes,
    parse_event,
    parse_time,
    time_text,
)
from govcore.audit.models import (
    LogBundle,
    LogCheckpoint,
    LogCopy,
    LogEvent,
    LogOutbox,
    LogSearch,
    LogState,
    LogTile,
    LogWitness,
    OutboxDelivery,
)
from govcore.audit.policy import (
    DEFAULT_INTERVAL,
    LEASE,
    WITNESS_LEASE,
    clock_went_back,
    covers_needed,
    instant_before,
    promise_by,
)
from govcore.audit.queries import Checkpoint
from govcore.audit.schemas import SearchForm
from govcore.audit.tiles import WIDTH, edge_of, grow, node_source, pack_entry
from govcore.audit.tree import leaf_hash, subtree_root
from govcore.db import Base, Tx
from govcore.identity.policy import Actor
from govcore.logs import Source, request_number, source
from govcore.module import EventType, Registry
from govcore.trips import tell

_OUTBOX: Table = Base.metadata.tables[LogOutbox.__tablename__]
_DELIVERY: Table = Base.metadata.tables[OutboxDelivery.__tablename__]
# Inline: no RETURNING, because nobody needs the row's number and every record pays for the statement.
_INSERT_OUTBOX = insert(_OUTBOX).inline()
_INSERT_DELIVERY = insert(_DELIVERY).inline()


BESIDE = ("request", "session", "network")
"""What is kept with an event and is no part of its leaf."""


class UnregisteredEvent(LookupError):
    """The event's name is registered by no enabled module."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a receipt hands out: the entry's leaf hash (hex), and when the log holds it at the latest."""

    hash: str
    promise_by: datetime


def record(
    tx: Tx,
    event: str,
    *,
    subject: str,
    actor: str,
    at: datetime,
    data: Mapping[str, object],
    token_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> Leaf:
    """Log an event in the caller's transaction and owe its subscribers their tasks.

    Raises `UnregisteredEvent` or `EntryError`; `data` holds text, integers, booleans, null, lists, objects.
    """
    facts = [(subject, data)]
    return record_all(tx, event, facts, actor=actor, at=at, token_bytes=token_bytes)[0]


def record_all(
    tx: Tx,
    event: str,
    facts: Sequence[tuple[str, Mapping[str, object]]],
    *,
    actor: str,
    at: datetime,
    token_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> list[Leaf]:
    """Log one event of one or more subjects, each with its data, in one statement; otherwise like `record`."""
    registry: Registry = tx.info["registry"]
    kind = registry.events.get(event)
    if kind is None:
        raise UnregisteredEvent(event)
    beside = _beside(kind)
    rows: list[dict[str, object]] = []
    leaves: list[bytes] = []
    for subject, data in facts:
        encoded = event_bytes(type=event, subject=subject, at=at, actor=actor, data=data)
        nonce = None if kind.public else token_bytes(NONCE_SIZE)
        leaves.append(entry_leaf(encoded, nonce))
        rows.append({"leaf": leaves[-1], "event": encoded, "nonce": nonce, "created_at": at, **beside})
    tell(tx, _INSERT_OUTBOX, *rows)
    if tasks := registry.subscribers.get(event):
        owed = [
            {"event": event, "subject": subject, "task": task, "created_at": at}
            for subject, _ in facts
            for task in tasks
        ]
        tell(tx, _INSERT_DELIVERY, *owed)
    if kind.public:
        registry.tell_public(tx, kind, [subject for subject, _ in facts])
    promised = promise_by(at, interval=_interval(tx))
    return [Leaf(leaf.hex(), promised) for leaf in leaves]


def _beside(kind: EventType) -> dict[str, str | None]:
    """What is kept beside an event: the request, and where it came from unless that would tell who bids."""
    whence = Source() if kind.sealed else source()
    return {
        "request": request_number(),
        "session": whence.session or None,
        "network": whence.network or None,
    }


def note_search(tx: Tx, asked: SearchForm, *, actor: Actor, at: datetime) -> None:
    """Log what an auditor looked for: who watches is watched."""
    data = msgspec.to_builtins(asked)
    record(tx, "audit.searched", subject="log", actor=actor.user_id, at=at, data=data)


def note_export(tx: Tx, asked: SearchForm, *, count: int, actor: Actor, at: datetime) -> None:
    """Log what an auditor took away."""
    data = {**msgspec.to_builtins(asked), "entries": count}
    record(tx, "audit.exported", subject="log", actor=actor.user_id, at=at, data=data)


def keep_copied(tx: Tx, copied: Copied) -> None:
    """Remember how much of the log the second place holds."""
    tx.merge(LogCopy(id=1, size=copied.size, events=copied.events))


def note_clock_set_back(tx: Tx, *, at: datetime) -> None:
    """Log, once, that the clock stands before the log's last instant; the log waits until it has passed again."""
    last = tx.scalar(select(LogState.instant))
    if last is None or not clock_went_back(last, now=at):
        return
    waiting = tx.scalars(select(LogOutbox.event).where(LogOutbox.created_at == last))
    if any(parse_event(event)["type"] == CLOCK_SET_BACK for event in waiting):
        return
    data = {"instant": time_text(last), "clock": time_text(at)}
    record(tx, CLOCK_SET_BACK, subject="log", actor="system", at=last, data=data)


def note_clock_set_forward(tx: Tx, *, ahead: timedelta, at: datetime) -> None:
    """Log that the clock went further than time passed."""
    data = {"before": time_text(at - ahead), "clock": time_text(at)}
    record(tx, CLOCK_SET_FORWARD, subject="log", actor="system", at=at, data=data)


def lease_deliveries(tx: Tx, *, at: datetime, limit: int) -> list[int]:
    """Take owed tasks for the length of a lease; two senders never take the same one."""
    taken = []
    for due in queries.due_deliveries(tx, at=at, limit=limit):
        free = or_(OutboxDelivery.leased_until.is_(None), OutboxDelivery.leased_until <= at)
        claim = update(OutboxDelivery).where(OutboxDelivery.id == due.id, free)
        if tx.execute(claim.values(leased_until=at + LEASE).returning(OutboxDelivery.id)).scalar():
            taken.append(due.id)
    return taken


def settle(tx: Tx, delivery_id: int, *, at: datetime) -> None:
    """Note that a subscriber's task is done."""
    tx.execute(
        update(OutboxDelivery)
        .where(OutboxDelivery.id == delivery_id, OutboxDelivery.done_at.is_(None))
        .values(done_at=at)
    )


def lease_witness(tx: Tx, vkey: str, *, at: datetime) -> int | None:
    """Take the right to ask a witness, and return the size it cosigned last; nothing while another has it.

    The lease ends by `release_witness`, or by itself: after a failure it is the pause before the next attempt.
    """
    if tx.get(LogWitness, vkey) is None:
        tx.add(LogWitness(vkey=vkey, size=0, problem=""))
        tx.flush()
    free = or_(LogWitness.leased_until.is_(None), LogWitness.leased_until <= at)
    claim = update(LogWitness).where(LogWitness.vkey == vkey, free).values(leased_until=at + WITNESS_LEASE)
    return tx.scalar(claim.returning(LogWitness.size))


def keep_cosignature(tx: Tx, size: int, *, witness: note.VerifierKey, line: str, at: datetime) -> None:
    """Store a cosignature with its checkpoint; raise `NoteError` when it is not this witness's."""
    row = tx.scalars(select(LogCheckpoint).where(LogCheckpoint.size == size).with_for_update()).one()
    before = row.cosigned_note or row.note
    if note.parse_note(before).cosigned_at(witness) is None:
        if note.parse_note(before + line).cosigned_at(witness) is None:
            raise note.NoteError(f"the answer is no cosignature of {witness.name}")
        row.cosigned_note = before + line
        tx.flush()
    known = update(LogWitness).where(LogWitness.vkey == str(witness), LogWitness.size <= size)
    tx.execute(known.values(size=size, cosigned_at=at))


def release_witness(tx: Tx, witness: note.VerifierKey) -> None:
    """The witness has answered as it should: it may be asked again at once."""
    done = update(LogWitness).where(LogWitness.vkey == str(witness))
    tx.execute(done.values(leased_until=None, failing_since=None, problem=""))


def note_witness_problem(tx: Tx, witness: note.VerifierKey, problem: str, *, at: datetime) -> None:
    """Remember since when a witness has not cosigned, and why; the next attempt waits for the lease's end."""
    since = func.coalesce(LogWitness.failing_since, at)
    failing = update(LogWitness).where(LogWitness.vkey == str(witness))
    tx.execute(failing.values(failing_since=since, problem=problem))


def integrate(
    tx: Tx,
    *,
    at: datetime,
    signer: note.Signer,
    origin: str,
    bucket: int,
    interval: timedelta = DEFAULT_INTERVAL,
    forced: bool = False,
    rng: Random | None = None,
) -> Checkpoint | None:
    """Grow the log if an instant is due, and sign its head; the caller's commit publishes it.

    Nothing when none is due or another leader is at work. `forced` first catches up with the due instant, then
    drains every event up to `at` in whole buckets; it waits for the leader. `rng` must be unpredictable.
    """
    if not _lead(tx, wait=forced):
        return None
    growth = _Growth(tx, signer, origin, bucket, interval, rng or SystemRandom())
    due = instant_before(at, interval=interval)
    last, checkpoint = growth.last_instant(), None
    if last is None or due > last:
        last, checkpoint = due, growth.add(due, forced=False)
    if forced:
        # The caller's clock was read before it waited for the leader: instants never go back for that.
        checkpoint = growth.add(max(at, last), forced=True)
    return checkpoint


_LEADER = 0x62736C6F67
"""The advisory lock of the one integrator."""


def _lead(tx: Tx, *, wait: bool) -> bool:
    """SQLite's write transaction is the lock there."""
    if tx.get_bind().dialect.name == "sqlite":
        return True
    if wait:
        tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LEADER})
        return True
    return bool(tx.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _LEADER}))


@dataclass(frozen=True, slots=True)
class _Pending:
    """An event on its way into the tree."""

    event: bytes
    nonce: bytes | None
    beside: Mapping[str, str | None] = field(default_factory=dict)
    id: int | None = None


@dataclass(slots=True)
class _Growth:
    """One leader's work in one transaction."""

    tx: Tx
    signer: note.Signer
    origin: str
    bucket: int
    interval: timedelta
    rng: Random

    def last_instant(self) -> datetime | None:
        return self.tx.scalar(select(LogState.instant))

    def add(self, instant: datetime, *, forced: bool) -> Checkpoint:
        """Append one instant's entries, real ones and covers in random order, and sign the new head."""
        size = self.tx.scalar(select(LogState.size)) or 0
        batch = self._waiting(instant, everything=forced)
        batch += self._covers(instant, covers_needed(len(batch), bucket=self.bucket), forced=forced)
        self.rng.shuffle(batch)
        entries = [entry_bytes(item.event, item.nonce) for item in batch]
        leaves = [leaf_hash(entry) for entry in entries]
        self._keep_events(batch, leaves, first=size)
        self._keep_bundles(entries, first=size)
        root = self._keep_tiles(leaves, size=size)
        head = note.TreeHead(self.origin, size + len(batch), root)
        signed = note.sign(head, self.signer)
        self.tx.execute(insert(LogCheckpoint).values(size=head.size, root=root, instant=instant, note=signed))
        self._advance(size, head.size, instant)
        return Checkpoint(head.size, root, instant, signed)

    def _waiting(self, instant: datetime, *, everything: bool) -> list[_Pending]:
        """Older events first; one place of every bucket stays for the cover that tells the instant.

        Rows are taken because they are there, never by a mark on the sequence: numbers commit out of order.
        """
        query = (
            select(
                LogOutbox.id, LogOutbox.event, LogOutbox.nonce, *(getattr(LogOutbox, one) for one in BESIDE)
            )
            .where(LogOutbox.created_at <= instant)
            .order_by(LogOutbox.id)
            .with_for_update(skip_locked=True)
        )
        rows = self.tx.execute(query if everything else query.limit(self.bucket - 1))
        return [
            _Pending(row.event, row.nonce, {one: getattr(row, one) for one in BESIDE}, row.id) for row in rows
        ]

    def _covers(self, instant: datetime, count: int, *, forced: bool) -> list[_Pending]:
        milliseconds = self.interval // timedelta(milliseconds=1)
        data = {"bucket": self.bucket, "interval_ms": milliseconds, "forced": forced}
        event = event_bytes(type=COVER, subject="log", at=instant, actor="system", data=data)
        return [_Pending(event, self.rng.randbytes(NONCE_SIZE)) for _ in range(count)]

    def _keep_events(self, batch: list[_Pending], leaves: list[bytes], *, first: int) -> None:
        rows, found = [], []
        once = {event: parse_event(event) for event in {item.event for item in batch}}  # covers are all alike
        for idx, (item, leaf) in enumerate(zip(batch, leaves, strict=True), start=first):
            parsed = once[item.event]
            if parsed["type"] != COVER:
                found.append({"idx": idx, "actor": parsed["actor"], "at": parse_time(str(parsed["at"]))})
            rows.append(
                {
                    "idx": idx,
                    "leaf": leaf,
                    "type": parsed["type"],
                    "subject": parsed["subject"],
                    "public": item.nonce is None,
                    "event": item.event,
                    "nonce": item.nonce,
                    **{one: item.beside.get(one) for one in BESIDE},
                }
            )
        self.tx.execute(insert(LogEvent), rows)
        if found:
            self.tx.execute(insert(LogSearch), found)
        for ids in _chunks([item.id for item in batch if item.id is not None]):
            self.tx.execute(delete(LogOutbox).where(LogOutbox.id.in_(ids)))
        for row in rows:
            if row["type"] == ERASED:
                _drop(self.tx, bytes.fromhex(str(row["subject"])))

    def _keep_bundles(self, entries: list[bytes], *, first: int) -> None:
        n, filled = divmod(first, WIDTH)
        while entries:
            packed = b"".join(map(pack_entry, entries[: WIDTH - filled]))
            if filled:
                before = self.tx.execute(select(LogBundle.data).where(LogBundle.n == n)).scalar_one()
                self.tx.execute(update(LogBundle).where(LogBundle.n == n).values(data=before + packed))
            else:
                self.tx.execute(insert(LogBundle).values(n=n, data=packed))
            entries = entries[WIDTH - filled :]
            n, filled = n + 1, 0

    def _keep_tiles(self, leaves: list[bytes], *, size: int) -> bytes:
        """Store the changed tiles and return the new root, computed from the right edge alone."""
        edge = queries.tiles(self.tx, edge_of(size))
        changed = grow(size=size, edge={level: data for (level, _), data in edge.items()}, leaves=leaves)
        for (level, n), data in changed.items():
            if (level, n) in edge:
                where = (LogTile.level == level, LogTile.n == n)
                self.tx.execute(update(LogTile).where(*where).values(data=data))
            else:
                self.tx.execute(insert(LogTile).values(level=level, n=n, data=data))
        known = edge | changed
        return subtree_root(node_source(lambda level, n: known[level, n]), 0, size + len(leaves))

    def _advance(self, old: int, new: int, instant: datetime) -> None:
        if old == 0:
            self.tx.execute(insert(LogState).values(id=1, size=new, instant=instant))
        else:
            self.tx.execute(update(LogState).where(LogState.size == old).values(size=new, instant=instant))


def _drop(tx: Tx, leaf: bytes) -> None:
    blinded = (LogEvent.leaf == leaf, LogEvent.public.is_(False), LogEvent.type.not_in((COVER, ERASED)))
    idx = tx.scalar(update(LogEvent).where(*blinded).values(event=None, nonce=None).returning(LogEvent.idx))
    tx.execute(update(LogSearch).where(LogSearch.idx == idx).values(actor=None))


def _chunks(ids: list[int]) -> Iterable[list[int]]:
    for start in range(0, len(ids), 1000):
        yield ids[start : start + 1000]


def _interval(tx: Tx) -> timedelta:
    settings = tx.info.get("settings")
    return timedelta(seconds=settings.log_interval) if settings else DEFAULT_INTERVAL
