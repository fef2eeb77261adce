"""Sign contracts, record their bonds, publish and file them, buy in addition, accept what was delivered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from bidding_docs.codes import BadCertificate, BadSchema
from govcore import dsse
from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import Detail, MoveNotAllowed, NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from govcore.notify.service import tell
from trading.award import queries as awards
from trading.contract import announcing, queries
from trading.contract.models import Acceptance, Bond, Contract, ContractSignature, Supplement
from trading.contract.moves import move_contract
from trading.contract.policy import MEDIA_TYPE, RULES, BondForm, ContractMove, ContractState, Side, highest
from trading.debarment import queries as debarment
from trading.opening.consortia import codes_of
from trading.procedure.policy import Regime
from trading.procedure.words import article_of
from trading.tender.certificates import holder_of, key_of
from trading.tender.moves import move_lot
from trading.tender.policy import LotMove, Step
from trading.tender.queries import LotContext, lot_context
from trading.tender.suspensions import keep_running


class BondMissing(Problem):
    """实施条例 art. 74: no bond, no contract."""

    code = "E_BOND_MISSING"
    text = "The contract asks for a performance bond, and none is recorded yet (实施条例 art. 58, 74)."


class BondDiffers(Problem):
    code = "E_BOND_AMOUNT"
    status = 422
    text = "The contract asks for a bond of another amount, or for none."


class SupplementTooHigh(Problem):
    """政府采购法 art. 49."""

    code = "E_SUPPLEMENT_CAP"
    status = 422
    text = "In addition at most {left} yuan can still be bought under this contract ({rule} · {article})."


class NotAPurchase(Problem):
    code = "E_NOT_A_PURCHASE"
    text = "Only contracts of government procurement are {act} like this."


def sign(tx: Tx, lot_id: str, raw: bytes, *, actor: Actor, at: datetime) -> Side:
    """Take one side's signature over the contract's exact bytes; with both it binds and the lot's award is done.

    A certificate of the signer's own organisation signs; the same signature again changes nothing.
    """
    require(actor, "contract.sign")
    context, row = _drawn(tx, lot_id, actor)
    side = Side.SUPPLIER if actor.org_id == row.supplier_id else Side.TENDERER
    if side is Side.TENDERER and row.bond_fen and tx.get(Bond, row.id) is None:
        raise BondMissing
    keep_running(tx, lot_id, Step.CONTRACT, at)
    award = awards.present_award(tx, lot_id)
    debarment.check(tx, codes_of(tx, award.winner.bid_id) if award else [], at=at)
    keyid = _verified(tx, row, raw, actor=actor, at=at)
    tx.add(
        ContractSignature(
            contract_id=row.id, side=side, keyid=keyid, envelope=raw, signed_by=actor.user_id, signed_at=at
        )
    )
    try:
        tx.flush()
    except IntegrityError as error:
        raise MoveNotAllowed(move="contract.sign", state="signed by this side") from error
    data = {"number": row.number, "side": side.value, "contract_sha256": row.sha256}
    record(tx, "contract.signature", subject=row.id, actor=actor.user_id, at=at, data=data)
    if len(queries.signatures_of(tx, row.id)) == len(Side):
        _conclude(tx, context, row, at=at)
    else:
        _ask_other_side(tx, context, row, side, at=at)
    return side


def record_bond(
    tx: Tx, lot_id: str, *, form: str, amount_fen: int, reference: str, actor: Actor, at: datetime
) -> None:
    """Record the performance bond that the tenderer received, before it signs (T28, G19)."""
    require(actor, "contract.draw")
    _, row = _drawn(tx, lot_id, actor)
    if form not in list(BondForm) or not row.bond_fen or amount_fen != row.bond_fen:
        raise BondDiffers
    if tx.get(Bond, row.id) is not None:
        raise MoveNotAllowed(move="contract.record_bond", state="recorded")
    bond = Bond(
        contract_id=row.id,
        form=form,
        amount_fen=amount_fen,
        reference=reference.strip(),
        recorded_by=actor.user_id,
        recorded_at=at,
    )
    tx.add(bond)
    data = {"number": row.number, "form": form, "amount_fen": amount_fen}
    record(tx, "contract.bond_recorded", subject=row.id, actor=actor.user_id, at=at, data=data)


def publish(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> str:
    """Publish the contract (G18 · 政府采购法实施条例 art. 50: within two working days); the id of its notice."""
    require(actor, "contract.draw")
    context, row = _signed(tx, lot_id, actor)
    if row.published_at is not None:
        raise MoveNotAllowed(move="contract.publish", state="published")
    notice_id = announcing.publish_contract(tx, context, row, at=at)
    row.notice_id, row.published_at = notice_id, at
    tx.flush()
    data = {"lot": context.lot_code, "number": row.number, "pdf_sha256": row.pdf_sha256}
    record(tx, "contract.published", subject=row.id, actor="system", at=at, data=data)
    return notice_id


def file(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> None:
    """File a purchase's contract with its supervising department (政府采购法 art. 47: within seven working days)."""
    require(actor, "contract.draw")
    context, row = _signed(tx, lot_id, actor)
    if context.rule_set.regime is not Regime.GP:
        raise NotAPurchase(act=Detail("filed"))
    if row.filed_at is not None:
        raise MoveNotAllowed(move="contract.file", state="filed")
    row.filed_at = at
    tx.flush()
    record(tx, "contract.filed", subject=row.id, actor=actor.user_id, at=at, data={"number": row.number})
    tell(
        tx,
        identity.users_with_role(tx, Role.REGULATOR, org_id=context.regulator.id),
        about=f"contract.filed/{row.id}",
        text="The contract for {lot} was filed.",
        data={"lot": context.lot_name},
        href=f"/contracts/{lot_id}",
        at=at,
    )


def buy_more(tx: Tx, lot_id: str, *, amount_fen: int, what: str, actor: Actor, at: datetime) -> None:
    """Record what is bought in addition, together at most a tenth of the price (G19 · 政府采购法 art. 49)."""
    require(actor, "contract.draw")
    context, row = _signed(tx, lot_id, actor)
    if context.rule_set.regime is not Regime.GP:
        raise NotAPurchase(act=Detail("supplemented"))
    tx.execute(select(Contract.id).where(Contract.id == row.id).with_for_update())
    done = tx.scalar(
        select(func.coalesce(func.sum(Supplement.amount_fen), 0)).where(Supplement.contract_id == row.id)
    )
    left = highest(row.amount_fen, context.rule_set.share("G19.supplement")) - int(done or 0)
    if amount_fen > left:
        rule = context.rule_set["G19.supplement"]
        whole, part = divmod(left, 100)
        raise SupplementTooHigh(left=f"{whole:,}.{part:02d}", rule=rule.id, article=article_of(rule))
    extra = Supplement(
        id=new_id(),
        contract_id=row.id,
        amount_fen=amount_fen,
        what=what.strip(),
        recorded_by=actor.user_id,
        recorded_at=at,
    )
    tx.add(extra)
    data = {"number": row.number, "amount_fen": amount_fen}
    record(tx, "contract.supplemented", subject=row.id, actor=actor.user_id, at=at, data=data)


def accept(tx: Tx, lot_id: str, *, passed: bool, text: str, actor: Actor, at: datetime) -> str | None:
    """Record the acceptance (验收) by the tenderer, once; a purchase's is published. The notice's id, if any."""
    require(actor, "contract.accept")
    context, row = _signed(tx, lot_id, actor)
    if actor.org_id != context.tenderer.id:
        raise NotFound
    if tx.get(Acceptance, row.id) is not None:
        raise MoveNotAllowed(move="contract.accept", state="accepted")
    purchase = context.rule_set.regime is Regime.GP
    acceptance = Acceptance(
        contract_id=row.id,
        passed=passed,
        text=text.strip(),
        accepted_at=at,
        recorded_by=actor.user_id,
        recorded_at=at,
        notice_id=announcing.publish_acceptance(tx, context, row, passed=passed, text=text, at=at)
        if purchase
        else None,
    )
    tx.add(acceptance)
    data = {"number": row.number, "passed": passed}
    record(tx, "contract.accepted", subject=row.id, actor=actor.user_id, at=at, data=data)
    return acceptance.notice_id


def _drawn(tx: Tx, lot_id: str, actor: Actor) -> tuple[LotContext, Contract]:
    """The contract that waits for signatures, with its row locked, for its two sides."""
    context = lot_context(tx, lot_id)
    query = select(Contract).where(Contract.lot_id == lot_id, Contract.state == ContractState.DRAWN)
    row = tx.scalar(query.order_by(Contract.version.desc()).limit(1).with_for_update())
    if row is None or not queries.is_party(context, row, actor):
        raise NotFound
    award = awards.present_award(tx, lot_id)
    if award is None or award.n != row.award_n:
        raise MoveNotAllowed(move="contract.sign", state="award closed")
    return context, row


def _signed(tx: Tx, lot_id: str, actor: Actor) -> tuple[LotContext, Contract]:
    """The binding contract, for the tenderer's side."""
    context = awards.own_lot(tx, lot_id, actor)
    row = queries.binding(tx, lot_id)
    if row is None:
        raise MoveNotAllowed(move="contract", state=context.state)
    return context, row


def _verified(tx: Tx, row: Contract, raw: bytes, *, actor: Actor, at: datetime) -> str:
    """The certificate that signed exactly this contract, when it is one of the actor's organisation."""
    envelope = dsse.Envelope.decode(raw)
    if len(envelope.signatures) != 1:
        raise BadSchema(detail="a side signs alone")
    [signature] = envelope.signatures
    holder = holder_of(tx, signature.keyid, at=at)
    if identity.actor_of_user(tx, holder.user_id).org_id != actor.org_id:
        raise BadCertificate(detail="it is no certificate of your organisation")
    payload = dsse.verify(envelope, MEDIA_TYPE, {signature.keyid: key_of(holder.der)})
    if payload != row.payload:
        raise BadSchema(detail="it is not the contract that was drawn")
    return signature.keyid


def _conclude(tx: Tx, context: LotContext, row: Contract, *, at: datetime) -> None:
    move_contract(tx, row, ContractMove.SIGN)
    row.signed_at = at
    move_lot(tx, context.lot_id, LotMove.CONTRACT, at=at)
    data = {
        "lot": context.lot_code,
        "number": row.number,
        "contract_sha256": row.sha256,
        "pdf_sha256": row.pdf_sha256,
        "amount_fen": row.amount_fen,
    }
    event = RULES[ContractMove.SIGN].event
    record(tx, event, subject=row.id, actor="system", at=at, data=data)
    _tell_sides(tx, context, row, "The contract for {lot} is signed by both sides.", "signed", at=at)


def _ask_other_side(tx: Tx, context: LotContext, row: Contract, side: Side, *, at: datetime) -> None:
    _tell_sides(tx, context, row, "One side has signed the contract for {lot}.", side.value, at=at)


def _tell_sides(tx: Tx, context: LotContext, row: Contract, text: str, what: str, *, at: datetime) -> None:
    people = [
        *identity.users_with_role(tx, Role.TENDERER, org_id=context.tenderer.id),
        *identity.users_with_role(tx, Role.BIDDER, org_id=row.supplier_id),
    ]
    tell(
        tx,
        people,
        about=f"contract/{row.id}/{what}",
        text=text,
        data={"lot": context.lot_name},
        href=f"/contracts/{context.lot_id}",
        at=at,
    )
