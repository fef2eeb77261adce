"""Whose deposit goes back when, and the orders for it: what the law's clocks say, carried out by a sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from govcore.calendar.queries import calendar_of
from govcore.clock import BEIJING
from govcore.db import Tx
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role
from guarantees import queries as guarantees
from guarantees import service as deposits
from guarantees.policy import DepositState, LetterState, RefundReason, late_fee
from guarantees.rates import default_rates, loan_rates
from trading.award import queries as awards
from trading.award.policy import Cause
from trading.consultation.models import Departure
from trading.consultation.queries import left_by
from trading.contract import queries
from trading.contract.policy import Security, Trigger, trigger_of
from trading.procedure import deadlines
from trading.procedure.deadlines import Limit
from trading.procedure.policy import Regime, RuleSet
from trading.tender.models import Lot
from trading.tender.policy import LotState
from trading.tender.queries import LotContext, lot_context

FORFEITABLE = frozenset({Cause.GAVE_UP, Cause.NO_BOND, Cause.ILLEGAL})
"""Causes for which a tenderer may keep the deposit; force majeure is nobody's fault (实施条例 art. 74)."""

REASONS = {
    Trigger.CONTRACT: RefundReason.CONTRACT_SIGNED,
    Trigger.AWARD: RefundReason.AWARD_NOTICE,
    Trigger.FAILED: RefundReason.LOT_FAILED,
    Trigger.LEFT: RefundReason.WITHDRAWN,
}
RULES = {
    (Regime.TB, Trigger.CONTRACT): "T25",
    (Regime.TB, Trigger.AWARD): "T25",
    (Regime.TB, Trigger.FAILED): "T24",
    (Regime.GP, Trigger.CONTRACT): "G07.winner",
    (Regime.GP, Trigger.AWARD): "G07",
    (Regime.GP, Trigger.FAILED): "G10",
    (Regime.GP, Trigger.LEFT): "G08",
}
"""By which rule each refund is due; the law says "promptly" of a failed tender, so the nearest period is taken."""


LATE_FEE = "G09"

ENDED = {LotState.FAILED: Trigger.FAILED}
"""How a lot ended without a winner after its opening; what was terminated, the opening sends back."""

GIVEN_UP = dict.fromkeys((LotState.TERMINATED, LotState.CANCELLED, LotState.ABANDONED), Trigger.FAILED)
"""Where final offers were given up, the deposits lie with the first round, which the opening does not send back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """A security of one bidder: what sends it back, since when, until when; nothing while it stays."""

    bidder_id: str
    source_id: str
    form: str
    amount_fen: int
    state: str
    trigger: Trigger | None
    limit: Limit | None
    forfeitable: bool
    done_at: datetime | None
    late_fee_fen: int = 0

    def late(self, now: datetime) -> bool:
        return self.limit is not None and (self.done_at or now) >= self.limit.at


def refunds_of(tx: Tx, lot_id: str) -> list[Refund]:
    """Every security of an opened lot, and what its clock says."""
    decided = _deciding(tx, lot_context(tx, lot_id))
    gone = left_by(tx, lot_id)
    starts = _starts(tx, decided)
    ended = ENDED if decided.lot_id == lot_id else ENDED | GIVEN_UP
    facts = _Facts.of(tx, decided, gone, ended)
    found = []
    for one in guarantees.deposits_of_lot(tx, lot_id, actor=guarantees.SYSTEM):
        done = one.refunded_at or one.refund_ordered_at
        back = facts.refund(tx, one.bidder_id, one.id, "cash", one.amount_fen, one.state, done, starts)
        found.append(replace(back, late_fee_fen=one.late_fee_fen or 0))
    for letter in guarantees.letters_of_lot(tx, lot_id, actor=guarantees.SYSTEM):
        amount = letter.amount_fen or 0
        found.append(
            facts.refund(
                tx, letter.bidder_id, letter.id, "letter", amount, letter.state, letter.released_at, starts
            )
        )
    return found


def settle(tx: Tx, lot_id: str, *, at: datetime) -> int:
    """Order every refund and release every letter whose clock has started; how many. Doing it again changes nothing."""
    done, rules = 0, lot_context(tx, lot_id).rule_set
    for one in refunds_of(tx, lot_id):
        if one.trigger is None or one.done_at is not None:
            continue
        reason = REASONS[one.trigger]
        if one.form == "cash" and one.state == DepositState.LOCKED:
            fee = late_fee_of(one, rules, at=at)
            deposits.refund(
                tx,
                one.source_id,
                reason=reason,
                rates=default_rates(),
                late_fee_fen=fee,
                actor="system",
                at=at,
            )
            done += 1
        elif one.form == "letter" and one.state in (LetterState.VERIFIED, LetterState.DEFECTIVE):
            deposits.release(tx, one.source_id, reason=reason, actor="system", at=at)
            done += 1
    return done


def late_fee_of(one: Refund, rules: RuleSet, *, at: datetime) -> int:
    """What a purchase's deposit that is sent back at `at` owes for coming late (G09); nothing under another law.

    The law excepts delays that are the supplier's own; an order is the platform's, so it cannot be late by its fault.
    """
    if LATE_FEE not in rules.rules or one.form != "cash" or one.limit is None or at < one.limit.at:
        return 0
    last = (one.limit.at - timedelta(microseconds=1)).astimezone(BEIJING).date()
    surcharge = rules.share(LATE_FEE)
    return late_fee(one.amount_fen, loan_rates(), last, at.astimezone(BEIJING).date(), surcharge=surcharge)


def to_settle(tx: Tx) -> list[str]:
    """The lots that may owe somebody a refund, for the sweep."""
    owing = guarantees.lots_with_open_securities(tx)
    states = (LotState.CONSULTED, LotState.AWARDED, LotState.CONTRACTED, *ENDED)
    somebody_left = Lot.id.in_(select(Departure.lot_id))
    query = select(Lot.id).where(Lot.id.in_(owing), or_(Lot.state.in_(states), somebody_left))
    return list(tx.scalars(query.order_by(Lot.id)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What decides the refunds of one lot."""

    context: LotContext
    winner_uscc: str
    forfeitable: frozenset[str]
    losers_after: str
    ended: Trigger | None
    announced: bool
    signed: bool
    gone: Mapping[str, datetime]

    @classmethod
    def of(
        cls,
        tx: Tx,
        context: LotContext,
        gone: Mapping[str, datetime],
        ended: Mapping[LotState, Trigger],
    ) -> _Facts:
        present = awards.present_award(tx, context.lot_id)
        outs = awards.outs_of(tx, context.lot_id)
        candidates = awards.candidates_of(tx, context.lot_id)
        kept = (
            one.uscc for one in candidates if one.bid_id in outs and outs[one.bid_id].cause in FORFEITABLE
        )
        return cls(
            context=context,
            winner_uscc=present.winner.uscc if present else "",
            forfeitable=frozenset(kept),
            losers_after=context.rule_set.choice("deposit.loser_refund_trigger"),
            ended=ended.get(LotState(context.state)),
            announced=present is not None and present.announced_at is not None,
            signed=context.state == LotState.CONTRACTED,
            gone=gone,
        )

    def refund(
        self,
        tx: Tx,
        bidder_id: str,
        source_id: str,
        form: str,
        amount_fen: int,
        state: str,
        done_at: datetime | None,
        starts: dict[Trigger, datetime],
    ) -> Refund:
        security = Security(
            won=bidder_id == self.winner_uscc,
            forfeitable=bidder_id in self.forfeitable,
            left=bidder_id in self.gone,
        )
        if security.left:
            starts = {**starts, Trigger.LEFT: self.gone[bidder_id]}
        trigger = trigger_of(
            security,
            losers_after=self.losers_after,
            ended=self.ended,
            announced=self.announced,
            signed=self.signed,
        )
        return Refund(
            bidder_id=bidder_id,
            source_id=source_id,
            form=form,
            amount_fen=amount_fen,
            state=state,
            trigger=trigger,
            limit=self._limit(tx, trigger, starts),
            forfeitable=security.forfeitable,
            done_at=done_at,
        )

    def _limit(self, tx: Tx, trigger: Trigger | None, starts: dict[Trigger, datetime]) -> Limit | None:
        if trigger is None or trigger not in starts:
            return None
        rules = self.context.rule_set
        return deadlines.due(rules, RULES[rules.regime, trigger], starts[trigger], calendar=calendar_of(tx))


def _starts(tx: Tx, context: LotContext) -> dict[Trigger, datetime]:
    """When each clock began."""
    found: dict[Trigger, datetime] = {}
    contract = queries.binding(tx, context.lot_id)
    if contract is not None and contract.signed_at is not None:
        found[Trigger.CONTRACT] = contract.signed_at
    present = awards.present_award(tx, context.lot_id)
    if present is not None and present.announced_at is not None:
        found[Trigger.AWARD] = present.announced_at
    failed = awards.failed_of(tx, context.lot_id)
    if failed is not None:
        found[Trigger.FAILED] = failed.at
    return found


def _deciding(tx: Tx, context: LotContext) -> LotContext:
    """The lot whose award sends the securities back: after a consultation that of the final offers."""
    if context.state != LotState.CONSULTED:
        return context
    final = tx.scalar(select(Lot.id).where(Lot.previous_id == context.lot_id, Lot.state != LotState.DRAFT))
    return context if final is None else lot_context(tx, final)


def bidder_names(tx: Tx, refunds: Sequence[Refund]) -> dict[str, str]:
    """Whose securities these are, by their codes: also those who took their bid back before the deadline."""
    codes = sorted({one.bidder_id for one in refunds})
    found = (identity.organisation_by_uscc(tx, code) for code in codes)
    return {org.uscc: org.name for org in found if org is not None}


def visible_refunds(tx: Tx, lot_id: str, *, actor: Actor) -> list[Refund]:
    """All securities of a lot for its tenderer's side and supervision, for a bidder its own."""
    context = lot_context(tx, lot_id)
    regulates = Role.REGULATOR in actor.roles and actor.org_id == context.regulator.id
    found = refunds_of(tx, lot_id)
    if regulates or awards.is_own_side(context, actor):
        return found
    return [one for one in found if Role.BIDDER in actor.roles and one.bidder_id == actor.uscc]
