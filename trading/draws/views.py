"""One draw as its page shows it: to everybody what is public, to contributors and custodians what is theirs to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import or_, select

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.models import Organisation
from govcore.identity.policy import Actor
from trading.draws import policy, queries
from trading.draws.models import Contributor, Draw, Escrow
from trading.draws.policy import DONE, OPEN_PURPOSES, DrawState
from trading.draws.replay import Document
from trading.tender import queries as tenders
from trading.tender.queries import LotContext


class Turn(StrEnum):
    """What a reader has to do with a draw now."""

    NOTHING = "nothing"
    WAIT = "wait"
    COMMIT = "commit"
    REVEAL = "reveal"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """One contributor's part; `value` only for who may see it, `shown` how many custodians had to show their share."""

    name: str
    organisation: str
    commitment: str | None
    committed_at: datetime | None
    value: str | None
    revealed_at: datetime | None
    opened: str | None
    shown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """A capsule that a custodian of the reader's organisation is asked to open."""

    name: str
    custodian: int
    given: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A draw with its lot; `own` is the name under which the reader contributes."""

    draw: Draw
    lot: LotContext
    contributions: list[Contribution]
    own: str | None
    turn: Turn
    withheld: list[Withheld] = field(default_factory=list)
    document: Document | None = None


def view(tx: Tx, draw_id: str, *, actor: Actor, at: datetime) -> View:
    """The draw for this reader; `NotFound` for a blind one before its publication, unless the reader takes part."""
    draw = tx.get(Draw, draw_id)
    if draw is None:
        raise NotFound
    rows = queries.contributors(tx, draw_id)
    seats = [one for one in queries.escrows(tx, draw_id) if one.org_id == actor.org_id]
    own = next((one for one in rows if one.org_id is not None and one.org_id == actor.org_id), None)
    if not _sees(draw, takes_part=own is not None or bool(seats), actor=actor):
        raise NotFound
    values = draw.purpose in OPEN_PURPOSES or queries.may_read(draw, actor=actor)
    names = _names(tx, rows)
    withheld = _withheld(tx, draw, rows, seats, at=at) if actor.may("draw.escrow") else []
    return View(
        draw=draw,
        lot=tenders.lot_context(tx, draw.lot_id),
        contributions=[_contribution(tx, one, names, values=values) for one in rows],
        own=own.name if own else None,
        turn=_turn(draw, own, withheld, actor=actor, at=at),
        withheld=withheld,
        document=queries.document(tx, draw_id, actor=actor) if values and draw.seed else None,
    )


def _sees(draw: Draw, *, takes_part: bool, actor: Actor) -> bool:
    if draw.purpose in OPEN_PURPOSES or queries.may_read(draw, actor=actor):
        return True
    return takes_part and (actor.may("draw.contribute") or actor.may("draw.escrow"))


def _names(tx: Tx, rows: list[Contributor]) -> dict[str, str]:
    ids = [one.org_id for one in rows if one.org_id is not None]
    return {one.id: one.name for one in tx.scalars(select(Organisation).where(Organisation.id.in_(ids)))}


def _contribution(tx: Tx, one: Contributor, names: dict[str, str], *, values: bool) -> Contribution:
    capsules = queries.capsules(tx, one.draw_id, one.name)
    return Contribution(
        name=one.name,
        organisation=names.get(one.org_id or "", ""),
        commitment=one.commitment,
        committed_at=one.committed_at,
        value=one.reveal if values else None,
        revealed_at=one.revealed_at,
        opened=one.opened,
        shown=sum(capsule.proof is not None for capsule in capsules),
    )


def _withheld(
    tx: Tx, draw: Draw, rows: list[Contributor], seats: list[Escrow], *, at: datetime
) -> list[Withheld]:
    if not policy.takes_escrow(draw.state, reveal_until=draw.reveal_until, now=at):
        return []
    late = [one.name for one in rows if one.commitment is not None and one.reveal is None]
    mine = {one.custodian for one in seats}
    return [
        Withheld(name=name, custodian=capsule.custodian, given=capsule.proof is not None)
        for name in late
        for capsule in queries.capsules(tx, draw.id, name)
        if capsule.custodian in mine
    ]


def _turn(
    draw: Draw, own: Contributor | None, withheld: list[Withheld], *, actor: Actor, at: datetime
) -> Turn:
    if own is not None and actor.may("draw.contribute"):
        if own.commitment is None and policy.takes_commitments(
            draw.state, commit_until=draw.commit_until, now=at
        ):
            return Turn.COMMIT
        if draw.state == DrawState.REVEALING and own.commitment is not None and own.reveal is None:
            return Turn.REVEAL
    if any(not one.given for one in withheld):
        return Turn.OPEN
    takes_part = own is not None or withheld
    return Turn.WAIT if takes_part and draw.state not in DONE else Turn.NOTHING


def mine(tx: Tx, *, actor: Actor, at: datetime) -> list[View]:
    """The draws that the reader's organisation contributes to or keeps shares of, what is to be done first."""
    if actor.org_id is None or not (actor.may("draw.contribute") or actor.may("draw.escrow")):
        return []
    asked = select(Contributor.draw_id).where(Contributor.org_id == actor.org_id)
    kept = select(Escrow.draw_id).where(Escrow.org_id == actor.org_id)
    query = select(Draw.id).where(or_(Draw.id.in_(asked), Draw.id.in_(kept)))
    found = [
        view(tx, draw_id, actor=actor, at=at)
        for draw_id in tx.scalars(query.order_by(Draw.announced_at.desc(), Draw.id).limit(100))
    ]
    return sorted(found, key=lambda one: one.turn in (Turn.NOTHING, Turn.WAIT))
