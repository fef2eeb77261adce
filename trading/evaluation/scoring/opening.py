"""The opening `opening/1`: what was read out, what was drawn, and what a correction works on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from trading.evaluation.scoring.families import draws_bids
from trading.evaluation.scoring.given import Code, Given, Refused, known, named
from trading.evaluation.scoring.tender_file import PriceKind, Regime, TenderFile

SCHEMA = "opening/1"

_TICKET = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a priced bill."""

    id: str
    section: str | None
    quantity: Fraction
    unit: Fraction
    total: Fraction

    @property
    def product(self) -> Fraction:
        return self.quantity * self.unit


@dataclass(frozen=True, slots=True)
class Statement:
    """How a bid states its price: in the summary in words and figures, elsewhere, by sections and lines."""

    words: Fraction | None
    figures: Fraction
    other: Fraction | None
    sections: Mapping[str, Fraction]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Bid:
    """An opened bid; `price` is the price itself also where a discount was read out, nothing if it stayed sealed."""

    id: str
    price: Fraction | None
    brand: str | None
    statement: Statement | None


@dataclass(frozen=True, slots=True)
class Opening:
    """Bids by their ids, drawn values by draw, tickets by bid: of all or, where nothing was drawn, of none.

    `benchmark` is the one of an earlier evaluation that stays.
    """

    bids: Mapping[str, Bid]
    draws: Mapping[str, Fraction]
    tickets: Mapping[str, str]
    benchmark: Fraction | None


def read_opening(document: object, file: TenderFile) -> Opening:
    """The opening after the rules of its page and its tender file."""
    m = Given(document, "opening").members(("schema", "bids", "draws", "tickets"), optional=("benchmark",))
    if m["schema"].text() != SCHEMA:
        raise m["schema"].refused()
    bids = named(m["bids"], lambda given: _bid(given, file), key=lambda bid: bid.id)
    frozen = m["benchmark"].optional(Given.ratio)
    opening = Opening(bids, _draws(m["draws"], file), _tickets(m["tickets"], bids), frozen)
    target = file.price.target if file.price else None
    if frozen is not None and target is None:
        raise m["benchmark"].refused()
    if target is not None and draws_bids(target.family) and not opening.tickets:
        raise m["tickets"].refused()
    return opening


def _bid(given: Given, file: TenderFile) -> Bid:
    m = given.members(("id", "price"), optional=("brand", "statement"))
    rate = file.price_kind is PriceKind.RATE
    price, brand = m["price"].optional(Given.signed), m["brand"].optional(Given.text)
    if brand is not None and file.regime is Regime.TB:
        raise m["brand"].refused()
    statement = m["statement"].optional(read_statement)
    if statement is not None and (rate or statement.figures != price):
        raise m["statement"].refused()
    if rate and price is not None:
        price = 1 - price
    return Bid(m["id"].id(), price, brand, statement)


def read_statement(given: Given) -> Statement:
    """How a bid states its price, as `statement` of a bid says it."""
    m = given.members(("words", "figures", "other", "sections", "lines"))
    sections = dict(named(m["sections"], _section, key=lambda section: section[0]).values())
    lines = named(m["lines"], lambda line: _line(line, sections), key=lambda line: line.id)
    return Statement(
        words=m["words"].optional(Given.signed),
        figures=m["figures"].signed(),
        other=m["other"].optional(Given.signed),
        sections=sections,
        lines=tuple(lines.values()),
    )


def _section(given: Given) -> tuple[str, Fraction]:
    m = given.members(("id", "total"))
    return m["id"].id(), m["total"].signed()


def _line(given: Given, sections: Mapping[str, Fraction]) -> Line:
    m = given.members(("id", "section", "quantity", "unit", "total"))
    section = m["section"].optional(Given.id)
    if section is not None and section not in sections:
        raise m["section"].refused(Code.UNKNOWN)
    if section is None and sections:
        raise m["section"].refused()
    return Line(m["id"].id(), section, m["quantity"].signed(), m["unit"].signed(), m["total"].signed())


def _draws(given: Given, file: TenderFile) -> dict[str, Fraction]:
    found = known(given, file.draws)
    values = {}
    for name, candidates in file.draws.items():
        if name not in found:
            raise Refused(Code.DRAW_VALUE, f"{given.place}.{name}")
        values[name] = found[name].number()
        if values[name] not in candidates:
            raise found[name].refused(Code.DRAW_VALUE)
    return values


def _tickets(given: Given, bids: Mapping[str, Bid]) -> dict[str, str]:
    found = {bid: ticket.text() for bid, ticket in known(given, bids).items()}
    whole = not found or found.keys() == bids.keys()
    if not whole or len(set(found.values())) < len(found):
        raise given.refused()
    for bid, ticket in found.items():
        if _TICKET.fullmatch(ticket) is None:
            raise Refused(Code.SCHEMA, f"{given.place}.{bid}")
    return found
