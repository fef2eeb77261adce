"""Reads of bill checks: the committee in its session, and afterwards those who see the whole evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import msgspec
from sqlalchemy import select

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor, Role
from trading.billcheck.models import BillCheck, CheckedBill
from trading.billcheck.policy import Asked, Found, Group, by_group
from trading.committee.queries import seat_of
from trading.committee.service import check_in_session
from trading.documents import queries as documents
from trading.opening.queries import OpenedBid, opened_bids
from trading.ordered import Progress, progress
from trading.tender.queries import LotContext, lot_context


@dataclass(frozen=True, slots=True, kw_only=True)
class BillShown:
    """One bid's bill and what there is to ask about, by the parts of the report."""

    bid: OpenedBid
    workbook: str
    refusal: str | None
    lines: int
    found: Mapping[Group, list[Found]]

    @property
    def count(self) -> int:
        return sum(len(rows) for rows in self.found.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckShown:
    """A lot's check: how far it is, and its bills once it is finished."""

    context: LotContext
    asked: int
    order: Progress
    bills: tuple[BillShown, ...]


def show(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> CheckShown:
    """The check of a lot, for who may read the opened bids; `NotFound` for everybody else."""
    context = check_may_read(tx, lot_id, actor=actor, at=at)
    order = progress(tx.get(BillCheck, lot_id), at=at)
    return CheckShown(
        context=context,
        asked=len(asked_lines(tx, lot_id)),
        order=order,
        bills=_bills(tx, lot_id) if order.finished_at else (),
    )


def check_may_read(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> LotContext:
    """The lot, for a member in the session and for the lot's tenderer and regulator; else the refusal."""
    context = lot_context(tx, lot_id)
    if seat_of(tx, lot_id, actor.user_id) is not None:
        check_in_session(tx, lot_id, actor=actor, at=at)
        return context
    own = Role.TENDERER in actor.roles and actor.org_id == context.tenderer.id
    watches = Role.REGULATOR in actor.roles and actor.org_id == context.regulator.id
    if not own and not watches:
        raise NotFound
    return context


def asked_lines(tx: Tx, lot_id: str) -> list[Asked]:
    """The lines of the lot's bill in the documents that were in force at the deadline; none without a bill."""
    context = lot_context(tx, lot_id)
    try:
        terms = documents.terms_of(documents.in_force(tx, context.tender_id))
    except NotFound:
        return []
    bill = next((lot.bill for lot in terms.lots if lot.number == context.lot_number), None)
    return [
        Asked(
            code=line.code,
            name=line.name,
            unit=line.unit,
            quantity=Decimal(line.quantity),
            limit=None if line.limit_fen is None else Decimal(line.limit_fen).scaleb(-2),
            feature=line.feature,
        )
        for line in (bill.lines if bill else [])
    ]


def bids_with_prices(tx: Tx, lot_id: str) -> list[OpenedBid]:
    """The opened bids whose price was read out; until then nobody's bill is looked at."""
    return [bid for bid in opened_bids(tx, lot_id) if bid.price_fen is not None]


def priced_parts(tx: Tx, lot_id: str) -> list[str]:
    """The parts that can hold a bill, those with prices first."""
    parts = [part.id for part in lot_context(tx, lot_id).content.parts]
    return sorted(parts, key=lambda part: "price" not in part)


def _bills(tx: Tx, lot_id: str) -> tuple[BillShown, ...]:
    rows = {row.bid_id: row for row in tx.scalars(select(CheckedBill).where(CheckedBill.lot_id == lot_id))}
    return tuple(
        BillShown(
            bid=bid,
            workbook=row.workbook,
            refusal=row.refusal,
            lines=row.lines,
            found=by_group(msgspec.convert(row.found, list[Found])),
        )
        for bid in opened_bids(tx, lot_id)
        if (row := rows.get(bid.bid_id)) is not None
    )
