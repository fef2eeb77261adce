"""States of a clarification, when questions are collected and end, and what a change may be about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from govcore.clock import BEIJING


class State(StrEnum):
    PREPARING = "preparing"
    READY = "ready"
    RELEASED = "released"


class Move(StrEnum):
    HAND_OVER = "hand_over"
    RETURN = "return"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Rule:
    """From which state a move leads where, by which permission, and the event that records it."""

    source: State
    target: State
    permission: str
    event: str


RULES = {
    Move.HAND_OVER: Rule(State.PREPARING, State.READY, "clarification.prepare", "clarification.handed_over"),
    Move.RETURN: Rule(State.READY, State.PREPARING, "clarification.release", "clarification.returned"),
    Move.RELEASE: Rule(State.READY, State.RELEASED, "clarification.release", "clarification.released"),
}

COLLECTED_EVERY = timedelta(minutes=30)
"""Questions are shown to those who answer only at full half hours: when exactly one was asked is kept nowhere."""


def collected_at(asked_at: datetime) -> datetime:
    """The next full half hour after a question was asked."""
    past = (asked_at - datetime.min.replace(tzinfo=asked_at.tzinfo)) % COLLECTED_EVERY
    return asked_at - past + COLLECTED_EVERY


def asking_ends(deadline: datetime, days: int) -> datetime:
    """When questions end: with the day that lies `days` before the deadline's, in Beijing; at the deadline for 0."""
    if not days:
        return deadline
    last = deadline.astimezone(BEIJING).date() - timedelta(days=days)
    return datetime.combine(last + timedelta(days=1), time(), BEIJING)


class Subject(StrEnum):
    """What of the documents a change is about."""

    OBJECT = "object"
    QUALIFICATION = "qualification"
    CRITERIA = "criteria"
    SPECIFICATION = "specification"
    TERMS = "terms"
    FORM = "form"
    TIMES = "times"
    OTHER = "other"


SUBJECT_NAMES = {
    Subject.SPECIFICATION: "Drawings, bill of quantities, technical demands",
    Subject.CRITERIA: "Evaluation criteria",
    Subject.TERMS: "Contract terms",
    Subject.FORM: "Form and parts of the bid",
    Subject.TIMES: "Times and places other than the deadline",
    Subject.QUALIFICATION: "Who may bid (qualification)",
    Subject.OBJECT: "What is procured",
    Subject.OTHER: "Something else",
}
"""Keys of the catalogue, in the order in which they are offered."""

GP_FIXED = frozenset({Subject.OBJECT, Subject.QUALIFICATION})
"""What no change may touch in government procurement (政府采购货物和服务招标投标管理办法 art. 27)."""


def forbidden(regime: str, subjects: Iterable[str]) -> list[Subject]:
    """Which of the subjects of its changes a clarification of this regime may not have."""
    return sorted(GP_FIXED & {Subject(one) for one in subjects}) if regime == "GP" else []


ACT_NAMES = {
    "visit": "Site visit",
    "samples": "Handing in samples",
    "demonstration": "Demonstration",
}
"""Acts with a date that are open to everybody who is interested, as keys of the catalogue."""
