"""The way of a bad rating: verify, put right, ask after; or dispute, which a second person decides."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, update

from bureau.ratings import queries
from bureau.ratings.models import BadRating, Contact, Step
from bureau.ratings.policy import LOOP_RULES, OPEN, Move, Outcome, State, due, is_over
from bureau.ratings.schemas import Answer, Handling, Rectification, Revisit
from bureau.ratings.service import SERVED, SelfRating, hash_of, tell_assessors
from govcore.audit.service import record
from govcore.calendar.queries import calendar_of
from govcore.db import Tx
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.identity.policy import Actor, require


class SecondPersonDecides(Problem):
    code = "E_SECOND_PERSON"
    status = 403
    text = "A dispute is decided by somebody else than the person who raised it."


class MustBeAsked(Problem):
    """Every bad rating with a name is asked after."""

    code = "E_MUST_BE_ASKED"
    text = "This person left a name, so the matter is closed with their answer only."


class MayStillAnswer(Problem):
    code = "E_MAY_ANSWER"
    text = "The person may answer at their link until {day}; it cannot be closed without an answer before."


def handle(tx: Tx, rating_id: str, given: Handling, *, actor: Actor, at: datetime) -> None:
    """Confirm a rating, or say why it is a mistake or malicious; a second person upholds or rejects that."""
    move = Move(given.move)
    disputed = {"disputed_by": actor.user_id} if move is Move.DISPUTE else {}
    _act(tx, rating_id, move, given.words, actor=actor, at=at, **disputed)


def rectify(tx: Tx, rating_id: str, given: Rectification, *, actor: Actor, at: datetime) -> None:
    """Say how it was put right; the person served reads the feedback at their link."""
    values = {"remedy": given.remedy, "feedback": given.feedback.strip()}
    _act(tx, rating_id, Move.RECTIFY, given.feedback, actor=actor, at=at, **values)


def revisit(tx: Tx, rating_id: str, given: Revisit, *, actor: Actor, at: datetime) -> None:
    """Close with what the person said when asked; only who left no name may have been out of reach."""
    row = queries.bad_row(tx, rating_id, actor=actor)
    if given.outcome is Outcome.UNREACHED:
        if row.named:
            raise MustBeAsked
        last = due(row.since, row.limit_days or 0, calendar=calendar_of(tx))
        if row.state == State.RECTIFIED and not is_over(last, now=at):
            raise MayStillAnswer(day=last.day.isoformat())
    _act(tx, rating_id, Move.REVISIT, given.words, actor=actor, at=at, outcome=given.outcome)


def answer(tx: Tx, code: str, given: Answer, *, actor: Actor, at: datetime) -> None:
    """Close with the own answer of the person served, who needs no permission but the code."""
    service = queries.service_by_code(tx, hash_of(code), lock=True)
    if actor.org_id == service.org_id:
        raise SelfRating
    row = queries.bad_of_service(tx, service.id)
    if row is None:
        raise NotFound
    outcome = Outcome.SATISFIED if given.satisfied else Outcome.UNSATISFIED
    _move(tx, row, service.org_id, Move.REVISIT, given.words, by=None, at=at, outcome=outcome)
    tell_assessors(tx, service.org_id, row.rating_id, "answered", at=at)


def _act(
    tx: Tx, rating_id: str, move: Move, words: str, *, actor: Actor, at: datetime, **values: Any
) -> None:
    require(actor, LOOP_RULES[move].permission)
    row = queries.bad_row(tx, rating_id, actor=actor)
    if move in (Move.UPHOLD, Move.REJECT) and row.disputed_by == actor.user_id:
        raise SecondPersonDecides
    assert actor.org_id is not None  # `bad_row` finds nothing for people of no organ
    _move(tx, row, actor.org_id, move, words, by=actor.user_id, at=at, **values)


def _move(
    tx: Tx,
    row: BadRating,
    org_id: str,
    move: Move,
    words: str,
    *,
    by: str | None,
    at: datetime,
    **values: Any,
) -> None:
    """One compare-and-swap by the rule table, with the time that the new state has; or `MoveNotAllowed`."""
    rule = LOOP_RULES[move]
    limit = queries.terms_of(tx, org_id).days_in(rule.target)
    here = update(BadRating).where(BadRating.rating_id == row.rating_id, BadRating.state.in_(rule.sources))
    changed = here.values(state=rule.target, since=at, limit_days=limit, **values)
    if tx.scalar(changed.returning(BadRating.rating_id)) is None:
        tx.refresh(row)
        raise MoveNotAllowed(move=move, state=row.state)
    tx.add(Step(rating_id=row.rating_id, move=move, words=words.strip(), by=by, at=at))
    if rule.target not in OPEN:
        tx.execute(delete(Contact).where(Contact.rating_id == row.rating_id))
    outcome = values.get("outcome")
    data = {"outcome": outcome} if outcome else {}
    record(tx, rule.event, subject=row.rating_id, actor=by or SERVED, at=at, data=data)
