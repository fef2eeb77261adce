"""Why an application does not pass, who must review it, and what an invited organisation may answer."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

REASON_MAX = 1000
COMMITTEE_RULE = "T14"


class Ground(StrEnum):
    """Why an application does not pass."""

    QUALIFICATION = "qualification"
    CONFLICT = "conflict"
    CREDIT = "credit"
    FORM = "form"


GROUND_WORDS = {
    Ground.QUALIFICATION: "A condition of the prequalification documents is not met",
    Ground.CONFLICT: "A conflict of interest, or control between applicants",
    Ground.CREDIT: "A ban or an entry in a list of dishonest debtors or offenders",
    Ground.FORM: "The application is not what the documents ask for",
}
"""Keys of the catalogue."""

GROUND_BASIS = {
    Ground.QUALIFICATION: "招标投标法 art. 26; 实施条例 art. 18",
    Ground.CONFLICT: "实施条例 art. 34",
    Ground.CREDIT: "政府采购法 art. 22; 实施条例 art. 19",
    Ground.FORM: "实施条例 art. 18, 36",
}


class Answer(StrEnum):
    """What an invited organisation says; it may bid whatever it said, until the deadline."""

    ACCEPTED = "accepted"
    DECLINED = "declined"


def committee_is_lawful(members: Sequence[str], *, least: int) -> bool:
    """An odd number of different people, at least so many (招标投标法 art. 37, 实施条例 art. 18)."""
    return len(members) >= least and len(members) % 2 == 1 and len(set(members)) == len(members)


def reason_fits(*, passed: bool, ground: str, reason: str) -> bool:
    """Who passes needs no reason; who does not is told the ground and what exactly is missing."""
    if len(reason) > REASON_MAX:
        return False
    return passed or (ground in set(Ground) and bool(reason.strip()))
