"""States and moves of tenders and lots, and what the clock decides."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class TenderState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    PUBLISHED = "published"
    ABANDONED = "abandoned"


class LotState(StrEnum):
    """`OPEN` becomes closed because the clock passes the deadline; `CLOSED` records that the set is committed."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    FAILED = "failed"
    OPENED = "opened"
    PREQUALIFIED = "prequalified"
    CONSULTED = "consulted"
    EVALUATED = "evaluated"
    PUBLICITY = "publicity"
    AWARDED = "awarded"
    CONTRACTED = "contracted"
    TERMINATED = "terminated"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"


LOT_WORDS = {
    LotState.DRAFT: "Draft",
    LotState.OPEN: "Open for bids",
    LotState.CLOSED: "Being opened",
    LotState.FAILED: "Failed: too few bids",
    LotState.OPENED: "Opened, under evaluation",
    LotState.PREQUALIFIED: "Prequalification ended",
    LotState.CONSULTED: "Consultation held, final offers follow",
    LotState.EVALUATED: "Evaluated",
    LotState.PUBLICITY: "Candidates published",
    LotState.AWARDED: "Awarded",
    LotState.CONTRACTED: "Contract signed",
    LotState.TERMINATED: "Terminated",
    LotState.CANCELLED: "Cancelled by order",
    LotState.ABANDONED: "Given up before it was published",
}
"""What people call the states, on pages and in refusals."""

ENDED = frozenset({LotState.TERMINATED, LotState.CANCELLED})
"""Given up before its end: nothing more is opened or decided."""

LOST = ENDED | {LotState.FAILED}
"""The states from which a lot may be tendered again, as a lot of the next round."""


class Method(StrEnum):
    """How bidders come to a round: all, those invited, those who passed, those who remained in a consultation."""

    OPEN = "open"
    INVITED = "invited"
    PREQUALIFIED = "prequalified"
    REMAINED = "remained"


class Step(StrEnum):
    """What a suspension stops; uploads, withdrawals, replies, clarifications and postponements go on."""

    OPENING = "opening"
    EVALUATION = "evaluation"
    PUBLICITY = "publicity"
    AWARD = "award"
    CONTRACT = "contract"


class Cause(StrEnum):
    """Why a lot is suspended."""

    OBJECTION = "objection"
    CHALLENGE = "challenge"
    COMPLAINT = "complaint"
    ORDER = "order"
    FAULT = "fault"
    DEFECT = "defect"


@dataclass(frozen=True, slots=True)
class CauseRule:
    """What a cause stops, its rule and article, and its name (a key of the catalogue)."""

    stops: frozenset[Step]
    basis: str
    text: str


CAUSES = {
    Cause.OBJECTION: CauseRule(frozenset(Step), "T08 · 实施条例 art. 22, 54", "an objection without a reply"),
    Cause.CHALLENGE: CauseRule(
        frozenset({Step.CONTRACT}),
        "G21 · 政府采购法实施条例 art. 54",
        "a challenge that may affect the result",
    ),
    Cause.COMPLAINT: CauseRule(
        frozenset(Step), "T30 · 实施条例 art. 62; G21 · 政府采购法 art. 57", "a complaint under decision"
    ),
    Cause.ORDER: CauseRule(
        frozenset(Step), "实施条例 art. 62; 政府采购法 art. 57", "an order of the supervising department"
    ),
    Cause.DEFECT: CauseRule(
        frozenset(Step), "实施条例 art. 23; 87号令 art. 25", "defective documents that are being mended"
    ),
    Cause.FAULT: CauseRule(frozenset(Step), "I8 · default, not verified", "a fault of the platform"),
}
"""An objection of a tender stops everything, a challenge of a procurement the contract only (domain: I3, I7)."""

STEP_NAMES = {
    Step.OPENING: "the opening",
    Step.EVALUATION: "the evaluation",
    Step.PUBLICITY: "the publication of candidates",
    Step.AWARD: "the award",
    Step.CONTRACT: "the contract",
}


class Move(StrEnum):
    APPROVE = "approve"
    PUBLISH = "publish"
    ABANDON = "abandon"


class LotMove(StrEnum):
    PUBLISH = "publish"
    ABANDON = "abandon"
    CLOSE = "close"
    FAIL = "fail"
    READ_OUT = "read_out"
    PREQUALIFY = "prequalify"
    TOO_FEW_PASSED = "too_few_passed"
    CONSULT = "consult"
    TOO_FEW_REMAIN = "too_few_remain"
    EVALUATE = "evaluate"
    EVALUATE_AGAIN = "evaluate_again"
    CONFIRM_RESULT = "confirm_result"
    START_PUBLICITY = "start_publicity"
    AWARD = "award"
    CHOOSE = "choose"
    AWARD_NEXT = "award_next"
    END = "end"
    TERMINATE = "terminate"
    CANCEL = "cancel"
    CONTRACT = "contract"


ORDER = {
    LotMove.PUBLISH: "招标投标法 art. 16, 24",
    LotMove.ABANDON: "招标投标法 art. 16, 24",
    LotMove.CLOSE: "T13 · 招标投标法 art. 34",
    LotMove.FAIL: "T10 · 招标投标法 art. 28; G11 · 87号令 art. 41",
    LotMove.READ_OUT: "T13 · 招标投标法 art. 34, 36",
    LotMove.PREQUALIFY: "T11 · 实施条例 art. 18, 19",
    LotMove.TOO_FEW_PASSED: "T11 · 实施条例 art. 18, 19",
    LotMove.CONSULT: "财库〔2014〕214号 art. 19, 21",
    LotMove.TOO_FEW_REMAIN: "G11.consultation · 财库〔2014〕214号 art. 21, 34",
    LotMove.EVALUATE: "招标投标法 art. 37, 40; G12 · 87号令 art. 44",
    LotMove.EVALUATE_AGAIN: "实施条例 art. 48, 54, 70, 81; 87号令 art. 64, 67",
    LotMove.CONFIRM_RESULT: "实施条例 art. 54",
    LotMove.START_PUBLICITY: "T18 · 实施条例 art. 54",
    LotMove.AWARD: "T18, T38 · 实施条例 art. 54, 55",
    LotMove.CHOOSE: "G16 · 政府采购法实施条例 art. 43",
    LotMove.AWARD_NEXT: "T38 · 实施条例 art. 55",
    LotMove.END: "招标投标法 art. 42; 政府采购法 art. 36",
    LotMove.TERMINATE: "T26 · 实施条例 art. 31; G10 · 87号令 art. 29",
    LotMove.CANCEL: "实施条例 art. 62, 81; 政府采购法 art. 36, 57",
    LotMove.CONTRACT: "T21 · 招标投标法 art. 46; G18 · 政府采购法 art. 46",
}
"""By what law each step has its place in the order."""


@dataclass(frozen=True, slots=True)
class Rule:
    """From which states a move leads where, by which permission, and the event that records it."""

    sources: frozenset[str]
    target: str
    permission: str | None
    event: str
    step: Step | None = None
    """What a suspension must not stop for this move to be made."""


RULES = {
    Move.APPROVE: Rule(
        frozenset({TenderState.DRAFT}), TenderState.APPROVED, "tender.approve", "tender.approved"
    ),
    Move.PUBLISH: Rule(
        frozenset({TenderState.APPROVED}), TenderState.PUBLISHED, "tender.publish", "tender.published"
    ),
    Move.ABANDON: Rule(
        frozenset({TenderState.DRAFT, TenderState.APPROVED}),
        TenderState.ABANDONED,
        "tender.draft",
        "tender.abandoned",
    ),
}

_RUNNING = frozenset(
    {
        LotState.OPEN,
        LotState.CLOSED,
        LotState.OPENED,
        LotState.CONSULTED,
        LotState.EVALUATED,
        LotState.PUBLICITY,
    }
)

LOT_RULES = {
    LotMove.PUBLISH: Rule(frozenset({LotState.DRAFT}), LotState.OPEN, "tender.publish", "tender.lot_opened"),
    LotMove.ABANDON: Rule(
        frozenset({LotState.DRAFT}), LotState.ABANDONED, "tender.draft", "tender.abandoned"
    ),
    LotMove.CLOSE: Rule(frozenset({LotState.OPEN}), LotState.CLOSED, None, "tender.closed"),
    LotMove.FAIL: Rule(frozenset({LotState.OPEN, LotState.CLOSED}), LotState.FAILED, None, "tender.failed"),
    LotMove.READ_OUT: Rule(
        frozenset({LotState.CLOSED}), LotState.OPENED, None, "opening.read_out", Step.OPENING
    ),
    LotMove.PREQUALIFY: Rule(
        frozenset({LotState.OPENED}),
        LotState.PREQUALIFIED,
        "prequalification.close",
        "prequalification.closed",
        Step.EVALUATION,
    ),
    LotMove.TOO_FEW_PASSED: Rule(
        frozenset({LotState.OPENED}),
        LotState.FAILED,
        "prequalification.close",
        "tender.failed",
        Step.EVALUATION,
    ),
    LotMove.CONSULT: Rule(
        frozenset({LotState.OPENED}),
        LotState.CONSULTED,
        "consultation.hold",
        "consultation.ended",
        Step.EVALUATION,
    ),
    LotMove.TOO_FEW_REMAIN: Rule(
        frozenset({LotState.OPENED}), LotState.FAILED, "consultation.hold", "tender.failed", Step.EVALUATION
    ),
    LotMove.EVALUATE: Rule(
        frozenset({LotState.OPENED}), LotState.EVALUATED, None, "evaluation.completed", Step.EVALUATION
    ),
    LotMove.EVALUATE_AGAIN: Rule(
        frozenset({LotState.EVALUATED, LotState.PUBLICITY}),
        LotState.OPENED,
        "evaluation.repeat",
        "evaluation.round_begun",
        Step.EVALUATION,
    ),
    LotMove.CONFIRM_RESULT: Rule(
        frozenset({LotState.OPENED}), LotState.PUBLICITY, None, "evaluation.completed", Step.EVALUATION
    ),
    LotMove.START_PUBLICITY: Rule(
        frozenset({LotState.EVALUATED}),
        LotState.PUBLICITY,
        "award.publicise",
        "award.candidates_published",
        Step.PUBLICITY,
    ),
    LotMove.AWARD: Rule(
        frozenset({LotState.PUBLICITY}), LotState.AWARDED, "award.decide", "award.decided", Step.AWARD
    ),
    LotMove.CHOOSE: Rule(
        frozenset({LotState.EVALUATED}), LotState.AWARDED, "award.decide", "award.decided", Step.AWARD
    ),
    LotMove.AWARD_NEXT: Rule(
        frozenset({LotState.AWARDED}), LotState.AWARDED, "award.decide", "award.decided", Step.AWARD
    ),
    LotMove.END: Rule(
        frozenset({LotState.OPENED, LotState.EVALUATED, LotState.PUBLICITY, LotState.AWARDED}),
        LotState.FAILED,
        "award.fail",
        "award.failed",
    ),
    LotMove.TERMINATE: Rule(_RUNNING, LotState.TERMINATED, "tender.terminate", "tender.terminated"),
    LotMove.CANCEL: Rule(_RUNNING, LotState.CANCELLED, "tender.order", "tender.cancelled"),
    LotMove.CONTRACT: Rule(
        frozenset({LotState.AWARDED}), LotState.CONTRACTED, "contract.sign", "contract.signed", Step.CONTRACT
    ),
}


def project_state(states: Collection[str]) -> str:
    """A project's state from those of its newest lots: what goes on first, else what came of them."""
    if not states:
        return "registered"
    if set(states) & _RUNNING:
        return "running"
    if LotState.DRAFT in states:
        return "preparing"
    if LotState.AWARDED in states:
        return "awarded"
    return "preparing" if LotState.PREQUALIFIED in states else "lost"


def bidding_open(state: str, deadline: datetime | None, now: datetime) -> bool:
    """Bids are taken exactly while the lot is open and the clock is before its deadline."""
    return state == LotState.OPEN and deadline is not None and now < deadline


UNDISTURBED = timedelta(hours=24)
"""So long before a deadline, and from then until the bids have been read out, nobody upgrades the platform."""

REMINDERS = {
    timedelta(hours=24): "24 hours",
    timedelta(hours=1): "1 hour",
    timedelta(minutes=10): "10 minutes",
}
"""How long before a deadline its followers are reminded, and the words for it (keys of the catalogue)."""


def reminder_due(state: str, deadline: datetime | None, now: datetime) -> timedelta | None:
    """The reminder that holds now: of those whose moment has come the last one, nothing after the deadline.

    One that came late is left out for the next, so that a site that was down does not remind three times at once.
    """
    if deadline is None or not bidding_open(state, deadline, now):
        return None
    return min((ahead for ahead in REMINDERS if deadline - now <= ahead), default=None)


def shown_state(state: str, deadline: datetime | None, now: datetime) -> str:
    """The state as people see it: an open lot whose deadline has passed is being closed."""
    if state == LotState.OPEN and not bidding_open(state, deadline, now):
        return "closing"
    return state
