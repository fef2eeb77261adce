"""`trading …` that is killed, once, right after the gate's database holds a release and before anybody was answered."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from govcore.cli import main

MARK = Path(os.environ["CRASH_FOLDER"]) / "released"


@event.listens_for(Engine, "before_cursor_execute")
def _note(
    conn: Connection, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool
) -> None:
    if statement.startswith("UPDATE gate_scope SET released="):
        conn.info["released"] = True


@event.listens_for(Engine, "checkin")
def _die(_connection: Any, record: Any) -> None:
    """The connection goes back to the pool when its transaction is on the disk."""
    if record.info.pop("released", False) and not MARK.exists():
        MARK.touch()
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
