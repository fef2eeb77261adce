"""Reading the log: every entry the gate relies on lies under a tree head that it computed itself.

So the gate needs nobody's word for what happened, nor for what did not: a second closing, an extension of the deadline
or an objection cannot be kept from it without a fork of the log, which the witness does not sign.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Protocol

from sqlalchemy import select

from govcore.audit.entries import EntryError, parse_event, public_event
from govcore.audit.note import NoteError, TreeHead, VerifierKey, parse_head, parse_note
from govcore.audit.tiles import WIDTH, TileError, TileRef, node_source, split_bundle
from govcore.audit.tree import (
    EMPTY_ROOT,
    Frontier,
    NodeSource,
    consistency_path,
    leaf_hash,
    verify_consistency,
)
from govcore.db import Tx, upsert
from govcore.errors import Detail, Problem
from trading.gate.models import GateFact, GateLog, GateScope
from trading.gate.record import Record

KEPT = (
    "keys.published",
    "schedule.changed",
    "tender.closed",
    "tender.failed",
    "share.released",
    "opening.objection_stands",
    "opening.objection_settled",
    "tender.suspended",
    "tender.resumed",
    "opening.outage_measured",
    "tender.terminated",
    "tender.cancelled",
    "opening.read_out",
    "evaluation.technical_fixed",
)
"""What the gate asks the log about its lots."""


class LogRefused(Problem):
    """The log that was served is not the one the gate knows."""

    code = "E_GATE_LOG"
    status = 409
    text = "The time gate does not accept the log: {detail}"


class LogSource(Protocol):
    """Where the gate reads the log; nothing it gives is believed before it fits a signed tree head."""

    def checkpoint(self) -> str | None:
        """The newest checkpoint; nothing before the log's first instant."""
        ...

    def tile(self, path: str) -> bytes:
        """The blob at a path of tlog-tiles."""
        ...


def follow(
    tx: Tx, source: LogSource, *, key: VerifierKey, witnesses: Collection[VerifierKey]
) -> tuple[TreeHead, str | None]:
    """Read what the log has grown by, keep what concerns the gate's lots; the newest head and its note.

    `LogRefused` when the checkpoint is not signed by log and witnesses, or does not extend what was read before.
    """
    note = source.checkpoint()
    row = _position(tx, key.name)
    if note is None:
        if row.size:
            raise LogRefused(detail="it is empty again")
        return TreeHead(key.name, 0, EMPTY_ROOT), None
    head = _signed_head(note, key, witnesses)
    try:
        _advance(tx, source, row, head)
    except (TileError, EntryError) as error:
        raise LogRefused(detail=str(error)) from error
    return head, note


def record_of(tx: Tx, origin: str, lot_id: str) -> Record:
    """What the log says of a lot."""
    query = select(GateFact.idx, GateFact.event).where(GateFact.origin == origin, GateFact.lot_id == lot_id)
    return Record((index, event) for index, event in tx.execute(query.order_by(GateFact.idx)))


def is_part_of(source: LogSource, head: TreeHead, *, size: int, root: bytes) -> bool:
    """True when the log had this root at this earlier size."""
    if not 0 <= size <= head.size:
        return False
    try:
        path = consistency_path(_nodes(source, head.size), size, head.size)
    except TileError:
        return False
    return verify_consistency(old=size, new=head.size, old_root=root, new_root=head.root, path=path)


def _position(tx: Tx, origin: str) -> GateLog:
    """Where reading stopped, locked: two readers would keep the same facts twice."""
    tx.execute(upsert(tx, GateLog).values(origin=origin, size=0, root=EMPTY_ROOT).on_conflict_do_nothing())
    return tx.execute(select(GateLog).where(GateLog.origin == origin).with_for_update()).scalar_one()


def _signed_head(note: str, key: VerifierKey, witnesses: Collection[VerifierKey]) -> TreeHead:
    try:
        signed = parse_note(note)
        head = parse_head(signed.text)
    except NoteError as error:
        raise LogRefused(detail=str(error)) from error
    if head.origin != key.name or not signed.signed_by(key):
        raise LogRefused(detail="the checkpoint is not signed by the log's key")
    for witness in witnesses:
        if not signed.signed_by(witness):
            raise LogRefused(
                detail=Detail("the checkpoint is not cosigned by {witness}", witness=witness.name)
            )
    return head


def _advance(tx: Tx, source: LogSource, row: GateLog, head: TreeHead) -> None:
    """A gate that holds no key has nothing to read: it only sees to it that the log grows."""
    lots = set(tx.scalars(select(GateScope.lot_id).where(GateScope.wrapped.is_not(None)).distinct()))
    if head.size < row.size:
        raise LogRefused(detail="the checkpoint is older than what was read before")
    if not is_part_of(source, head, size=row.size, root=row.root):
        raise LogRefused(detail="the checkpoint does not extend what was read before")
    start = row.size if lots else head.size
    frontier = Frontier.of(_nodes(source, head.size), start)
    for index, entry in enumerate(_entries(source, start, head.size), start):
        frontier.append(leaf_hash(entry))
        if (event := public_event(entry)) is not None:
            _keep(tx, head.origin, index, event, lots)
    if frontier.root() != head.root:
        raise LogRefused(detail="the entries do not give the root of the checkpoint")
    row.size, row.root = head.size, head.root
    tx.flush()


def _keep(tx: Tx, origin: str, index: int, event: bytes, lots: Collection[str]) -> None:
    told = parse_event(event)
    data = told["data"]
    lot_id = data.get("lot_id", told["subject"]) if isinstance(data, dict) else None
    if lot_id in lots and told["type"] in KEPT:
        tx.add(GateFact(origin=origin, idx=index, lot_id=lot_id, type=told["type"], event=event))


def _entries(source: LogSource, start: int, size: int) -> Iterator[bytes]:
    for n in range(start // WIDTH, -(-size // WIDTH)):
        ref = TileRef(None, n, min(WIDTH, size - n * WIDTH))
        yield from split_bundle(source.tile(ref.path))[max(0, start - n * WIDTH) :]


def _nodes(source: LogSource, size: int) -> NodeSource:
    def tile(level: int, n: int) -> bytes:
        width = min(WIDTH, (size >> (8 * level)) - n * WIDTH)
        if width < 1:
            raise TileError(f"a tree of {size} has no tile {level}/{n}")
        return source.tile(TileRef(level, n, width).path)

    return node_source(tile)
