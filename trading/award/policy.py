"""Candidates, their publicity, who may win and in what order, and why a lot ends without a winner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from trading.procedure.policy import Regime

LETTER_PAPER = "award.letter"
"""The kind of paper on which the tenderer may order its seal."""


class PaperKind(StrEnum):
    """Papers of an award; letter and report are for their parties, the others are public."""

    CANDIDATES = "candidates"
    RESULT = "result"
    FAILURE = "failure"
    LETTER = "letter"
    REPORT = "report"


PUBLIC_KINDS = (PaperKind.CANDIDATES, PaperKind.RESULT, PaperKind.FAILURE)


class Basis(StrEnum):
    """How somebody came to be chosen."""

    FIRST = "first"
    NEXT = "next"
    CHOSEN = "chosen"
    DEEMED = "deemed"


class Cause(StrEnum):
    """Why a candidate cannot be awarded, or no longer (T38 · 实施条例 art. 55)."""

    GAVE_UP = "gave_up"
    FORCE_MAJEURE = "force_majeure"
    NO_BOND = "no_bond"
    ILLEGAL = "illegal"
    LAPSED = "lapsed"


class Failure(StrEnum):
    """Why a lot ends without a winner after its opening."""

    ALL_REJECTED = "all_rejected"
    CANDIDATE_OUT = "candidate_out"
    TOO_FEW = "too_few"
    UNFAIR = "unfair"
    OVER_BUDGET = "over_budget"
    NO_NEED = "no_need"


FAILURES = {
    Regime.TB: (Failure.ALL_REJECTED, Failure.CANDIDATE_OUT),
    Regime.GP: (
        Failure.TOO_FEW,
        Failure.CANDIDATE_OUT,
        Failure.UNFAIR,
        Failure.OVER_BUDGET,
        Failure.NO_NEED,
    ),
}
"""实施条例 art. 51, 55; 政府采购法 art. 36, 实施条例 art. 49."""


class Stage(StrEnum):
    """What a lot's award asks of the tenderer's side next."""

    FAIL = "fail"
    PUBLICISE = "publicise"
    WAIT = "wait"
    HELD = "held"
    HAND_OVER = "hand_over"
    DECIDE = "decide"
    ANNOUNCE = "announce"
    AWARDED = "awarded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate in the order of the report, and whether it is out."""

    bid_id: str
    rank: int
    out: bool = False


def eligible(candidates: Sequence[Ranked], *, strict: bool) -> tuple[str, ...]:
    """The bids that may be awarded: of those left the best ranked, or all of them where the order does not bind.

    Equal ranks are both among the best: between them the tenderer decides.
    """
    left = [one for one in candidates if not one.out]
    best = min((one.rank for one in left), default=0)
    return tuple(one.bid_id for one in left if not strict or one.rank == best)


def basis_of(candidates: Sequence[Ranked], bid_id: str) -> Basis:
    """First of all, next because all before it are out, or chosen though another before it is left."""
    chosen = next(one for one in candidates if one.bid_id == bid_id)
    before = [one for one in candidates if one.rank < chosen.rank]
    if not before:
        return Basis.FIRST
    return Basis.NEXT if all(one.out for one in before) else Basis.CHOSEN


def order_binds(regime: Regime, *, state_funded: bool) -> bool:
    """Whether the ranking binds: in a purchase, and with state funds (政府采购法实施条例 art. 43, 实施条例 art. 55)."""
    return regime is Regime.GP or state_funded


def publicity_is_over(ends_at: datetime, now: datetime, *, held: bool = False) -> bool:
    """The period includes every moment before its end, and cannot end while the lot is suspended."""
    return now >= ends_at and not held


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What decides where a lot's award is; a purchase with fewer than `least` ranked bids is cancelled (G11)."""

    regime: Regime
    state: str
    ranked: int
    least: int = 3
    ends_at: datetime | None = None
    held: bool = False
    handed_over: bool = False
    decided: bool = False
    announced: bool = False
    current_out: bool = False


def stage(facts: Facts, now: datetime) -> Stage:
    """The stage of an evaluated lot; that publicity is over follows from the clock and the suspensions alone."""
    if facts.state == "failed":
        return Stage.FAILED
    if facts.decided and not facts.current_out:
        return Stage.AWARDED if facts.announced else Stage.ANNOUNCE
    if facts.current_out:
        return Stage.DECIDE
    return _purchase_stage(facts) if facts.regime is Regime.GP else _tender_stage(facts, now)


def _purchase_stage(facts: Facts) -> Stage:
    if facts.ranked < facts.least:
        return Stage.FAIL
    return Stage.DECIDE if facts.handed_over else Stage.HAND_OVER


def _tender_stage(facts: Facts, now: datetime) -> Stage:
    if not facts.ranked:
        return Stage.FAIL
    if facts.ends_at is None:
        return Stage.PUBLICISE
    if publicity_is_over(facts.ends_at, now, held=facts.held):
        return Stage.DECIDE
    return Stage.HELD if facts.held else Stage.WAIT
