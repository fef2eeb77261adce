"""Who may sit on a committee, its session's states, its vote, and what its members promise."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address, ip_network

from trading.procedure.policy import Regime, RuleSet
from trading.procedure.thresholds import least_experts, least_members

REASON_MAX = 500

EVALUABLE = ("opened", "evaluated", "publicity", "awarded", "contracted")
"""The states of a lot whose bids were opened."""

SEATABLE = ("closed", *EVALUABLE)
"""From the closing on it is known who bids, and so who must avoid (招标投标法 art. 37)."""


class SeatKind(StrEnum):
    """As what a member sits: drawn or appointed as an expert, or sent by the tenderer."""

    EXPERT = "expert"
    REPRESENTATIVE = "purchaser_representative"


@dataclass(frozen=True, slots=True)
class NewSeat:
    """Somebody who is to sit; a member in a remote room (远程异地) has that room instead of the session's."""

    user_id: str
    kind: SeatKind = SeatKind.EXPERT
    room_id: str | None = None


class Cause(StrEnum):
    """How the members came to their seats."""

    DRAWN = "drawn"
    APPOINTED = "appointed"


class Ground(StrEnum):
    """Why a member's seat is void: only for these may a member be replaced (实施条例 art. 48)."""

    CONFLICT = "conflict"
    ABSENT = "absent"
    HEALTH = "health"
    EXCLUDED = "excluded"
    TIED = "tied"


GROUND_WORDS = {
    Ground.CONFLICT: "A reason to avoid this evaluation",
    Ground.ABSENT: "Left the post, or did not come",
    Ground.HEALTH: "Cannot go on for reasons of health",
    Ground.EXCLUDED: "Excluded by the supervising department",
    Ground.TIED: "Tied to a bidder, or to a main person that a bid names",
}
"""Keys of the catalogue."""

PROPOSED_GROUNDS = tuple(ground for ground in Ground if ground is not Ground.TIED)
"""What people propose; ties are found by comparing what members declared with the bids (招标投标法 art. 37)."""


class SessionState(StrEnum):
    """Whether the committee meets; its windows are opened and closed by the centre's clerk."""

    SEATED = "seated"
    MEETING = "meeting"
    ADJOURNED = "adjourned"


class SessionMove(StrEnum):
    OPEN = "open"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Rule:
    """From which states a move leads where, by which permission, and the event that records it."""

    sources: frozenset[SessionState]
    target: SessionState
    permission: str
    event: str


SESSION_RULES = {
    SessionMove.OPEN: Rule(
        frozenset({SessionState.SEATED, SessionState.ADJOURNED}),
        SessionState.MEETING,
        "committee.convene",
        "committee.opened",
    ),
    SessionMove.CLOSE: Rule(
        frozenset({SessionState.MEETING}), SessionState.ADJOURNED, "committee.convene", "committee.closed"
    ),
}


class Fault(StrEnum):
    """What is wrong with a composition."""

    TWICE = "twice"
    SIZE = "size"
    EXPERTS = "experts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a committee must be at least, and by which article."""

    members: int
    experts: int
    basis: str


def needs_of(
    rules: RuleSet, *, budget_fen: int, is_complex: bool, members: int, procedure: str = "tender"
) -> Needs:
    """The least size, and the experts that so many members need (T14, G13)."""
    least = least_members(rules, budget_fen, is_complex=is_complex, procedure=procedure)
    basis = "G13 · 87号令 art. 47" if rules.regime is Regime.GP else "T14 · 招标投标法 art. 37"
    if procedure == "consultation":
        basis = "G13.consultation · 财库〔2014〕214号 art. 14"
    return Needs(members=least, experts=least_experts(rules, members), basis=basis)


def composition_fault(members: Sequence[NewSeat], needs: Needs) -> Fault | None:
    """An odd number of different people, as many as needed, and among them the experts that are needed (T14, G13)."""
    if len({member.user_id for member in members}) != len(members):
        return Fault.TWICE
    if len(members) < needs.members or len(members) % 2 == 0:
        return Fault.SIZE
    count = sum(1 for member in members if member.kind is SeatKind.EXPERT)
    return None if count >= needs.experts else Fault.EXPERTS


def may_lead(kind: SeatKind, regime: Regime) -> bool:
    """In a government purchase the purchaser's representative never leads (87号令 art. 45)."""
    return kind is SeatKind.EXPERT or regime is Regime.TB


def elected(votes: Mapping[int, int], seats: Collection[int]) -> int | None:
    """The seat for which more than half of all seats vote; `votes` are by the seat that gave them."""
    counted = Counter(choice for voter, choice in votes.items() if voter in seats and choice in seats)
    return next((seat for seat, count in counted.items() if 2 * count > len(seats)), None)


def is_too_short(said: int, members: int) -> bool:
    """More than a third of the members find so: then the time has to be prolonged (T16 · 实施条例 art. 48)."""
    return 3 * said > members


def from_networks(address: str, networks: Iterable[str]) -> bool:
    """True for an address inside one of the networks; an unknown address is outside of all."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in ip_network(network) for network in networks)


PROMISE_VERSION = "2026-1"
PROMISE = (
    "I know of nothing for which I have to avoid this evaluation. If I learn of such a thing, however late, "
    "I shall say so at once and leave (招标投标法 art. 37; 实施条例 art. 46; 政府采购法实施条例 art. 9).",
    "I judge every bid by the criteria of the documents alone, by myself, and answer for what I write "
    "(招标投标法 art. 44; 实施条例 art. 49; 87号令 art. 46).",
    "I tell nobody how bids are reviewed and compared, who is recommended, or who else sits on the committee "
    "(招标投标法 art. 44; 政府采购法实施条例 art. 40).",
    "I meet no bidder in private, take nothing from anybody, and follow nobody's hints or wishes "
    "(实施条例 art. 49; 政府采购法实施条例 art. 40).",
    "I leave telephones and other devices outside, copy nothing, and take nothing away from the session "
    "(87号令 art. 66).",
)
"""What a member promises (承诺书): keys of the catalogue; a new wording gets a new version."""


def promise_digest(text: str) -> str:
    """SHA-256 of a promise's text as it was read and accepted."""
    return hashlib.sha256(text.encode()).hexdigest()
