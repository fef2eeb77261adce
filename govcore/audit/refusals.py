"""Refusals of people who are signed in: each is logged, a flood of them as a few entries with a count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from govcore.audit.service import record
from govcore.db import Tx
from govcore.identity.policy import Actor, Role

FEW = 5
"""Entries a minute for one person in one process: nobody may fill the log, which keeps its promises to receipts."""

_MINUTE = timedelta(minutes=1)
_PEOPLE = 10_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was asked for: the route as declared, the ids in it, and the code of the refusal."""

    method: str
    route: str
    ids: Mapping[str, str]
    code: str


@dataclass(slots=True)
class _Minute:
    since: datetime
    logged: int = 0
    kept_back: int = 0


@dataclass(slots=True)
class Counter:
    """Who was refused how often in the present minute, in this process."""

    _people: dict[str, _Minute] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def admit(self, user_id: str, *, at: datetime) -> int | None:
        """How many refusals were kept back since the last entry; nothing when this one is kept back too."""
        with self._lock:
            minute = self._people.get(user_id)
            if minute is None or at - minute.since >= _MINUTE:
                if len(self._people) >= _PEOPLE:
                    self._people.clear()
                minute = _Minute(at, kept_back=minute.kept_back if minute else 0)
                self._people[user_id] = minute
            if minute.logged >= FEW:
                minute.kept_back += 1
                return None
            minute.logged += 1
            kept_back, minute.kept_back = minute.kept_back, 0
            return kept_back


def note_refused(tx: Tx, refusal: Refusal, *, actor: Actor, kept_back: int, at: datetime) -> None:
    """Log that a person was refused; of a bidder so that it tells nobody before the deadline who bids."""
    event = "audit.bidder_refused" if Role.BIDDER in actor.roles else "audit.refused"
    data: dict[str, object] = {"method": refusal.method, "route": refusal.route, **refusal.ids}
    data |= {"code": refusal.code, "kept_back": kept_back}
    record(tx, event, subject=actor.user_id, actor=actor.user_id, at=at, data=data)
