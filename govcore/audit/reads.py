"""What supervisors read of what is not public is logged: they keep to themselves what they learn (实施条例 art. 62)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from govcore.audit.service import record
from govcore.db import Tx
from govcore.identity.policy import Actor, Role

_SUPERVISING = frozenset({Role.REGULATOR, Role.AUDITOR})
_AGAIN = timedelta(hours=1)
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Read:
    """Who read what, in which session: the route as declared and the ids in it."""

    session_id: str
    user_id: str
    route: str
    ids: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Recent:
    """What was read in the last hour, in this process: a page that asks again for news is no new reading."""

    _reads: dict[Read, datetime] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def admit(self, read: Read, *, at: datetime) -> bool:
        """True when this is to be logged."""
        with self._lock:
            last = self._reads.get(read)
            if last is not None and at - last < _AGAIN:
                return False
            if len(self._reads) >= _MOST:
                self._reads.clear()
            self._reads[read] = at
            return True


def supervises(actor: Actor) -> bool:
    """True for those who read others' matters to watch over them."""
    return not _SUPERVISING.isdisjoint(actor.roles)


def note_read(tx: Tx, read: Read, *, at: datetime) -> None:
    data = {"route": read.route, **dict(read.ids)}
    record(tx, "audit.supervisor_read", subject=read.user_id, actor=read.user_id, at=at, data=data)
