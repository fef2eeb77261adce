"""What every part of an evaluation asks about a lot: who sits, who must not, which round."""

from __future__ import annotations

from sqlalchemy import func, select

from govcore.db import Tx
from trading.evaluation.models import EvaluationRound, Member
from trading.opening.queries import party_orgs
from trading.tender.queries import LotContext


def seats(tx: Tx, lot_id: str) -> dict[str, int]:
    """The numbers of the seats by their members, in their order; nothing before there is a committee."""
    query = select(Member.user_id, Member.seat).where(Member.lot_id == lot_id).order_by(Member.seat)
    return {row.user_id: row.seat for row in tx.execute(query)}


def present_number(tx: Tx, lot_id: str) -> int:
    """Which evaluation of the lot goes on, or was the last: the first is 1."""
    return tx.scalar(select(func.max(EvaluationRound.number)).where(EvaluationRound.lot_id == lot_id)) or 1


def present_round(tx: Tx, lot_id: str) -> EvaluationRound | None:
    """The round that goes on, or was the last; nothing before the first."""
    return tx.get(EvaluationRound, (lot_id, present_number(tx, lot_id)))


def must_avoid(tx: Tx, context: LotContext, org_id: str | None) -> bool:
    """True for an organisation that bid in any opened lot of the tender, or that supervises it.

    Asked when a member is appointed and whenever it enters, for people move (招标投标法 art. 37, 实施条例 art. 46).
    """
    return org_id == context.regulator.id or org_id in party_orgs(tx, context.tender_id)
