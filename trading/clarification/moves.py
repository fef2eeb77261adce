"""Apply a rule of the table to a clarification of one's own tender: locked, one compare-and-swap, or a refusal."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import select, update

from govcore.db import Tx
from govcore.errors import MoveNotAllowed, NotFound
from govcore.identity.policy import Actor, require
from trading.clarification import queries
from trading.clarification.models import Clarification
from trading.clarification.policy import RULES, Move
from trading.clarification.queries import Party

Side = Literal["agency_id", "tenderer_id"]
SIDES: dict[Move, Side] = {
    Move.HAND_OVER: "agency_id",
    Move.RETURN: "tenderer_id",
    Move.RELEASE: "tenderer_id",
}
"""Whose move it is, by the project's column."""


def held(tx: Tx, clarification_id: str, move: Move, *, actor: Actor) -> tuple[Clarification, Party]:
    """A clarification whose move is the actor's and possible now, locked until the transaction ends."""
    rule = RULES[move]
    require(actor, rule.permission)
    tx.execute(select(Clarification.id).where(Clarification.id == clarification_id).with_for_update())
    row = queries.clarification(tx, clarification_id, actor=actor)
    party = queries.party(tx, row.tender_id, actor=actor)
    if getattr(party.project, SIDES[move]) != actor.org_id:
        raise NotFound
    if row.state != rule.source:
        raise MoveNotAllowed(move=move, state=row.state)
    return row, party


def move(tx: Tx, row: Clarification, move: Move) -> None:
    """Move a clarification's state, or raise `MoveNotAllowed` and change nothing."""
    rule = RULES[move]
    done = update(Clarification).where(Clarification.id == row.id, Clarification.state == rule.source)
    if tx.execute(done.values(state=rule.target).returning(Clarification.id)).one_or_none() is None:
        raise MoveNotAllowed(move=move, state=row.state)
