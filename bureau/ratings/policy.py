"""What a rating is, and the way of a bad one (国办发〔2019〕51号).

Days are working days. Where no rule names a number, it is a term of the organ, which its assessors may change.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum, StrEnum

from govcore.calendar import Calendar, Due
from govcore.clock import BEIJING


class Channel(StrEnum):
    WEB = "web"
    SMS = "sms"
    DEVICE = "device"
    CARD = "card"
    QR = "qr"
    PHONE = "phone"
    SUPERVISOR = "supervisor"


class Node(StrEnum):
    """The step of a case at which somebody was served; each is rated by itself."""

    CONSULT = "consult"
    ACCEPT = "accept"
    SUPPLEMENT = "supplement"
    DECIDE = "decide"
    DELIVER = "deliver"
    INSPECT = "inspect"


class Level(IntEnum):
    VERY_SATISFIED = 5
    SATISFIED = 4
    BASICALLY_SATISFIED = 3
    DISSATISFIED = 2
    VERY_DISSATISFIED = 1


CHANNEL_NAMES = {
    Channel.WEB: "Web page",
    Channel.SMS: "Text message",
    Channel.DEVICE: "Device at the window",
    Channel.CARD: "Comment card",
    Channel.QR: "QR code",
    Channel.PHONE: "Phone call",
    Channel.SUPERVISOR: "Social supervisor",
}
NODE_NAMES = {
    Node.CONSULT: "Advice",
    Node.ACCEPT: "Acceptance",
    Node.SUPPLEMENT: "Correction of papers",
    Node.DECIDE: "Decision",
    Node.DELIVER: "Delivery",
    Node.INSPECT: "Visit of a supervisor",
}
LEVEL_NAMES = {
    Level.VERY_SATISFIED: "Very satisfied",
    Level.SATISFIED: "Satisfied",
    Level.BASICALLY_SATISFIED: "Basically satisfied",
    Level.DISSATISFIED: "Dissatisfied",
    Level.VERY_DISSATISFIED: "Very dissatisfied",
}

BAD = frozenset({Level.DISSATISFIED, Level.VERY_DISSATISFIED})
OWN_CHANNELS = frozenset({Channel.WEB, Channel.SMS, Channel.QR})
"""Used by the person served alone; through the others staff or a device hand in what the person said."""

FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Between them there are figures."""

RATE_WITHIN = 5
"""Working days after the service in which it may be rated, and words added."""


class State(StrEnum):
    RECEIVED = "received"
    DISPUTED = "disputed"
    CONFIRMED = "confirmed"
    RECTIFIED = "rectified"
    CLOSED = "closed"
    DISMISSED = "dismissed"


class Move(StrEnum):
    CONFIRM = "confirm"
    DISPUTE = "dispute"
    UPHOLD = "uphold"
    REJECT = "reject"
    RECTIFY = "rectify"
    REVISIT = "revisit"


class Remedy(StrEnum):
    FIXED = "fixed"
    PLANNED = "planned"
    EXPLAINED = "explained"


class Outcome(StrEnum):
    """What the person said when asked whether the matter was put right."""

    SATISFIED = "satisfied"
    UNSATISFIED = "unsatisfied"
    UNREACHED = "unreached"


STATE_NAMES = {
    State.RECEIVED: "To be verified",
    State.DISPUTED: "Disputed",
    State.CONFIRMED: "To be put right",
    State.RECTIFIED: "To be asked after",
    State.CLOSED: "Closed",
    State.DISMISSED: "Not counted",
}
MOVE_NAMES = {
    Move.CONFIRM: "Confirmed",
    Move.DISPUTE: "Disputed",
    Move.UPHOLD: "Dispute upheld",
    Move.REJECT: "Dispute rejected",
    Move.RECTIFY: "Put right",
    Move.REVISIT: "Asked after",
}
REMEDY_NAMES = {
    Remedy.FIXED: "Put right at once",
    Remedy.PLANNED: "Explained, with a day by which it is put right",
    Remedy.EXPLAINED: "Explained: the law does not allow what was asked",
}
OUTCOME_NAMES = {
    Outcome.SATISFIED: "Satisfied now",
    Outcome.UNSATISFIED: "Still not satisfied",
    Outcome.UNREACHED: "Could not be reached",
}


NEWS_WORDS = {
    "in": "A bad rating has come in.",
    "answered": "A person has answered about a bad rating.",
    "today": "A step of a bad rating ends today.",
    "overdue": "A step of a bad rating is overdue.",
}
"""What assessors are told."""


@dataclass(frozen=True, slots=True)
class Rule:
    """From which states a move leads where, by which permission, and the event that records it."""

    sources: frozenset[State]
    target: State
    permission: str
    event: str


LOOP_RULES: Mapping[Move, Rule] = {
    Move.CONFIRM: Rule(
        frozenset({State.RECEIVED}), State.CONFIRMED, "ratings.handle", "ratings.bad_confirmed"
    ),
    Move.DISPUTE: Rule(frozenset({State.RECEIVED}), State.DISPUTED, "ratings.handle", "ratings.bad_disputed"),
    Move.UPHOLD: Rule(
        frozenset({State.DISPUTED}), State.DISMISSED, "ratings.decide", "ratings.bad_dismissed"
    ),
    Move.REJECT: Rule(
        frozenset({State.DISPUTED}), State.CONFIRMED, "ratings.decide", "ratings.bad_confirmed"
    ),
    Move.RECTIFY: Rule(
        frozenset({State.CONFIRMED}), State.RECTIFIED, "ratings.handle", "ratings.bad_rectified"
    ),
    Move.REVISIT: Rule(frozenset({State.RECTIFIED}), State.CLOSED, "ratings.handle", "ratings.bad_closed"),
}
"""The person served may answer the last one through their link, without the permission."""


FEWEST = 5
"""Of fewer ratings an organ's public figures would point at who served whom (default, not verified)."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Working days for each step: verify (one), decide a dispute, put right (15, in some cities 5), ask after."""

    verify_days: int = 1
    review_days: int = 5
    rectify_days: int = 15
    revisit_days: int = 5

    def days_in(self, state: State) -> int | None:
        """How long a bad rating may stay in a state; nothing where it has come to its end."""
        return {
            State.RECEIVED: self.verify_days,
            State.DISPUTED: self.review_days,
            State.CONFIRMED: self.rectify_days,
            State.RECTIFIED: self.revisit_days,
        }.get(state)


OPEN = frozenset(state for state in State if Terms().days_in(state) is not None)
CONFIRMED = frozenset({State.CONFIRMED, State.RECTIFIED, State.CLOSED})
"""Bad ratings that were found to be right."""


def moves_from(state: str, permissions: frozenset[str]) -> list[Move]:
    """What somebody with these permissions may do now."""
    return [
        move for move, rule in LOOP_RULES.items() if state in rule.sources and rule.permission in permissions
    ]


def day_of(moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()


def due(since: datetime, days: int, *, calendar: Calendar) -> Due:
    """The last day of a step that began then; the day it began is not counted."""
    return calendar.due_after(day_of(since), days)


def is_over(last: Due, *, now: datetime) -> bool:
    """Whether a period has passed: it lasts until midnight in Beijing."""
    return day_of(now) > last.day


def percent(part: int, whole: int) -> str | None:
    """Half up to two places; 100 means all and 0 means none, whatever rounding says; nothing of nothing is nothing."""
    if whole == 0:
        return None
    exact = (Decimal(part) * 100 / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)
    if part < whole:
        exact = min(exact, Decimal("99.99"))
    if part > 0:
        exact = max(exact, Decimal("0.01"))
    return f"{exact.normalize():f}"


CODE_LENGTH = 20
_LETTERS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789abcdefghjkmnpqrstvwxyz")


def code_of(tag: str) -> str:
    """The code on a slip: 100 bits of a keyed tag, in letters that nobody mistakes for others."""
    return base64.b32encode(bytes.fromhex(tag))[:CODE_LENGTH].translate(_LETTERS).decode()


def printed(code: str) -> str:
    """In groups of five, as people copy it."""
    return "-".join(code[start : start + 5] for start in range(0, CODE_LENGTH, 5))


def typed(text: str) -> str:
    """The code that somebody typed: case, spaces, hyphens and the likenesses of 0 and 1 do not matter."""
    letters = re.sub(r"[\s-]", "", text).lower()
    return letters.translate(str.maketrans("oil", "011"))
