"""Arithmetic corrections of a stated price, in the order of either regime (87号令 art. 59; 12号令 art. 19)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from trading.evaluation.scoring.exact import CENT, half_up
from trading.evaluation.scoring.opening import Bid, Statement
from trading.evaluation.scoring.steps import Step, step
from trading.evaluation.scoring.tender_file import Order, TenderFile

_SLIPS = tuple(Fraction(10) ** power for power in range(-4, 5) if power != 0)


@dataclass(frozen=True, slots=True)
class Corrected:
    """The price after correction, and each correction that was made."""

    price: Fraction
    steps: tuple[Step, ...] = ()


def correct(bid: Bid, price: Fraction, file: TenderFile) -> Corrected:
    """The corrected price of a bid; without a statement or an order it is the price as read out."""
    if bid.statement is None or file.order is Order.NONE:
        return Corrected(price)
    return corrected(bid.statement, file.order, keep_replaced_total=file.keep_replaced_total)


def corrected(statement: Statement, order: Order, *, keep_replaced_total: bool) -> Corrected:
    """What an order makes of a statement, to the cent; without an order its figures stand."""
    if order is Order.NONE:
        return Corrected(half_up(statement.figures, CENT))
    works = order is Order.TB
    found = _works(statement) if works else _purchase(statement, keep_replaced_total=keep_replaced_total)
    return Corrected(half_up(found.price, CENT), found.steps)


def is_slip(computed: Fraction, stated: Fraction) -> bool:
    """True when a decimal point was set wrong: the values differ by a power of ten from 10⁻⁴ to 10⁴."""
    return any(computed == stated * power for power in _SLIPS)


def _purchase(statement: Statement, *, keep_replaced_total: bool) -> Corrected:
    """Purchases: the summary beats other parts, words beat figures, a slip keeps the total, else lines win."""
    steps = []
    replaced = statement.other is not None and statement.other != statement.figures
    if replaced:
        steps.append(step("correction.summary", statement.figures, inputs=_one("other", statement.other)))
    total = _in_words(statement, steps)
    if not statement.lines:
        return Corrected(total, tuple(steps))
    computed = sum((line.product for line in statement.lines), Fraction(0))
    if is_slip(computed, total):
        only = statement.lines[0] if len(statement.lines) == 1 else None
        if only is not None and only.quantity != 0:
            steps.append(
                step("correction.unit", total / only.quantity, of=only.id, inputs=_one("unit", only.unit))
            )
        else:
            steps.append(step("correction.slip", total, inputs=_one("lines", computed)))
    elif computed != total and not (replaced and keep_replaced_total):
        steps.append(step("correction.total", computed, inputs=_one("total", total)))
        total = computed
    return Corrected(total, tuple(steps))


def _works(statement: Statement) -> Corrected:
    """Works: words beat figures, then lines, sections and the total follow from below; a slip keeps what is stated."""
    steps: list[Step] = []
    total = _in_words(statement, steps)
    summed: dict[str | None, Fraction] = {}
    for line in statement.lines:
        value = line.total if is_slip(line.product, line.total) else line.product
        if value != line.product:
            steps.append(step("correction.slip", value, of=line.id, inputs=_one("lines", line.product)))
        elif value != line.total:
            steps.append(step("correction.line", value, of=line.id, inputs=_one("total", line.total)))
        summed[line.section] = summed.get(line.section, Fraction(0)) + value
    for name, stated in statement.sections.items():
        if summed.setdefault(name, stated) != stated:
            steps.append(step("correction.section", summed[name], of=name, inputs=_one("total", stated)))
    if not summed:
        return Corrected(total, tuple(steps))
    computed = sum(summed.values(), Fraction(0))
    if is_slip(computed, total):
        steps.append(step("correction.slip", total, inputs=_one("lines", computed)))
    elif computed != total:
        steps.append(step("correction.total", computed, inputs=_one("total", total)))
        total = computed
    return Corrected(total, tuple(steps))


def _in_words(statement: Statement, steps: list[Step]) -> Fraction:
    """The summary's price: what its words say, else its figures."""
    if statement.words is None or statement.words == statement.figures:
        return statement.figures
    steps.append(step("correction.words", statement.words, inputs=_one("figures", statement.figures)))
    return statement.words


def _one(name: str, value: Fraction | None) -> list[tuple[str, Fraction]]:
    return [] if value is None else [(name, value)]
