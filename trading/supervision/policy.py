"""What may be recorded, and the states of records and letters.

A centre records, circulates and reports; it may neither fine nor ban, so nothing here can say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Session(StrEnum):
    MORNING = "am"
    AFTERNOON = "pm"


class Area(StrEnum):
    OPENING_ROOM = "opening_room"
    EVALUATION_ROOM = "evaluation_room"
    OVERNIGHT_EVALUATION = "overnight_evaluation"
    DRAW_ROOM = "draw_room"
    MONITORING_ROOM = "monitoring_room"
    LOCKERS = "lockers"
    ENTRANCE = "entrance"
    PUBLIC_AREA = "public_area"
    ONLINE_OPENING = "online_opening"
    REMOTE_EVALUATION = "remote_evaluation"


class CheckItem(StrEnum):
    ON_TIME = "on_time"
    AUTHORISED_ONLY = "authorised_only"
    PHONES_DEPOSITED = "phones_deposited"
    MONITORING_ON = "monitoring_on"
    EXPERTS_IDENTIFIED = "experts_identified"
    AGENCY_PRESENT = "agency_present"
    ORDER = "order"
    EQUIPMENT = "equipment"
    SIGNS = "signs"
    SAFETY = "safety"


class Result(StrEnum):
    OK = "ok"
    ISSUE = "issue"


class Grade(StrEnum):
    GENERAL = "general"
    MODERATE = "moderate"
    SERIOUS = "serious"


class Scope(StrEnum):
    """Who may read a circulated notice."""

    INTERNAL = "internal"
    AGENCIES = "agencies"
    PUBLIC = "public"


class Subject(StrEnum):
    """What an organisation is in the tender; people (experts, staff) are never subjects of these records."""

    TENDERER = "tenderer"
    AGENCY = "agency"
    BIDDER = "bidder"
    PROVIDER = "provider"


AREAS = {
    Area.OPENING_ROOM: "Opening room",
    Area.EVALUATION_ROOM: "Evaluation room",
    Area.OVERNIGHT_EVALUATION: "Overnight evaluation area",
    Area.DRAW_ROOM: "Expert draw room",
    Area.MONITORING_ROOM: "Monitoring room",
    Area.LOCKERS: "Phone lockers",
    Area.ENTRANCE: "Entrance control",
    Area.PUBLIC_AREA: "Public area",
    Area.ONLINE_OPENING: "Online opening",
    Area.REMOTE_EVALUATION: "Remote evaluation room",
}

ITEMS = {
    CheckItem.ON_TIME: "Projects on time",
    CheckItem.AUTHORISED_ONLY: "Authorised persons only",
    CheckItem.PHONES_DEPOSITED: "Phones deposited",
    CheckItem.MONITORING_ON: "Monitoring on",
    CheckItem.EXPERTS_IDENTIFIED: "Experts present and identified",
    CheckItem.AGENCY_PRESENT: "Agency staff present with authorisation",
    CheckItem.ORDER: "Order kept",
    CheckItem.EQUIPMENT: "Equipment works",
    CheckItem.SIGNS: "Signs in place",
    CheckItem.SAFETY: "Safety",
}

SESSIONS = {Session.MORNING: "Morning", Session.AFTERNOON: "Afternoon"}
RESULTS = {Result.OK: "In order", Result.ISSUE: "Issue found"}
GRADES = {Grade.GENERAL: "Slight", Grade.MODERATE: "Moderate", Grade.SERIOUS: "Serious"}
SCOPES = {
    Scope.INTERNAL: "Within the centre",
    Scope.AGENCIES: "To all agencies and tenderers",
    Scope.PUBLIC: "Public",
}
RECIPIENTS = {
    Scope.INTERNAL: "All departments of the centre",
    Scope.AGENCIES: "All tenderers and tender agencies",
    Scope.PUBLIC: "All parties of the public resource market",
}
"""Whom a notice of each scope addresses on paper."""
CATEGORIES = {
    "tenderer.late_start": "Late start",
    "tenderer.representative_absent": "Representative absent",
    "tenderer.tendency_remarks": "Remarks that favour a bidder",
    "tenderer.changed_without_notice": "Place or time changed without notice",
    "tenderer.objection_unanswered": "Objection not answered",
    "tenderer.refund_delayed": "Refund or contract delayed",
    "tenderer.too_many_representatives": "More representatives in the evaluation room than allowed",
    "agency.late_preparation": "Late preparation",
    "agency.wrong_documents": "Wrong documents",
    "agency.unauthorised_staff": "Staff without authorisation",
    "agency.leaking": "Leaking information",
    "agency.entered_evaluation_room": "Entering the evaluation room",
    "agency.instructed_experts": "Instructing experts",
    "agency.no_answer_on_the_spot": "No answer to an objection on the spot",
    "agency.deposits_not_returned": "Deposits not returned",
    "agency.no_recordings": "No recordings kept",
    "bidder.disturbance": "Disturbing the order",
    "bidder.borrowed_certificates": "Borrowing certificates",
    "bidder.repeated_decryption_failures": "Repeated decryption failures",
    "bidder.withdrawal_after_opening": "Withdrawal after the opening",
    "bidder.false_objection": "False objection",
    "bidder.contacted_experts": "Contacting experts",
    "bidder.suspected_collusion": "Suspected collusion",
    "provider.fault": "Service fault",
}
"""Categories of misconduct by the subject they apply to: `<subject>.<what>`."""

NOTICE_PAPER, LETTER_PAPER = "supervision.notice", "supervision.letter"
"""The kinds of paper that may bear the centre's seal."""

NOTICE_TITLE = "关于{subject}不当行为的通报"
LETTER_TITLE = "关于{subject}有关问题的函"
"""How the papers are called, on themselves and in the registers."""

REPLY_WORKING_DAYS = 10
"""A letter asks for an answer within this many working days of its date."""


def subject_of(category: str) -> Subject:
    """What the category's subject is in the tender."""
    return Subject(category.split(".")[0])


def hearing_over(*, answered: bool, reply_until: datetime, now: datetime) -> bool:
    """Whether the subject has been heard: it answered, or its window has passed on the clock."""
    return answered or now >= reply_until


class RecordState(StrEnum):
    """`SIGNED` says that the notice has its number; `CIRCULATED` that its paper exists and was handed out."""

    RECORDED = "recorded"
    SIGNED = "signed"
    CIRCULATED = "circulated"
    RETRACTED = "retracted"


class LetterState(StrEnum):
    DRAFTED = "drafted"
    SIGNED = "signed"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"


RECORD_STATES = {
    RecordState.RECORDED: "Recorded",
    RecordState.SIGNED: "Notice signed",
    RecordState.CIRCULATED: "Circulated",
    RecordState.RETRACTED: "Retracted",
}
LETTER_STATES = {
    LetterState.DRAFTED: "Drafted",
    LetterState.SIGNED: "Signed",
    LetterState.SENT: "Sent",
    LetterState.ACKNOWLEDGED: "Acknowledged",
}


class RecordMove(StrEnum):
    SIGN_NOTICE = "sign_notice"
    CIRCULATE = "circulate"
    RETRACT = "retract"


class LetterMove(StrEnum):
    SIGN = "sign"
    SEND = "send"
    ACKNOWLEDGE = "acknowledge"


@dataclass(frozen=True, slots=True)
class Rule:
    """From which states a move leads where, by which permission, and the event that records it."""

    sources: frozenset[str]
    target: str
    permission: str | None
    event: str


RECORD_RULES = {
    RecordMove.SIGN_NOTICE: Rule(
        frozenset({RecordState.RECORDED}),
        RecordState.SIGNED,
        "supervision.sign",
        "supervision.notice_signed",
    ),
    RecordMove.CIRCULATE: Rule(
        frozenset({RecordState.SIGNED}), RecordState.CIRCULATED, None, "supervision.notice_circulated"
    ),
    RecordMove.RETRACT: Rule(
        frozenset({RecordState.CIRCULATED}),
        RecordState.RETRACTED,
        "supervision.sign",
        "supervision.notice_retracted",
    ),
}

LETTER_RULES = {
    LetterMove.SIGN: Rule(
        frozenset({LetterState.DRAFTED}),
        LetterState.SIGNED,
        "supervision.sign",
        "supervision.letter_signed",
    ),
    LetterMove.SEND: Rule(frozenset({LetterState.SIGNED}), LetterState.SENT, None, "supervision.letter_sent"),
    LetterMove.ACKNOWLEDGE: Rule(
        frozenset({LetterState.SENT}),
        LetterState.ACKNOWLEDGED,
        "supervision.acknowledge",
        "supervision.letter_acknowledged",
    ),
}


def record_moves(state: str, permissions: frozenset[str]) -> list[RecordMove]:
    """The moves that a person with these permissions may make from this state."""
    return [move for move, rule in RECORD_RULES.items() if _allowed(rule, state, permissions)]


def letter_moves(state: str, permissions: frozenset[str]) -> list[LetterMove]:
    """The moves that a person with these permissions may make from this state."""
    return [move for move, rule in LETTER_RULES.items() if _allowed(rule, state, permissions)]


def _allowed(rule: Rule, state: str, permissions: frozenset[str]) -> bool:
    return state in rule.sources and rule.permission in permissions
