"""What a contract must be: the bid it accepts, its bond, additions; and who gets a deposit back when."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class ContractState(StrEnum):
    DRAWN = "drawn"
    SIGNED = "signed"
    VOID = "void"


class ContractMove(StrEnum):
    SIGN = "sign"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Rule:
    """From which states a move leads where, and the event that records it."""

    sources: frozenset[str]
    target: str
    event: str


RULES: Mapping[ContractMove, Rule] = {
    ContractMove.SIGN: Rule(frozenset({ContractState.DRAWN}), ContractState.SIGNED, "contract.signed"),
    ContractMove.REPLACE: Rule(frozenset({ContractState.DRAWN}), ContractState.VOID, "contract.replaced"),
}


class Side(StrEnum):
    """Who signs: the tenderer or purchaser, and the winner."""

    TENDERER = "tenderer"
    SUPPLIER = "supplier"


class BondForm(StrEnum):
    """How the performance of a contract is secured."""

    LETTER = "letter"
    CASH = "cash"


MEDIA_TYPE = "application/vnd.trading.contract+json"
"""What both sides sign: the contract's facts and the hash of its PDF."""

AWARD_FIELDS = ("amount_fen", "duration_days", "quality", "manager")
"""What a contract takes from the bid and may not change (招标投标法 art. 46, 政府采购法 art. 46)."""


def deviations(bid: Mapping[str, object], given: Mapping[str, object]) -> list[str]:
    """The fields in which a contract says something else than the bid it accepts."""
    return [name for name in AWARD_FIELDS if given.get(name) != bid.get(name)]


def highest(amount_fen: int, share: Fraction) -> int:
    """The most that a share of a price allows, rounded down to the fen (实施条例 art. 58)."""
    return math.floor(amount_fen * share)


class Trigger(StrEnum):
    """What starts the time in which a deposit goes back."""

    CONTRACT = "contract"
    AWARD = "award"
    FAILED = "failed"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """Whose deposit it is, as far as that decides when it goes back; `left`: a consultation, before its end."""

    won: bool
    forfeitable: bool
    left: bool = False


def trigger_of(
    security: Security,
    *,
    losers_after: str,
    ended: Trigger | None,
    announced: bool,
    signed: bool,
) -> Trigger | None:
    """What sends a deposit back now; nothing while it must stay.

    Winner and losers after the contract is signed (T25), a purchase's losers after the award notice (G07), everybody
    when the lot ended without a winner. A candidate that gave up, gave no bond or broke the law may have forfeited its
    deposit (实施条例 art. 74): that stays until somebody decides.
    """
    if security.forfeitable:
        return None
    if security.left:
        return Trigger.LEFT
    if ended is not None:
        return ended
    if signed:
        return Trigger.CONTRACT
    if announced and not security.won and losers_after == "AWARD_NOTICE":
        return Trigger.AWARD
    return None
