"""The facts of lots that the clocks of cases run from, read where each slice keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select

from govcore.calendar.queries import calendar_of
from govcore.db import Tx
from trading.award import queries as award
from trading.award.models import Paper
from trading.award.policy import PaperKind
from trading.challenge import clocks
from trading.challenge.clocks import Anchors, Prior
from trading.challenge.models import Case, CaseLot, Entry, Order, Pause
from trading.challenge.policy import Act, Said, Stage, Way, order_ends, way
from trading.opening.models import HallObjection, Opening
from trading.procedure.deadlines import Limit
from trading.procedure.spans import Span
from trading.tender.models import Lot
from trading.tender.policy import Step
from trading.tender.queries import LotContext
from trading.tender.suspensions import stopped_by


def anchors_of(tx: Tx, lot: LotContext, *, at: datetime) -> Anchors:
    """What has happened in a lot so far; nothing in it depends on bids before the deadline."""
    opening, publicity = tx.get(Opening, lot.lot_id), award.publicity_of(tx, lot.lot_id)
    results = select(func.max(Paper.published_at)).where(
        Paper.lot_id == lot.lot_id, Paper.kind == PaperKind.RESULT
    )
    return Anchors(
        published_at=lot.published_at,
        deadline_at=lot.deadline_at,
        pq_deadline_at=lot.deadline_at if lot.content.prequalifies else None,
        opened_at=opening.read_out_at if opening else None,
        publicity_from=publicity[0] if publicity else None,
        publicity_until=publicity[1] if publicity else None,
        publicity_held=stopped_by(tx, lot.lot_id, Step.PUBLICITY, at) is not None,
        result_at=tx.scalar(results),
    )


def filing_limits(
    tx: Tx,
    lots: Sequence[LotContext],
    found: Way,
    stage: Stage,
    *,
    received_at: datetime | None = None,
    at: datetime,
) -> list[Limit | None]:
    """Until when each of the lots can be filed about; raise `NotYet`."""
    calendar = calendar_of(tx)
    return [
        clocks.filing_limit(
            lot.rule_set,
            found,
            stage,
            replace(anchors_of(tx, lot, at=at), received_at=received_at),
            calendar=calendar,
            at=at,
        )
        for lot in lots
    ]


def lot_ids_of(tx: Tx, case_id: str) -> list[str]:
    """The lots that a case is about, in their order."""
    query = select(CaseLot.lot_id).join(Lot, Lot.id == CaseLot.lot_id).where(CaseLot.case_id == case_id)
    return list(tx.scalars(query.order_by(Lot.number)))


def acts_of(tx: Tx, lot: LotContext) -> list[Act]:
    """What was done in a lot, for a paper that is entered late."""
    opening, publicity = tx.get(Opening, lot.lot_id), award.publicity_of(tx, lot.lot_id)
    done = [
        ("closed", lot.closed_at),
        ("opened", opening.read_out_at if opening else None),
        ("publicised", publicity[0] if publicity else None),
        *(("awarded", one.decided_at) for one in award.awards_of(tx, lot.lot_id)),
    ]
    return [Act(name=name, at=at) for name, at in done if at is not None]


def prior_of(tx: Tx, lot: LotContext, case: Case) -> Prior:
    """An objection or challenge as the complaint after it sees it."""
    found = way(lot.rule_set.regime, case.kind)
    assert found is not None  # it was filed in this regime
    due = clocks.reply_due(lot.rule_set, found, Stage(case.stage), case.received_at, calendar=calendar_of(tx))
    return Prior(filed_at=case.received_at, due_at=due.at, replied_at=case.settled_at)


def opening_objection(tx: Tx, lot_ids: Sequence[str], org_id: str | None) -> Prior | None:
    """What an organisation objected to in the hall of these lots: raised and answered on the spot (T09)."""
    query = select(HallObjection).where(HallObjection.lot_id.in_(lot_ids), HallObjection.org_id == org_id)
    row = tx.scalars(query.order_by(HallObjection.raised_at.desc())).first()
    if row is None:
        return None
    return Prior(filed_at=row.raised_at, due_at=row.raised_at, replied_at=row.answered_at)


def pauses_of(tx: Tx, case_id: str, *, at: datetime) -> list[Span]:
    """The time of testing and expert review of a case, up to now where it still lasts."""
    rows = tx.scalars(select(Pause).where(Pause.case_id == case_id).order_by(Pause.began_at))
    return [(row.began_at, row.ended_at or at) for row in rows]


def standing_orders(tx: Tx, case_id: str, *, at: datetime) -> list[Order]:
    """The orders to suspend of a case that are neither lifted nor over by their cap."""
    rows = tx.scalars(select(Order).where(Order.case_id == case_id).order_by(Order.ordered_at))
    return [row for row in rows if not order_ends(row.ended_at, row.capped_at, at)]


def complained_at(tx: Tx, case_id: str) -> datetime | None:
    """When the complaint that goes on from a case was received."""
    return tx.scalar(select(func.min(Case.received_at)).where(Case.about_id == case_id))


def stated_at(tx: Tx, case_id: str) -> datetime | None:
    """When the other side first stated its view on a complaint."""
    stated = Entry.case_id == case_id, Entry.said == Said.STATEMENT
    return tx.scalar(select(func.min(Entry.at)).where(*stated))
