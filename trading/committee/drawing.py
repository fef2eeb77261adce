"""Draw a lot's experts: say what is needed, draw, ask those drawn, let others follow, seat who accepted.

Who runs a tender sets what is needed and presses the button; whom it drew is told to nobody but them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import update

from govcore.audit.service import record
from govcore.authority.proposals import checked_reason
from govcore.clock import start_text
from govcore.db import Tx
from govcore.errors import Problem
from govcore.identity.policy import Actor, require
from govcore.keys import KeyWrapper
from govcore.vault import Vault
from trading.committee import drawing_queries as queries
from trading.committee.drawing_policy import (
    Answer,
    may_draw,
    shortages,
    still_wanted,
    terms,
)
from trading.committee.drawing_queries import Asked
from trading.committee.models import ExpertCall
from trading.draws import queries as draws
from trading.draws import service as drawing
from trading.draws.custody import check_keys
from trading.draws.policy import DrawState, Purpose
from trading.experts.policy import Candidate
from trading.tender.queries import lot_context

AVOID_YEARS, ANSWER_WITHIN, HOURS_BEFORE = (
    "expert.avoid_years",
    "expert.answer_within",
    "expert.draw.max_hours_before",
)


class NothingRequired(Problem):
    code = "E_COMMITTEE_NO_NEEDS"
    text = "Nobody has said yet what this lot's committee needs."


class DrawnTooEarly(Problem):
    """So that nobody has long to look for who was drawn; parameter, default not verified."""

    code = "E_DRAW_TOO_EARLY"
    text = "Experts are drawn at most {hours} hours before the evaluation meets: from {from_time} on (expert.draw.max_hours_before)."  # noqa: E501


class TooFewInPool(Problem):
    code = "E_POOL_TOO_SMALL"
    text = "The pool is too small for the speciality {speciality}: {needed} are needed, {found} can be drawn. Widen the speciality or the areas, with a reason; that is recorded."  # noqa: E501


class CallOver(Problem):
    code = "E_CALL_OVER"
    text = "This call is answered or its time is over; somebody else has been asked."


def start_draw(tx: Tx, wrapper: KeyWrapper, vault: Vault, lot_id: str, *, actor: Actor, at: datetime) -> str:
    """Announce the draw of what is still wanted, by the centre, near the evaluation; the draw's id.

    Excluded is who the project's own facts keep out (招标投标法 art. 37, 实施条例 art. 46); bidders are unknown yet.
    """
    require(actor, "committee.draw")
    context, asked = lot_context(tx, lot_id), queries.asked_of(tx, lot_id)
    if asked is None:
        raise NothingRequired
    rules = context.rule_set
    seconds = rules.seconds(HOURS_BEFORE)
    if not may_draw(asked.meets_at, at=at, seconds_before=seconds):
        from_time = start_text(asked.meets_at - timedelta(seconds=seconds))
        raise DrawnTooEarly(hours=seconds // 3600, from_time=from_time)
    about = str(asked.number)
    last = draws.present(tx, lot_id, purpose=Purpose.EXPERTS, about=about)
    number = last.number + 1 if last else 1
    found = {
        queries.entrant_id(vault, lot_id, about, number, one.expert_id): one
        for one in _new_candidates(tx, wrapper, vault, lot_id, asked)
    }
    drawn = terms(
        found,
        still_wanted(asked.wanted, queries.accepted_before(tx, lot_id)),
        queries.bodies(context, asked),
        on=asked.on,
        years=rules.count(AVOID_YEARS),
    )
    for short in shortages(drawn.quotas):
        raise TooFewInPool(speciality=short.speciality, needed=short.needed, found=short.found)
    check_keys(tx, lot_id)
    return drawing.announce(
        tx,
        lot_id=lot_id,
        purpose=Purpose.EXPERTS,
        about=about,
        pool=drawn.pool,
        exclusions=drawn.exclusions,
        quotas=drawn.quotas,
        actor=actor.user_id,
        at=at,
    )


def answer_call(
    tx: Tx,
    vault: Vault,
    draw_id: str,
    *,
    accepts: bool,
    reason: str,
    actor: Actor,
    at: datetime,
) -> None:
    """The answer of somebody drawn, on the site; who declines gives the reason."""
    require(actor, "committee.answer")
    mine = [one for one in queries.own_calls(tx, vault, actor=actor) if one.draw_id == draw_id]
    if not mine:
        raise CallOver
    if not accepts:
        reason = checked_reason(reason)
    keep_answer(
        tx,
        draw_id,
        mine[0].entrant,
        Answer.ACCEPTED if accepts else Answer.DECLINED,
        how="site",
        reason=reason,
        at=at,
    )


def keep_answer(
    tx: Tx,
    draw_id: str,
    entrant: str,
    state: Answer,
    *,
    how: str,
    at: datetime,
    reason: str = "",
    sources: Sequence[Answer] = (Answer.ASKED,),
) -> None:
    """Record an answer, a silence or a conflict; who gives way is followed by the next ticket of the quota."""
    moved = tx.execute(
        update(ExpertCall)
        .where(ExpertCall.draw_id == draw_id, ExpertCall.entrant == entrant, ExpertCall.state.in_(sources))
        .values(state=state, answered_at=at, how=how)
        .returning(ExpertCall.entrant)
    ).one_or_none()
    if moved is None:
        raise CallOver
    data = {"entrant": entrant, "answer": state, "how": how, "reason": reason}
    record(tx, "committee.call_answered", subject=draw_id, actor="system", at=at, data=data)
    if state is not Answer.ACCEPTED:
        drawing.decline(tx, draw_id, entrant, reason=state, actor="system", at=at)


def _new_candidates(tx: Tx, wrapper: KeyWrapper, vault: Vault, lot_id: str, asked: Asked) -> list[Candidate]:
    """Who is in the pool and was not drawn for this lot in an earlier draw."""
    called: set[str] = {call.entrant for call in queries.calls_of(tx, lot_id)}
    found = queries.candidates(tx, wrapper, asked)
    for draw in queries.draws_of(tx, lot_id):
        by_id = queries.entrants(vault, draw, found)
        gone = {one.expert_id for entrant, one in by_id.items() if entrant in called}
        found = [one for one in found if one.expert_id not in gone]
    return found


def publish_draws(tx: Tx, lot_id: str, *, at: datetime) -> None:
    """Show the draws of a lot's experts to everybody: its result is published, so names are no secret any more."""
    for draw in queries.draws_of(tx, lot_id):
        if draw.state == DrawState.DRAWN:
            drawing.publish(tx, draw.id, at=at)
