"""Rounds of a tender: which lots may be tendered again, and what came before and after a round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from govcore.db import Tx
from govcore.errors import Detail, Problem
from trading.procedure.competition import Stage
from trading.procedure.policy import RuleSet
from trading.procedure.words import named
from trading.tender.models import Admitted, Lot, Tender
from trading.tender.policy import LOST, LOT_WORDS, LotState, Method, TenderState
from trading.tender.queries import content_of


class NotRetenderable(Problem):
    """招标投标法 art. 28, 42; 实施条例 art. 19, 55."""

    code = "E_RETENDER"
    text = "Lot {lot} cannot be tendered again: it stands at “{stands}”. Only lots that failed or were given up are (T10 · 招标投标法 art. 28, 42)."  # noqa: E501


class NotConsulted(Problem):
    """财库〔2014〕214号 art. 21."""

    code = "E_NOT_CONSULTED"
    text = "Final offers for lot {lot} cannot be called for: it stands at “{stands}”. The consultation with the suppliers ends first (财库〔2014〕214号 art. 21)."  # noqa: E501


class TenderedAgain(Problem):
    code = "E_RETENDERED"
    text = "Lot {lot} is tendered again already."


class TooFewAdmitted(Problem):
    """招标投标法 art. 17, 实施条例 art. 19, 政府采购法 art. 34, 36."""

    code = "E_FEW_ADMITTED"
    text = "{rule} · {article}: this round takes bids of those who were invited, passed or remained, who must be at least {least}."  # noqa: E501


class OtherTender(Problem):
    code = "E_RETENDER_OTHER"
    status = 422
    text = (
        "The lots of a new round follow different lots of one round of the same tender, each lot one of them."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundView:
    """A round of a tender as its neighbours link to it; only published ones are shown to everybody."""

    tender_id: str
    round: int
    title: str
    rule_set: str
    published_at: datetime | None
    lots: tuple[str, ...]


def followed(
    tx: Tx, lot_ids: Sequence[str], *, project_id: str, wanted: int, final: bool
) -> tuple[Tender, list[Lot]]:
    """The round and the lots that a new round follows, in the order given; raise what forbids it.

    Lots that were lost are tendered again; final offers follow lots that were consulted on.
    """
    found = {lot.id: lot for lot in tx.scalars(select(Lot).where(Lot.id.in_(lot_ids)).with_for_update())}
    tenders = {lot.tender_id for lot in found.values()}
    if len(found) != len(lot_ids) or len(lot_ids) != wanted or len(tenders) != 1:
        raise OtherTender
    before = tx.get_one(Tender, tenders.pop())
    if before.project_id != project_id:
        raise OtherTender
    lots = [found[lot_id] for lot_id in lot_ids]
    for lot in lots:
        if final and lot.state != LotState.CONSULTED:
            raise NotConsulted(lot=lot.code, stands=Detail(LOT_WORDS[LotState(lot.state)]))
        if not final and lot.state not in LOST:
            raise NotRetenderable(lot=lot.code, stands=Detail(LOT_WORDS[LotState(lot.state)]))
    taken = tx.scalar(select(Lot.code).where(Lot.previous_id.in_(lot_ids)).limit(1))
    if taken is not None:
        raise TenderedAgain(lot=taken)
    return before, lots


def next_round(tx: Tx, code: str) -> int:
    """The number of a tender's next round; two at once meet at the unique code and round."""
    return (tx.scalar(select(func.max(Tender.round)).where(Tender.code == code)) or 0) + 1


def rounds_of(tx: Tx, code: str) -> list[RoundView]:
    """The published rounds of a tender, the first one first: old ones stay readable."""
    query = select(Tender).where(Tender.code == code, Tender.state == TenderState.PUBLISHED)
    tenders = tx.scalars(query.order_by(Tender.round)).all()
    lots: dict[str, list[str]] = {tender.id: [] for tender in tenders}
    rows = select(Lot.tender_id, Lot.name).where(Lot.tender_id.in_(lots)).order_by(Lot.number)
    for tender_id, name in tx.execute(rows):
        lots[tender_id].append(name)
    return [
        RoundView(
            tender_id=tender.id,
            round=tender.round,
            title=tender.title,
            rule_set=tender.rule_set,
            published_at=tender.published_at,
            lots=tuple(lots[tender.id]),
        )
        for tender in tenders
    ]


def to_retender(tx: Tx, tender_id: str) -> list[Lot]:
    """The lots of a round that may be tendered again and are not yet."""
    again = select(Lot.previous_id).where(Lot.previous_id.is_not(None))
    query = select(Lot).where(Lot.tender_id == tender_id, Lot.state.in_(LOST), Lot.id.not_in(again))
    return list(tx.scalars(query.order_by(Lot.number)))


def newest_states(tx: Tx, project_id: str) -> list[str]:
    """The states of a project's lots in their newest rounds: what `policy.project_state` looks at."""
    again = select(Lot.previous_id).where(Lot.previous_id.is_not(None), Lot.state != LotState.DRAFT)
    query = select(Lot.state).join(Tender, Tender.id == Lot.tender_id)
    query = query.where(Lot.state != LotState.ABANDONED)
    return list(tx.scalars(query.where(Tender.project_id == project_id, Lot.id.not_in(again))))


_ADMITTED = {
    Method.INVITED: Stage.INVITED,
    Method.PREQUALIFIED: Stage.PASSED,
    Method.REMAINED: Stage.REMAINING,
}


def check_admitted(tx: Tx, tender: Tender, rules: RuleSet) -> None:
    """Raise `TooFewAdmitted` where a restricted round is published for fewer than the law asks (T11, T12, 214号)."""
    if tender.method == Method.OPEN:
        return
    rule = content_of(tender).least(rules, _ADMITTED[Method(tender.method)])
    admitted = tx.scalar(select(func.count()).select_from(Admitted).where(Admitted.tender_id == tender.id))
    if (admitted or 0) < rule.number:
        raise TooFewAdmitted(**named(rule))


def may_bid(tx: Tx, tender_id: str, org_id: str | None) -> bool:
    """True in an open round for everybody, else for those who were invited, passed or remained (实施条例 art. 36).

    Whether somebody was admitted is told to nobody but itself before the deadline.
    """
    if tx.get_one(Tender, tender_id).method == Method.OPEN:
        return True
    return org_id is not None and tx.get(Admitted, (tender_id, org_id)) is not None
