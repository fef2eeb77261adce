"""Kinds of notices, what the law wants each to say, and by which pieces of words one is found."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from govcore.i18n.citations import cited
from trading.notices.fields import FIELDS, fits, is_filled


class Regime(StrEnum):
    """Tendering law, or government procurement: they ask notices for different things."""

    TB = "TB"
    GP = "GP"


BOTH = (Regime.TB, Regime.GP)


class NoticeKind(StrEnum):
    """Kinds of public notices, in the order of a procedure."""

    INTENTION = "intention"
    PREQUALIFICATION = "prequalification"
    TENDER = "tender"
    CONSULTATION = "consultation"
    CLARIFICATION = "clarification"
    CHANGE = "change"
    SUSPENSION = "suspension"
    RESUMPTION = "resumption"
    OPENING = "opening"
    FAILURE = "failed"
    TERMINATION = "termination"
    CANDIDATES = "candidates"
    OBJECTION_RESULT = "objection_result"
    RESULT = "result"
    CONTRACT = "contract"
    ACCEPTANCE = "acceptance"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a kind of notice must say, beyond what every notice says; `of` adds what one regime asks for."""

    word: str
    basis: str
    fields: tuple[str, ...]
    regimes: tuple[Regime, ...] = BOTH
    of: Mapping[Regime, tuple[str, ...]] = field(default_factory=dict)
    basis_gp: str = ""
    """Where the law of procurement says so, if elsewhere."""
    word_gp: str = ""
    """What the law of procurement calls it, if otherwise; a key of the catalogue."""

    def called(self, regime: str) -> str:
        """What the regime's law calls this notice."""
        return self.word_gp if regime == Regime.GP and self.word_gp else self.word

    def cited(self, regime: str) -> str:
        """Where the regime's law asks for this notice."""
        return self.basis_gp if regime == Regime.GP and self.basis_gp else self.basis

    def cited_zh(self, regime: str) -> str:
        """The same as a Chinese paper cites it: art. 5 becomes 第5条."""
        return cited(self.cited(regime)).replace("；", "，")


NOTICE_PAPER = "notice.paper"
"""The kind of paper on which a publisher may order its seal."""

ALWAYS = ("project", "project_code", "tenderer")
"""Without these nobody knows what a notice is about."""

_TENDER = (
    "scope",
    "location",
    "funds",
    "lots",
    "qualification",
    "consortium",
    "documents",
    "submission",
    "agency",
    "contact",
    "platform",
    "media",
)
_TENDER_GP = ("budget_fen", "notice_period", "policies")

CONTENTS: Mapping[NoticeKind, Rule] = {
    NoticeKind.INTENTION: Rule(
        "Procurement intention",
        "财库〔2020〕10号",
        ("object", "budget_fen", "planned"),
        (Regime.GP,),
    ),
    NoticeKind.PREQUALIFICATION: Rule(
        "Prequalification notice",
        "招标公告和公示信息发布管理办法 art. 5",
        (*_TENDER, "deadline_at"),
        of={Regime.GP: _TENDER_GP},
    ),
    NoticeKind.TENDER: Rule(
        "Tender notice",
        "招标投标法 art. 16; 招标公告和公示信息发布管理办法 art. 5",
        (*_TENDER, "deposit"),
        of={Regime.GP: _TENDER_GP},
        basis_gp="政府采购货物和服务招标投标管理办法 art. 13",
    ),
    NoticeKind.CONSULTATION: Rule(
        "Notice of a competitive consultation",
        "财库〔2014〕214号 art. 7",
        (*_TENDER, *_TENDER_GP, "deposit"),
        (Regime.GP,),
    ),
    NoticeKind.CLARIFICATION: Rule(
        "Clarification",
        "招标投标法实施条例 art. 21",
        ("reference", "answers"),
        basis_gp="政府采购货物和服务招标投标管理办法 art. 27",
    ),
    NoticeKind.CHANGE: Rule(
        "Change notice",
        "招标投标法实施条例 art. 21",
        ("reference", "changes"),
        basis_gp="政府采购货物和服务招标投标管理办法 art. 27",
    ),
    NoticeKind.SUSPENSION: Rule(
        "Suspension",
        "招标投标法实施条例 art. 22, 62",
        ("reason", "from_at", "effect"),
        basis_gp="政府采购法 art. 57; 政府采购法实施条例 art. 54",
    ),
    NoticeKind.RESUMPTION: Rule(
        "Resumption",
        "招标投标法实施条例 art. 22, 62",
        ("reason", "from_at"),
        basis_gp="政府采购法 art. 57",
    ),
    NoticeKind.OPENING: Rule("Opening record", "电子招标投标办法 art. 32", ("lots", "opened_at", "bids")),
    NoticeKind.FAILURE: Rule(
        "Failed tender",
        "招标投标法 art. 28",
        ("lots", "reason", "next_step"),
        basis_gp="政府采购法 art. 36, 37",
        word_gp="Cancelled purchase",
    ),
    NoticeKind.TERMINATION: Rule(
        "Termination",
        "招标投标法实施条例 art. 31",
        ("reason", "next_step"),
        basis_gp="政府采购货物和服务招标投标管理办法 art. 29",
    ),
    NoticeKind.CANDIDATES: Rule(
        "Candidates' publicity",
        "招标投标法实施条例 art. 54; 招标公告和公示信息发布管理办法 art. 6",
        ("lots", "candidates", "publicity_from", "publicity_until", "objections"),
        (Regime.TB,),
    ),
    NoticeKind.OBJECTION_RESULT: Rule(
        "Result of an objection",
        "招标投标法实施条例 art. 61",
        ("subject", "decision", "decided_by", "decided_at"),
    ),
    NoticeKind.RESULT: Rule(
        "Award result",
        "招标公告和公示信息发布管理办法 art. 6",
        ("lots", "winner", "price_fen"),
        of={Regime.TB: ("duration_days", "manager"), Regime.GP: ("goods", "experts", "notice_period")},
        basis_gp="政府采购法实施条例 art. 43; 政府采购货物和服务招标投标管理办法 art. 69",
    ),
    NoticeKind.CONTRACT: Rule(
        "Contract",
        "政府采购法实施条例 art. 50",
        ("parties", "price_fen", "object", "signed_at"),
    ),
    NoticeKind.ACCEPTANCE: Rule(
        "Acceptance of performance",
        "政府采购法实施条例 art. 45",
        ("parties", "contract_no", "accepted_at", "conclusion"),
    ),
}
"""Each kind with its word (a key of the catalogue), where the law says so, and its mandatory fields."""


class DispatchState(StrEnum):
    """A notice on its way to a medium; time moves it on, see `media.py`."""

    WAITING = "waiting"
    SENT = "sent"
    """Taken by the medium, which has not published it yet."""
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    GIVEN_UP = "given_up"


PENDING = (DispatchState.WAITING, DispatchState.SENT)
SETTLED_BADLY = (DispatchState.REFUSED, DispatchState.GIVEN_UP)

DISPATCH_WORDS = {
    DispatchState.WAITING: "Waiting to be sent",
    DispatchState.SENT: "Sent, not yet published there",
    DispatchState.ACKNOWLEDGED: "Published there",
    DispatchState.REFUSED: "Refused by the medium",
    DispatchState.GIVEN_UP: "Given up",
}

LEASE = timedelta(minutes=2)
"""So long nobody else sends what somebody sends; after a crash it is the pause before the next attempt."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(hours=1)
ATTEMPTS_MAX = 30
"""A little more than a day, then the centre is alarmed."""


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts that led nowhere: doubling, an hour at most."""
    doubled: int = 2 ** min(max(attempts - 1, 0), 12)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)


def regime_of(category: str) -> Regime:
    """The law of a category of trade, where the project names no other."""
    return Regime.GP if category == "procurement" else Regime.TB


def mandatory(kind: NoticeKind, regime: Regime) -> tuple[str, ...]:
    """The fields that a notice of this kind must fill."""
    rule = CONTENTS[kind]
    return (*ALWAYS, *rule.fields, *rule.of.get(regime, ()))


def missing(kind: NoticeKind, regime: Regime, values: Mapping[str, object]) -> list[str]:
    """The mandatory fields that are not filled, in their order."""
    return [name for name in mandatory(kind, regime) if not is_filled(values.get(name))]


def wrong(values: Mapping[str, object]) -> list[str]:
    """The fields that do not exist, or hold something else than their type says."""
    return [name for name, value in values.items() if name not in FIELDS or not fits(FIELDS[name], value)]


_RUNS = re.compile(r"[0-9a-z]+|[^\W\d_a-z]+")
"""A number or word in Latin letters, or a run of letters of another script."""


def pieces(text: str) -> set[str]:
    """What a text can be found by: whole Latin words and numbers, and each two neighbours of a Chinese run.

    A single Chinese letter stands for itself only where it stands alone. Chinese has no spaces between words, and
    most of its words have two letters.
    """
    found: set[str] = set()
    for run in _RUNS.findall(unicodedata.normalize("NFKC", text).lower()):
        if run[0].isascii() or len(run) == 1:
            found.add(run)
        else:
            found.update(run[i : i + 2] for i in range(len(run) - 1))
    return found


def all_pieces(texts: Iterable[str]) -> set[str]:
    """The pieces of several texts, none of which reaches from one text into the next."""
    return {piece for text in texts for piece in pieces(text)}
