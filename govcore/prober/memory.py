"""What a prober remembers: every measurement, and every report it signed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from govcore.keyfiles import KeyFileError
from govcore.outages.policy import Surface

MEMORY = "memory.sqlite3"

_TABLES = """
CREATE TABLE measurement (
  at TEXT NOT NULL, surface TEXT NOT NULL, up INTEGER NOT NULL, ms INTEGER NOT NULL, why TEXT NOT NULL,
  report INTEGER);
CREATE INDEX unreported ON measurement (report) WHERE report IS NULL;
CREATE TABLE report (
  seq INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, envelope TEXT NOT NULL, taken INTEGER NOT NULL DEFAULT 0);
"""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One question to one surface: whether it was answered well, in how many milliseconds, else why not."""

    at: datetime
    surface: Surface
    up: bool
    ms: int
    why: str


class Memory:
    """One SQLite file beside the key; both belong together."""

    def __init__(self, folder: Path) -> None:
        """Raise `KeyFileError` when there is none: a prober that forgot could tell another past."""
        self._path = folder / MEMORY
        if not self._path.is_file():
            raise KeyFileError(f"there is no {MEMORY} in {folder}: a prober that lost it must get a new key")

    @classmethod
    def create(cls, folder: Path) -> Memory:
        (folder / MEMORY).touch(mode=0o600, exist_ok=False)
        memory = cls(folder)
        with closing(sqlite3.connect(memory._path)) as connection:
            connection.executescript(_TABLES)
        return memory

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=30, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    def keep(self, measured: Sequence[Measurement]) -> None:
        rows = [(one.at.isoformat(), one.surface, one.up, one.ms, one.why) for one in measured]
        with self._transaction() as connection:
            insert = "INSERT INTO measurement (at, surface, up, ms, why) VALUES (?, ?, ?, ?, ?)"
            connection.executemany(insert, rows)

    def unreported(self) -> list[Measurement]:
        """What no report holds yet, oldest first."""
        query = "SELECT at, surface, up, ms, why FROM measurement WHERE report IS NULL ORDER BY at"
        with self._transaction() as connection:
            rows = connection.execute(query).fetchall()
        return [
            Measurement(datetime.fromisoformat(at).astimezone(UTC), surface, bool(up), ms, why)
            for at, surface, up, ms, why in rows
        ]

    def failures(self) -> list[tuple[str, str, str]]:
        """Time, surface and reason of every failed measurement."""
        with self._transaction() as connection:
            query = "SELECT at, surface, why FROM measurement WHERE NOT up ORDER BY at"
            return connection.execute(query).fetchall()

    def last_report(self) -> tuple[int, str]:
        """The number and payload digest of the newest report; (0, "") before the first."""
        with self._transaction() as connection:
            row = connection.execute("SELECT seq, sha256 FROM report ORDER BY seq DESC LIMIT 1").fetchone()
        return (row[0], row[1]) if row else (0, "")

    def keep_report(self, seq: int, sha256: str, envelope: str) -> None:
        """Keep a signed report, and with it that all measurements so far are reported."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO report (seq, sha256, envelope) VALUES (?, ?, ?)", (seq, sha256, envelope)
            )
            connection.execute("UPDATE measurement SET report = ? WHERE report IS NULL", (seq,))

    def all_reports(self) -> list[str]:
        """Every report as it was signed, in order."""
        with self._transaction() as connection:
            return [row[0] for row in connection.execute("SELECT envelope FROM report ORDER BY seq")]

    def to_hand_in(self) -> list[tuple[int, str]]:
        """Reports that the site has not taken yet, in order."""
        with self._transaction() as connection:
            return connection.execute(
                "SELECT seq, envelope FROM report WHERE NOT taken ORDER BY seq"
            ).fetchall()

    def note_taken(self, before: int) -> None:
        """The site waits for this number: it has all before it."""
        with self._transaction() as connection:
            connection.execute("UPDATE report SET taken = 1 WHERE seq < ? AND NOT taken", (before,))
