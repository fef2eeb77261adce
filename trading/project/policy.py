"""Categories of trade, sources of funds, what an agency may be entrusted with, and when the law obliges to tender."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from trading.procedure.policy import Regime, RuleSet
from trading.procedure.thresholds import Subject


class Category(StrEnum):
    """Kinds of project; each has its own supervising department (domain: 实施条例 art. 4)."""

    BUILDING = "building"
    MUNICIPAL = "municipal"
    WATER = "water"
    TRANSPORT = "transport"
    PROCUREMENT = "procurement"


CATEGORY_NAMES = {
    Category.BUILDING: "Building works",
    Category.MUNICIPAL: "Municipal works",
    Category.WATER: "Water conservancy works",
    Category.TRANSPORT: "Transport works",
    Category.PROCUREMENT: "Government procurement",
}


SUBJECT_NAMES = {
    Subject.WORKS: "Works",
    Subject.GOODS: "Goods",
    Subject.SERVICES: "Services (survey, design, supervision and others)",
}

THRESHOLDS = {Subject.WORKS: "T35", Subject.GOODS: "T35.goods", Subject.SERVICES: "T35.services"}


class Source(StrEnum):
    """Where the money comes from."""

    FISCAL = "fiscal"
    STATE_OWNED = "state_owned"
    FOREIGN_AID = "foreign_aid"
    PRIVATE = "private"


SOURCE_NAMES = {
    Source.FISCAL: "Fiscal funds",
    Source.STATE_OWNED: "Funds of state-owned bodies",
    Source.FOREIGN_AID: "Loans and aid of foreign governments and international organisations",
    Source.PRIVATE: "Private funds",
}


class Trust(StrEnum):
    """What a mandate (委托合同) lets an agency do."""

    DOCUMENTS = "documents"
    NOTICE = "notice"
    OPENING = "opening"
    AWARD = "award"


TRUST_NAMES = {
    Trust.DOCUMENTS: "Prepare the documents",
    Trust.NOTICE: "Publish notices",
    Trust.OPENING: "Serve the opening and the evaluation",
    Trust.AWARD: "Serve the award and the contract",
}

METHOD_NAMES = {
    "open": "Open tender",
    "invited": "Invited tender",
    "prequalified": "Open tender with prequalification",
}

APPROVALS = {
    "initiation": "Approval, verification or filing of the project",
    "planning": "Planning permit",
    "design": "Approval of the design and its estimate",
    "method": "Approval of the tendering method",
}
"""What the law asks a project to have before it is tendered (招标投标法 art. 9; 实施条例 art. 7)."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason for the law to oblige, or not to: the rule, what it asks for and what the project has, in fen."""

    rule: str
    asks_fen: int
    has_fen: int
    met: bool


def grounds(
    rules: RuleSet, *, subject: Subject, estimate_fen: int, funds: Mapping[Source, int]
) -> tuple[Ground, ...]:
    """Why a project must be tendered, or why not: money of the kinds that oblige, and the contract's estimate.

    Fiscal money obliges from its amount and its share of the whole on; that of state-owned bodies and foreign aid
    always (必须招标的工程项目规定 art. 2, 3, 5).
    """
    whole = sum(funds.values())
    fiscal = funds.get(Source.FISCAL, 0)
    least, share = rules.fen("T35.fiscal"), rules.share("T35.fiscal_share")
    obliging = funds.get(Source.STATE_OWNED, 0) + funds.get(Source.FOREIGN_AID, 0)
    enough = least is not None and fiscal >= least and fiscal >= share * whole
    threshold = rules.fen(THRESHOLDS[subject])
    return (
        Ground("T35.fiscal", least or 0, fiscal + obliging, bool(enough or obliging)),
        Ground(
            THRESHOLDS[subject],
            threshold or 0,
            estimate_fen,
            threshold is not None and estimate_fen >= threshold,
        ),
    )


def must_be_tendered(regime: Regime, found: Iterable[Ground]) -> bool:
    """Procurement binds by its own law; otherwise every ground must be met."""
    return regime is Regime.GP or all(one.met for one in found)


def mandate_covers(scope: Iterable[str], from_day: date, until_day: date, *, trust: Trust, on: date) -> bool:
    """True when an agency was entrusted with this on that day, both days included."""
    return trust in scope and from_day <= on <= until_day


_YUAN = re.compile(r"(\d{1,13})(?:\.(\d{1,2}))?", re.ASCII)


def fen_of(text: str) -> int | None:
    """Yuan as a person writes them, in fen; nothing when it is no amount."""
    found = _YUAN.fullmatch(text.replace(",", "").strip())
    return None if found is None else int(Decimal(found.group()) * 100)
