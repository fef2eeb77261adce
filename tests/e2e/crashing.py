"""`trading …` that kills itself, once, at named points: `python -m tests.e2e.crashing serve --only web`.

`CRASH_POINTS` names them as `before:EVENT` and `after:EVENT` of the commit whose transaction logs that event;
`CRASH_FOLDER` keeps a mark for every point that was reached. The whole process group dies by SIGKILL.
"""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

from govcore.cli import main

POINTS = frozenset(os.environ.get("CRASH_POINTS", "").split())
FOLDER = Path(os.environ.get("CRASH_FOLDER", "."))
UPLOAD_COMPLETED = "upload.completed"

_TYPE = re.compile(rb'"type":"([a-z_.]+)"')
_committing = threading.local()


def _die(when: str, names: Iterable[str]) -> None:
    for name in sorted(names):
        point = f"{when}:{name}"
        if point not in POINTS:
            continue
        try:
            os.close(os.open(FOLDER / point, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            continue
        os.killpg(0, signal.SIGKILL)


def _values(parameters: Any) -> Iterator[Any]:
    if isinstance(parameters, dict):
        yield from parameters.values()
    elif isinstance(parameters, list | tuple):
        for one in parameters:
            yield from _values(one) if isinstance(one, dict | list | tuple) else (one,)


@event.listens_for(Engine, "before_cursor_execute")
def _note(
    conn: Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, _executemany: bool
) -> None:
    if not statement.startswith("INSERT INTO"):
        return
    table = statement.split()[2]
    if table == "bidding_upload_part":
        conn.info.setdefault("events", set()).add(UPLOAD_COMPLETED)
    elif table == "log_outbox":
        for value in _values(parameters):
            raw = getattr(value, "obj", value)  # psycopg wraps bytes
            found = _TYPE.search(raw) if isinstance(raw, bytes) else None
            if found:
                conn.info.setdefault("events", set()).add(found.group(1).decode())


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


if __name__ == "__main__":
    main()
