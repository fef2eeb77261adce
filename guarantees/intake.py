"""Verbs before the opening: nothing they store or log tells who asked or paid."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import Problem
from govcore.keys import KeyWrapper
from guarantees.advice import Advice, Seal, SealedAdvice, Tag, body_of, seal_advice
from guarantees.models import AdviceRow, CashLot, SubAccount

SYSTEM = "system"
_HOLDER_SIZE = 256


class CashNotAccepted(Problem):
    code = "E_NO_CASH"
    status = 404
    text = "This lot takes no cash deposits."


class CashTermsConflict(Problem):
    code = "E_CASH_TERMS"
    text = "The lot's bank advices are sealed to another key already."


class SubAccountUnknown(Problem):
    code = "E_SUB_ACCOUNT"
    status = 404
    text = "There is no such sub-account."


class AdviceConflict(Problem):
    code = "E_CONFLICT"
    text = "This bank serial was used for another advice."


class Holder(msgspec.Struct, forbid_unknown_fields=True):
    """What a sub-account's row keeps wrapped."""

    lot_id: str
    bidder_id: str
    number: str


def accept_cash(tx: Tx, lot_id: str, *, recipient: str, actor: str, at: datetime) -> None:
    """Let a lot take cash; its advices will be sealed to `recipient`, which never changes."""
    present = tx.get(CashLot, lot_id)
    if present is not None:
        if present.recipient != recipient:
            raise CashTermsConflict
        return
    tx.add(CashLot(lot_id=lot_id, recipient=recipient))
    tx.flush()
    record(tx, "deposit.cash_accepted", subject=lot_id, actor=actor, at=at, data={"recipient": recipient})


def issue_sub_account(
    tx: Tx,
    *,
    lot_id: str,
    bidder_id: str,
    wrap: KeyWrapper,
    tag: Tag,
    at: datetime,
    draw: Callable[[int], int] = secrets.randbelow,
) -> str:
    """The bidder's own sub-account number for the lot, the same at every request.

    Neither the table nor the log says who asked: the row holds keyed tags and the wrapped contents.
    """
    if tx.get(CashLot, lot_id) is None:
        raise CashNotAccepted
    owner = tag("sub-account-owner", lot_id, bidder_id)
    present = tx.scalar(select(SubAccount).where(SubAccount.owner_tag == owner))
    if present is not None:
        return holder_of(present, wrap).number
    number = f"{draw(10**16):016d}"
    row_id = new_id()
    plain = msgspec.json.encode(Holder(lot_id, bidder_id, number)).ljust(_HOLDER_SIZE)
    row = SubAccount(
        id=row_id,
        owner_tag=owner,
        number_tag=tag("sub-account-number", number),
        wrapped=wrap.wrap("sub-account", row_id, plain),
    )
    if not _insert(tx, row):
        return holder_of(
            tx.scalars(select(SubAccount).where(SubAccount.owner_tag == owner)).one(), wrap
        ).number
    data = {"wrapped_sha256": hashlib.sha256(row.wrapped).hexdigest()}
    record(tx, "deposit.sub_account_issued", subject=row_id, actor=SYSTEM, at=at, data=data)
    return number


def receive_advice(
    tx: Tx,
    advice: Advice,
    *,
    bank_id: str,
    seal: Seal,
    wrap: KeyWrapper,
    tag: Tag,
    actor: str,
    at: datetime,
) -> str:
    """Encrypt the advice to the lot's gate and keep only that; a bank's same serial gives the same id.

    Raises `SubAccountUnknown`, or `AdviceConflict` when the serial came before with other contents.
    """
    serial = tag("advice-serial", bank_id, advice.serial)
    body = tag("advice-body", body_of(advice))
    present = tx.scalar(select(AdviceRow).where(AdviceRow.serial_tag == serial))
    if present is not None:
        return _same(present, body)
    account = account_of(tx, advice.sub_account, tag=tag)
    if account is None:
        raise SubAccountUnknown
    lot = tx.get_one(CashLot, holder_of(account, wrap).lot_id)
    advice_id = new_id()
    content = SealedAdvice(1, advice_id, lot.lot_id, at, advice)
    sealed = seal_advice(content, recipient=lot.recipient, seal=seal)
    row = AdviceRow(
        id=advice_id, lot_tag=tag("advice-lot", lot.lot_id), serial_tag=serial, body_tag=body, sealed=sealed
    )
    if not _insert(tx, row):
        return _same(tx.scalars(select(AdviceRow).where(AdviceRow.serial_tag == serial)).one(), body)
    data = {"sealed_sha256": hashlib.sha256(sealed).hexdigest()}
    record(tx, "deposit.advice_received", subject=advice_id, actor=actor, at=at, data=data)
    return advice_id


def holder_of(row: SubAccount, wrap: KeyWrapper) -> Holder:
    """Who asked for the sub-account; unwrapped in memory, never to be stored or logged before the opening."""
    return msgspec.json.decode(wrap.unwrap("sub-account", row.id, row.wrapped), type=Holder)


def account_of(tx: Tx, number: str, *, tag: Tag) -> SubAccount | None:
    """The sub-account with this number, if any."""
    return tx.scalar(select(SubAccount).where(SubAccount.number_tag == tag("sub-account-number", number)))


def _insert(tx: Tx, row: SubAccount | AdviceRow) -> bool:
    """Insert unless another transaction took its unique tag meanwhile."""
    try:
        with tx.begin_nested():
            tx.add(row)
            tx.flush()
    except IntegrityError:
        return False
    return True


def _same(row: AdviceRow, body: str) -> str:
    if row.body_tag != body:
        raise AdviceConflict
    return row.id
