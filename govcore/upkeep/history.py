"""Whether this database is the one that the site went on with: its log must contain every head kept outside of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog
from obstore.exceptions import BaseError

from govcore.audit import queries
from govcore.audit.note import VerifierKey
from govcore.audit.queries import Checkpoint
from govcore.db import Database, Tx
from govcore.dsse import BadEnvelope, Envelope
from govcore.errors import Problem
from govcore.storage import AlreadyStored, Store
from govcore.upkeep import approvals

HEADS = "history"
"""Below this the store keeps the newest head of the log, under its size and root."""

RESTORED, GIVES_UP = "backup.restored", "gives up"

_log = structlog.get_logger()


class HistoryMissing(Problem):
    """The site has signed a log that this database does not hold: an older copy was put in its place."""

    code = "E_HISTORY"
    status = 503
    text = (
        "This database is not the one this site went on with: its log has no head of {size} entries with the root "
        "{root}. Nothing is written into it. Bring the right database back, or let two operators return from a backup: "
        "`trading backup make` of this one, then request, approve and restore into an empty one (deploy/backup.md)."
    )


@dataclass(frozen=True, slots=True, order=True)
class Head:
    """How long the log was once, and its root (hex)."""

    size: int
    root: str

    def __str__(self) -> str:
        return f"{self.size} {self.root}"

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> Head:
        return cls(checkpoint.size, checkpoint.root.hex())

    @property
    def key(self) -> str:
        return f"{HEADS}/{self.size:020d}-{self.root}"


def heads(store: Store) -> list[Head]:
    """The heads that the store keeps, the longest last."""
    names = (key.rpartition("/")[2].partition("-") for key in store.keys(HEADS))
    return sorted(Head(int(size), root) for size, _, root in names)


class History:
    """One process's look at the heads outside of its database: before it writes, at most once in `every` seconds."""

    every = 60.0

    def __init__(self, database: Database, store: Store, operators: Sequence[VerifierKey]) -> None:
        self._database, self._store = database, store
        self._operators = tuple(operators)
        self._looking = threading.Lock()
        self._looked_at: float | None = None
        self._kept: Head | None = None

    def require(self) -> None:
        """Raise `HistoryMissing` unless the log contains every head; a store that falls silent changes nothing.

        One thread looks, the others go on with what was found before; the first look is waited for.
        """
        if self._is_new() or not self._looking.acquire(blocking=self._looked_at is None):
            return
        try:
            if not self._is_new():
                self._look()
        finally:
            self._looking.release()

    def _is_new(self) -> bool:
        return self._looked_at is not None and time.monotonic() < self._looked_at + self.every

    def _look(self) -> None:
        try:
            known = heads(self._store)
        except BaseError as error:
            if self._looked_at is None:
                raise
            _log.error("history.store_silent", reason=str(error))
        else:
            with self._database.read() as tx:
                self._refuse_missing(tx, known)
        self._looked_at = time.monotonic()

    def keep(self, newest: Checkpoint) -> None:
        """Keep the newest head in the store and forget those that it contains; nothing when it lies there already.

        Heads are listed before the database is read, and are kept after their commit: what is listed can never be
        ahead of a database that lost nothing.
        """
        if Head.of(newest) == self._kept:
            return
        known = heads(self._store)
        with self._database.read() as tx:
            self._refuse_missing(tx, known)
            newest = queries.latest_checkpoint(tx) or newest
        head = Head.of(newest)
        if head not in known:
            with suppress(AlreadyStored):
                self._store.put_new(head.key, newest.note.encode())
        for one in known:
            if one != head:
                self._store.delete(one.key)
        self._kept = head

    def _refuse_missing(self, tx: Tx, known: Sequence[Head]) -> None:
        """What the log lacks must have been given up by two operators, in a statement that this log holds."""
        lacking = [one for one in known if not contains(tx, one)]
        if lacking:
            given_up = set(_given_up(tx, self._operators))
            lacking = [one for one in lacking if str(one) not in given_up]
        if lacking:
            raise HistoryMissing(size=lacking[-1].size, root=lacking[-1].root)


def contains(tx: Tx, head: Head) -> bool:
    """Whether the log in this database had this root when it had so many entries."""
    latest = queries.latest_checkpoint(tx)
    return (
        latest is not None and head.size <= latest.size and queries.root_at(tx, head.size).hex() == head.root
    )


def _given_up(tx: Tx, operators: Sequence[VerifierKey]) -> Iterator[str]:
    for event in queries.of_type(tx, RESTORED):
        with suppress(BadEnvelope, approvals.NotApproved, approvals.TooFewOperators):
            signed = Envelope.decode(str(event["data"].get("request")).encode())
            approvals.approvers(signed, operators)
            yield from approvals.read(signed).shown.get(GIVES_UP, "").split(", ")
