"""Order a bill check, and carry it out beside all requests: reading twenty workbooks takes a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec
from sqlalchemy import delete

from bidding_docs.codes import SealProblem
from govcore.audit.service import record
from govcore.confined import TooMuch, value_of
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, require
from govcore.platform import Platform
from govcore.sheet_reading import NotASheet
from trading import ordered
from trading.billcheck import queries
from trading.billcheck.models import BillCheck, CheckedBill
from trading.billcheck.policy import Found, PricedBill, check, unbalanced
from trading.billcheck.reading import read_bill
from trading.opening.parts import small_files
from trading.opening.queries import OpenedBid
from trading.review.priced_bill import LIMITS, is_workbook

LEASE = timedelta(minutes=2)
"""One bid is read within it whatever its workbooks do to their readers."""
MOST_ENDED = 3
"""After so many workbooks that took too much, the rest of a bid is left unread."""


class NoBill(Problem):
    code = "E_NO_BILL"
    text = "The documents of this lot hold no bill of quantities, so there is nothing to check against."


class PricesSealed(Problem):
    code = "E_PRICES_SEALED"
    text = "The prices of this lot are not read out yet."


@dataclass(frozen=True, slots=True)
class WorkbookRead:
    """What a bid's parts gave."""

    workbook: str
    bill: PricedBill | None
    refusal: str | None


def order(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> None:
    """Order the check of all opened bids; an earlier one is thrown away once this one is finished."""
    require(actor, "billcheck.order")
    queries.check_may_read(tx, lot_id, actor=actor, at=at)
    if not queries.asked_lines(tx, lot_id):
        raise NoBill
    bids = queries.bids_with_prices(tx, lot_id)
    if not bids:
        raise PricesSealed
    ordered.order(tx, BillCheck, lot_id, bids=len(bids), actor=actor, at=at)
    record(tx, "billcheck.ordered", subject=lot_id, actor=actor.user_id, at=at, data={"bids": len(bids)})


def carry_out(platform: Platform, lot_id: str) -> bool:
    """Read every bid's workbook and keep what is found.

    False when somebody is at it, when it is done, and when the check was ordered anew meanwhile.
    """
    job = ordered.take(platform.db, BillCheck, lot_id, lease=LEASE)
    if job is None:
        return False
    with platform.db.read() as tx:
        asked = queries.asked_lines(tx, lot_id)
        bids = queries.bids_with_prices(tx, lot_id)
        parts = queries.priced_parts(tx, lot_id)
    read = {bid.bid_id: read_workbook(platform, bid, parts) for bid in job.each(bids)}
    bills = {bid_id: one.bill for bid_id, one in read.items() if one.bill is not None}
    apart = unbalanced(asked, bills)
    with platform.db.transaction() as tx:
        at = job.finish(tx)
        if at is None:
            return False
        tx.execute(delete(CheckedBill).where(CheckedBill.lot_id == lot_id))
        for bid in bids:
            one, rows = read[bid.bid_id], list[Found]()
            if one.bill is not None:
                assert bid.price_fen is not None  # only bids with a price are checked
                price = Decimal(bid.price_fen).scaleb(-2)
                rows = [*check(asked, one.bill, price=price), *apart[bid.bid_id]]
            tx.add(
                CheckedBill(
                    lot_id=lot_id,
                    bid_id=bid.bid_id,
                    workbook=one.workbook,
                    refusal=one.refusal,
                    lines=len(one.bill.lines) if one.bill else 0,
                    found=msgspec.to_builtins(rows),
                )
            )
        record(tx, "billcheck.finished", subject=lot_id, actor="system", at=at, data={"bids": len(bids)})
    return True


def read_workbook(platform: Platform, bid: OpenedBid, parts: list[str]) -> WorkbookRead:
    """The first workbook of the bid's parts that reads as a priced bill, else why there is none."""
    last, ended = WorkbookRead("", None, "This bid holds no workbook with a bill of quantities."), 0
    for part in parts:
        try:
            files = small_files(platform, bid.bid_id, part, is_workbook)
        except NotFound:  # the bid lacks this part, or the part opens in a later stage
            continue
        except SealProblem:
            last = WorkbookRead("", None, "A part of this bid cannot be opened to its end.")
            continue
        for name, content in files:
            try:
                bill = value_of(read_bill, content, kind=PricedBill, limits=LIMITS, refusals=[NotASheet])
            except NotASheet:
                last = WorkbookRead(name, None, "This file is no XLSX workbook that can be read.")
                continue
            except TooMuch as problem:
                last, ended = WorkbookRead(name, None, problem.text), ended + 1
                if ended == MOST_ENDED:
                    return last
                continue
            if bill.lines:
                return WorkbookRead(name, bill, None)
            last = WorkbookRead(name, None, "Its first sheet has no line under the heading of a priced bill.")
    return last
