"""The three documents that a result is computed from, made from the database (`docs/guide/evaluation-files.md`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from govcore.db import Tx
from trading.draws.queries import drawn_values
from trading.evaluation.causes import Cause, causes_of
from trading.evaluation.facts import present_number
from trading.evaluation.models import EvaluationRound
from trading.evaluation.scoring.aggregation import Aggregator
from trading.evaluation.scoring.sheets import Member
from trading.evaluation.scoring.tender_file import read_tender_file
from trading.evaluation.sheet_queries import LockedSheet
from trading.opening.queries import OpenedBid, opened_bids
from trading.review.queries import brands as brands_of
from trading.review.queries import reviews_of, statements_of
from trading.tender.evaluation_file import evaluation_file, yuan
from trading.tender.queries import LotContext
from trading.tender.schemas import DISCOUNT

Document = dict[str, Any]

TECHNICAL = "technical"
"""The code of a bid that failed the technical evaluation of two envelopes: its price was never opened."""

_TECHNICAL = {
    "code": TECHNICAL,
    "article": "招标文件关于最低技术得分的规定",
    "reason": "技术评审未达到招标文件规定的最低得分，报价文件未开启",
}


_OVER_MAX = {"code": "over_max_price", "article": "", "reason": ""}
"""The scoring knows discounts and no sums; papers have the words for the code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What `score` takes."""

    tender_file: Document
    opening: Document
    sheets: Document

    def named(self) -> dict[str, Document]:
        """By the names that a bundle gives them."""
        return {"tender_file": self.tender_file, "opening": self.opening, "sheets": self.sheets}


def files_of(tx: Tx, context: LotContext, sheets: Sequence[LockedSheet]) -> Files:
    """All three, once every sheet is locked and every price that will ever be opened was read out."""
    return Files(
        tender_file=tender_file(context),
        opening=opening(tx, context),
        sheets=sheets_document(tx, context, sheets),
    )


def tender_file(context: LotContext) -> Document:
    """`evaluation/1`: frozen at the deadline, for the content cannot change after it."""
    return evaluation_file(context.content, context.rule_set, max_price_fen=context.max_price_fen)


def opening(tx: Tx, context: LotContext) -> Document:
    """`opening/1`: what was read out and drawn, and what corrections work on."""
    statements = statements_of(tx, context.lot_id)
    drawn = drawn_values(tx, context.lot_id, about=about_of(present_number(tx, context.lot_id)))
    bids, brands = opened_bids(tx, context.lot_id), brands_of(tx, context.lot_id)
    kept = kept_benchmark(tx, context)
    return {
        "schema": "opening/1",
        "bids": [_bid(context, bid, brands.get(bid.bid_id), statements.get(bid.bid_id)) for bid in bids],
        "draws": drawn["draws"],
        "tickets": drawn["tickets"],
        **({} if kept is None else {"benchmark": kept}),
    }


def kept_benchmark(tx: Tx, context: LotContext) -> str | None:
    """The benchmark of the evaluation before this one, which stays whoever is rejected later (domain: TB).

    Nothing in a first evaluation, and where the one before counts for nothing.
    """
    number = present_number(tx, context.lot_id)
    before = tx.get(EvaluationRound, (context.lot_id, number - 1))
    present = tx.get(EvaluationRound, (context.lot_id, number))
    if before is None or present is None or causes_of(context)[Cause(present.cause)].anew:
        return None
    return before.benchmark


def _bid(context: LotContext, bid: OpenedBid, brand: str | None, statement: Document | None) -> Document:
    price = None if bid.price_fen is None else yuan(bid.price_fen)
    if price is not None and is_rate(context):
        price = f"{Decimal(bid.summary[DISCOUNT]) / 10_000:.4f}"
    stated = {} if statement is None else {"statement": statement}
    return {"id": bid.bid_id, "price": price, "brand": brand, **stated}


def about_of(number: int) -> str:
    """What a draw of an evaluation is about: nothing for the first one, then its number."""
    return "" if number == 1 else str(number)


def is_rate(context: LotContext) -> bool:
    """Whether bids offer a discount: then 1 - d is scored, and the sum that it makes is what binds."""
    return context.content.price_type == "discount"


def sheets_document(tx: Tx, context: LotContext, sheets: Iterable[LockedSheet]) -> Document:
    """`sheets/1`: what members entered, under the numbers of their seats, and what the reviews found."""
    reviews = reviews_of(tx, context.lot_id)
    for bid in opened_bids(tx, context.lot_id):
        if reviews[bid.bid_id]["other"] is None:
            reviews[bid.bid_id] |= {"other": _barred(context, bid)}
    return {
        "schema": "sheets/1",
        "members": [{"id": member_id(sheet.seat), "scores": scores_of(sheet)} for sheet in sheets],
        "reviews": reviews,
    }


def _barred(context: LotContext, bid: OpenedBid) -> Document | None:
    """What bars a bid that no review said: a price never opened, or the sum of a discount above the maximum."""
    if bid.price_fen is None:
        return _TECHNICAL
    return _OVER_MAX if is_rate(context) and bid.price_fen > context.max_price_fen else None


def member_id(seat: int) -> str:
    """The pseudonym under which a seat appears."""
    return f"m{seat}"


def scores_of(sheet: LockedSheet) -> Document:
    return {bid: dict(row) for bid, row in sheet.marks.items()}


def technical_points(
    context: LotContext, sheets: Sequence[LockedSheet], bids: Iterable[OpenedBid]
) -> dict[str, Fraction]:
    """What the sheets come to for these bids, before their prices are known."""
    adding, found = aggregator(context, sheets), {}
    for bid in bids:
        scores = adding.read(bid.bid_id)
        found[bid.bid_id] = adding.total(scores, adding.sections(bid.bid_id, scores))
    return found


def aggregator(context: LotContext, sheets: Iterable[LockedSheet]) -> Aggregator:
    """What adds the sheets up, before there are prices."""
    file = read_tender_file(tender_file(context))
    members = [Member(member_id(sheet.seat), scores_of(sheet), member_id(sheet.seat)) for sheet in sheets]
    return Aggregator(file, members)
