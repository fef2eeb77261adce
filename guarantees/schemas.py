"""Messages of the guarantees API; all amounts are fen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from guarantees.advice import Account, Fen, Text


class SubAccountIssued(msgspec.Struct, frozen=True):
    number: str


class AdviceAccepted(msgspec.Struct, frozen=True):
    """The same for a repeated advice."""

    advice_id: str


class RefundPaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the bank reports after paying a deposit back."""

    account: Account
    amount_fen: Fen
    serial: Text


class RefundNoted(msgspec.Struct, frozen=True):
    deposit_id: str


class FindingView(msgspec.Struct, frozen=True):
    """A checked point: `detail` is the catalogue's English sentence, `data` fills its placeholders."""

    code: str
    ok: bool
    detail: str
    data: Mapping[str, object]


class DepositView(msgspec.Struct, frozen=True, kw_only=True):
    """A payment after the opening; of the paying account only the last four characters."""

    id: str
    lot_id: str
    bidder_id: str
    state: str
    amount_fen: int
    payer_name: str
    payer_account: str
    bank: str
    credited_at: datetime
    findings: list[FindingView]
    refund_reason: str | None
    interest_fen: int | None
    late_fee_fen: int | None
    refund_ordered_at: datetime | None
    refunded_at: datetime | None


class LetterView(msgspec.Struct, frozen=True, kw_only=True):
    """A letter after the opening."""

    id: str
    lot_id: str
    bidder_id: str
    state: str
    guarantee_no: str
    guarantor_name: str
    amount_fen: int | None
    sha256: str
    findings: list[FindingView]
    registered_at: datetime
    released_at: datetime | None


class RefundOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What the bank must pay, to the very account that paid: principal, interest, and a fee where it is late."""

    deposit_id: str
    payer_name: str
    payer_account: str
    bank: str
    amount_fen: int
    interest_fen: int
    late_fee_fen: int
    total_fen: int
    reason: str
    ordered_at: datetime


class Security(msgspec.Struct, frozen=True, kw_only=True):
    """How one bid is secured: `form` is `letter` or `cash`, `failed` the codes of failed points."""

    bidder_id: str
    form: str
    ok: bool
    amount_fen: int
    source_id: str
    failed: list[str]
