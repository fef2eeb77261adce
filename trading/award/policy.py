"""Candidates, their publicity, and who may win."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

CANDIDATES_MAX = 3
"""No more than three candidates, in order (实施条例 art. 53)."""


CONTRACT_WITHIN = timedelta(days=30)
"""The contract follows within 30 days of the award notice (招标投标法 art. 46)."""


class PaperKind(StrEnum):
    """Papers of an award; the letter is for the parties, the notices are public."""

    CANDIDATES = "candidates"
    RESULT = "result"
    LETTER = "letter"


PUBLIC_KINDS = (PaperKind.CANDIDATES, PaperKind.RESULT)


class Stage(StrEnum):
    """What a lot's award asks of the tenderer's side next."""

    PUBLICISE = "publicise"
    WAIT = "wait"
    DECIDE = "decide"
    AWARDED = "awarded"


def publicity_is_over(ends_at: datetime, now: datetime) -> bool:
    """The period includes every moment before its end."""
    return now >= ends_at


def stage(state: str, ends_at: datetime | None, now: datetime) -> Stage:
    """The stage of an evaluated lot; that publicity is over follows from the clock alone."""
    if ends_at is None:
        return Stage.PUBLICISE
    if state == "awarded":
        return Stage.AWARDED
    return Stage.DECIDE if publicity_is_over(ends_at, now) else Stage.WAIT


LETTER_PAPER = "award.letter"
"""The kind of paper on which the tenderer may order its seal."""
