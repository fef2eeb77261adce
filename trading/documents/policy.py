"""States of a version of the documents, and when the documents can no longer change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class VersionState(StrEnum):
    PREPARED = "prepared"
    RELEASED = "released"
    PUBLISHED = "published"


class VersionMove(StrEnum):
    RELEASE = "release"
    PUBLISH = "publish"


@dataclass(frozen=True, slots=True)
class Rule:
    """From which state a move leads where, by which permission, and the event that records it."""

    source: VersionState
    target: VersionState
    permission: str
    event: str


RULES = {
    VersionMove.RELEASE: Rule(
        VersionState.PREPARED, VersionState.RELEASED, "tender.approve", "documents.released"
    ),
    VersionMove.PUBLISH: Rule(
        VersionState.RELEASED, VersionState.PUBLISHED, "tender.publish", "documents.published"
    ),
}

ENDED = frozenset({"failed", "terminated"})
"""States of lots that no document rules any more."""


def is_frozen(lots: Iterable[tuple[str, datetime | None]], now: datetime) -> bool:
    """True once a lot that goes on has reached its deadline: the version in force then rules opening and evaluation."""
    return any(deadline is not None and deadline <= now for state, deadline in lots if state not in ENDED)
