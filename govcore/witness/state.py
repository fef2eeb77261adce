"""What a witness remembers: for each log the newest checkpoint it cosigned, and the proof of every fork."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from govcore.audit.note import TreeHead
from govcore.audit.tree import EMPTY_ROOT
from govcore.witness.keys import WitnessError

STATE = "state.sqlite3"

_TABLES = """
CREATE TABLE head (
  origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL);
CREATE TABLE fork (
  origin TEXT, size INTEGER, root BLOB, note TEXT NOT NULL, cosigned TEXT NOT NULL,
  PRIMARY KEY (origin, size, root));
"""


class State:
    """One SQLite file; what a transaction wrote is on the disk when it ends."""

    def __init__(self, folder: Path) -> None:
        """Raise `WitnessError` when there is no memory: a witness that forgot could cosign a second history."""
        self._path = folder / STATE
        if not self._path.is_file():
            raise WitnessError(f"there is no {STATE} in {folder}: a witness that lost it must get a new key")

    @classmethod
    def create(cls, folder: Path) -> State:
        """An empty memory, for a new key."""
        (folder / STATE).touch(mode=0o600, exist_ok=False)
        state = cls(folder)
        with closing(state._open()) as connection:
            connection.executescript(_TABLES)
        return state

    @contextmanager
    def transaction(self) -> Iterator[Memory]:
        """One request at a time reads, compares and writes; nothing is kept when the block raises."""
        with closing(self._open()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield Memory(connection)
            connection.execute("COMMIT")

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        connection.execute("PRAGMA synchronous = FULL")
        return connection


class Memory:
    """The witness's memory inside one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def latest(self, origin: str) -> TreeHead:
        """The newest cosigned tree head; the empty tree when there is none."""
        query = "SELECT size, root FROM head WHERE origin = ?"
        row = self._connection.execute(query, (origin,)).fetchone()
        return TreeHead(origin, *row) if row else TreeHead(origin, 0, EMPTY_ROOT)

    def remember(self, head: TreeHead, note: str) -> None:
        self._connection.execute(
            "INSERT INTO head VALUES (?, ?, ?, ?) ON CONFLICT (origin)"
            " DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note",
            (head.origin, head.size, head.root, note),
        )

    def keep_fork(self, head: TreeHead, note: str) -> None:
        """Keep a signed checkpoint that contradicts the cosigned one of its size, beside that one."""
        self._connection.execute(
            "INSERT OR IGNORE INTO fork SELECT ?, ?, ?, ?, note FROM head WHERE origin = ?",
            (head.origin, head.size, head.root, note, head.origin),
        )

    def forks(self) -> list[tuple[str, str]]:
        """Pairs of checkpoints that one key signed for one size: each is a proof of misbehaviour."""
        return list(self._connection.execute("SELECT cosigned, note FROM fork ORDER BY origin, size"))
