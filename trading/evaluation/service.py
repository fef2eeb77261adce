"""Appoint a committee, note what it reads, complete an evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from trading.evaluation.facts import must_avoid
from trading.evaluation.models import Evaluation, EvaluationRound, Member, Outcome
from trading.evaluation.points import Result
from trading.evaluation.policy import COMMITTEE_MIN, committee_is_lawful
from trading.evaluation.rounds import begin_round
from trading.evaluation.sheet_queries import my_sheet
from trading.evaluation.sheets import ExpertMustAvoid, opened
from trading.review.queries import check_qualified
from trading.tender.moves import move_lot
from trading.tender.policy import LOT_RULES, LotMove


class CommitteeSize(Problem):
    """招标投标法 art. 37."""

    code = "E_COMMITTEE_SIZE"
    status = 422
    text = "A committee needs an odd number of different members, at least {minimum} (招标投标法 art. 37)."


class NotAnExpert(Problem):
    code = "E_NOT_EXPERT"
    status = 422
    text = "Only active experts can be members of a committee."


class CommitteeExists(Problem):
    code = "E_COMMITTEE_EXISTS"
    text = "This lot has its committee already."


def appoint(tx: Tx, lot_id: str, *, user_ids: Sequence[str], actor: Actor, at: datetime) -> None:
    """Appoint the committee of an opened lot, once; seats follow the order of the ids."""
    require(actor, "evaluation.appoint")
    context = opened(tx, lot_id, at=at)
    check_qualified(tx, context)
    if not committee_is_lawful(user_ids):
        raise CommitteeSize(minimum=COMMITTEE_MIN)
    if not set(user_ids) <= set(identity.users_with_role(tx, Role.EXPERT)):
        raise NotAnExpert
    homes = {identity.actor_of_user(tx, user_id).org_id for user_id in user_ids}
    if any(must_avoid(tx, context, org_id) for org_id in homes):
        raise ExpertMustAvoid
    if tx.get(Evaluation, lot_id) is not None:
        raise CommitteeExists
    tx.add(Evaluation(lot_id=lot_id, round=context.round, appointed_by=actor.user_id, appointed_at=at))
    try:
        tx.flush()
    except IntegrityError as error:
        raise CommitteeExists from error
    begin_round(tx, context, number=1, at=at)
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


def complete(
    tx: Tx,
    lot_id: str,
    *,
    number: int,
    result: Result,
    report_key: str,
    report_sha256: str,
    at: datetime,
) -> bool:
    """Record the result of an evaluation whose sheets are all locked; false when another was first."""
    claimed = tx.execute(
        update(EvaluationRound)
        .where(
            EvaluationRound.lot_id == lot_id,
            EvaluationRound.number == number,
            EvaluationRound.completed_at.is_(None),
        )
        .values(
            completed_at=at,
            report_key=report_key,
            report_sha256=report_sha256,
            benchmark=None if result.benchmark_fen is None else str(result.benchmark_fen / 100),
        )
        .returning(EvaluationRound.lot_id)
    ).one_or_none()
    if claimed is None:
        return False
    move_lot(tx, lot_id, LotMove.EVALUATE, at=at)
    outcomes = _outcomes(lot_id, number, result)
    tx.add_all(outcomes)
    ranking = [{"bid": o.bid_id, "rank": o.rank, "total": o.total, "invalid": o.invalid} for o in outcomes]
    data = {"report_sha256": report_sha256, "ranking": ranking}
    record(tx, LOT_RULES[LotMove.EVALUATE].event, subject=lot_id, actor="system", at=at, data=data)
    return True


def _outcomes(lot_id: str, number: int, result: Result) -> list[Outcome]:
    return [
        Outcome(
            lot_id=lot_id,
            number=number,
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
    if bid_id not in {bid.bid_id for bid in my_sheet(tx, lot_id, actor=actor).bids}:
        raise NotFound
    data = {"lot_id": lot_id, "part": part}
    record(tx, "evaluation.document_read", subject=bid_id, actor=actor.user_id, at=at, data=data)
