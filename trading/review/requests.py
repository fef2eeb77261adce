"""Questions of the committee to one bidder through the platform, and what the bidder says, in its window.

Other bidders see nothing of it; the bidder sees who asks as “the committee”.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from govcore import clock
from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from govcore.notify.service import tell
from trading.opening.models import OpeningBid
from trading.opening.queries import OpenedBid
from trading.review.facts import Facts, RequestView, request_view
from trading.review.files import Stored
from trading.review.models import AnswerFile, Request
from trading.review.moves import move_request
from trading.review.policy import (
    ANSWER_MAX,
    QUESTION_MAX,
    REQUEST_RULES,
    WINDOWS,
    RequestKind,
    RequestMove,
    abnormal_cause,
)
from trading.review.service import AlreadyRaised, begin_gate, leading, said_why
from trading.tender.policy import Step
from trading.tender.queries import LotContext, lot_context
from trading.tender.suspensions import frozen_of


class QuestionText(Problem):
    code = "E_QUESTION"
    status = 422
    text = "Ask in 1 to {most} characters. The bidder reads this text, and nobody else of the bidders."


class AnswerText(Problem):
    code = "E_ANSWER"
    status = 422
    text = "Answer in 1 to {most} characters; what does not fit comes as a file."


class SubstanceKept(Problem):
    """招标投标法 art. 39; 政府采购货物和服务招标投标管理办法 art. 51."""

    code = "E_SUBSTANCE"
    status = 422
    text = (
        "State that your answer changes neither the price nor the substance of your bid: what does is not taken "
        "(招标投标法 art. 39; 87号令 art. 51)."
    )


class WindowOver(Problem):
    code = "E_WINDOW_OVER"
    text = "The time for an answer is over; it ended at {until}."


class ChooseOne(Problem):
    code = "E_CORRECTION_ANSWER"
    status = 422
    text = "Say whether you confirm the correction or refuse it."


class StillWaiting(Problem):
    code = "E_STILL_WAITING"
    text = "The bidder still has a question of this kind before it. Wait for the answer, or take the question back."


def ask(tx: Tx, lot_id: str, *, bid_id: str, kind: RequestKind, text: str, actor: Actor, at: datetime) -> str:
    """Ask a bidder, as the leader for the committee, for a clarification or about a price too low to believe."""
    known = leading(tx, lot_id, actor=actor, at=at)
    text = text.strip()
    if not text or len(text) > QUESTION_MAX:
        raise QuestionText(most=QUESTION_MAX)
    return send(tx, known, bid_id=bid_id, kind=kind, text=text, detail=None, actor=actor, at=at)


def send(
    tx: Tx,
    known: Facts,
    *,
    bid_id: str,
    kind: RequestKind,
    text: str,
    detail: Mapping[str, Any] | None,
    actor: Actor,
    at: datetime,
) -> str:
    """Keep a request and tell the bidder's people that there is one, not what it says."""
    bid = next((one for one in known.bids if one.bid_id == bid_id), None)
    if bid is None:
        raise NotFound
    if any(one.bid_id == bid_id and one.kind is kind and one.waiting for one in known.requests):
        raise StillWaiting
    row = Request(
        id=new_id(),
        lot_id=known.context.lot_id,
        bid_id=bid_id,
        kind=kind,
        state="asked",
        text=text,
        detail=None if detail is None else dict(detail),
        asked_by=actor.user_id,
        asked_at=at,
        window=known.context.rule_set.seconds(WINDOWS[kind]),
    )
    tx.add(row)
    tx.flush()
    data = {"request": row.id, "bid": bid_id, "kind": kind}
    record(tx, "review.asked", subject=row.lot_id, actor=actor.user_id, at=at, data=data)
    _tell(tx, known.context, bid, row, at=at)
    return row.id


def _tell(tx: Tx, context: LotContext, bid: OpenedBid, row: Request, *, at: datetime) -> None:
    tell(
        tx,
        identity.users_with_role(tx, Role.BIDDER, org_id=bid.org_id),
        about=f"review/{row.id}",
        text="{title}, {lot}: the evaluation committee asks something of you. Read it and answer in time.",
        data={"title": context.title, "lot": context.lot_name},
        href=f"/review/requests/{row.id}",
        at=at,
    )


def withdraw(tx: Tx, lot_id: str, *, request_id: str, actor: Actor, at: datetime) -> None:
    """Take a question back, as the leader, before it is answered."""
    known = leading(tx, lot_id, actor=actor, at=at)
    row = tx.get(Request, request_id)
    if row is None or row.lot_id != known.context.lot_id:
        raise NotFound
    move_request(tx, row, RequestMove.WITHDRAW)
    record(
        tx,
        REQUEST_RULES[RequestMove.WITHDRAW].event,
        subject=lot_id,
        actor=actor.user_id,
        at=at,
        data={"request": row.id},
    )


def answer(
    tx: Tx,
    request_id: str,
    *,
    text: str,
    kept: bool,
    files: Sequence[Stored],
    actor: Actor,
    at: datetime,
) -> None:
    """Answer a question, for the bidder, in its window; with that the bidder states that price and substance stay.

    An explained price is put to the committee's vote by itself.
    """
    row, view = _own(tx, request_id, actor=actor, at=at)
    text = text.strip()
    if not text or len(text) > ANSWER_MAX:
        raise AnswerText(most=ANSWER_MAX)
    if not kept:
        raise SubstanceKept
    if view.kind is RequestKind.CORRECTION:
        raise MoveNotAllowed(move=RequestMove.ANSWER, state=row.state)
    _settle(tx, row, RequestMove.ANSWER, text=text, actor=actor, at=at)
    tx.add_all(
        AnswerFile(
            request_id=row.id,
            number=number,
            name=file.name,
            sha256=file.sha256,
            size=file.size,
            store_key=file.key,
        )
        for number, file in enumerate(files, start=1)
    )


def decide_correction(
    tx: Tx, request_id: str, *, agreed: bool, text: str, actor: Actor, at: datetime
) -> None:
    """Confirm or refuse a correction of one's own arithmetic, for the bidder; refusing makes the bid invalid."""
    row, view = _own(tx, request_id, actor=actor, at=at)
    if view.kind is not RequestKind.CORRECTION:
        raise MoveNotAllowed(move=RequestMove.CONFIRM, state=row.state)
    text = text.strip()
    if len(text) > ANSWER_MAX:
        raise AnswerText(most=ANSWER_MAX)
    _settle(tx, row, RequestMove.CONFIRM if agreed else RequestMove.REFUSE, text=text, actor=actor, at=at)


def _own(tx: Tx, request_id: str, *, actor: Actor, at: datetime) -> tuple[Request, RequestView]:
    """A request to the actor's own organisation, locked and still in its window."""
    require(actor, "review.answer")
    row = tx.get(Request, request_id, with_for_update=True)
    if row is None or not _is_own(tx, row, actor):
        raise NotFound
    view = request_view(row, frozen=frozen_of(tx, row.lot_id, Step.EVALUATION), at=at)
    if view.lapsed:
        raise WindowOver(until=view.until.astimezone(clock.BEIJING).strftime("%Y-%m-%d %H:%M:%S"))
    return row, view


def _is_own(tx: Tx, row: Request, actor: Actor) -> bool:
    return tx.get_one(OpeningBid, row.bid_id).org_id == actor.org_id


def _settle(tx: Tx, row: Request, move: RequestMove, *, text: str, actor: Actor, at: datetime) -> None:
    move_request(tx, row, move)
    row.answer, row.answered_by, row.answered_at = text, actor.user_id, at
    tx.flush()
    data = {"request": row.id, "bid": row.bid_id}
    record(tx, REQUEST_RULES[move].event, subject=row.lot_id, actor=actor.user_id, at=at, data=data)


def judge_price(tx: Tx, lot_id: str, *, bid_id: str, why: str, actor: Actor, at: datetime) -> str:
    """Put to the committee's vote, as the leader, whether a price was explained: after the answer or its time."""
    known = leading(tx, lot_id, actor=actor, at=at)
    asked = [one for one in known.requests if one.bid_id == bid_id and one.kind is RequestKind.ABNORMAL_PRICE]
    cause = abnormal_cause(known.context.rule_set.regime)
    if not asked or asked[-1].waiting:
        raise StillWaiting if asked else NotFound
    bid = next(one for one in known.bids if one.bid_id == bid_id)
    node = f"{cause.id}-{bid.number}"
    if known.gate(node) is not None:
        raise AlreadyRaised
    return begin_gate(tx, lot_id, cause, node, bid_id=bid_id, why=said_why(why), actor=actor, at=at)


def own_requests(tx: Tx, *, actor: Actor) -> list[tuple[LotContext, RequestView]]:
    """Everything that committees asked of the actor's organisation, the newest first."""
    query = select(Request).join(OpeningBid, OpeningBid.bid_id == Request.bid_id)
    rows = tx.scalars(query.where(OpeningBid.org_id == actor.org_id).order_by(Request.asked_at.desc()))
    at = clock.now(tx)
    return [
        (
            lot_context(tx, row.lot_id),
            request_view(row, frozen=frozen_of(tx, row.lot_id, Step.EVALUATION), at=at),
        )
        for row in rows
    ]


def own_request(tx: Tx, request_id: str, *, actor: Actor) -> tuple[LotContext, RequestView, list[AnswerFile]]:
    """One of them with the files of the answer; `NotFound` for everybody else's."""
    row = tx.get(Request, request_id)
    if row is None or not _is_own(tx, row, actor):
        raise NotFound
    view = request_view(row, frozen=frozen_of(tx, row.lot_id, Step.EVALUATION), at=clock.now(tx))
    return lot_context(tx, row.lot_id), view, files_of(tx, request_id)


def files_of(tx: Tx, request_id: str) -> list[AnswerFile]:
    """The files of an answer by their numbers, for who may see it."""
    query = select(AnswerFile).where(AnswerFile.request_id == request_id)
    return list(tx.scalars(query.order_by(AnswerFile.number)))
