"""What a purchase bought, as its result notice tells it: name, specification, quantity, unit price (87号令 art. 69)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from govcore.platform import Platform
from trading.award.drafts import AwardDraft
from trading.billcheck.policy import Asked, Priced
from trading.billcheck.queries import asked_lines, priced_parts
from trading.billcheck.service import read_workbook
from trading.opening.queries import opened_bids
from trading.procedure.policy import Regime

MAIN = 20
"""So many lines of a bill, the dearest, are its main ones; the contract has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """One thing that is bought; the quantity with its unit."""

    item: str
    specification: str
    quantity: str
    unit_price_fen: int


def bought(platform: Platform, draft: AwardDraft) -> tuple[Bought, ...]:
    """The main lines of the winner's bill at its own unit prices, else the lot as a whole; of works nothing.

    A price that was corrected after the read-out no longer is that of the bill's lines.
    """
    context, winner = draft.context, draft.winner
    if context.rule_set.regime is not Regime.GP:
        return ()
    with platform.db.read() as tx:
        asked = asked_lines(tx, context.lot_id)
        (bid,) = [one for one in opened_bids(tx, context.lot_id) if one.bid_id == winner.bid_id]
        parts = priced_parts(tx, context.lot_id)
    if asked and bid.price_fen == winner.price_fen:
        bill = read_workbook(platform, bid, parts).bill
        found = main_lines(asked, bill.lines) if bill else ()
        if found:
            return found
    whole = Bought(
        item=context.lot_name,
        specification=context.content.scope,
        quantity="1 项",
        unit_price_fen=winner.price_fen,
    )
    return (whole,)


def main_lines(asked: Iterable[Asked], priced: Iterable[Priced]) -> tuple[Bought, ...]:
    """The dearest lines in the order of the bill, priced as the bidder did; none where a line has no price."""
    prices: Mapping[str, Decimal | None] = {line.code: line.price for line in priced}
    lines = [(line, prices.get(line.code)) for line in asked]
    totals = {line.code: price * line.quantity for line, price in lines if price is not None}
    if len(totals) < len(lines):
        return ()
    main = set(sorted(totals, key=lambda code: totals[code], reverse=True)[:MAIN])
    return tuple(
        Bought(
            item=line.name,
            specification=line.feature or "—",
            quantity=f"{line.quantity:f} {line.unit}",
            unit_price_fen=int((price * 100).quantize(Decimal(1), ROUND_HALF_UP)),
        )
        for line, price in lines
        if price is not None and line.code in main
    )
