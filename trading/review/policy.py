"""What a gate is, who decides it, and when a bid is out: never by points, always by a reason and an article."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from trading.procedure.policy import Regime

REASON_MAX = 500
QUALIFICATION = "qualification"
"""The gate that the purchaser's side decides in a government purchase (G12 · 87号令 art. 44)."""

PURCHASER = "purchaser"
"""Who votes at a gate of the purchaser's side: the side as one, whoever of it says so."""


class Side(StrEnum):
    """Who decides a gate."""

    COMMITTEE = "committee"
    PURCHASER = "purchaser"


class GateState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class GateMove(StrEnum):
    CLOSE = "close"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class GateRule:
    sources: frozenset[GateState]
    target: GateState
    event: str


GATE_RULES: Mapping[GateMove, GateRule] = {
    GateMove.CLOSE: GateRule(frozenset({GateState.OPEN}), GateState.CLOSED, "review.gate_closed"),
    GateMove.REOPEN: GateRule(frozenset({GateState.CLOSED}), GateState.OPEN, "review.gate_reopened"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One vote on one bid at one gate; who says no says why."""

    voter: str
    passed: bool
    reason: str


def fails(verdicts: Sequence[Verdict]) -> bool:
    """Whether more than half say that the bid does not pass; an equal number lets it through."""
    return sum(not one.passed for one in verdicts) * 2 > len(verdicts)


def reason_of(verdicts: Iterable[Verdict]) -> str:
    """The reasons of those who said no, each once, in the order of the votes."""
    return "；".join(dict.fromkeys(one.reason for one in verdicts if not one.passed))


QUALIFICATION_ARTICLE = {
    Regime.TB: "条例 art. 51 (3)",
    Regime.GP: "G12 · 87号令 art. 44",
}
LEAST_VALID = {Regime.TB: "T10", Regime.GP: "G11.responsive"}
"""The rule that says how many valid bids make a competition (B12 art. 27; 政府采购法 art. 36)."""
