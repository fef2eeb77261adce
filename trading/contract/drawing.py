"""Draw a contract from an award: the bid decides it, the tenderer may add what does not touch the bid."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import func, select

from bidding_docs.encoding import encode, format_time
from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from govcore.notify.service import tell
from trading.award import dues
from trading.award import queries as awards
from trading.award.queries import Awarded
from trading.award.service import StoredPaper
from trading.contract.models import Contract, ContractSignature
from trading.contract.moves import move_contract
from trading.contract.policy import AWARD_FIELDS, RULES, ContractMove, ContractState, deviations
from trading.contract.schemas import ContractDocument, NewContract, Party
from trading.opening.queries import opened_bids
from trading.procedure.deadlines import Limit
from trading.procedure.policy import Regime
from trading.procedure.thresholds import highest_bond
from trading.procedure.words import article_of
from trading.tender.moves import OutOfOrder
from trading.tender.policy import LotMove, LotState, Step
from trading.tender.queries import LotContext
from trading.tender.suspensions import keep_running

FIELD_WORDS = {
    "amount_fen": "Price",
    "duration_days": "Days to complete",
    "quality": "Quality",
    "manager": "Project manager",
}


class DeviatesFromBid(Problem):
    """招标投标法 art. 46, 政府采购法 art. 46: no contract that departs from the bid in substance."""

    code = "E_CONTRACT_DEVIATES"
    status = 422
    text = (
        "The contract must say what the bid says; it differs in: {field} (招标投标法 art. 46, 实施条例 art. 57; "
        "政府采购法 art. 46)."
    )


class BondTooHigh(Problem):
    code = "E_BOND_CAP"
    status = 422
    text = "The performance bond may be {most} yuan at most ({rule} · {article})."


class ContractLate(Problem):
    code = "E_CONTRACT_LATE"
    status = 422
    text = "The contract was due before now ({rule} · {article}). Say why it comes later; the explanation is kept."


class SignedAlready(Problem):
    code = "E_CONTRACT_SIGNED"
    text = "A side has signed this contract already, so its words stand."


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractDraft:
    """What a contract will say; `bid` are the values that it may not change."""

    context: LotContext
    award: Awarded
    bid: dict[str, object]
    manifest_sha256: str
    due: Limit
    cap_fen: int
    version: int
    number: str
    given: NewContract
    at: datetime

    @property
    def late(self) -> bool:
        return self.at >= self.due.at


def draft(tx: Tx, lot_id: str, given: NewContract | None, *, actor: Actor, at: datetime) -> ContractDraft:
    """What would be drawn now, from the bid where nothing is given; raises what `draw` would raise."""
    require(actor, "contract.draw")
    context = awards.own_lot(tx, lot_id, actor)
    award = awards.present_award(tx, lot_id)
    if context.state != LotState.AWARDED or award is None or award.announced_at is None:
        raise OutOfOrder.of(LotMove.CONTRACT, context.state)
    bid = _bid_values(award)
    versions = tx.scalar(select(func.count()).select_from(Contract).where(Contract.lot_id == lot_id)) or 0
    share = "G19" if context.rule_set.regime is Regime.GP else "T28"
    found = ContractDraft(
        context=context,
        award=award,
        bid=bid,
        manifest_sha256=_manifest_of(tx, lot_id, award.winner.bid_id),
        due=dues.contract(tx, context, award.announced_at),
        cap_fen=bond_cap(context, award),
        version=versions + 1,
        number=f"HT-{context.lot_code}-{context.round}-{versions + 1}",
        given=given or msgspec.convert(bid, NewContract),
        at=at,
    )
    if given is not None:
        _check(found, share)
    return found


def document(found: ContractDraft, paper: StoredPaper) -> ContractDocument:
    """What both sides will sign."""
    context, winner = found.context, found.award.winner
    return ContractDocument(
        number=found.number,
        lot_id=context.lot_id,
        lot_code=context.lot_code,
        round=context.round,
        award=found.award.n,
        bid_manifest_sha256=found.manifest_sha256,
        tenderer=Party(name=context.tenderer.name, uscc=context.tenderer.uscc),
        supplier=Party(name=winner.bidder_name, uscc=winner.uscc),
        object=object_of(context),
        amount_fen=found.given.amount_fen,
        duration_days=found.given.duration_days,
        quality=found.given.quality,
        manager=found.given.manager,
        bond_fen=found.given.bond_fen,
        pdf_sha256=paper.sha256,
        drawn_at=format_time(found.at),
    )


def draw(
    tx: Tx, lot_id: str, given: NewContract, *, paper: StoredPaper, actor: Actor, at: datetime
) -> Contract:
    """Fix the words of the contract; one that nobody has signed yet is replaced (招标投标法 art. 46)."""
    found = draft(tx, lot_id, given, actor=actor, at=at)
    keep_running(tx, lot_id, Step.CONTRACT, at)
    _replace_unsigned(tx, lot_id, actor=actor, at=at)
    signed = document(found, paper)
    payload = encode(signed)
    row = Contract(
        id=new_id(),
        lot_id=lot_id,
        version=found.version,
        award_n=found.award.n,
        number=found.number,
        state=ContractState.DRAWN,
        supplier_id=found.award.winner.org_id,
        amount_fen=given.amount_fen,
        bond_fen=given.bond_fen,
        payload=payload,
        sha256=_digest(payload),
        store_key=paper.key,
        pdf_sha256=paper.sha256,
        pdf_size=paper.size,
        late_reason=given.late_reason.strip(),
        drawn_by=actor.user_id,
        drawn_at=at,
    )
    tx.add(row)
    tx.flush()
    data = {"lot": found.context.lot_code, "number": row.number, "contract_sha256": row.sha256}
    record(tx, "contract.drawn", subject=row.id, actor=actor.user_id, at=at, data=data)
    tell(
        tx,
        identity.users_with_role(tx, Role.BIDDER, org_id=row.supplier_id),
        about=f"contract.drawn/{row.id}",
        text="The contract for {lot} is ready to be signed.",
        data={"lot": found.context.lot_name},
        href=f"/contracts/{lot_id}",
        at=at,
    )
    return row


def object_of(context: LotContext) -> str:
    """What is bought, in one line."""
    return f"{context.title}（{context.lot_name}）"


def _check(found: ContractDraft, share: str) -> None:
    given = msgspec.structs.asdict(found.given)
    if wrong := deviations(found.bid, given):
        raise DeviatesFromBid(field=FIELD_WORDS[wrong[0]])
    rules = found.context.rule_set
    if found.given.bond_fen > found.cap_fen:
        whole, part = divmod(found.cap_fen, 100)
        raise BondTooHigh(most=f"{whole:,}.{part:02d}", rule=share, article=article_of(rules[share]))
    if found.late and not found.given.late_reason.strip():
        rule = found.due.rule
        raise ContractLate(rule=rule, article=article_of(rules[rule]))


def _replace_unsigned(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> None:
    """Void the contract that was drawn before; `SignedAlready` when a side has signed it, for another award aside."""
    rule = RULES[ContractMove.REPLACE]
    for row in tx.scalars(
        select(Contract).where(Contract.lot_id == lot_id, Contract.state.in_(rule.sources))
    ):
        award = awards.present_award(tx, lot_id)
        signed = tx.scalar(
            select(ContractSignature.side).where(ContractSignature.contract_id == row.id).limit(1)
        )
        if signed is not None and award is not None and award.n == row.award_n:
            raise SignedAlready
        move_contract(tx, row, ContractMove.REPLACE)
        record(tx, rule.event, subject=row.id, actor=actor.user_id, at=at, data={"number": row.number})


def _bid_values(award: Awarded) -> dict[str, object]:
    winner = award.winner
    values = (winner.price_fen, winner.duration_days, winner.quality, winner.manager)
    return dict(zip(AWARD_FIELDS, values, strict=True))


def _manifest_of(tx: Tx, lot_id: str, bid_id: str) -> str:
    for bid in opened_bids(tx, lot_id):
        if bid.bid_id == bid_id:
            return bid.manifest_sha256
    raise NotFound


def _digest(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()


def bond_cap(context: LotContext, award: Awarded) -> int:
    """The highest performance bond (T28 · 实施条例 art. 58; G19 · 政府采购法实施条例 art. 48)."""
    return highest_bond(context.rule_set, award.winner.price_fen)
