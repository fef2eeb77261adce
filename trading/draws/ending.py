"""A draw that cannot go on is ended by two people, with a reason that everybody reads; then it may be repeated."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from govcore import clock
from govcore.db import Tx
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.identity.policy import Actor, Role
from govcore.platform import Platform
from trading.draws import policy
from trading.draws.models import Draw
from trading.draws.moves import give_up, locked
from trading.draws.policy import RULES, DrawMove, DrawState, VoidCause
from trading.draws.words import PURPOSE_WORDS
from trading.tender import queries as tenders
from trading.tender.acts import Said


class StillGoesOn(Problem):
    """Ending a draw once values are revealed would choose among results."""

    code = "E_DRAW_GOES_ON"
    text = (
        "Values are being revealed: the draw is ended only when one of them is overdue and cannot be opened."
    )


def ending(tx: Tx, draw_id: str, said: Said, actor: Actor) -> Mapping[str, str | int]:
    """What would be ended; the centre proposes it, the supervising department confirms it."""
    draw = tx.get(Draw, draw_id)
    if draw is None:
        raise NotFound
    lot = tenders.lot_context(tx, draw.lot_id)
    if Role.CENTRE not in actor.roles and lot.regulator.id != actor.org_id:
        raise NotFound
    check_endable(draw, at=clock.now(tx))
    return {
        "lot": lot.lot_code,
        "title": f"{lot.title} · {lot.lot_name}",
        "purpose": PURPOSE_WORDS[policy.Purpose(draw.purpose)],
        "number": draw.number,
        "notice": said.notice,
    }


def end(tx: Tx, _platform: Platform, draw_id: str, said: Said, *, proposer: Actor, second: Actor) -> None:
    at, draw = clock.now(tx), locked(tx, draw_id)
    check_endable(draw, at=at)
    give_up(tx, draw, VoidCause.DECIDED, notice=said.notice, at=at)


def check_endable(draw: Draw, *, at: datetime) -> None:
    """Before the reveals at any time; afterwards only when a value is overdue, for nobody may end what is known."""
    if draw.state not in RULES[DrawMove.GIVE_UP].sources:
        raise MoveNotAllowed(move="draw.end", state=draw.state)
    late = policy.takes_escrow(draw.state, reveal_until=draw.reveal_until, now=at)
    if draw.state == DrawState.REVEALING and not late:
        raise StillGoesOn
