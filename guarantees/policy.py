"""Rules of deposits and guarantee letters: states, moves, caps and interest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from govcore.errors import Problem

INTEREST_DAYS_PER_YEAR = 360


class LetterState(StrEnum):
    RECEIVED = "received"
    VERIFIED = "verified"
    DEFECTIVE = "defective"
    RELEASED = "released"


class DepositState(StrEnum):
    """States of cash that an opened advice proved; before the opening there is no deposit."""

    MATCHED = "matched"
    MISMATCH = "mismatch"
    LOCKED = "locked"
    REFUNDING = "refunding"
    REFUNDED = "refunded"


class LetterMove(StrEnum):
    VERIFY = "verify"
    REJECT = "reject"
    RELEASE = "release"


class DepositMove(StrEnum):
    LOCK = "lock"
    ORDER_REFUND = "order_refund"
    CONFIRM_REFUND = "confirm_refund"


@dataclass(frozen=True, slots=True)
class Rule:
    """A move: from which states, to which state, and the event it leaves in the log."""

    sources: frozenset[str]
    target: str
    event: str


LETTER_RULES: Mapping[LetterMove, Rule] = {
    LetterMove.VERIFY: Rule(frozenset({LetterState.RECEIVED}), LetterState.VERIFIED, "guarantee.verified"),
    LetterMove.REJECT: Rule(frozenset({LetterState.RECEIVED}), LetterState.DEFECTIVE, "guarantee.rejected"),
    LetterMove.RELEASE: Rule(
        frozenset({LetterState.VERIFIED, LetterState.DEFECTIVE}), LetterState.RELEASED, "guarantee.released"
    ),
}

DEPOSIT_RULES: Mapping[DepositMove, Rule] = {
    DepositMove.LOCK: Rule(frozenset({DepositState.MATCHED}), DepositState.LOCKED, "deposit.locked"),
    DepositMove.ORDER_REFUND: Rule(
        frozenset({DepositState.LOCKED, DepositState.MISMATCH}),
        DepositState.REFUNDING,
        "deposit.refund_ordered",
    ),
    DepositMove.CONFIRM_REFUND: Rule(
        frozenset({DepositState.REFUNDING}), DepositState.REFUNDED, "deposit.refunded"
    ),
}


class RefundReason(StrEnum):
    """Why a deposit goes back."""

    WITHDRAWN = "withdrawn"
    LOT_FAILED = "lot-failed"
    MISMATCH = "mismatch"
    CONTRACT_SIGNED = "contract-signed"
    AWARD_NOTICE = "award-notice"
    TERMINATED = "terminated"
    VALIDITY_ENDED = "validity-ended"


REASONS_WITH_INTEREST = frozenset({RefundReason.CONTRACT_SIGNED, RefundReason.TERMINATED})
"""Bank interest of the same period is owed in these cases (实施条例 第三十一条、第五十七条)."""


@dataclass(frozen=True, slots=True)
class Rate:
    """The bank's demand rate per year in percent, from `start` on."""

    start: date
    percent: Decimal


@dataclass(frozen=True, slots=True)
class RateSpan:
    """A rate over the half-open days [start, end)."""

    percent: Decimal | Fraction
    start: date
    end: date


class RateUnknown(Problem):
    """The table of rates begins after the first day that bears interest."""

    code = "E_RATE_UNKNOWN"
    text = "No deposit rate of the bank is known for {day}."


def rate_spans(rates: Sequence[Rate], start: date, end: date) -> list[RateSpan]:
    """The days [start, end) cut where the rate changes; `RateUnknown` when the table begins too late."""
    if start >= end:
        return []
    ordered = sorted(rates, key=lambda rate: rate.start)
    if not ordered or ordered[0].start > start:
        raise RateUnknown(day=start.isoformat())
    spans = []
    for index, rate in enumerate(ordered):
        until = ordered[index + 1].start if index + 1 < len(ordered) else end
        first, last = max(rate.start, start), min(until, end)
        if first < last:
            spans.append(RateSpan(rate.percent, first, last))
    return spans


def late_fee(principal_fen: int, rates: Sequence[Rate], due: date, paid: date, *, surcharge: Fraction) -> int:
    """What a refund after its last day `due` costs more: the loan rate and a surcharge (87号令 art. 38)."""
    if paid <= due:
        return 0
    first, after_last = due + timedelta(days=1), paid + timedelta(days=1)
    spans = rate_spans(rates, first, after_last)
    raised = [RateSpan(Fraction(span.percent) * (1 + surcharge), span.start, span.end) for span in spans]
    return interest(principal_fen, raised)


def interest(principal_fen: int, spans: Sequence[RateSpan]) -> int:
    """Simple interest in fen, actual days over 360, rounded half up once at the end."""
    total = sum(
        (Fraction(span.percent) / 100 * principal_fen * (span.end - span.start).days for span in spans),
        Fraction(0),
    )
    return int(total / INTEREST_DAYS_PER_YEAR + Fraction(1, 2))
