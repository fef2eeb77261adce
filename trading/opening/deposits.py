"""Deposits at the opening: sealed advices are read, letters are judged, what has no bid goes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from cryptography import x509
from sqlalchemy import select

from bidding_docs import suites
from bidding_docs.codes import TooEarly, Unreadable
from bidding_docs.manifests import ADVICE
from govcore import clock
from govcore.certificates import queries as certificates
from govcore.clock import BEIJING
from govcore.db import Tx
from govcore.identity import queries as identity
from govcore.platform import Platform
from guarantees.advice import AdviceUnreadable
from guarantees.checks import CashRequirement, LetterRequirement
from guarantees.policy import RefundReason
from guarantees.queries import standing_letters, unsettled_deposits
from guarantees.rates import default_rates
from guarantees.service import (
    Opened,
    OpenedAdvices,
    RegisteredLetter,
    give_back,
    refund,
    register_letter,
    release,
)
from guarantees.service import open_advices as read_advices
from trading.gate.port import gate_of
from trading.opening import consortia, queries
from trading.opening.lapsing import LAPSED
from trading.opening.models import GivenUp, Opening
from trading.opening.parts import body_of
from trading.opening.policy import UNKNOWN, BidState, OpeningState
from trading.tender import queries as tenders
from trading.tender.gates import recipients_of, scope_of
from trading.tender.models import Lot
from trading.tender.policy import LotState
from trading.tender.queries import LotContext, OrgRef


def open_advices(platform: Platform, lot_id: str) -> None:
    """Read the bank's advices of a closed lot once, and order refunds for payments that secure no bid."""
    with platform.db.read() as tx:
        manifest = tenders.key_manifest_body(tx, lot_id)
        scope = scope_of(manifest.tender_id, lot_id, manifest.round)
    try:
        secret = gate_of(platform, manifest.policy.gate).advice_identity(scope)
    except TooEarly:
        return  # the log that the gate reads does not hold the closing yet
    with platform.db.transaction() as tx:
        query = select(Opening).where(Opening.lot_id == lot_id, Opening.advices_opened_at.is_(None))
        opening = tx.scalar(query.with_for_update())
        if opening is None:
            return
        at = clock.now(tx)
        lot = tenders.lot_context(tx, lot_id)
        opened = _read(tx, platform, lot, secret, at=at)
        bidders = {body_of(bid).bidder_id for bid in queries.bids_of(tx, lot_id)}
        for deposit in opened.deposits:
            _settle(tx, deposit, failed=opening.state == OpeningState.FAILED, bidders=bidders, at=at)
        opening.advices_opened_at = at
        give_back_due(tx, lot_id, at=at)


def give_back_due(tx: Tx, lot_id: str, *, at: datetime) -> None:
    """Give deposits and letters back to whom nothing is held against: the lot has failed, or the bid counts as
    withdrawn (电子招标投标办法 art. 31). Safe to repeat.

    What a bidder's own fault kept shut stays as it is: to keep it takes the tenderer's decision (实施条例 art. 35).
    """
    failed = tenders.lot_context(tx, lot_id).state == LotState.FAILED
    for bid in queries.bids_of(tx, lot_id):
        withdrawn = bid.state == BidState.WITHDRAWN and bid.fault != UNKNOWN
        if withdrawn or (failed and bid.state in (BidState.OPENED, BidState.VOID)):
            reason = RefundReason.WITHDRAWN if withdrawn else RefundReason.LOT_FAILED
            if bid.code == LAPSED:
                reason = RefundReason.VALIDITY_ENDED
            give_back(tx, lot_id, body_of(bid).bidder_id, reason=reason, actor="system", at=at)


def settle_given_up(platform: Platform, lot_id: str) -> None:
    """Send back all deposits, with interest, and letters of a lot that was given up, once (实施条例 art. 31)."""
    with platform.db.read() as tx:
        manifest = tenders.key_manifest_body(tx, lot_id)
        scope = scope_of(manifest.tender_id, lot_id, manifest.round)
    try:
        secret = gate_of(platform, manifest.policy.gate).advice_identity(scope)
    except TooEarly:
        return  # the log that the gate reads does not say yet that the lot was given up
    with platform.db.transaction() as tx:
        tx.scalar(select(Lot.id).where(Lot.id == lot_id).with_for_update())
        if tx.get(GivenUp, lot_id) is not None:
            return
        at, lot = clock.now(tx), tenders.lot_context(tx, lot_id)
        _read(tx, platform, lot, secret, at=at)
        for deposit in unsettled_deposits(tx, lot_id):
            send_back(tx, deposit, reason=RefundReason.TERMINATED, at=at)
        for letter in standing_letters(tx, lot_id):
            release(tx, letter, reason=RefundReason.TERMINATED, actor="system", at=at)
        tx.add(GivenUp(lot_id=lot_id, settled_at=at))


def send_back(tx: Tx, deposit_id: str, *, reason: RefundReason, at: datetime) -> None:
    refund(tx, deposit_id, reason=reason, rates=default_rates(), actor="system", at=at)


def _read(tx: Tx, platform: Platform, lot: LotContext, secret: bytes, *, at: datetime) -> OpenedAdvices:
    return read_advices(
        tx,
        lot.lot_id,
        open=_opener(tx, lot.lot_id, secret),
        requirement_of=lambda uscc: _cash_requirement(tx, lot, uscc),
        beneficiary_uscc=lot.tenderer.uscc,
        wrap=platform.wrapper,
        tag=platform.keys.tag,
        actor="system",
        at=at,
    )


def _opener(tx: Tx, lot_id: str, secret: bytes) -> Callable[[bytes], bytes]:
    suite = suites.of_recipient(recipients_of(tx, lot_id)[ADVICE])

    def open_sealed(sealed: bytes) -> bytes:
        try:
            return suite.unwrap_share(sealed, secret)
        except Unreadable as error:
            raise AdviceUnreadable from error

    return open_sealed


def _cash_requirement(tx: Tx, lot: LotContext, uscc: str) -> CashRequirement:
    bidder = identity.organisation_by_uscc(tx, uscc)
    payers = [identity.organisation(tx, one.id) for one in _members(tx, lot.lot_id, uscc)]
    return CashRequirement(
        bidder_name=bidder.name if bidder else "",
        basic_account=(bidder.basic_account or "") if bidder else "",
        members={one.name: one.basic_account or "" for one in payers},
        required_fen=lot.deposit_fen,
        deadline=_deadline(lot),
    )


def _members(tx: Tx, lot_id: str, uscc: str) -> list[OrgRef]:
    """The members beside the lead of the consortium whose lead has this code."""
    for bid in queries.bids_of(tx, lot_id):
        lead, *members = consortia.payers(tx, bid)
        if lead.uscc == uscc:
            return members
    return []


def _deadline(lot: LotContext) -> datetime:
    if lot.deadline_at is None:
        raise ValueError(f"the lot {lot.lot_id} was closed without a deadline")
    return lot.deadline_at


def _settle(tx: Tx, deposit: Opened, *, failed: bool, bidders: set[str], at: datetime) -> None:
    if not deposit.ok:
        reason = RefundReason.MISMATCH
    elif failed:
        reason = RefundReason.LOT_FAILED
    elif deposit.bidder_id not in bidders:
        reason = RefundReason.WITHDRAWN
    else:
        return
    send_back(tx, deposit.deposit_id, reason=reason, at=at)


def judge_letter(
    tx: Tx,
    lot: LotContext,
    payers: Sequence[OrgRef],
    raw: bytes,
    *,
    validity_days: int | None = None,
    at: datetime,
) -> RegisteredLetter:
    """Hold a guarantee letter of an opened bid against what the tender asks for (评标办法暂行规定 第二十五条).

    `payers` are those whose debt it may be: the bidder, and the members of its consortium. `validity_days` is how
    long the bid binds where that was extended.
    """
    bidder, *members = payers
    return register_letter(
        tx,
        raw,
        bidder_id=bidder.uscc,
        requirement=LetterRequirement(
            tenderer_name=lot.tenderer.name,
            tenderer_uscc=lot.tenderer.uscc,
            bidder_name=bidder.name,
            bidder_uscc=bidder.uscc,
            members={one.uscc: one.name for one in members},
            tender_id=lot.tender_id,
            lot_id=lot.lot_id,
            required_fen=lot.deposit_fen,
            deadline=_deadline(lot).astimezone(BEIJING).date(),
            validity_days=validity_days or lot.content.validity_days,
        ),
        anchors=[x509.load_der_x509_certificate(certificates.authority_der(tx))],
        actor="system",
        at=at,
    )
