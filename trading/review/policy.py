"""What a gate is, who decides it, and when a bid is out: never by points, always by a reason and an article."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

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


QUALIFICATION_ARTICLE = "G12 · 87号令 art. 44"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why the law has a bid rejected, whatever the documents say; `text` and `article` are keys of the catalogue.

    `ask_first`: the bidder is asked before (发改法规规〔2022〕1117号).
    """

    id: str
    article: str
    text: str
    ask_first: bool = False


CAUSES: Mapping[Regime, tuple[Cause, ...]] = {
    Regime.TB: (
        Cause(
            "TBR51.1",
            "实施条例 art. 51 (1)",
            "Neither the bidder's seal nor the signature of its head is there",
        ),
        Cause("TBR51.2", "实施条例 art. 51 (2)", "A consortium bids without its joint agreement"),
        Cause(
            "TBR51.3",
            "实施条例 art. 51 (3)",
            "The bidder lacks a qualification that the law or the documents ask",
        ),
        Cause(
            "TBR51.4",
            "实施条例 art. 51 (4)",
            "Two or more different bids or prices, and no alternatives were asked",
        ),
        Cause("TBR51.5", "实施条例 art. 51 (5)", "The price is below cost", ask_first=True),
        Cause(
            "TBR51.6", "实施条例 art. 51 (6)", "The bid does not meet the documents' essential requirements"
        ),
        Cause("TBR51.7", "实施条例 art. 51 (7)", "Collusion, fraud, bribery or another unlawful act"),
        Cause(
            "B12.25",
            "评标委员会和评标方法暂行规定 art. 25",
            "Another major deviation: security, period, packaging, conditions that cannot be accepted",
        ),
    ),
    Regime.GP: (
        Cause("M87-63.1", "87号令 art. 63 (1)", "The deposit was not given as the documents ask"),
        Cause("M87-63.2", "87号令 art. 63 (2)", "The bid is not signed or sealed as the documents ask"),
        Cause(
            "M87-63.4", "87号令 art. 63 (4)", "The price is above the budget or the maximum of the documents"
        ),
        Cause("M87-63.5", "87号令 art. 63 (5)", "The bid holds conditions that the purchaser cannot accept"),
        Cause(
            "M87-63.6",
            "87号令 art. 63 (6)",
            "Another cause of the law or the documents that makes a bid invalid",
        ),
        Cause("M87-37", "87号令 art. 37", "What counts as collusion between bidders"),
    ),
}
"""In a purchase who is qualified (87号令 art. 63 (3)) is the purchaser's to say, before the committee begins."""

ABNORMAL = Cause(
    "M87-60", "87号令 art. 60", "The price stays too low to believe after the bidder was asked", True
)
ABNORMAL_TB = Cause("B12-21", "评标委员会和评标方法暂行规定 art. 21", ABNORMAL.text, True)
COMPETITION = {
    Regime.TB: Cause(
        "B12-27",
        "评标委员会和评标方法暂行规定 art. 27",
        "Fewer than three bids are left: there is still competition",
    ),
    Regime.GP: Cause("GPL36.1", "G11 · 政府采购法 art. 36 (1)", "Fewer than three bids are left"),
}
"""What is asked about all bids that are left; in a purchase there is nothing to ask, it is cancelled (domain: I7)."""


def competition_node(regime: Regime, left: int) -> str:
    """The gate of that question: it is about so many bids, and another one where still fewer are left."""
    return f"{COMPETITION[regime].id}-{left}"


PRICES = "prices.second-opening"
"""The gate of two envelopes after the second read-out; no gate of any documents has a point in its id."""

_PRICES_CHECKED = "Price part: complete, arithmetic checked, low prices explained"
PRICE_GATE: Mapping[Regime, Cause] = {
    Regime.TB: Cause(PRICES, "实施条例 art. 51 (6)", _PRICES_CHECKED),
    Regime.GP: Cause(PRICES, "87号令 art. 63 (6)", _PRICES_CHECKED),
}
"""Without it a result would follow from prices that nobody could correct or question."""


def abnormal_cause(regime: Regime) -> Cause:
    return ABNORMAL if regime is Regime.GP else ABNORMAL_TB


def cause_of(regime: Regime, cause_id: str) -> Cause:
    """A cause by its id; raise `KeyError` for none."""
    known = (*CAUSES[regime], abnormal_cause(regime), COMPETITION[regime])
    return {one.id: one for one in known}[cause_id]


class RequestKind(StrEnum):
    """What the committee asks of a bidder through the platform."""

    CLARIFICATION = "clarification"
    ABNORMAL_PRICE = "abnormal_price"
    CORRECTION = "correction"


class RequestState(StrEnum):
    """That nobody answered in time is not a state: it follows from the clock."""

    ASKED = "asked"
    ANSWERED = "answered"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class RequestMove(StrEnum):
    ANSWER = "answer"
    CONFIRM = "confirm"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class RequestRule:
    sources: frozenset[RequestState]
    target: RequestState
    event: str


_ASKED = frozenset({RequestState.ASKED})
REQUEST_RULES: Mapping[RequestMove, RequestRule] = {
    RequestMove.ANSWER: RequestRule(_ASKED, RequestState.ANSWERED, "review.answered"),
    RequestMove.CONFIRM: RequestRule(_ASKED, RequestState.CONFIRMED, "review.correction_confirmed"),
    RequestMove.REFUSE: RequestRule(_ASKED, RequestState.REFUSED, "review.correction_refused"),
    RequestMove.WITHDRAW: RequestRule(_ASKED, RequestState.WITHDRAWN, "review.request_withdrawn"),
}

WINDOWS = {
    RequestKind.CLARIFICATION: "review.answer_window",
    RequestKind.ABNORMAL_PRICE: "review.answer_window",
    RequestKind.CORRECTION: "review.confirm_window",
}
"""The rule that says how long a bidder has."""

QUESTION_MAX = 2000
ANSWER_MAX = 8000
FILES_MAX = 5
FILE_LIMIT = 10 << 20
FILE_KINDS = {
    "pdf": b"%PDF-",
    "jpg": b"\xff\xd8\xff",
    "jpeg": b"\xff\xd8\xff",
    "png": b"\x89PNG\r\n\x1a\n",
    "docx": b"PK\x03\x04",
    "xlsx": b"PK\x03\x04",
    "ofd": b"PK\x03\x04",
}


def file_fits(name: str, content: bytes) -> bool:
    """Whether a file begins as its name says that it does."""
    beginning = FILE_KINDS.get(name.rsplit(".", 1)[-1].lower() if "." in name else "")
    return beginning is not None and content.startswith(beginning)


def lapsed(state: RequestState, until: datetime, at: datetime) -> bool:
    """Whether the window went by without a word of the bidder."""
    return state is RequestState.ASKED and at >= until


@dataclass(frozen=True, slots=True)
class LowPrice:
    """The shares of `abnormal_low.*` that call a price too low to believe; each may be off."""

    of_mean: Fraction
    of_next: Fraction
    of_max: Fraction


def abnormally_low(prices: Mapping[str, int], shares: LowPrice, *, max_price: int) -> set[str]:
    """The bids whose price lies below a share of the mean, of the next lowest price, or of the maximum; strictly."""
    found = set()
    mean = Fraction(sum(prices.values()), len(prices)) if prices else Fraction(0)
    for bid_id, price in prices.items():
        higher = [other for other in prices.values() if other > price]
        limits = [shares.of_mean * mean, shares.of_max * max_price]
        if higher:
            limits.append(shares.of_next * min(higher))
        if any(price < limit for limit in limits):
            found.add(bid_id)
    return found
