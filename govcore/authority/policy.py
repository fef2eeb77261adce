"""Which roles one person must not hold together, and how an act of two people goes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from govcore.errors import Problem
from govcore.identity.policy import ADMINISTRATORS, EVERYONE, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """One person holds no role of `ones` together with another one of `others`; `reason` is a key of the catalogue."""

    ones: frozenset[Role]
    others: frozenset[Role]
    reason: str
    basis: str

    def parts(self, first: str, second: str) -> bool:
        """True when the rule keeps these two roles apart."""
        if first == second:
            return False
        return (first in self.ones and second in self.others) or (
            second in self.ones and first in self.others
        )


DUTIES = EVERYONE - {Role.CITIZEN}
"""A citizen acts for nobody but itself, so being one stands in nobody's way."""

CONFLICTS = (
    Conflict(
        ones=ADMINISTRATORS,
        others=ADMINISTRATORS,
        reason="System, security and audit administration are three people, so that each is watched by another.",
        basis="GB/T 22239-2019 8.1.5",
    ),
    Conflict(
        ones=ADMINISTRATORS,
        others=DUTIES - ADMINISTRATORS,
        reason="Who administers the system acts in no case that runs on it.",
        basis="GB/T 22239-2019 8.1.4.2",
    ),
    Conflict(
        ones=frozenset({Role.DEPOSITS}),
        others=DUTIES - ADMINISTRATORS,
        reason="Who manages deposits sees no bids, for a deposit names its bidder.",
        basis="招标投标法 art. 22",
    ),
    Conflict(
        ones=frozenset({Role.CENTRE}),
        others=frozenset({Role.BIDDER, Role.EXPERT, Role.REGULATOR}),
        reason="The centre serves a tender: it neither bids nor evaluates nor supervises.",
        basis="国办发〔2015〕63号",
    ),
    Conflict(
        ones=frozenset({Role.REGULATOR}),
        others=frozenset({Role.BIDDER, Role.TENDERER, Role.AGENCY, Role.EXPERT}),
        reason="Who supervises tenders takes no part in them.",
        basis="招标投标法实施条例 art. 4, 46",
    ),
    Conflict(
        ones=frozenset({Role.BANK}),
        others=frozenset({Role.BIDDER, Role.TENDERER, Role.AGENCY, Role.EXPERT}),
        reason="Who reports payments of deposits takes no part in the tenders that they are paid for.",
        basis="招标投标法 art. 22",
    ),
    Conflict(
        ones=frozenset({Role.POOL_KEEPER}),
        others=DUTIES - ADMINISTRATORS,
        reason="Who keeps the expert pool has no part in tenders, so that nobody chooses by whom they are judged.",
        basis="招标投标法实施条例 art. 46",
    ),
    Conflict(
        ones=frozenset({Role.CLERK, Role.ASSESSOR}),
        others=DUTIES - ADMINISTRATORS,
        reason="Who serves people does not judge how they were served, and neither has a part in tenders.",
        basis="国办发〔2019〕51号",
    ),
)
"""The closed table of duties that are kept apart; what the parties of one tender may not be is checked there."""


class RolesConflict(Problem):
    code = "E_ROLES_APART"
    status = 422
    text = "One person must not hold the roles {first} and {second} ({basis})."


def conflict_between(first: str, second: str) -> Conflict | None:
    """The rule that keeps two roles apart, if there is one."""
    return next((rule for rule in CONFLICTS if rule.parts(first, second)), None)


def check_together(roles: Iterable[str]) -> None:
    """Raise `RolesConflict` unless one person may hold all these roles."""
    held = sorted(set(roles))
    for place, first in enumerate(held):
        for second in held[place + 1 :]:
            if (rule := conflict_between(first, second)) is not None:
                raise RolesConflict(first=first, second=second, basis=rule.basis)


CONFIRM_WITHIN = timedelta(minutes=10)
"""So long a proposal waits for its second person."""


class ProposalState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class ProposalMove(StrEnum):
    CONFIRM = "confirm"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Rule:
    """From which state a move leads where, and the event that records it."""

    source: ProposalState
    target: ProposalState
    event: str


PROPOSAL_RULES = {
    ProposalMove.CONFIRM: Rule(ProposalState.WAITING, ProposalState.DONE, "authority.confirmed"),
    ProposalMove.DECLINE: Rule(ProposalState.WAITING, ProposalState.DECLINED, "authority.declined"),
    ProposalMove.WITHDRAW: Rule(ProposalState.WAITING, ProposalState.WITHDRAWN, "authority.withdrawn"),
}


def shown_state(state: str, expires_at: datetime, now: datetime) -> str:
    """The state as people see it: a proposal that nobody took up in time has lapsed because the clock passed."""
    return "lapsed" if state == ProposalState.WAITING and now >= expires_at else state
