"""`trading …` that kills itself, once, at named points; `nursery.py` loads it once and forks it for every process.

`CRASH_POINTS` names them as `before:EVENT` and `after:EVENT` of the commit whose transaction logs that event;
`CRASH_FOLDER` keeps a mark for every point that was reached. The whole process group dies by SIGKILL.
"""

from __future__ import annotations

import gc
import os
import re
import signal
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import ClauseElement, Connection, Engine, event
from sqlalchemy.orm import Session

import govcore.processes
import govcore.tasks
import govcore.web.app  # noqa: F401 - whatever a process of the platform loads is loaded here
from govcore import module, trips
from govcore.audit import service as audit
from govcore.cli import main
from govcore.db import Tx

__all__ = ["main"]

UPLOAD_COMPLETED = "upload.completed"

_TYPE = re.compile(rb'"type":"([a-z_.]+)"')
_committing = threading.local()


def _die(when: str, names: Iterable[str]) -> None:
    points = os.environ.get("CRASH_POINTS", "").split()
    for name in sorted(names):
        point = f"{when}:{name}"
        if point not in points:
            continue
        try:
            os.close(os.open(Path(os.environ["CRASH_FOLDER"]) / point, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            continue
        os.killpg(0, signal.SIGKILL)


@event.listens_for(Engine, "before_cursor_execute")
def _note(conn: Connection, _cursor: Any, statement: str, *_: Any) -> None:
    if statement.startswith("INSERT INTO bidding_upload_part "):
        conn.info.setdefault("events", set()).add(UPLOAD_COMPLETED)


def _noting(tx: Tx, statement: ClauseElement, *rows: Mapping[str, object]) -> None:
    """Log entries go past the engine's events, straight to the driver."""
    found = [_TYPE.search(row["event"]) for row in rows if isinstance(row.get("event"), bytes)]
    tx.connection().info.setdefault("events", set()).update(one.group(1).decode() for one in found if one)
    trips.tell(tx, statement, *rows)


audit.tell = _noting


@event.listens_for(Engine, "commit")
def _before(conn: Connection) -> None:
    _committing.events = conn.info.pop("events", set())
    _die("before", _committing.events)


@event.listens_for(Engine, "rollback")
def _forget(conn: Connection) -> None:
    conn.info.pop("events", None)


@event.listens_for(Session, "after_commit")
def _after(_session: Session) -> None:
    _die("after", getattr(_committing, "events", ()))
    _committing.events = set()


module.discover()
gc.freeze()
