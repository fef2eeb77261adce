"""Reads of evaluations: members their own sheet, entitled staff the result, nobody more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import select

from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, Role
from trading.committee import queries as committees
from trading.committee.policy import EVALUABLE
from trading.evaluation.agreement import is_settled
from trading.evaluation.causes import Cause, CauseRule, causes_of
from trading.evaluation.criteria import leaves
from trading.evaluation.drawing import decided_by
from trading.evaluation.entries import Leaf
from trading.evaluation.facts import present_number, present_round, seats
from trading.evaluation.models import EvaluationRound, Outcome
from trading.evaluation.outcome import reason_of
from trading.evaluation.policy import Stage, View, signed_key
from trading.evaluation.sheet_queries import (
    LockedSheet,
    Written,
    changes_of,
    locked_members,
    locked_sheets,
    my_sheet,
)
from trading.opening.queries import OpenedBid, opened_bids
from trading.procedure.policy import Regime
from trading.review import queries as reviews
from trading.tender.models import Lot
from trading.tender.policy import LOT_RULES, LotMove
from trading.tender.queries import LotContext, lot_context


class NotEvaluated(Problem):
    code = "E_NOT_EVALUATED"
    text = "The evaluation of this lot is not complete; nothing of it is shown before."


@dataclass(frozen=True, slots=True, kw_only=True)
class BidOutcome:
    """How a bid ended; points in hundredths, `parts` by section; the price is the corrected one, where it is known.

    By the lowest price there are no points: `evaluated_fen` is what was compared, rounded to fen.

    `invalid` is the code of what bars it from a rank, `rejection` what papers say of it.
    """

    bid: OpenedBid
    price_fen: int | None
    rank: int | None
    total: int | None
    evaluated_fen: int | None
    candidate: bool
    parts: dict[str, int]
    invalid: str | None
    rejection: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneRound:
    """An evaluation of a lot that was completed, and why it was made."""

    number: int
    cause_text: str
    reason: str
    completed_at: datetime
    report_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A completed evaluation; `sheets` is empty for those who see totals only."""

    context: LotContext
    outcomes: tuple[BidOutcome, ...]
    benchmark: Fraction | None
    completed_at: datetime
    report_key: str
    report_sha256: str
    signed_report_sha256: str | None
    sheets: tuple[LockedSheet, ...]
    leaves: tuple[Leaf, ...]
    changes: tuple[Written, ...]
    rounds: tuple[DoneRound, ...]
    draw_id: str | None
    """The draw that put equal bids in order, if one did."""

    repeatable: Mapping[Cause, CauseRule]
    """For what causes the reader may propose to evaluate again."""

    @property
    def bid_names(self) -> dict[str, str]:
        return {row.bid.bid_id: f"{row.bid.number}. {row.bid.bidder_name}" for row in self.outcomes}

    @property
    def leaves_by_id(self) -> dict[str, Leaf]:
        return {leaf.id: leaf for leaf in self.leaves}


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


def committee(tx: Tx, lot_id: str, *, actor: Actor) -> Committee:
    """How far the committee is, without points, for the centre; `NotFound` for everybody else."""
    if Role.CENTRE not in actor.roles:
        raise NotFound
    context = lot_context(tx, lot_id)
    present = present_round(tx, lot_id)
    return Committee(
        context=context,
        seats=len(seats(tx, lot_id)),
        locked=len(locked_members(tx, lot_id)),
        completed_at=present.completed_at if present else None,
    )


def desk(tx: Tx, *, actor: Actor) -> list[DeskRow]:
    """The opened lots the actor has to do with here, the latest opening first."""
    query = select(Lot.id).where(Lot.state.in_(EVALUABLE)).order_by(Lot.opening_at.desc(), Lot.code)
    rows = [
        _desk_row(tx, lot_id, completed_at(tx, lot_id) is not None, actor) for lot_id in tx.scalars(query)
    ]
    return [row for row in rows if row is not None]


def seats_of(tx: Tx, *, actor: Actor) -> list[DeskRow]:
    """The committees that the actor sits on, the newest first, with how far its own sheet is."""
    rows = (_desk_row(tx, lot_id, False, actor) for lot_id in committees.lots_of_member(tx, actor.user_id))
    return [row for row in rows if row is not None]


def _desk_row(tx: Tx, lot_id: str, complete: bool, actor: Actor) -> DeskRow | None:
    context = lot_context(tx, lot_id)
    if not context.content.ranks or context.state not in EVALUABLE:
        return None
    if actor.user_id in seats(tx, lot_id) and not committees.must_avoid(tx, context, actor.org_id):
        sheet = my_sheet(tx, lot_id, actor=actor)
        stage = Stage.SCORE if sheet.locked_at is None else Stage.LOCKED
        if stage is Stage.LOCKED and sheet.completed_at is None and not is_settled(tx, context):
            stage = Stage.SETTLE
        elif sheet.prices_open:
            stage = Stage.PRICES
        return DeskRow(context=sheet.context, stage=stage, done=sheet.done, total=sheet.total)
    if view_of(context, actor) is None:
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


def draw_awaited(tx: Tx, lot_id: str, *, actor: Actor) -> bool:
    """Whether the result waits for a draw among equal bids, for a member of the committee."""
    present = present_round(tx, lot_id)
    if actor.user_id not in seats(tx, lot_id) or present is None or present.completed_at is not None:
        return False
    draw = decided_by(tx, lot_id, present.number)
    return draw is not None and draw.seed is None


def completed(tx: Tx, lot_id: str, *, actor: Actor) -> Completed:
    """The result, for the lot's own side, its regulator and the centre; raise `NotEvaluated` before."""
    context = lot_context(tx, lot_id)
    view = view_of(context, actor)
    if view is None:
        raise NotFound
    present = present_round(tx, lot_id)
    if present is None or present.completed_at is None:
        raise NotEvaluated
    assert present.report_key is not None  # the three are written together
    assert present.report_sha256 is not None
    return Completed(
        context=context,
        outcomes=tuple(outcomes(tx, lot_id)),
        benchmark=None if present.benchmark is None else Fraction(present.benchmark),
        completed_at=present.completed_at,
        report_key=present.report_key,
        report_sha256=present.report_sha256,
        signed_report_sha256=present.signed_report_sha256,
        sheets=tuple(locked_sheets(tx, lot_id)) if view is View.SHEETS else (),
        leaves=leaves(context),
        changes=tuple(changes_of(tx, lot_id, present.number)) if view is View.SHEETS else (),
        rounds=tuple(_rounds(tx, context)),
        draw_id=draw.id if (draw := decided_by(tx, lot_id, present.number)) else None,
        repeatable=causes_of(context)
        if actor.may("evaluation.repeat") and context.state in LOT_RULES[LotMove.EVALUATE_AGAIN].sources
        else {},
    )


def _rounds(tx: Tx, context: LotContext) -> Iterator[DoneRound]:
    query = select(EvaluationRound).where(EvaluationRound.lot_id == context.lot_id)
    for row in tx.scalars(query.order_by(EvaluationRound.number)):
        if row.completed_at is not None:
            yield DoneRound(
                number=row.number,
                cause_text=causes_of(context)[Cause(row.cause)].text if row.cause else "",
                reason=row.reason,
                completed_at=row.completed_at,
                report_sha256=row.report_sha256 or "",
            )


def report_of(tx: Tx, lot_id: str, *, actor: Actor) -> Completed:
    """The same, only for those who may see the members' sheets that the report holds."""
    found = completed(tx, lot_id, actor=actor)
    if not found.sheets:
        raise NotFound
    return found


def report_key(tx: Tx, lot_id: str, *, actor: Actor) -> tuple[str, str]:
    """Where the report lies and the code of its lot, for the same people and for those who have to sign it."""
    present = present_round(tx, lot_id)
    done = present.completed_at if present else None
    if present is None or done is None or actor.user_id not in seats(tx, lot_id, then=done):
        found = report_of(tx, lot_id, actor=actor)
        return found.report_key, found.context.lot_code
    return present.report_key or "", lot_context(tx, lot_id).lot_code


def signed_report_key(tx: Tx, lot_id: str, *, actor: Actor) -> tuple[str, str]:
    """The same of the report with its signatures; `NotFound` before the signing has ended."""
    _key, code = report_key(tx, lot_id, actor=actor)
    present = present_round(tx, lot_id)
    sha256 = present.signed_report_sha256 if present else None
    if present is None or sha256 is None:
        raise NotFound
    return signed_key(lot_id, present.number, sha256, "pdf"), code


def outcomes(tx: Tx, lot_id: str) -> list[BidOutcome]:
    """How each bid ended, ranked ones first, for services of later stages; empty before completion."""
    bids = {bid.bid_id: bid for bid in opened_bids(tx, lot_id)}
    number = present_number(tx, lot_id)
    purchase = lot_context(tx, lot_id).rule_set.regime is Regime.GP
    return [
        BidOutcome(
            bid=bids[row.bid_id],
            price_fen=row.price_fen,
            rank=row.rank,
            total=row.total,
            evaluated_fen=row.evaluated_fen,
            candidate=row.candidate,
            parts=row.parts,
            invalid=row.invalid,
            rejection=""
            if row.invalid is None
            else reason_of(row.invalid, article=row.article, reason=row.reason, purchase=purchase),
        )
        for row in outcome_rows(tx, lot_id, number)
    ]


def outcome_rows(tx: Tx, lot_id: str, number: int) -> list[Outcome]:
    """How each bid ended in one round."""
    query = select(Outcome).where(Outcome.lot_id == lot_id, Outcome.number == number)
    return list(tx.scalars(query.order_by(Outcome.position)))


def completed_at(tx: Tx, lot_id: str) -> datetime | None:
    """When the report was there for the tenderer; nothing before."""
    present = present_round(tx, lot_id)
    return present.completed_at if present else None


def began_again_at(tx: Tx, lot_id: str) -> datetime | None:
    """When the present evaluation began, where it is not the lot's first: what came before was about another result."""
    present = present_round(tx, lot_id)
    return present.began_at if present is not None and present.number > 1 else None


def report_sha256(tx: Tx, lot_id: str) -> str:
    """The hash of a completed evaluation's report."""
    present = present_round(tx, lot_id)
    return (present.report_sha256 if present else None) or ""


def reports(tx: Tx, lot_id: str) -> list[tuple[int, str, str]]:
    """Number, key and hash of the report of each round, also of those that were evaluated again."""
    query = select(EvaluationRound.number, EvaluationRound.report_key, EvaluationRound.report_sha256)
    done = query.where(EvaluationRound.lot_id == lot_id, EvaluationRound.completed_at.is_not(None))
    return [
        (number, key or "", sha256 or "")
        for number, key, sha256 in tx.execute(done.order_by(EvaluationRound.number))
    ]


def signed_reports(tx: Tx, lot_id: str) -> list[tuple[int, str, str]]:
    """The same of each report with its signatures, once its signing has ended."""
    query = select(EvaluationRound.number, EvaluationRound.signed_report_sha256)
    ended = query.where(EvaluationRound.lot_id == lot_id, EvaluationRound.signed_report_sha256.is_not(None))
    return [
        (number, signed_key(lot_id, number, sha256 or "", "pdf"), sha256 or "")
        for number, sha256 in tx.execute(ended.order_by(EvaluationRound.number))
    ]


def due_to_complete(tx: Tx) -> list[str]:
    """Ids of the lots whose members have all locked and whose result is not recorded, for the sweep."""
    query = select(EvaluationRound.lot_id).where(EvaluationRound.completed_at.is_(None))
    return [
        lot_id
        for lot_id in tx.scalars(query.order_by(EvaluationRound.lot_id))
        if len(locked_members(tx, lot_id)) == len(seats(tx, lot_id)) and committees.is_complete(tx, lot_id)
    ]


def view_of(context: LotContext, actor: Actor) -> View | None:
    """Sheets for tenderer and regulator, totals for agency and centre."""
    if Role.TENDERER in actor.roles and actor.org_id == context.tenderer.id:
        return View.SHEETS
    if Role.REGULATOR in actor.roles and actor.org_id == context.regulator.id:
        return View.SHEETS
    agency = Role.AGENCY in actor.roles and actor.org_id == context.agency.id
    return View.TOTALS if agency or Role.CENTRE in actor.roles else None
