"""Evaluate a lot again, for a listed cause and by two people: the round before is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from sqlalchemy import insert, select

from govcore import clock
from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, Role, require
from govcore.platform import Platform
from trading.evaluation.causes import Cause, CauseRule, causes_of
from trading.evaluation.facts import present_round, seats
from trading.evaluation.models import Entry, Sheet
from trading.evaluation.rounds import begin_round
from trading.evaluation.sheet_queries import marks_of
from trading.review.service import reopen_all
from trading.tender.moves import OutOfOrder, move_lot
from trading.tender.policy import LOT_RULES, LotMove
from trading.tender.queries import LotContext, lot_context

TEXT_MAX = 500


class NotToBeRepeated(Problem):
    code = "E_EVALUATE_AGAIN"
    text = "A lot is evaluated again only for a cause that the law names: {bases}."


class Repeat(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """For what cause, and what happened."""

    cause: Cause
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_MAX)]


def repetition(tx: Tx, lot_id: str, found: Repeat, actor: Actor) -> dict[str, str | int]:
    """What evaluating again would mean, for the lot's own side and its supervising department."""
    context = lot_context(tx, lot_id)
    own = (Role.TENDERER in actor.roles and actor.org_id == context.tenderer.id) or (
        Role.AGENCY in actor.roles and actor.org_id == context.agency.id
    )
    if not own and not (Role.REGULATOR in actor.roles and actor.org_id == context.regulator.id):
        raise NotFound
    rule = _rule(context, found.cause)
    present = present_round(tx, lot_id)
    if present is None or present.completed_at is None or context.state not in _SOURCES:
        raise OutOfOrder.of(LotMove.EVALUATE_AGAIN, context.state)
    return {
        "lot": context.lot_code,
        "title": f"{context.title} · {context.lot_name}",
        "number": present.number + 1,
        "cause": rule.text,
        "basis": rule.basis,
        "text": found.text,
    }


_SOURCES = LOT_RULES[LotMove.EVALUATE_AGAIN].sources


def repeat(
    tx: Tx, _platform: Platform, lot_id: str, found: Repeat, *, proposer: Actor, second: Actor
) -> None:
    """Begin the next round: its gates are open again, members who still sit go on from their last sheets.

    Gates stay where only scores were wrong, sheets are left where they count for nothing.
    """
    require(proposer, "evaluation.repeat")
    at, context = clock.now(tx), lot_context(tx, lot_id)
    rule = _rule(context, found.cause)
    move_lot(tx, lot_id, LotMove.EVALUATE_AGAIN, at=at)
    before = present_round(tx, lot_id)
    assert before is not None  # the lot was evaluated
    number = before.number + 1
    begin_round(tx, context, number=number, at=at)
    row = present_round(tx, lot_id)
    assert row is not None  # it has just begun
    row.cause, row.reason, row.resumes = found.cause, found.text, context.state
    row.proposed_by, row.confirmed_by = proposer.user_id, second.user_id
    tx.flush()
    if not rule.scores_only:
        reopen_all(tx, lot_id, why=found.text, actor=proposer, at=at)
    if not rule.anew:
        for user_id in seats(tx, lot_id):
            _go_on(tx, lot_id, before.number, user_id, at=at)
    data = {
        "lot": context.lot_code,
        "number": number,
        "cause": found.cause,
        "basis": rule.basis,
        "second": second.user_id,
    }
    event = LOT_RULES[LotMove.EVALUATE_AGAIN].event
    record(tx, event, subject=lot_id, actor=proposer.user_id, at=at, data=data)


def _rule(context: LotContext, cause: Cause) -> CauseRule:
    known = causes_of(context)
    if cause not in known:
        raise NotToBeRepeated(bases=", ".join(one.basis for one in known.values()))
    return known[cause]


def _go_on(tx: Tx, lot_id: str, number: int, user_id: str, *, at: datetime) -> None:
    """Give a member's sheet of the round before to the next one, open."""
    if tx.scalar(select(Sheet.user_id).filter_by(lot_id=lot_id, number=number, user_id=user_id)) is None:
        return
    whose = {"lot_id": lot_id, "number": number + 1, "user_id": user_id}
    tx.add(Sheet(**whose, saved_at=at))
    tx.flush()
    given = [
        (bid, leaf, value)
        for bid, row in marks_of(tx, lot_id, number, user_id).items()
        for leaf, value in row.items()
    ]
    rows = [
        whose | {"seq": seq, "bid_id": bid, "node_id": leaf, "value": value, "why": "", "at": at}
        for seq, (bid, leaf, value) in enumerate(given, start=1)
    ]
    if rows:
        tx.execute(insert(Entry), rows)
