"""The sheets `sheets/1`: what members entered, and what the reviews found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from trading.evaluation.scoring.given import Code, Given, Refused, known, named
from trading.evaluation.scoring.opening import Opening
from trading.evaluation.scoring.tender_file import TenderFile

SCHEMA = "sheets/1"


class Abnormal(StrEnum):
    """How a bidder answered for a price that looks too low."""

    EXPLAINED = "explained"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Invalid:
    """Why a bid is out: a code, and the article, reason and gate where the documents name them."""

    code: str
    article: str | None = None
    reason: str | None = None
    gate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What was found about a bid outside the sheets; `invalid` is its first failed gate or what else was found."""

    invalid: Invalid | None
    confirmed: bool
    policies: tuple[str, ...]
    adjustments: Mapping[str, Fraction]
    unexplained: bool


@dataclass(frozen=True, slots=True)
class Member:
    """A member and what it entered, by bid; not looked at before it counts."""

    id: str
    scores: Mapping[str, object]
    place: str


@dataclass(frozen=True, slots=True)
class Sheets:
    members: tuple[Member, ...]
    reviews: Mapping[str, Review]


def read_sheets(document: object, file: TenderFile, opening: Opening) -> Sheets:
    """The sheets of an opening's bids; points are read where they count."""
    m = Given(document, "sheets").members(("schema", "members", "reviews"))
    if m["schema"].text() != SCHEMA:
        raise m["schema"].refused()
    members = named(m["members"], lambda given: _member(given, opening), key=lambda member: member.id)
    found = known(m["reviews"], opening.bids)
    for bid in opening.bids:
        if bid not in found:
            raise Refused(Code.SHEET_INCOMPLETE, f"{m['reviews'].place}.{bid}")
    return Sheets(tuple(members.values()), {bid: _review(given, file) for bid, given in found.items()})


def _member(given: Given, opening: Opening) -> Member:
    m = given.members(("id", "scores"))
    scores = {bid: entries.value for bid, entries in known(m["scores"], opening.bids).items()}
    return Member(m["id"].id(), scores, m["scores"].place)


_REVIEW = ("gates", "confirmed", "policies", "adjustments", "abnormal", "other")


def _review(given: Given, file: TenderFile) -> Review:
    m = given.members(_REVIEW)
    gates = list(named(m["gates"], _gate, key=lambda gate: gate[0]).values())
    failed = next((invalid for _, invalid in gates if invalid is not None), None)
    other = m["other"].optional(_other)
    policies = named(m["policies"], Given.id, key=str)
    if unknown := policies.keys() - file.policies.keys():
        raise Refused(Code.UNKNOWN, f"{m['policies'].place}.{min(unknown)}")
    adjustments = known(m["adjustments"], file.adjustments)
    abnormal = m["abnormal"].optional(lambda found: found.choice(Abnormal))
    return Review(
        invalid=failed or other,
        confirmed=m["confirmed"].optional(Given.flag) or False,
        policies=tuple(policies),
        adjustments={name: quantity.signed() for name, quantity in adjustments.items()},
        unexplained=abnormal is Abnormal.UNEXPLAINED,
    )


def _gate(given: Given) -> tuple[str, Invalid | None]:
    m = given.members(("id", "article", "reason", "passed"))
    gate, article, reason = m["id"].id(), m["article"].text(), m["reason"].text()
    return gate, None if m["passed"].flag() else Invalid("gate", article, reason, gate)


def _other(given: Given) -> Invalid:
    m = given.members(("code", "article", "reason"))
    return Invalid(m["code"].text(), m["article"].text(), m["reason"].text())
