"""Reads of contracts: its two sides, supervision and the centre see a contract; everybody sees its notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import select

from govcore.calendar.queries import calendar_of
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor, Role
from trading.award import dues
from trading.award import queries as awards
from trading.award.dues import DueStep
from trading.award.queries import Awarded
from trading.contract.models import Acceptance, Bond, Contract, ContractSignature, Supplement
from trading.contract.policy import ContractState, Side, highest
from trading.contract.schemas import ContractDocument
from trading.procedure import deadlines
from trading.procedure.deadlines import Limit
from trading.procedure.policy import Regime
from trading.tender.models import Lot
from trading.tender.policy import Step
from trading.tender.queries import LotContext, lot_context
from trading.tender.suspensions import HeldFor, frozen_of, stopped_by

CONTRACTABLE = ("awarded", "contracted")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A lot's contract: what it says, who signed, what is due, what followed."""

    context: LotContext
    award: Awarded
    contract: Contract | None
    document: ContractDocument | None
    signatures: dict[Side, ContractSignature]
    bond: Bond | None
    supplements: tuple[Supplement, ...]
    supplement_left_fen: int
    acceptance: Acceptance | None
    dues: tuple[DueStep, ...]
    due: Limit
    held: HeldFor | None
    side: Side | None

    @property
    def purchase(self) -> bool:
        return self.context.rule_set.regime is Regime.GP

    @property
    def unfinished(self) -> list[DueStep]:
        """What a signed contract still waits for."""
        signed = self.contract is not None and self.contract.signed_at is not None
        return [one for one in self.dues if one.done_at is None] if signed else []

    @property
    def to_sign(self) -> bool:
        """Whether the actor's side still has to sign."""
        waits = self.contract is not None and self.contract.state == ContractState.DRAWN
        return waits and self.side is not None and self.side not in self.signatures


def is_party(context: LotContext, row: Contract, actor: Actor) -> bool:
    """Whether the actor is of one of the two sides."""
    supplier = Role.BIDDER in actor.roles and actor.org_id == row.supplier_id
    return supplier or (Role.TENDERER in actor.roles and actor.org_id == context.tenderer.id)


def binding(tx: Tx, lot_id: str) -> Contract | None:
    """The contract that both sides have signed."""
    query = select(Contract).where(Contract.lot_id == lot_id, Contract.state == ContractState.SIGNED)
    return tx.scalar(query)


def signatures_of(tx: Tx, contract_id: str) -> dict[Side, ContractSignature]:
    rows = tx.scalars(select(ContractSignature).where(ContractSignature.contract_id == contract_id))
    return {Side(row.side): row for row in rows}


def view(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> View:
    """A lot's contract for who may see it; `NotFound` for everybody else, and before there is an award."""
    context = lot_context(tx, lot_id)
    award = awards.present_award(tx, lot_id)
    if award is None or award.announced_at is None or not _may_see(context, award, actor):
        raise NotFound
    return _view(tx, context, award, actor, at)


def desk(tx: Tx, *, actor: Actor, at: datetime) -> list[View]:
    """The contracts that the actor has to do with, those that still wait first."""
    query = select(Lot.id).where(Lot.state.in_(CONTRACTABLE)).order_by(Lot.state, Lot.code)
    found = []
    for lot_id in tx.scalars(query):
        try:
            found.append(view(tx, lot_id, actor=actor, at=at))
        except NotFound:
            continue
    return found


def contracts_of(tx: Tx, lot_id: str) -> list[Contract]:
    """Every version of a lot's contract, for the archive."""
    return list(tx.scalars(select(Contract).where(Contract.lot_id == lot_id).order_by(Contract.version)))


def _view(tx: Tx, context: LotContext, award: Awarded, actor: Actor, at: datetime) -> View:
    assert award.announced_at is not None  # checked by the caller
    query = select(Contract).where(
        Contract.lot_id == context.lot_id,
        Contract.award_n == award.n,
        Contract.state != ContractState.VOID,
    )
    row = tx.scalar(query.order_by(Contract.version.desc()).limit(1))
    supplements = _supplements(tx, row)
    due = dues.contract(tx, context, award.announced_at)
    left = 0
    if row is not None and context.rule_set.regime is Regime.GP:
        most = highest(row.amount_fen, context.rule_set.share("G19.supplement"))
        left = most - sum(one.amount_fen for one in supplements)
    side = None
    if Role.TENDERER in actor.roles and actor.org_id == context.tenderer.id:
        side = Side.TENDERER
    elif Role.BIDDER in actor.roles and actor.org_id == award.winner.org_id:
        side = Side.SUPPLIER
    return View(
        context=context,
        award=award,
        contract=row,
        document=msgspec.json.decode(row.payload, type=ContractDocument) if row else None,
        signatures=signatures_of(tx, row.id) if row else {},
        bond=tx.get(Bond, row.id) if row else None,
        supplements=supplements,
        supplement_left_fen=left,
        acceptance=tx.get(Acceptance, row.id) if row else None,
        dues=tuple(_steps(tx, context, row, due)),
        due=due,
        held=stopped_by(tx, context.lot_id, Step.CONTRACT, at),
        side=side,
    )


def _steps(tx: Tx, context: LotContext, row: Contract | None, due: Limit) -> list[DueStep]:
    """What is due of a contract, with its articles."""
    signed_at = row.signed_at if row else None
    found = [_step(context, "Sign the contract", due, signed_at)]
    if row is None or signed_at is None or context.rule_set.regime is not Regime.GP:
        return found
    for text, rule, done_at in (
        ("Publish the contract", "G18.publish", row.published_at),
        ("File the contract", "G18.file", row.filed_at),
    ):
        frozen = frozen_of(tx, context.lot_id, Step.CONTRACT)
        limit = deadlines.due(context.rule_set, rule, signed_at, calendar=calendar_of(tx), frozen=frozen)
        found.append(_step(context, text, limit, done_at))
    return found


def _step(context: LotContext, text: str, limit: Limit, done_at: datetime | None) -> DueStep:
    return DueStep(text=text, limit=limit, rule=context.rule_set[limit.rule], done_at=done_at)


def _supplements(tx: Tx, row: Contract | None) -> tuple[Supplement, ...]:
    if row is None:
        return ()
    query = select(Supplement).where(Supplement.contract_id == row.id)
    return tuple(tx.scalars(query.order_by(Supplement.recorded_at, Supplement.id)))


def _may_see(context: LotContext, award: Awarded, actor: Actor) -> bool:
    supplier = Role.BIDDER in actor.roles and actor.org_id == award.winner.org_id
    regulates = Role.REGULATOR in actor.roles and actor.org_id == context.regulator.id
    return supplier or regulates or Role.CENTRE in actor.roles or awards.is_own_side(context, actor)
