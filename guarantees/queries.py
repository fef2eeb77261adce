"""Reads of deposits and letters; rows exist only after the opening, so before it there is nothing to see."""

from __future__ import annotations

from datetime import date

import msgspec
from sqlalchemy import ColumnElement, or_, select, true

from govcore.db import Tx
from govcore.identity.policy import Actor, require
from guarantees.letter import LetterProblem, read_letter
from guarantees.models import DepositRow, LetterRow
from guarantees.policy import DEPOSIT_RULES, LETTER_RULES, DepositMove, DepositState, LetterMove, LetterState
from guarantees.schemas import DepositView, FindingView, LetterView, RefundOrder, Security

SYSTEM = Actor(user_id="system", permissions=frozenset({"deposit.read", "deposit.read_all"}))
"""The platform itself, for the tasks that read securities out at the opening."""


def deposits_of_lot(tx: Tx, lot_id: str, *, actor: Actor) -> list[DepositView]:
    """The lot's payments: all for those who may read all, else the tenderer's lots and one's own."""
    rows = tx.scalars(
        select(DepositRow)
        .where(DepositRow.lot_id == lot_id, _visible(DepositRow, actor))
        .order_by(DepositRow.bidder_id, DepositRow.id)
    )
    return [_deposit_view(row) for row in rows]


def payers_of_lot(tx: Tx, lot_id: str) -> list[tuple[str, str, str]]:
    """For services after an opening: by bidder's code, who paid a deposit of the lot, and from which account."""
    columns = (DepositRow.bidder_id, DepositRow.payer_name, DepositRow.payer_account)
    query = select(*columns).where(DepositRow.lot_id == lot_id).order_by(DepositRow.id)
    return [(bidder, name, account) for bidder, name, account in tx.execute(query)]


def own_deposits(tx: Tx, *, actor: Actor) -> list[DepositView]:
    """What the actor's organisation paid for its bids and did not get back yet."""
    require(actor, "deposit.read")
    own = DepositRow.bidder_id == (actor.uscc or ""), DepositRow.state != DepositState.REFUNDED
    rows = tx.scalars(select(DepositRow).where(*own).order_by(DepositRow.lot_id, DepositRow.id))
    return [_deposit_view(row) for row in rows]


def letters_of_lot(tx: Tx, lot_id: str, *, actor: Actor) -> list[LetterView]:
    """The lot's letters, to the same readers as its payments."""
    rows = tx.scalars(
        select(LetterRow)
        .where(LetterRow.lot_id == lot_id, _visible(LetterRow, actor))
        .order_by(LetterRow.bidder_id, LetterRow.id)
    )
    return [_letter_view(row) for row in rows]


def securities_of_lot(tx: Tx, lot_id: str, *, actor: Actor) -> list[Security]:
    """How each bid of the lot is secured, letters and payments together, by bidder."""
    cash = [
        Security(
            bidder_id=view.bidder_id,
            form="cash",
            ok=view.state != DepositState.MISMATCH and not _failed(view.findings),
            amount_fen=view.amount_fen,
            source_id=view.id,
            failed=_failed(view.findings),
        )
        for view in deposits_of_lot(tx, lot_id, actor=actor)
    ]
    letters = [
        Security(
            bidder_id=view.bidder_id,
            form="letter",
            ok=view.state != LetterState.DEFECTIVE and not _failed(view.findings),
            amount_fen=view.amount_fen or 0,
            source_id=view.id,
            failed=_failed(view.findings),
        )
        for view in letters_of_lot(tx, lot_id, actor=actor)
    ]
    return sorted([*letters, *cash], key=lambda one: (one.bidder_id, one.form, one.source_id))


def letters_in_force(tx: Tx, lot_id: str) -> dict[str, date]:
    """The last day of the longest letter that secures each bid of a lot, by bidder, for who watches its validity."""
    held = LetterRow.state.in_(LETTER_RULES[LetterMove.RELEASE].sources)
    found: dict[str, date] = {}
    for row in tx.scalars(select(LetterRow).where(LetterRow.lot_id == lot_id, held)):
        try:
            ends = read_letter(row.envelope).expiry_date
        except LetterProblem:
            continue
        found[row.bidder_id] = max(ends, found.get(row.bidder_id, ends))
    return found


def unsettled_deposits(tx: Tx, lot_id: str) -> list[str]:
    """Ids of a lot's payments that no refund was ordered for, for who settles the lot."""
    waiting = DepositRow.state.in_(DEPOSIT_RULES[DepositMove.ORDER_REFUND].sources)
    return list(tx.scalars(select(DepositRow.id).where(DepositRow.lot_id == lot_id, waiting)))


def standing_letters(tx: Tx, lot_id: str) -> list[str]:
    """Ids of a lot's letters that were not given back, for who settles the lot."""
    standing = LetterRow.state.in_(LETTER_RULES[LetterMove.RELEASE].sources)
    return list(tx.scalars(select(LetterRow.id).where(LetterRow.lot_id == lot_id, standing)))


def lots_with_open_securities(tx: Tx) -> list[str]:
    """The lots of which a deposit is still locked or a letter still held."""
    cash = select(DepositRow.lot_id).where(DepositRow.state == DepositState.LOCKED)
    held = (LetterState.VERIFIED, LetterState.DEFECTIVE)
    letters = select(LetterRow.lot_id).where(LetterRow.state.in_(held))
    return sorted({*tx.scalars(cash), *tx.scalars(letters)})


def refund_orders(tx: Tx, *, actor: Actor) -> list[RefundOrder]:
    """What the bank has to pay back now, oldest order first."""
    require(actor, "deposit.advise")
    rows = tx.scalars(
        select(DepositRow)
        .where(DepositRow.state == DepositState.REFUNDING)
        .order_by(DepositRow.refund_ordered_at, DepositRow.id)
    )
    return [_refund_order(row) for row in rows]


def _visible(table: type[DepositRow] | type[LetterRow], actor: Actor) -> ColumnElement[bool]:
    require(actor, "deposit.read")
    if actor.may("deposit.read_all"):
        return true()
    own = actor.uscc or ""
    return or_(table.beneficiary_uscc == own, table.bidder_id == own)


def _failed(findings: list[FindingView]) -> list[str]:
    return [finding.code for finding in findings if not finding.ok]


def _findings(raw: bytes) -> list[FindingView]:
    return msgspec.json.decode(raw, type=list[FindingView])


def _deposit_view(row: DepositRow) -> DepositView:
    return DepositView(
        id=row.id,
        lot_id=row.lot_id,
        bidder_id=row.bidder_id,
        state=row.state,
        amount_fen=row.amount_fen,
        payer_name=row.payer_name,
        payer_account=f"****{row.payer_account[-4:]}",
        bank=row.bank,
        credited_at=row.credited_at,
        findings=_findings(row.findings),
        refund_reason=row.refund_reason,
        interest_fen=row.interest_fen,
        late_fee_fen=row.late_fee_fen,
        refund_ordered_at=row.refund_ordered_at,
        refunded_at=row.refunded_at,
    )


def _letter_view(row: LetterRow) -> LetterView:
    return LetterView(
        id=row.id,
        lot_id=row.lot_id,
        bidder_id=row.bidder_id,
        state=row.state,
        guarantee_no=row.guarantee_no,
        guarantor_name=row.guarantor_name,
        amount_fen=row.amount_fen,
        sha256=row.sha256,
        findings=_findings(row.findings),
        registered_at=row.registered_at,
        released_at=row.released_at,
    )


def _refund_order(row: DepositRow) -> RefundOrder:
    extra, fee = row.interest_fen or 0, row.late_fee_fen or 0
    assert row.refund_ordered_at is not None
    return RefundOrder(
        deposit_id=row.id,
        payer_name=row.payer_name,
        payer_account=row.payer_account,
        bank=row.bank,
        amount_fen=row.amount_fen,
        interest_fen=extra,
        late_fee_fen=fee,
        total_fen=row.amount_fen + extra + fee,
        reason=row.refund_reason or "",
        ordered_at=row.refund_ordered_at,
    )
