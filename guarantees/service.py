"""Verbs from the opening on; the caller opens the transaction and decides when each is due."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from cryptography import x509
from sqlalchemy import select, update

from govcore.audit.service import record
from govcore.clock import BEIJING
from govcore.db import Tx, new_id
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.keys import KeyWrapper
from guarantees import ledger
from guarantees.advice import Advice, AdviceUnreadable, Open, Tag, unseal_advice
from guarantees.checks import (
    CashRequirement,
    Finding,
    LetterRequirement,
    check_cash,
    check_letter,
    passed,
)
from guarantees.intake import account_of, holder_of
from guarantees.letter import MAX_SIZE, Letter, LetterProblem, verify_letter
from guarantees.models import AdviceRow, DepositRow, LetterRow
from guarantees.policy import (
    DEPOSIT_RULES,
    LETTER_RULES,
    REASONS_WITH_INTEREST,
    DepositMove,
    DepositState,
    LetterMove,
    LetterState,
    Rate,
    RefundReason,
    Rule,
    interest,
    rate_spans,
)


class RefundAccountMismatch(Problem):
    code = "E_REFUND_ACCOUNT"
    text = "A deposit goes back only to the account that paid it, with its interest."


@dataclass(frozen=True, slots=True)
class Opened:
    """A payment after the opening: `ok` when it secures the bid."""

    deposit_id: str
    bidder_id: str
    amount_fen: int
    ok: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class OpenedAdvices:
    """What `open_advices` brought to light; `unreadable` names sealed advices that did not open."""

    deposits: tuple[Opened, ...]
    unreadable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegisteredLetter:
    """A letter and what its check found; `letter` is absent when nothing in it can be relied on."""

    letter_id: str
    state: LetterState
    findings: tuple[Finding, ...]
    letter: Letter | None

    @property
    def ok(self) -> bool:
        return self.state is LetterState.VERIFIED


def open_advices(
    tx: Tx,
    lot_id: str,
    *,
    open: Open,
    requirement_of: Callable[[str], CashRequirement],
    beneficiary_uscc: str,
    wrap: KeyWrapper,
    tag: Tag,
    actor: str,
    at: datetime,
) -> OpenedAdvices:
    """Read the lot's sealed advices after the opening and match each to its bidder; safe to repeat.

    `requirement_of` gives what the payment of a bidder must satisfy. A matching payment is locked, another
    is a mismatch that waits for its refund; an advice that does not open is named, logged and passed over.
    """
    known = select(DepositRow.advice_id).where(DepositRow.lot_id == lot_id)
    rows = tx.scalars(
        select(AdviceRow)
        .where(AdviceRow.lot_tag == tag("advice-lot", lot_id), AdviceRow.id.not_in(known))
        .order_by(AdviceRow.id)
    ).all()
    deposits, unreadable = [], []
    for row in rows:
        try:
            advice, bidder_id = _unseal(tx, row, lot_id, open=open, wrap=wrap, tag=tag)
        except AdviceUnreadable:
            unreadable.append(row.id)
            record(
                tx, "deposit.advice_unreadable", subject=row.id, actor=actor, at=at, data={"lot_id": lot_id}
            )
            continue
        deposit = _deposit(row, advice, lot_id=lot_id, bidder_id=bidder_id, beneficiary_uscc=beneficiary_uscc)
        findings = check_cash(advice, requirement_of(bidder_id))
        deposits.append(_enter(tx, deposit, findings, actor=actor, at=at))
    return OpenedAdvices(tuple(deposits), tuple(unreadable))


def register_letter(
    tx: Tx,
    raw: bytes,
    *,
    bidder_id: str,
    requirement: LetterRequirement,
    anchors: Sequence[x509.Certificate],
    revoked: Collection[str] = (),
    actor: str,
    at: datetime,
) -> RegisteredLetter:
    """Keep the letter found in an opened bid and judge it; a defective letter is a result, never an error."""
    letter, findings = _judge(tx, raw, bidder_id, requirement, anchors, revoked)
    present = tx.scalar(
        select(LetterRow).where(
            LetterRow.lot_id == requirement.lot_id,
            LetterRow.bidder_id == bidder_id,
            LetterRow.sha256 == hashlib.sha256(raw).hexdigest(),
        )
    )
    if present is not None:
        stored = tuple(msgspec.json.decode(present.findings, type=list[Finding]))
        return RegisteredLetter(present.id, LetterState(present.state), stored, letter)
    row = _letter_row(raw, letter, findings, bidder_id=bidder_id, requirement=requirement, at=at)
    tx.add(row)
    tx.flush()
    record(tx, "guarantee.registered", subject=row.id, actor=actor, at=at, data={"sha256": row.sha256})
    move = LetterMove.VERIFY if passed(findings) else LetterMove.REJECT
    failed = [finding.code for finding in findings if not finding.ok]
    _apply(tx, LetterRow, row.id, LETTER_RULES[move], move, actor=actor, at=at, data={"failed": failed})
    return RegisteredLetter(row.id, LetterState(LETTER_RULES[move].target), tuple(findings), letter)


def release(tx: Tx, letter_id: str, *, reason: str, actor: str, at: datetime) -> None:
    """Give a letter back: its guarantor owes nothing any more for this bid."""
    _apply(
        tx,
        LetterRow,
        letter_id,
        LETTER_RULES[LetterMove.RELEASE],
        LetterMove.RELEASE,
        actor=actor,
        at=at,
        data={"reason": reason},
        values={"released_at": at},
    )


def refund(
    tx: Tx,
    deposit_id: str,
    *,
    reason: RefundReason,
    rates: Sequence[Rate] = (),
    late_fee_fen: int = 0,
    actor: str,
    at: datetime,
) -> int:
    """Order the bank to pay a deposit back to the account it came from; the total in fen.

    Interest from the day of credit to today is added where the reason owes it; `RateUnknown` when `rates`
    begin too late. `late_fee_fen` is what the tenderer owes for an order that comes after its last day.
    """
    row = tx.get(DepositRow, deposit_id)
    if row is None:
        raise NotFound
    extra = 0
    if reason in REASONS_WITH_INTEREST:
        first, last = row.credited_at.astimezone(BEIJING).date(), at.astimezone(BEIJING).date()
        extra = interest(row.amount_fen, rate_spans(rates, first, last))
    _apply(
        tx,
        DepositRow,
        deposit_id,
        DEPOSIT_RULES[DepositMove.ORDER_REFUND],
        DepositMove.ORDER_REFUND,
        actor=actor,
        at=at,
        data={
            "reason": reason.value,
            "amount_fen": row.amount_fen,
            "interest_fen": extra,
            "late_fee_fen": late_fee_fen,
        },
        values={
            "refund_reason": reason.value,
            "interest_fen": extra,
            "late_fee_fen": late_fee_fen,
            "refund_ordered_at": at,
        },
    )
    return row.amount_fen + extra + late_fee_fen


def give_back(tx: Tx, lot_id: str, bidder_id: str, *, reason: RefundReason, actor: str, at: datetime) -> None:
    """Order the refund of what secures one bid and release its letters; what is on its way already stays so."""
    locked = (DepositRow.lot_id == lot_id, DepositRow.bidder_id == bidder_id)
    for deposit_id in tx.scalars(
        select(DepositRow.id).where(*locked, DepositRow.state == DepositState.LOCKED)
    ):
        refund(tx, deposit_id, reason=reason, actor=actor, at=at)
    letters = select(LetterRow.id).where(LetterRow.lot_id == lot_id, LetterRow.bidder_id == bidder_id)
    held = LetterRow.state.in_(LETTER_RULES[LetterMove.RELEASE].sources)
    for letter_id in tx.scalars(letters.where(held)):
        release(tx, letter_id, reason=reason.value, actor=actor, at=at)


def confirm_refund(
    tx: Tx, deposit_id: str, *, account: str, amount_fen: int, serial: str, actor: str, at: datetime
) -> None:
    """Note that the bank paid the ordered sum back; `RefundAccountMismatch` for another account or sum."""
    row = tx.get(DepositRow, deposit_id)
    if row is None:
        raise NotFound
    if row.state == DepositState.REFUNDED and row.refund_serial == serial:
        return
    extra, fee = row.interest_fen or 0, row.late_fee_fen or 0
    if account != row.payer_account or amount_fen != row.amount_fen + extra + fee:
        raise RefundAccountMismatch
    _apply(
        tx,
        DepositRow,
        deposit_id,
        DEPOSIT_RULES[DepositMove.CONFIRM_REFUND],
        DepositMove.CONFIRM_REFUND,
        actor=actor,
        at=at,
        data={"amount_fen": amount_fen, "serial": serial},
        values={"refund_serial": serial, "refunded_at": at},
    )
    entries = {
        ledger.owed(deposit_id): row.amount_fen,
        ledger.INTEREST: extra,
        ledger.LATE_FEE: fee,
        ledger.custody(row.lot_id): -amount_fen,
    }
    ledger.post(tx, key=f"refund:{deposit_id}", entries=entries, at=at)


def _unseal(
    tx: Tx, row: AdviceRow, lot_id: str, *, open: Open, wrap: KeyWrapper, tag: Tag
) -> tuple[Advice, str]:
    """The advice and whose sub-account it names; an advice moved from another row or lot is unreadable."""
    content = unseal_advice(row.sealed, open)
    account = account_of(tx, content.advice.sub_account, tag=tag)
    if account is None or (content.advice_id, content.lot_id) != (row.id, lot_id):
        raise AdviceUnreadable
    holder = holder_of(account, wrap)
    if holder.lot_id != lot_id:
        raise AdviceUnreadable
    return content.advice, holder.bidder_id


def _deposit(
    row: AdviceRow, advice: Advice, *, lot_id: str, bidder_id: str, beneficiary_uscc: str
) -> DepositRow:
    return DepositRow(
        id=new_id(),
        advice_id=row.id,
        lot_id=lot_id,
        bidder_id=bidder_id,
        beneficiary_uscc=beneficiary_uscc,
        amount_fen=advice.amount_fen,
        payer_name=advice.payer_name,
        payer_account=advice.payer_account,
        bank=advice.bank,
        serial=advice.serial,
        credited_at=advice.credited_at,
    )


def _enter(tx: Tx, deposit: DepositRow, findings: Sequence[Finding], *, actor: str, at: datetime) -> Opened:
    """Book the money, write the deposit, lock it when every point passed."""
    ok = passed(findings)
    deposit.state = DepositState.MATCHED if ok else DepositState.MISMATCH
    deposit.findings = msgspec.json.encode(findings)
    tx.add(deposit)
    tx.flush()
    entries = {
        ledger.custody(deposit.lot_id): deposit.amount_fen,
        ledger.owed(deposit.id): -deposit.amount_fen,
    }
    ledger.post(tx, key=f"credit:{deposit.advice_id}", entries=entries, at=at)
    failed = [finding.code for finding in findings if not finding.ok]
    data = {"advice_id": deposit.advice_id, "amount_fen": deposit.amount_fen, "failed": failed}
    record(tx, "deposit.advice_opened", subject=deposit.id, actor=actor, at=at, data=data)
    if ok:
        rule = DEPOSIT_RULES[DepositMove.LOCK]
        _apply(tx, DepositRow, deposit.id, rule, DepositMove.LOCK, actor=actor, at=at, data={})
    return Opened(deposit.id, deposit.bidder_id, deposit.amount_fen, ok, tuple(findings))


def _letter_row(
    raw: bytes,
    letter: Letter | None,
    findings: Sequence[Finding],
    *,
    bidder_id: str,
    requirement: LetterRequirement,
    at: datetime,
) -> LetterRow:
    return LetterRow(
        id=new_id(),
        lot_id=requirement.lot_id,
        bidder_id=bidder_id,
        beneficiary_uscc=requirement.tenderer_uscc,
        sha256=hashlib.sha256(raw).hexdigest(),
        envelope=raw if len(raw) <= MAX_SIZE else b"",
        state=LetterState.RECEIVED,
        guarantee_no=letter.guarantee_no if letter else "",
        guarantor_uscc=letter.guarantor.uscc if letter else "",
        guarantor_name=letter.guarantor.name if letter else "",
        amount_fen=letter.amount_fen if letter else None,
        findings=msgspec.json.encode(findings),
        registered_at=at,
    )


def _judge(
    tx: Tx,
    raw: bytes,
    bidder_id: str,
    requirement: LetterRequirement,
    anchors: Sequence[x509.Certificate],
    revoked: Collection[str],
) -> tuple[Letter | None, list[Finding]]:
    try:
        letter = verify_letter(raw, anchors, revoked=revoked)
    except LetterProblem as problem:
        return None, [Finding(problem.code, False, problem.text)]
    elsewhere = tx.scalar(
        select(LetterRow.id).where(
            LetterRow.guarantor_uscc == letter.guarantor.uscc,
            LetterRow.guarantee_no == letter.guarantee_no,
            (LetterRow.lot_id != requirement.lot_id) | (LetterRow.bidder_id != bidder_id),
        )
    )
    unused = Finding("UNIQUE", elsewhere is None, "A letter's number may secure one bid only.")
    signed = Finding("SIGNATURE", True, "The letter is signed by its guarantor.")
    return letter, [signed, *check_letter(letter, requirement), unused]


def _apply(
    tx: Tx,
    table: type[DepositRow] | type[LetterRow],
    row_id: str,
    rule: Rule,
    move: str,
    *,
    actor: str,
    at: datetime,
    data: Mapping[str, object],
    values: Mapping[str, object] | None = None,
) -> None:
    """Make a move by compare-and-swap and log it; `MoveNotAllowed` when the state forbids it."""
    moved = tx.scalar(
        update(table)
        .where(table.id == row_id, table.state.in_(rule.sources))
        .values(state=rule.target, **(values or {}))
        .returning(table.id)
    )
    if moved is None:
        state = tx.scalar(select(table.state).where(table.id == row_id))
        if state is None:
            raise NotFound
        raise MoveNotAllowed(move=move, state=state)
    record(tx, rule.event, subject=row_id, actor=actor, at=at, data=data)
