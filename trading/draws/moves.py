"""The steps that change a draw: locked, by the rule table, each with its event in the log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update

from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import Malformed, MoveNotAllowed, NotFound, Problem
from trading.draws import escrow, policy, queries
from trading.draws.escrow import Committing
from trading.draws.models import Capsule, Contributor, Draw
from trading.draws.policy import RULES, DrawMove, VoidCause
from trading.draws.replay import HEX

OWN, ESCROWED = "own", "escrow"


class BadEscrow(Problem):
    code = "E_DRAW_CAPSULES"
    status = 422
    text = "There must be one capsule for each custodian of this draw."


def locked(tx: Tx, draw_id: str) -> Draw:
    """The draw, locked until the caller commits: of two who act at once one sees what the other did."""
    query = select(Draw).where(Draw.id == draw_id).with_for_update()
    draw = tx.scalar(query.execution_options(populate_existing=True))
    if draw is None:
        raise NotFound
    return draw


def move(tx: Tx, draw: Draw, step: DrawMove, *, data: Mapping[str, object], at: datetime) -> None:
    """Move a draw's state and log it, or raise `MoveNotAllowed` and change nothing."""
    rule = RULES[step]
    found = tx.execute(
        update(Draw)
        .where(Draw.id == draw.id, Draw.state.in_(rule.sources))
        .values(state=rule.target)
        .returning(Draw.id)
    ).one_or_none()
    if found is None:
        raise MoveNotAllowed(move=f"draw.{step}", state=draw.state)
    log(tx, draw, rule.event, data=data, actor="system", at=at)


def log(tx: Tx, draw: Draw, event: str, *, data: Mapping[str, object], actor: str, at: datetime) -> None:
    """Log what happened to a draw; what is logged in clear names no person."""
    named = "system" if draw.purpose in policy.OPEN_PURPOSES else actor
    record(tx, policy.logged_as(event, draw.purpose), subject=draw.id, actor=named, at=at, data=data)


def keep_commitment(
    tx: Tx, draw: Draw, own: Contributor, given: Committing, *, actor: str, at: datetime
) -> None:
    if not HEX.fullmatch(given.commitment):
        raise Malformed(detail="a commitment is 64 hex digits")
    seats = {one.custodian for one in queries.escrows(tx, draw.id)}
    if set(given.capsules) != seats or max(map(len, given.capsules.values())) > escrow.MAX_CAPSULE:
        raise BadEscrow
    own.commitment, own.committed_by, own.committed_at = given.commitment, actor, at
    tx.add_all(
        Capsule(draw_id=draw.id, name=own.name, custodian=seat, data=data)
        for seat, data in given.capsules.items()
    )
    tx.flush()
    said = {"name": own.name, "commitment": given.commitment}
    log(tx, draw, "draw.committed", data=said, actor=actor, at=at)


def keep_reveal(
    tx: Tx, draw: Draw, own: Contributor, value: str, *, opened: str, actor: str, at: datetime
) -> None:
    own.reveal, own.opened, own.revealed_at, own.own = value, opened, at, None
    tx.flush()
    data = {"name": own.name, "reveal": value, "opened": opened}
    log(tx, draw, "draw.revealed", data=data, actor=actor, at=at)


def give_up(
    tx: Tx, draw: Draw, cause: VoidCause, *, by: str | None = None, notice: str = "", at: datetime
) -> None:
    """Make a draw void; who caused it stays named, and what everybody reads about it stands in the log."""
    draw.void_cause, draw.void_by = cause, by
    tx.flush()
    data = {"cause": cause, "by": by} | ({"notice": notice} if notice else {})
    move(tx, draw, DrawMove.GIVE_UP, data=data, at=at)
