"""For what causes the law lets a lot be evaluated again, by its method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from trading.procedure.policy import Regime
from trading.tender.queries import LotContext


class Cause(StrEnum):
    """Why a lot is evaluated again."""

    REPLACED = "replaced"
    COMMITTEE = "committee"
    UNLAWFUL = "unlawful"
    OBJECTION = "objection"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class CauseRule:
    """A cause in words (a key of the catalogue) and its article.

    `anew`: the sheets before it count for nothing. `scores_only`: what the review decided stands.
    """

    text: str
    basis: str
    anew: bool = False
    scores_only: bool = False


_REPLACED = "A member was replaced: its conclusions are void"
_COMMITTEE = "The committee was not lawfully composed"
CAUSES: Mapping[Regime, Mapping[Cause, CauseRule]] = {
    Regime.TB: {
        Cause.REPLACED: CauseRule(_REPLACED, "实施条例 art. 48"),
        Cause.COMMITTEE: CauseRule(_COMMITTEE, "实施条例 art. 70", anew=True),
        Cause.UNLAWFUL: CauseRule("An unlawful act affected the result", "实施条例 art. 81", anew=True),
        Cause.OBJECTION: CauseRule("An objection or complaint was upheld", "实施条例 art. 54, 60"),
    },
    Regime.GP: {
        Cause.ERROR: CauseRule(
            "Sums, range, objective items or far points were wrong, and it came out after the report",
            "87号令 art. 64",
            scores_only=True,
        ),
        Cause.COMMITTEE: CauseRule(_COMMITTEE, "87号令 art. 67", anew=True),
    },
}
CONSULTATION: Mapping[Cause, CauseRule] = {
    Cause.ERROR: CauseRule("Qualification, sums, range or objective items were wrong", "214号 art. 32")
}


def causes_of(context: LotContext) -> Mapping[Cause, CauseRule]:
    """The causes that the law of this lot's method names (domain: I7)."""
    return CONSULTATION if context.content.procedure == "consultation" else CAUSES[context.rule_set.regime]
