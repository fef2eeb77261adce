"""What may be said against a procedure, in which regime, with which effect; the states of a case.

One engine for both regimes: what differs between 招标投标法 and 政府采购法 stands in `WAYS`, nowhere else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from trading.procedure.policy import Regime


class Kind(StrEnum):
    """异议, 询问, 质疑, 投诉."""

    OBJECTION = "objection"
    QUERY = "query"
    CHALLENGE = "challenge"
    COMPLAINT = "complaint"


class Stage(StrEnum):
    """What a case is about; to the opening itself one objects on the spot, in the hall (实施条例 art. 44)."""

    PQ_DOCUMENTS = "pq_documents"
    DOCUMENTS = "documents"
    OPENING = "opening"
    PROCESS = "process"
    RESULT = "result"


class Ground(StrEnum):
    """Why somebody may object: a participant, or a holder of the documents."""

    BID = "bid"
    FOLLOWS = "follows"
    RECEIPT = "receipt"
    INVITED = "invited"
    NAMED = "named"


class State(StrEnum):
    """Of all cases: `RECEIVED` waits for the tenderer's reply or for the regulator's acceptance."""

    RECEIVED = "received"
    INCOMPLETE = "incomplete"
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    REFUSED = "refused"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


OPEN = frozenset({State.RECEIVED, State.INCOMPLETE, State.ACCEPTED})


class Outcome(StrEnum):
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    MALICIOUS = "malicious"


class Step(StrEnum):
    """What a decision that upholds a complaint asks the tenderer to do next."""

    CHANGE_DOCUMENTS = "change_documents"
    RE_EVALUATE = "re_evaluate"
    RE_TENDER = "re_tender"
    AWARD_INVALID = "award_invalid"


class Side(StrEnum):
    FILER = "filer"
    TENDERER = "tenderer"
    REGULATOR = "regulator"


class Said(StrEnum):
    """What an entry of a case's file is."""

    FILED = "filed"
    SUPPLEMENT_ASKED = "supplement_asked"
    SUPPLEMENTED = "supplemented"
    REPLIED = "replied"
    EFFECT_FOUND = "effect_found"
    STATEMENT = "statement"
    WITHDRAWN = "withdrawn"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    ORDERED = "ordered"
    LIFTED = "lifted"
    PAUSED = "paused"
    CONTINUED = "continued"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a kind of case goes in a regime.

    `last` are the rules of the last day to file by stage, `reply` those of the reply: other stages it cannot be about.
    `suspends` names the cause by which a case stops the lots while it is unanswered: always, or (`if_affects`) only
    while it may affect the result; `presumed` is whether that is taken for granted.
    """

    kind: Kind
    regime: Regime
    last: dict[Stage, str]
    reply: dict[Stage, str]
    suspends: str | None = None
    if_affects: bool = False
    presumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintWay:
    """How a complaint goes in a regime: its last day, acceptance, decision, and the cap on an order to suspend."""

    regime: Regime
    last: str
    accept: str
    decide: str
    copies: str | None = None
    statement: str | None = None
    order_cap: str | None = None
    first: frozenset[Stage]


_PROCUREMENT_STAGES = (Stage.PQ_DOCUMENTS, Stage.DOCUMENTS, Stage.PROCESS, Stage.RESULT)

WAYS = {
    (Regime.TB, Kind.OBJECTION): Way(
        kind=Kind.OBJECTION,
        regime=Regime.TB,
        last={Stage.PQ_DOCUMENTS: "T06", Stage.DOCUMENTS: "T07", Stage.RESULT: "T19"},
        reply={Stage.PQ_DOCUMENTS: "T08", Stage.DOCUMENTS: "T08", Stage.RESULT: "T19"},
        suspends="objection",
    ),
    (Regime.GP, Kind.QUERY): Way(
        kind=Kind.QUERY,
        regime=Regime.GP,
        last={},
        reply=dict.fromkeys(_PROCUREMENT_STAGES, "G21.query"),
        suspends="challenge",
        if_affects=True,
    ),
    (Regime.GP, Kind.CHALLENGE): Way(
        kind=Kind.CHALLENGE,
        regime=Regime.GP,
        last=dict.fromkeys(_PROCUREMENT_STAGES, "G21.challenge"),
        reply=dict.fromkeys(_PROCUREMENT_STAGES, "G21.reply"),
        suspends="challenge",
        if_affects=True,
        presumed=True,
    ),
}
"""A query is presumed not to touch the result, a challenge to do so, until the purchaser finds otherwise (GPR 54)."""

COMPLAINTS = {
    Regime.TB: ComplaintWay(
        regime=Regime.TB,
        last="T29",
        accept="T30",
        decide="T30.decide",
        first=frozenset({Stage.PQ_DOCUMENTS, Stage.DOCUMENTS, Stage.OPENING, Stage.RESULT}),
    ),
    Regime.GP: ComplaintWay(
        regime=Regime.GP,
        last="G21.complaint",
        accept="G21.supplement",
        decide="G21.decide",
        copies="G21.copies",
        statement="G21.statement",
        order_cap="G21.suspension",
        first=frozenset(Stage) - {Stage.OPENING},
    ),
}
"""`first` are the stages about which an objection or challenge comes before a complaint (实施条例 art. 60; GPL 55)."""


def way(regime: str, kind: str) -> Way | None:
    """How this kind of case goes in this regime; nothing where the regime does not know it."""
    return WAYS.get((Regime(regime), Kind(kind)))


def kinds_of(regime: str) -> list[Kind]:
    """What can be filed with the tenderer, the usual first."""
    return [Kind.OBJECTION] if regime == Regime.TB else [Kind.CHALLENGE, Kind.QUERY]


class Move(StrEnum):
    REPLY = "reply"
    WITHDRAW = "withdraw"
    ASK = "ask"
    COMPLETE = "complete"
    ACCEPT = "accept"
    REFUSE = "refuse"
    DECIDE = "decide"


@dataclass(frozen=True, slots=True)
class Rule:
    """From which states a move leads where, by which permission, and the event that records it."""

    sources: frozenset[str]
    target: str
    permission: str
    event: str


RULES = {
    Move.REPLY: Rule(frozenset({State.RECEIVED}), State.ANSWERED, "challenge.reply", "challenge.replied"),
    Move.WITHDRAW: Rule(OPEN, State.WITHDRAWN, "challenge.file", "challenge.withdrawn"),
    Move.ASK: Rule(
        frozenset({State.RECEIVED}), State.INCOMPLETE, "challenge.decide", "challenge.supplement_asked"
    ),
    Move.COMPLETE: Rule(
        frozenset({State.INCOMPLETE}), State.RECEIVED, "challenge.file", "challenge.supplemented"
    ),
    Move.ACCEPT: Rule(frozenset({State.RECEIVED}), State.ACCEPTED, "challenge.decide", "challenge.accepted"),
    Move.REFUSE: Rule(
        frozenset({State.RECEIVED, State.INCOMPLETE}),
        State.REFUSED,
        "challenge.decide",
        "challenge.refused",
    ),
    Move.DECIDE: Rule(frozenset({State.ACCEPTED}), State.DECIDED, "challenge.decide", "challenge.decided"),
}

NUMBER_LETTERS = {Kind.OBJECTION: "YY", Kind.QUERY: "XW", Kind.CHALLENGE: "ZY", Kind.COMPLAINT: "TS"}


def case_number(kind: str, received: str, case_id: str) -> str:
    """The number on a receipt: kind, Beijing day, six letters of a random id: it tells nobody how many there are."""
    return f"{NUMBER_LETTERS[Kind(kind)]}{received}-{case_id[:6].upper()}"


def names_are_shown(deadlines: Collection[datetime | None], now: datetime) -> bool:
    """Whether the tenderer may learn who filed: from the last deadline of the tender on (招标投标法 art. 22)."""
    return all(deadline is not None and now >= deadline for deadline in deadlines)


def names_the_filer(public_text: str, *, name: str, code: str, person: str = "") -> bool:
    """Whether words meant for everybody would tell who filed."""
    squeezed = "".join(public_text.split()).casefold()
    return any(
        "".join(word.split()).casefold() in squeezed for word in (name, code, person) if len(word.strip()) > 1
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that was done in a lot, and when."""

    name: str
    at: datetime


def acts_overtaken(acts: Iterable[Act], *, received: datetime, recorded: datetime) -> list[Act]:
    """Acts done between the legal receipt of a paper and its entry: they stand, and are flagged."""
    return sorted((act for act in acts if received <= act.at < recorded), key=lambda act: act.at)


def order_ends(ended_at: datetime | None, capped_at: datetime | None, now: datetime) -> bool:
    """Whether an order to suspend is over: lifted, or its cap has passed on the clock."""
    return (ended_at is not None and ended_at <= now) or (capped_at is not None and now >= capped_at)


FILES_MAX = 5
FILE_LIMIT = 10 << 20
TEXT_MAX = 8_000
CLUE_MAX = 4_000
CLUES_A_DAY = 50
"""Of one tender: more on one day are noise, and would only fill the store."""
CLUE_LINES = 40
"""What may be said to one clue after it was left, on both sides together."""
CLUE_PASSPHRASE = 12


class ClueSide(StrEnum):
    """Who speaks about a clue: whoever holds its code, or the department."""

    SENDER = "sender"
    DEPARTMENT = "department"


PAPER_BACK = timedelta(days=60)
"""A paper is entered at most so long after it was received: older ones have no clock left to run."""

FILE_KINDS = {
    "pdf": (b"%PDF-",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "docx": (b"PK\x03\x04",),
    "xlsx": (b"PK\x03\x04",),
    "ofd": (b"PK\x03\x04",),
}
"""Endings of evidence and how such files begin: a name says nothing of what is inside."""


def file_fits(name: str, content: bytes) -> bool:
    """Whether a file's first bytes are those of what its name says."""
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    return content.startswith(FILE_KINDS.get(ending, ())) if ending in FILE_KINDS else False


KIND_WORDS = {
    Kind.OBJECTION: "Objection",
    Kind.QUERY: "Query",
    Kind.CHALLENGE: "Challenge",
    Kind.COMPLAINT: "Complaint",
}
STAGE_WORDS = {
    Stage.PQ_DOCUMENTS: "Prequalification documents",
    Stage.DOCUMENTS: "Tender documents",
    Stage.OPENING: "The opening",
    Stage.PROCESS: "The procedure",
    Stage.RESULT: "The result",
}
STATE_WORDS = {
    State.RECEIVED: "Received, not answered yet",
    State.INCOMPLETE: "Supplement asked for",
    State.ACCEPTED: "Accepted, not decided yet",
    State.ANSWERED: "Answered",
    State.REFUSED: "Complaint not accepted",
    State.DECIDED: "Complaint decided",
    State.WITHDRAWN: "Withdrawn",
}
OUTCOME_WORDS = {
    Outcome.UPHELD: "Upheld",
    Outcome.DISMISSED: "Dismissed",
    Outcome.MALICIOUS: "Dismissed as malicious",
}
STEP_WORDS = {
    Step.CHANGE_DOCUMENTS: "Change the documents and give enough time",
    Step.RE_EVALUATE: "Evaluate again",
    Step.RE_TENDER: "Tender again",
    Step.AWARD_INVALID: "The award is invalid",
}
GROUND_WORDS = {
    Ground.BID: "has a bid in this tender",
    Ground.FOLLOWS: "holds the documents (follows this tender)",
    Ground.RECEIPT: "holds the documents (signed download receipt)",
    Ground.INVITED: "was invited",
    Ground.NAMED: "filed on paper; the tenderer checked the standing",
}
SIDE_WORDS = {
    Side.FILER: "Filer",
    Side.TENDERER: "Tenderer's side",
    Side.REGULATOR: "Supervising department",
}
SAID_WORDS = {
    Said.FILED: "Put forward",
    Said.SUPPLEMENT_ASKED: "Asked for a supplement",
    Said.SUPPLEMENTED: "Supplemented",
    Said.REPLIED: "Replied",
    Said.EFFECT_FOUND: "Found whether the result may be affected",
    Said.STATEMENT: "Statement",
    Said.WITHDRAWN: "Withdrawn",
    Said.ACCEPTED: "Complaint accepted",
    Said.REFUSED: "Complaint not accepted",
    Said.ORDERED: "Ordered a suspension",
    Said.LIFTED: "Lifted the suspension",
    Said.PAUSED: "The time for the decision stops",
    Said.CONTINUED: "The time for the decision runs again",
    Said.DECIDED: "Complaint decided",
}
NEWS_WORDS = "There is something new in {number}."
TOLD_WORDS = {
    Said.REPLIED: "{number} was answered.",
    Said.SUPPLEMENT_ASKED: "{number}: a supplement is asked for.",
    Said.ACCEPTED: "{number} was accepted.",
    Said.REFUSED: "{number} was not accepted.",
    Said.DECIDED: "{number} was decided.",
}
"""What the filer is told of an act."""

CLOCK_WORDS = {
    "reply": "The tenderer replies by",
    "complaint": "A complaint may be filed until",
    "acceptance": "Accepted, or what is missing said, by",
    "copies": "Copies go to the other side by",
    "statement": "The other side states its view by",
    "decision": "The decision is due by",
    "order": "The ordered suspension ends at the latest",
}
DECISION_WORDS = {
    Outcome.UPHELD: "The complaint is upheld.",
    Outcome.DISMISSED: "The complaint is dismissed.",
    Outcome.MALICIOUS: "The complaint is dismissed as malicious.",
}
ACT_WORDS = {
    "closed": "Bids closed",
    "opened": "Bids read out",
    "publicised": "Candidates published",
    "awarded": "Award decided",
}
