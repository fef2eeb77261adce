"""Technical parts judged blind (暗标): bids under code names until every member has locked the sheet."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select, update

from govcore.audit.service import record
from govcore.db import Tx
from trading.committee.models import BlindCode, Committee
from trading.opening.queries import OpenedBid, opened_bids
from trading.tender.queries import LotContext, lot_context

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def blind_parts(context: LotContext) -> frozenset[str]:
    """The parts that the documents declare blind."""
    return frozenset(part.id for part in context.content.parts if part.blind)


def assign_codes(tx: Tx, lot_id: str) -> None:
    """Give every opened bid of a lot with blind parts a code name by chance, once."""
    if not blind_parts(lot_context(tx, lot_id)) or codes(tx, lot_id):
        return
    bids = [bid.bid_id for bid in opened_bids(tx, lot_id)]
    chance, given = secrets.SystemRandom(), set[str]()
    while len(given) < len(bids):
        given.add("".join(chance.sample(LETTERS, 3)))
    order = sorted(given)
    chance.shuffle(order)
    tx.add_all(
        BlindCode(lot_id=lot_id, bid_id=bid_id, code=code) for bid_id, code in zip(bids, order, strict=True)
    )
    tx.flush()


def codes(tx: Tx, lot_id: str) -> dict[str, str]:
    """The code name of each bid, for services; nobody is shown both before they are revealed."""
    rows = tx.scalars(select(BlindCode).where(BlindCode.lot_id == lot_id).order_by(BlindCode.code))
    return {row.bid_id: row.code for row in rows}


def is_blind(tx: Tx, lot_id: str) -> bool:
    """Whether the lot's blind parts are still judged under code names."""
    committee = tx.get(Committee, lot_id)
    return bool(blind_parts(lot_context(tx, lot_id))) and (committee is None or committee.revealed_at is None)


def masked(tx: Tx, lot_id: str, bids: Iterable[OpenedBid]) -> list[OpenedBid]:
    """The bids as members see them: in a blind lot by code name and in its order, without bidder, number and price."""
    if not is_blind(tx, lot_id):
        return list(bids)
    by_code = codes(tx, lot_id)
    order = {bid_id: n for n, bid_id in enumerate(by_code, start=1)}
    return sorted(
        (
            replace(
                bid,
                number=order.get(bid.bid_id, 0),
                bidder_name=by_code.get(bid.bid_id, "–"),
                org_id="",
                uscc="",
                price_fen=None,
                summary={},
                consortium=None,
            )
            for bid in bids
        ),
        key=lambda bid: bid.number,
    )


def reveal(tx: Tx, lot_id: str, *, at: datetime) -> None:
    """Tell whose bids the code names were, once: every member has locked; the log keeps the list."""
    if not is_blind(tx, lot_id):
        return
    done = update(Committee).where(Committee.lot_id == lot_id, Committee.revealed_at.is_(None))
    if tx.execute(done.values(revealed_at=at).returning(Committee.lot_id)).one_or_none() is not None:
        data = {"codes": {code: bid_id for bid_id, code in codes(tx, lot_id).items()}}
        record(tx, "committee.revealed", subject=lot_id, actor="system", at=at, data=data)
