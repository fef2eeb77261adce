"""Reading the log: what is published, and what only auditors see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from govcore.audit.models import LogCheckpoint
from govcore.db import Tx


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A published tree head; `note` is the signed note, cosigned when a witness answered."""

    size: int
    root: bytes
    instant: datetime
    note: str


def latest_checkpoint(tx: Tx) -> Checkpoint | None:
    """The newest published tree head; nothing before the first instant."""
    row = tx.execute(_CHECKPOINTS.order_by(LogCheckpoint.size.desc()).limit(1)).one_or_none()
    return Checkpoint(row.size, row.root, row.instant, row.cosigned_note or row.note) if row else None


_CHECKPOINTS = select(
    LogCheckpoint.size,
    LogCheckpoint.root,
    LogCheckpoint.instant,
    LogCheckpoint.note,
    LogCheckpoint.cosigned_note,
)
