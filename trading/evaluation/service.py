"""Appoint a committee, fill and lock sheets, complete an evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from trading.evaluation import queries
from trading.evaluation.models import Evaluation, Member, Outcome, SheetPoints
from trading.evaluation.points import Item, Result
from trading.evaluation.policy import (
    COMMITTEE_MIN,
    EVALUABLE,
    committee_is_lawful,
    hundredths,
    missing_items,
    scored_items,
    sheet_digest,
)
from trading.review.queries import bids_left, check_qualified
from trading.tender.moves import move_lot
from trading.tender.policy import LOT_RULES, LotMove, Step
from trading.tender.queries import LotContext, lot_context
from trading.tender.suspensions import keep_running


class LotNotOpened(Problem):
    code = "E_NOT_OPENED"
    text = "The bids of this lot have not been opened, so it cannot be evaluated."


class CommitteeSize(Problem):
    """招标投标法 art. 37."""

    code = "E_COMMITTEE_SIZE"
    status = 422
    text = "A committee needs an odd number of different members, at least {minimum} (招标投标法 art. 37)."


class NotAnExpert(Problem):
    code = "E_NOT_EXPERT"
    status = 422
    text = "Only active experts can be members of a committee."


class ExpertMustAvoid(Problem):
    """招标投标法 art. 37: nobody with an interest in a bidder."""

    code = "E_EXPERT_AVOIDS"
    status = 422
    text = "Experts who work for a bidder of this tender or its supervisor must not evaluate it (招标投标法 art. 37)."


class CommitteeExists(Problem):
    code = "E_COMMITTEE_EXISTS"
    text = "This lot has its committee already."


class NotAMember(Problem):
    code = "E_NOT_MEMBER"
    status = 403
    text = "You are not a member of this lot's committee."


class SheetLocked(Problem):
    code = "E_SHEET_LOCKED"
    text = "Your sheet is locked and can no longer be changed."


class UnknownScore(Problem):
    code = "E_SCORE_UNKNOWN"
    status = 422
    text = "The sheet names a bid or an item that is not scored in this lot."


class ScoreOutOfRange(Problem):
    code = "E_SCORE_RANGE"
    status = 422
    text = "Points for “{item}” must be a number from 0 to {maximum} with at most two decimals."


class SheetIncomplete(Problem):
    code = "E_SHEET_INCOMPLETE"
    text = "{missing} of {total} fields are still empty; fill them before you lock the sheet."


def appoint(tx: Tx, lot_id: str, *, user_ids: Sequence[str], actor: Actor, at: datetime) -> None:
    """Appoint the committee of an opened lot, once; seats follow the order of the ids."""
    require(actor, "evaluation.appoint")
    context = _opened(tx, lot_id, at=at)
    check_qualified(tx, context)
    if not committee_is_lawful(user_ids):
        raise CommitteeSize(minimum=COMMITTEE_MIN)
    if not set(user_ids) <= set(identity.users_with_role(tx, Role.EXPERT)):
        raise NotAnExpert
    homes = {identity.actor_of_user(tx, user_id).org_id for user_id in user_ids}
    if any(queries.must_avoid(tx, context, org_id) for org_id in homes):
        raise ExpertMustAvoid
    if tx.get(Evaluation, lot_id) is not None:
        raise CommitteeExists
    tx.add(Evaluation(lot_id=lot_id, round=context.round, appointed_by=actor.user_id, appointed_at=at))
    try:
        tx.flush()
    except IntegrityError as error:
        raise CommitteeExists from error
    tx.add_all(
        Member(lot_id=lot_id, user_id=user_id, seat=seat) for seat, user_id in enumerate(user_ids, start=1)
    )
    record(
        tx,
        "evaluation.appointed",
        subject=lot_id,
        actor=actor.user_id,
        at=at,
        data={"lot": context.lot_code, "members": list(user_ids)},
    )


def save_sheet(
    tx: Tx, lot_id: str, *, points: Mapping[str, Mapping[str, str]], actor: Actor, at: datetime
) -> None:
    """Replace the member's points for the bids that are named; an empty text leaves a field open."""
    require(actor, "evaluation.score")
    _hold_open_sheet(tx, lot_id, actor=actor, saved_at=at)
    context = _opened(tx, lot_id, at=at)
    criteria, _ = queries.basis(context)
    items = {item.id: item for item in scored_items(criteria)}
    bids = {bid.bid_id for bid in bids_left(tx, lot_id)}
    parsed = {bid: _parse(fields, items) for bid, fields in points.items()}
    if not parsed.keys() <= bids:
        raise UnknownScore
    mine = (SheetPoints.lot_id == lot_id, SheetPoints.user_id == actor.user_id)
    tx.execute(delete(SheetPoints).where(*mine, SheetPoints.bid_id.in_(parsed)))
    tx.add_all(
        SheetPoints(lot_id=lot_id, user_id=actor.user_id, bid_id=bid, item_id=item, hundredths=value)
        for bid, fields in parsed.items()
        for item, value in fields.items()
    )


def lock_sheet(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> None:
    """Lock the member's complete sheet for good; the log keeps its digest."""
    require(actor, "evaluation.score")
    _hold_open_sheet(tx, lot_id, actor=actor, locked_at=at)
    context = _opened(tx, lot_id, at=at)
    criteria, _ = queries.basis(context)
    bid_ids = [bid.bid_id for bid in bids_left(tx, lot_id)]
    points = queries.points_of(tx, lot_id, user_id=actor.user_id)
    if missing := missing_items(criteria, bid_ids, points):
        raise SheetIncomplete(missing=missing, total=len(bid_ids) * len(scored_items(criteria)))
    record(
        tx,
        "evaluation.sheet_locked",
        subject=lot_id,
        actor=actor.user_id,
        at=at,
        data={"lot": context.lot_code, "sheet_sha256": sheet_digest(points)},
    )


def complete(
    tx: Tx, lot_id: str, *, result: Result, report_key: str, report_sha256: str, at: datetime
) -> bool:
    """Record the result of an evaluation whose sheets are all locked; false when another was first."""
    claimed = tx.execute(
        update(Evaluation)
        .where(Evaluation.lot_id == lot_id, Evaluation.completed_at.is_(None))
        .values(
            completed_at=at,
            report_key=report_key,
            report_sha256=report_sha256,
            benchmark_fen=None if result.benchmark_fen is None else str(result.benchmark_fen),
        )
        .returning(Evaluation.lot_id)
    ).one_or_none()
    if claimed is None:
        return False
    move_lot(tx, lot_id, LotMove.EVALUATE, at=at)
    outcomes = _outcomes(lot_id, result)
    tx.add_all(outcomes)
    ranking = [{"bid": o.bid_id, "rank": o.rank, "total": o.total, "invalid": o.invalid} for o in outcomes]
    data = {"report_sha256": report_sha256, "ranking": ranking}
    record(tx, LOT_RULES[LotMove.EVALUATE].event, subject=lot_id, actor="system", at=at, data=data)
    return True


def _opened(tx: Tx, lot_id: str, *, at: datetime) -> LotContext:
    context = lot_context(tx, lot_id)
    if context.state not in EVALUABLE or context.content.prequalifies:
        raise LotNotOpened
    keep_running(tx, lot_id, Step.EVALUATION, at)
    return context


def _hold_open_sheet(tx: Tx, lot_id: str, *, actor: Actor, **change: datetime) -> None:
    """Write to the member's row while it is unlocked: this also keeps a save and a lock apart."""
    if queries.must_avoid(tx, lot_context(tx, lot_id), actor.org_id):
        raise ExpertMustAvoid
    held = tx.execute(
        update(Member)
        .where(Member.lot_id == lot_id, Member.user_id == actor.user_id, Member.locked_at.is_(None))
        .values(**change)
        .returning(Member.seat)
    ).one_or_none()
    if held is None:
        raise NotAMember if tx.get(Member, (lot_id, actor.user_id)) is None else SheetLocked


def _parse(fields: Mapping[str, str], items: Mapping[str, Item]) -> dict[str, int]:
    parsed = {}
    for item_id, text in fields.items():
        if item_id not in items:
            raise UnknownScore
        if not text.strip():
            continue
        item, value = items[item_id], hundredths(text)
        if value is None or value > item.max_points * 100:
            raise ScoreOutOfRange(item=item.label, maximum=item.max_points, field=item_id)
        parsed[item_id] = value
    return parsed


def _outcomes(lot_id: str, result: Result) -> list[Outcome]:
    return [
        Outcome(
            lot_id=lot_id,
            bid_id=standing.bid_id,
            position=position,
            price_fen=standing.price_fen,
            rank=standing.rank,
            total=None if standing.total is None else int(standing.total * 100),
            parts={part.criterion_id: int(part.points * 100) for part in standing.parts},
            invalid=standing.invalid,
        )
        for position, standing in enumerate(result.standings, start=1)
    ]


def note_reading(tx: Tx, lot_id: str, *, bid_id: str, part: str, actor: Actor, at: datetime) -> None:
    """Log that a member reads a part of an opened bid; `NotFound` for everybody else and every other bid."""
    require(actor, "evaluation.score")
    if bid_id not in {bid.bid_id for bid in queries.my_sheet(tx, lot_id, actor=actor).bids}:
        raise NotFound
    data = {"lot_id": lot_id, "part": part}
    record(tx, "evaluation.document_read", subject=bid_id, actor=actor.user_id, at=at, data=data)
