"""Hold priced bills against the tender's: structure, prices, arithmetic, fees, and unit prices that stand out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import groupby

FEN = Decimal("0.01")
UNBALANCED = Decimal("0.30")
"""A unit price may lie so far from the mean of all bids, as a share of it (default, not verified)."""
LEAST_TO_COMPARE = 3
"""With fewer bids a mean says nothing about one of them."""


class Finding(StrEnum):
    UNREADABLE = "unreadable"
    MISSING = "missing"
    EXTRA = "extra"
    TWICE = "twice"
    RENAMED = "renamed"
    UNIT = "unit"
    QUANTITY = "quantity"
    NO_PRICE = "no_price"
    ZERO = "zero"
    NEGATIVE = "negative"
    OVER_LIMIT = "over_limit"
    LINE_TOTAL = "line_total"
    SECTION_TOTAL = "section_total"
    FEE_BASE = "fee_base"
    FEE_AMOUNT = "fee_amount"
    BID_TOTAL = "bid_total"
    UNBALANCED = "unbalanced"


class Group(StrEnum):
    """The parts of the report."""

    STRUCTURE = "structure"
    PRICES = "prices"
    ARITHMETIC = "arithmetic"
    FEES = "fees"
    BALANCE = "balance"


GROUPS: Mapping[Group, tuple[Finding, ...]] = {
    Group.STRUCTURE: (
        Finding.UNREADABLE,
        Finding.MISSING,
        Finding.EXTRA,
        Finding.TWICE,
        Finding.RENAMED,
        Finding.UNIT,
        Finding.QUANTITY,
    ),
    Group.PRICES: (Finding.NO_PRICE, Finding.ZERO, Finding.NEGATIVE, Finding.OVER_LIMIT),
    Group.ARITHMETIC: (Finding.LINE_TOTAL, Finding.SECTION_TOTAL, Finding.BID_TOTAL),
    Group.FEES: (Finding.FEE_BASE, Finding.FEE_AMOUNT),
    Group.BALANCE: (Finding.UNBALANCED,),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A line of the tender's bill; `limit` is the highest unit price in yuan where there is one."""

    code: str
    name: str
    unit: str
    quantity: Decimal
    limit: Decimal | None = None
    feature: str = ""


@dataclass(frozen=True, slots=True)
class Priced:
    """A line of a bid's bill: what the bidder wrote, nothing where a cell is empty; money in yuan."""

    row: int
    section: int
    code: str
    name: str
    unit: str
    quantity: Decimal | None
    price: Decimal | None
    total: Decimal | None


@dataclass(frozen=True, slots=True)
class Section:
    """A section's heading and the total that it states, if any."""

    row: int
    name: str
    total: Decimal | None


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee or tax: `amount = base x rate`, the rate as a share."""

    row: int
    name: str
    base: Decimal | None
    rate: Decimal | None
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class PricedBill:
    """What a bid's workbook says; `unreadable` names the cells that say nothing that can be checked."""

    sections: tuple[Section, ...] = ()
    lines: tuple[Priced, ...] = ()
    fees: tuple[Fee, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One thing to ask about: where, what would be right, what is written. Numbers are plain decimals."""

    kind: Finding
    where: str
    code: str = ""
    name: str = ""
    expected: str = ""
    given: str = ""


def check(asked: Sequence[Asked], bill: PricedBill, *, price: Decimal | None) -> list[Found]:
    """All findings in one bid's bill, in the order of its rows; `price` is what was read out, in yuan."""
    found = [Found(Finding.UNREADABLE, cell, given=what) for cell, what in bill.unreadable]
    found += _structure(asked, bill.lines)
    found += _lines({line.code: line for line in asked}, bill.lines)
    found += _sections(bill)
    subtotal = sum((line.total or Decimal(0) for line in bill.lines), Decimal(0))
    found += _fees(bill.fees, subtotal)
    fees = sum((fee.amount or Decimal(0) for fee in bill.fees), Decimal(0))
    if price is not None and bill.lines and subtotal + fees != price:
        found.append(Found(Finding.BID_TOTAL, "", expected=_money(subtotal + fees), given=_money(price)))
    return found


def unbalanced(
    asked: Sequence[Asked], bills: Mapping[str, PricedBill], *, limit: Decimal = UNBALANCED
) -> dict[str, list[Found]]:
    """By bid, the unit prices that lie farther than `limit` from the mean of all bids: to be asked about, no more."""
    prices = {bid: _unit_prices(bill.lines) for bid, bill in bills.items()}
    found: dict[str, list[Found]] = {bid: [] for bid in bills}
    for line in asked:
        offered = {bid: given[line.code] for bid, given in prices.items() if line.code in given}
        if len(offered) < LEAST_TO_COMPARE:
            continue
        total, count = sum((price for _, price in offered.values()), Decimal(0)), len(offered)
        for bid, (row, price) in offered.items():
            if abs(price * count - total) > limit * total:
                mean = (total / count).quantize(FEN, ROUND_HALF_UP)
                where = f"G{row}" if row else ""
                one = Found(Finding.UNBALANCED, where, line.code, line.name, _plain(mean), _plain(price))
                found[bid].append(one)
    return found


def by_group(found: Iterable[Found]) -> dict[Group, list[Found]]:
    """Findings under the parts of the report, each part in the order that it was found in."""
    of = {kind: group for group, kinds in GROUPS.items() for kind in kinds}
    order = list(GROUPS)
    ordered = sorted(found, key=lambda one: order.index(of[one.kind]))
    return {group: list(rows) for group, rows in groupby(ordered, key=lambda one: of[one.kind])}


def _structure(asked: Sequence[Asked], lines: Sequence[Priced]) -> list[Found]:
    wanted = {line.code: line for line in asked}
    seen: dict[str, int] = {}
    found = []
    for line in lines:
        here = (f"A{line.row}", line.code, line.name)
        if line.code in seen:
            found.append(Found(Finding.TWICE, *here, given=f"A{seen[line.code]}"))
            continue
        seen[line.code] = line.row
        original = wanted.get(line.code)
        if original is None:
            found.append(Found(Finding.EXTRA, *here))
            continue
        if line.name != original.name:
            found.append(
                Found(Finding.RENAMED, f"B{line.row}", line.code, line.name, original.name, line.name)
            )
        if line.unit != original.unit:
            found.append(Found(Finding.UNIT, f"D{line.row}", line.code, line.name, original.unit, line.unit))
        if line.quantity != original.quantity:
            given = _plain(line.quantity)
            where = f"E{line.row}"
            found.append(
                Found(Finding.QUANTITY, where, line.code, line.name, _plain(original.quantity), given)
            )
    found += [Found(Finding.MISSING, "", one.code, one.name) for one in asked if one.code not in seen]
    return found


def _lines(asked: Mapping[str, Asked], lines: Sequence[Priced]) -> list[Found]:
    found = []
    for line in lines:
        here = (f"F{line.row}", line.code, line.name)
        original = asked.get(line.code)
        if line.price is None:
            found.append(Found(Finding.NO_PRICE, *here))
        elif line.price <= 0:
            kind = Finding.ZERO if line.price == 0 else Finding.NEGATIVE
            found.append(Found(kind, *here, given=_plain(line.price)))
        elif original is not None and original.limit is not None and line.price > original.limit:
            found.append(Found(Finding.OVER_LIMIT, *here, _plain(original.limit), _plain(line.price)))
        if line.price is not None and line.quantity is not None:
            right = (line.price * line.quantity).quantize(FEN, ROUND_HALF_UP)
            if line.total != right:
                where = f"G{line.row}"
                found.append(
                    Found(Finding.LINE_TOTAL, where, line.code, line.name, _money(right), _money(line.total))
                )
    return found


def _sections(bill: PricedBill) -> list[Found]:
    sums: dict[int, Decimal] = {}
    for line in bill.lines:
        sums[line.section] = sums.get(line.section, Decimal(0)) + (line.total or Decimal(0))
    return [
        Found(
            Finding.SECTION_TOTAL,
            f"G{section.row}",
            "",
            section.name,
            _money(sums.get(number, Decimal(0))),
            _money(section.total),
        )
        for number, section in enumerate(bill.sections, start=1)
        if section.total is not None and section.total != sums.get(number, Decimal(0))
    ]


def _fees(fees: Sequence[Fee], subtotal: Decimal) -> list[Found]:
    """Each base is the bill's own total, or that with the fees before it, as taxes have it."""
    found, running = [], subtotal
    for fee in fees:
        if fee.base is None or fee.base not in (subtotal, running):
            allowed = _money(subtotal) if subtotal == running else f"{_money(subtotal)} / {_money(running)}"
            found.append(Found(Finding.FEE_BASE, f"B{fee.row}", "", fee.name, allowed, _money(fee.base)))
        if fee.base is not None and fee.rate is not None:
            right = (fee.base * fee.rate).quantize(FEN, ROUND_HALF_UP)
            if fee.amount != right:
                where = f"D{fee.row}"
                found.append(
                    Found(Finding.FEE_AMOUNT, where, "", fee.name, _money(right), _money(fee.amount))
                )
        running += fee.amount or Decimal(0)
    return found


def _unit_prices(lines: Sequence[Priced]) -> dict[str, tuple[int, Decimal]]:
    prices: dict[str, tuple[int, Decimal]] = {}
    for line in lines:
        if line.price is not None and line.price > 0:
            prices.setdefault(line.code, (line.row, line.price))
    return prices


def _plain(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"


def _money(value: Decimal | None) -> str:
    """Yuan with two decimals; what is written with more keeps them."""
    if value is None:
        return ""
    rounded = value.quantize(FEN)
    return _plain(rounded if rounded == value else value)
