"""A small double-entry ledger: every transaction sums to zero, nothing is ever changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select

from govcore.db import Tx, new_id
from govcore.errors import Problem
from guarantees.models import LedgerEntry, LedgerTransaction

INTEREST = "expense:interest"
LATE_FEE = "expense:late-fee"


def custody(lot_id: str) -> str:
    """The account of the money a lot's deposits hold at the bank."""
    return f"asset:custody:{lot_id}"


def owed(deposit_id: str) -> str:
    """The account of what is owed to the payer of one deposit."""
    return f"liability:deposit:{deposit_id}"


class Unbalanced(Problem):
    code = "E_LEDGER_UNBALANCED"
    status = 422
    text = "The entries of a posting must sum to zero."


class PostingConflict(Problem):
    code = "E_LEDGER_CONFLICT"
    text = "Another posting has this key."


def post(tx: Tx, *, key: str, entries: Mapping[str, int], at: datetime) -> str:
    """Book the amounts in fen (debit positive) by account, once per `key`; the transaction's id.

    Repeating the same posting gives the same id; `PostingConflict` when the key was used for other entries,
    `Unbalanced` when the amounts are not at least two that sum to zero.
    """
    booked = {account: amount for account, amount in entries.items() if amount}
    if sum(booked.values()) or len(booked) < 2:
        raise Unbalanced
    earlier = tx.scalar(select(LedgerTransaction.id).where(LedgerTransaction.key == key))
    if earlier is not None:
        if entries_of(tx, earlier) != booked:
            raise PostingConflict
        return earlier
    transaction_id = new_id()
    tx.add(LedgerTransaction(id=transaction_id, key=key, at=at))
    tx.flush()
    tx.add_all(
        LedgerEntry(transaction_id=transaction_id, account=account, amount_fen=amount)
        for account, amount in booked.items()
    )
    tx.flush()
    return transaction_id


def entries_of(tx: Tx, transaction_id: str) -> dict[str, int]:
    """The amounts of one transaction by account, in fen."""
    rows = tx.execute(
        select(LedgerEntry.account, LedgerEntry.amount_fen).where(
            LedgerEntry.transaction_id == transaction_id
        )
    )
    return {row.account: row.amount_fen for row in rows}


def balance(tx: Tx, account: str) -> int:
    """The account's balance in fen: positive debit, negative credit, zero for an unknown account."""
    total = tx.scalar(select(func.sum(LedgerEntry.amount_fen)).where(LedgerEntry.account == account))
    return int(total or 0)
