"""Reads of evaluations: members their own sheet, entitled staff the result, nobody more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import exists, select

from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role
from trading.evaluation.models import Evaluation, Member, Outcome, SheetPoints
from trading.evaluation.points import (
    Criterion,
    CriterionKind,
    InvalidReason,
    Item,
    Points,
    PricedBid,
    PriceMethod,
    PriceRule,
    Result,
    score,
)
from trading.evaluation.policy import EVALUABLE, Stage, View, missing_items, scored_items
from trading.opening.queries import OpenedBid, all_read_out, opened_bids, party_orgs
from trading.review import queries as reviews
from trading.tender.models import Lot
from trading.tender.queries import LotContext, lot_context


class NotEvaluated(Problem):
    code = "E_NOT_EVALUATED"
    text = "The evaluation of this lot is not complete; nothing of it is shown before."


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A member's own sheet: points in hundredths by bid and item."""

    context: LotContext
    criteria: tuple[Criterion, ...]
    bids: tuple[OpenedBid, ...]
    points: Points
    seat: int
    locked_at: datetime | None
    completed_at: datetime | None

    @property
    def total(self) -> int:
        return len(self.bids) * len(scored_items(self.criteria))

    @property
    def done(self) -> int:
        return self.total - self.missing_of([bid.bid_id for bid in self.bids])

    def bid_to_score(self, bid_id: str) -> OpenedBid | None:
        """The bid that was asked for, else the first unfinished one; nothing once all are done or locked."""
        if self.locked_at is not None:
            return None
        for bid in self.bids:
            if bid.bid_id == bid_id or (not bid_id and self.missing_of([bid.bid_id])):
                return bid
        return None

    def points_for(self, bid_id: str, criterion: Criterion) -> int | None:
        """The member's points for a bid under a criterion, in hundredths; nothing while a field is empty."""
        row = self.points.get(bid_id, {})
        values = [row.get(item.id) for item in criterion.items]
        return None if None in values else sum(value or 0 for value in values)

    def missing_of(self, bid_ids: Sequence[str]) -> int:
        """How many fields of these bids are still empty."""
        return missing_items(self.criteria, bid_ids, self.points)


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedSheet:
    """A seat's locked sheet; the seat's number stands for the member."""

    seat: int
    user_id: str
    locked_at: datetime
    points: Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """All that a report is made of; `bids` are those that were opened without fault."""

    context: LotContext
    criteria: tuple[Criterion, ...]
    rule: PriceRule
    bids: tuple[OpenedBid, ...]
    sheets: tuple[LockedSheet, ...]
    result: Result
    centre: str
    appointed_at: datetime

    @property
    def locked_at(self) -> datetime:
        """When the last member locked."""
        return max(sheet.locked_at for sheet in self.sheets)


@dataclass(frozen=True, slots=True, kw_only=True)
class BidOutcome:
    """How a bid ended; points in hundredths, `parts` by criterion."""

    bid: OpenedBid
    rank: int | None
    total: int | None
    parts: dict[str, int]
    invalid: InvalidReason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A completed evaluation; `sheets` is empty for those who see totals only."""

    context: LotContext
    criteria: tuple[Criterion, ...]
    outcomes: tuple[BidOutcome, ...]
    benchmark_fen: Fraction | None
    completed_at: datetime
    report_key: str
    report_sha256: str
    sheets: tuple[LockedSheet, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRow:
    """A lot on the actor's list; `done` of `total` counts fields for a member, locked sheets for the centre."""

    context: LotContext
    stage: Stage
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Committee:
    """How far a committee is, without anybody's points."""

    context: LotContext
    seats: int
    locked: int
    completed_at: datetime | None


def basis(context: LotContext) -> tuple[tuple[Criterion, ...], PriceRule]:
    """The tender's criteria and price rule as the scoring takes them."""
    criteria = tuple(
        Criterion(
            id=criterion.id,
            label=criterion.label,
            kind=CriterionKind(criterion.kind),
            max_points=criterion.max_points,
            items=tuple(Item(id=i.id, label=i.label, max_points=i.max_points) for i in criterion.items),
        )
        for criterion in context.content.criteria
    )
    price = context.content.price
    return criteria, PriceRule(method=PriceMethod(price.method), e1=Fraction(price.e1), e2=Fraction(price.e2))


def points_of(tx: Tx, lot_id: str, *, user_id: str) -> dict[str, dict[str, int]]:
    """A member's points by bid and item."""
    points: dict[str, dict[str, int]] = {}
    query = select(SheetPoints).where(SheetPoints.lot_id == lot_id, SheetPoints.user_id == user_id)
    for row in tx.scalars(query):
        points.setdefault(row.bid_id, {})[row.item_id] = row.hundredths
    return points


def must_avoid(tx: Tx, context: LotContext, org_id: str | None) -> bool:
    """True for an organisation that bid in any opened lot of the tender, or that supervises it.

    Asked when a member is appointed and whenever it enters, for people move (招标投标法 art. 37, 实施条例 art. 46).
    """
    return org_id == context.regulator.id or org_id in party_orgs(tx, context.tender_id)


def my_sheet(tx: Tx, lot_id: str, *, actor: Actor) -> Sheet:
    """The actor's own sheet; `NotFound` unless the actor is a member of this lot's committee."""
    member = tx.get(Member, (lot_id, actor.user_id))
    context = lot_context(tx, lot_id)
    if member is None or must_avoid(tx, context, actor.org_id):
        raise NotFound
    criteria, _ = basis(context)
    return Sheet(
        context=context,
        criteria=criteria,
        bids=tuple(reviews.bids_left(tx, lot_id)),
        points=points_of(tx, lot_id, user_id=actor.user_id),
        seat=member.seat,
        locked_at=member.locked_at,
        completed_at=tx.get_one(Evaluation, lot_id).completed_at,
    )


def committee(tx: Tx, lot_id: str, *, actor: Actor) -> Committee:
    """How far the committee is, without points, for the centre; `NotFound` for everybody else."""
    if Role.CENTRE not in actor.roles:
        raise NotFound
    context = lot_context(tx, lot_id)
    evaluation = tx.get(Evaluation, lot_id)
    locked = list(tx.scalars(select(Member.locked_at).where(Member.lot_id == lot_id)))
    return Committee(
        context=context,
        seats=len(locked),
        locked=sum(1 for moment in locked if moment is not None),
        completed_at=evaluation.completed_at if evaluation else None,
    )


def experts(tx: Tx, *, actor: Actor) -> list[tuple[str, str]]:
    """Id and name of the experts the centre can appoint; `NotFound` for everybody else."""
    if Role.CENTRE not in actor.roles:
        raise NotFound
    names = identity.user_names(tx, identity.users_with_role(tx, Role.EXPERT))
    return sorted(names.items(), key=lambda entry: entry[1])


def desk(tx: Tx, *, actor: Actor) -> list[DeskRow]:
    """The opened lots the actor has to do with here, the latest opening first."""
    query = select(Lot.id, Evaluation.completed_at).outerjoin(Evaluation, Evaluation.lot_id == Lot.id)
    query = query.where(Lot.state.in_(EVALUABLE)).order_by(Lot.opening_at.desc(), Lot.code)
    rows = [_desk_row(tx, lot_id, done is not None, actor) for lot_id, done in tx.execute(query)]
    return [row for row in rows if row is not None]


def seats_of(tx: Tx, *, actor: Actor) -> list[DeskRow]:
    """The committees that the actor sits on, the newest first, with how far its own sheet is."""
    query = select(Lot.id).join(Member, Member.lot_id == Lot.id)
    mine = query.where(Member.user_id == actor.user_id, Lot.state.in_(EVALUABLE))
    return [
        row
        for lot_id in tx.scalars(mine.order_by(Lot.opening_at.desc(), Lot.code))
        if (row := _desk_row(tx, lot_id, False, actor)) is not None
    ]


def _desk_row(tx: Tx, lot_id: str, complete: bool, actor: Actor) -> DeskRow | None:
    context = lot_context(tx, lot_id)
    if context.content.prequalifies:
        return None
    if tx.get(Member, (lot_id, actor.user_id)) is not None and not must_avoid(tx, context, actor.org_id):
        sheet = my_sheet(tx, lot_id, actor=actor)
        stage = Stage.SCORE if sheet.locked_at is None else Stage.LOCKED
        return DeskRow(context=sheet.context, stage=stage, done=sheet.done, total=sheet.total)
    if _view(context, actor) is None:
        return None
    if complete:
        return DeskRow(context=context, stage=Stage.COMPLETED)
    if reviews.purchaser_qualifies(context) and actor.may("review.qualify"):
        review = reviews.qualification_of(tx, context)
        if review.closed_at is None or review.too_few:
            done = len(review.bids) - review.missing
            return DeskRow(context=context, stage=Stage.QUALIFY, done=done, total=len(review.bids))
    if Role.CENTRE not in actor.roles:
        return DeskRow(context=context, stage=Stage.SCORING)
    found = committee(tx, lot_id, actor=actor)
    stage = Stage.SCORING if found.seats else Stage.APPOINT
    return DeskRow(context=context, stage=stage, done=found.locked, total=found.seats)


def completed(tx: Tx, lot_id: str, *, actor: Actor) -> Completed:
    """The result, for the lot's own side, its regulator and the centre; raise `NotEvaluated` before."""
    context = lot_context(tx, lot_id)
    view = _view(context, actor)
    if view is None:
        raise NotFound
    evaluation = tx.get(Evaluation, lot_id)
    if evaluation is None or evaluation.completed_at is None:
        raise NotEvaluated
    assert evaluation.report_key is not None  # the three are written together
    assert evaluation.report_sha256 is not None
    benchmark = evaluation.benchmark_fen
    return Completed(
        context=context,
        criteria=basis(context)[0],
        outcomes=tuple(outcomes(tx, lot_id)),
        benchmark_fen=None if benchmark is None else Fraction(benchmark),
        completed_at=evaluation.completed_at,
        report_key=evaluation.report_key,
        report_sha256=evaluation.report_sha256,
        sheets=tuple(locked_sheets(tx, lot_id)) if view is View.SHEETS else (),
    )


def report_of(tx: Tx, lot_id: str, *, actor: Actor) -> Completed:
    """The same, only for those who may see the members' sheets that the report holds."""
    found = completed(tx, lot_id, actor=actor)
    if not found.sheets:
        raise NotFound
    return found


def outcomes(tx: Tx, lot_id: str) -> list[BidOutcome]:
    """How each bid ended, ranked ones first, for services of later stages; empty before completion."""
    bids = {bid.bid_id: bid for bid in opened_bids(tx, lot_id)}
    rows = tx.scalars(select(Outcome).where(Outcome.lot_id == lot_id).order_by(Outcome.position))
    return [
        BidOutcome(
            bid=bids[row.bid_id],
            rank=row.rank,
            total=row.total,
            parts=row.parts,
            invalid=None if row.invalid is None else InvalidReason(row.invalid),
        )
        for row in rows
    ]


def appointing_centre(tx: Tx, lot_id: str) -> str:
    """The name of the centre whose staff appointed the lot's committee."""
    return identity.actor_of_user(tx, tx.get_one(Evaluation, lot_id).appointed_by).org_name


def committee_names(tx: Tx, lot_id: str) -> list[str]:
    """The members by their seats, for the result notice of a government purchase (实施条例 art. 43)."""
    members = list(tx.scalars(select(Member.user_id).where(Member.lot_id == lot_id).order_by(Member.seat)))
    names = identity.user_names(tx, members)
    return [names[user_id] for user_id in members]


def completed_at(tx: Tx, lot_id: str) -> datetime | None:
    """When the report was there for the tenderer; nothing before."""
    return tx.scalar(select(Evaluation.completed_at).where(Evaluation.lot_id == lot_id))


def report_sha256(tx: Tx, lot_id: str) -> str:
    """The hash of a completed evaluation's report."""
    return tx.get_one(Evaluation, lot_id).report_sha256 or ""


def due_to_complete(tx: Tx) -> list[str]:
    """Ids of the lots whose members have all locked and whose result is not recorded, for the sweep."""
    unlocked = exists().where(Member.lot_id == Evaluation.lot_id, Member.locked_at.is_(None))
    query = select(Evaluation.lot_id).where(Evaluation.completed_at.is_(None), ~unlocked)
    return list(tx.scalars(query.order_by(Evaluation.lot_id)))


def locked_sheets(tx: Tx, lot_id: str) -> list[LockedSheet]:
    """All sheets, or none at all while a member has not locked: nobody's points are shown before."""
    members = list(tx.scalars(select(Member).where(Member.lot_id == lot_id).order_by(Member.seat)))
    sheets = [
        LockedSheet(
            seat=member.seat,
            user_id=member.user_id,
            locked_at=member.locked_at,
            points=points_of(tx, lot_id, user_id=member.user_id),
        )
        for member in members
        if member.locked_at is not None
    ]
    return sheets if len(sheets) == len(members) else []


def ready(tx: Tx, lot_id: str) -> Ready | None:
    """What the report says, once all members have locked; nothing before, and nothing once it is recorded."""
    evaluation = tx.get(Evaluation, lot_id)
    sheets = locked_sheets(tx, lot_id)
    if evaluation is None or evaluation.completed_at is not None or not sheets:
        return None
    if not all_read_out(tx, lot_id):
        return None
    context = lot_context(tx, lot_id)
    criteria, rule = basis(context)
    bids = tuple(opened_bids(tx, lot_id))
    result = score(
        criteria,
        rule,
        [PricedBid(bid_id=bid.bid_id, price_fen=bid.price_fen) for bid in bids],
        [sheet.points for sheet in sheets],
        max_price_fen=context.max_price_fen,
        unqualified=reviews.rejected(tx, lot_id),
    )
    return Ready(
        context=context,
        criteria=criteria,
        rule=rule,
        bids=bids,
        sheets=tuple(sheets),
        result=result,
        centre=appointing_centre(tx, lot_id),
        appointed_at=evaluation.appointed_at,
    )


def _view(context: LotContext, actor: Actor) -> View | None:
    """Sheets for tenderer and regulator, totals for agency and centre."""
    if Role.TENDERER in actor.roles and actor.org_id == context.tenderer.id:
        return View.SHEETS
    if Role.REGULATOR in actor.roles and actor.org_id == context.regulator.id:
        return View.SHEETS
    agency = Role.AGENCY in actor.roles and actor.org_id == context.agency.id
    return View.TOTALS if agency or Role.CENTRE in actor.roles else None
