"""Reads of draws: their stage for everybody concerned, whom they drew once that is public."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TypedDict

from sqlalchemy import select

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.models import Organisation
from govcore.identity.policy import Actor
from trading.draws import replay
from trading.draws.models import Capsule, Contributor, Decline, Draw, Escrow, EscrowKey
from trading.draws.policy import DONE, DrawState, Purpose
from trading.draws.replay import Contribution, Document, Taken
from trading.tender import queries as tenders
from trading.tender.models import Custodian
from trading.tender.policy import LotState, TenderState
from trading.tender.queries import LotContext, key_manifest_body

COEFFICIENT, BID = "=", "bid."
"""In an opening's pool a candidate is `<draw>=<value>`, a bid `bid.<id>`: no id of a draw holds an equals sign."""


class DrawnValues(TypedDict):
    """What the draw at an opening gave the scoring: the value of each draw, the ticket of each bid."""

    draws: dict[str, str]
    tickets: dict[str, str]


def contributors(tx: Tx, draw_id: str) -> list[Contributor]:
    """All who were asked, in the order of their names."""
    query = select(Contributor).where(Contributor.draw_id == draw_id)
    return list(tx.scalars(query.order_by(Contributor.name)))


def declines(tx: Tx, draw_id: str) -> list[replay.Decline]:
    query = select(Decline).where(Decline.draw_id == draw_id).order_by(Decline.n)
    return [replay.Decline(id=one.id, reason=one.reason) for one in tx.scalars(query)]


def taken(tx: Tx, draw_id: str) -> list[Taken]:
    """Who is taken at present, substitutes included; `NotFound` before the draw. For the slice that asked for it."""
    draw = tx.get(Draw, draw_id)
    if draw is None or draw.seed is None:
        raise NotFound
    return replay.take(replay.order(draw.seed, draw.pool), draw.quotas, declines(tx, draw_id))


def present(tx: Tx, lot_id: str, *, purpose: Purpose, about: str = "") -> Draw | None:
    """The last draw of this kind for a lot, void or not."""
    query = select(Draw).where(Draw.lot_id == lot_id, Draw.purpose == purpose, Draw.about == about)
    return tx.scalar(query.order_by(Draw.number.desc()).limit(1))


def document(tx: Tx, draw_id: str, *, actor: Actor) -> Document:
    """Everything about a draw that is done: public ones for everybody, the others for who supervises them."""
    draw = tx.get(Draw, draw_id)
    if draw is None or draw.seed is None or not may_read(draw, actor=actor):
        raise NotFound
    return _document(tx, draw)


def published_document(tx: Tx, draw_id: str) -> Document | None:
    """The document of a draw that everybody may read; nothing before."""
    draw = tx.get(Draw, draw_id)
    return _document(tx, draw) if draw is not None and draw.seed and draw.published_at is not None else None


def published_draws(tx: Tx, lot_ids: Collection[str]) -> dict[str, list[Draw]]:
    """The draws of each lot whose document everybody may read, the earliest first."""
    done = select(Draw).where(
        Draw.lot_id.in_(lot_ids), Draw.seed.is_not(None), Draw.published_at.is_not(None)
    )
    found: dict[str, list[Draw]] = {}
    for draw in tx.scalars(done.order_by(Draw.published_at, Draw.id)):
        found.setdefault(draw.lot_id, []).append(draw)
    return found


def may_read(draw: Draw, *, actor: Actor) -> bool:
    """Whether the actor may know whom and what was drawn."""
    return draw.published_at is not None or actor.may("draw.read")


def _document(tx: Tx, draw: Draw) -> Document:
    seed = draw.seed or ""
    tickets, gone = replay.order(seed, draw.pool), declines(tx, draw.id)
    return Document(
        schema=replay.SCHEMA,
        draw_id=draw.id,
        purpose=draw.purpose,
        regime=draw.regime,
        pool=draw.pool,
        exclusions=draw.exclusions,
        quotas=draw.quotas,
        pool_hash=draw.pool_hash,
        exclusions_hash=draw.exclusions_hash,
        quotas_hash=draw.quotas_hash,
        contributors=[
            Contribution(name=one.name, commitment=one.commitment, reveal=one.reveal, opened=one.opened)
            for one in contributors(tx, draw.id)
            if one.commitment and one.reveal and one.opened
        ],
        seed=seed,
        tickets=tickets,
        declines=gone,
        taken=replay.take(tickets, draw.quotas, gone),
    )


def drawn_values(tx: Tx, lot_id: str, *, about: str = "") -> DrawnValues:
    """What `opening/1` needs of a lot's draws; empty where none was asked for or it is not done.

    Tickets of bids come from the draw at the opening; in GP, where nothing was drawn there, from the one among bids of
    one brand or among parallel first places, whose pool are all bids (`bid.<id>`) as well: the one `about` the same
    evaluation, for the tickets of an earlier one are known.
    """
    purposes = (Purpose.SAME_BRAND, Purpose.PARALLEL)
    later = [present(tx, lot_id, purpose=one, about=about) for one in purposes]
    found = [present(tx, lot_id, purpose=Purpose.OPENING), *later]
    draw = next((one for one in found if one is not None and one.seed is not None), None)
    if draw is None or draw.seed is None:
        return DrawnValues(draws={}, tickets={})
    tickets = replay.order(draw.seed, draw.pool)
    values = {one["quota"]: one["id"].split(COEFFICIENT, 1)[1] for one in replay.take(tickets, draw.quotas)}
    bids = {one["id"].removeprefix(BID): one["ticket"] for one in tickets if one["id"].startswith(BID)}
    return DrawnValues(draws=values, tickets=bids)


def commitments_open(tx: Tx, lot_id: str, *, at: datetime) -> bool:
    """True while the draw at a lot's opening waits for commitments: until then no bid is opened."""
    draw = present(tx, lot_id, purpose=Purpose.OPENING)
    if draw is None or not draw.held or at >= draw.commit_until:
        return False
    if draw.state == DrawState.COMMITTING:
        return any(one.commitment is None for one in contributors(tx, draw.id))
    return draw.state == DrawState.ANNOUNCED


def escrow_keys(tx: Tx, lot_id: str) -> list[tuple[Custodian, EscrowKey | None]]:
    """Each custodian of a lot with its standing key for draws, or nothing where it gave none yet."""
    seats = select(Custodian, EscrowKey).outerjoin(EscrowKey, EscrowKey.org_id == Custodian.org_id)
    rows = tx.execute(seats.where(Custodian.lot_id == lot_id).order_by(Custodian.index))
    return [(row[0], row[1]) for row in rows]


def without_key(tx: Tx, lot_id: str) -> list[str]:
    """The organisations among a lot's custodians that gave no key for draws yet, by their names."""
    missing = [seat.org_id for seat, key in escrow_keys(tx, lot_id) if key is None]
    query = select(Organisation.name).where(Organisation.id.in_(missing))
    return list(tx.scalars(query.order_by(Organisation.name))) if missing else []


def waits_for_key(tx: Tx, *, actor: Actor) -> list[LotContext]:
    """The actor's lots as a custodian that draw something, or whose draw waits, while it gave no key for draws."""
    if own_key(tx, actor=actor) is not None:
        return []
    seats = {seat.lot_id for seat in tenders.my_seats(tx, actor=actor)}
    waits = select(Draw.lot_id).where(Draw.lot_id.in_(seats), Draw.state == DrawState.ANNOUNCED)
    announced = set(tx.scalars(waits))
    lots = [tenders.lot_context(tx, lot_id) for lot_id in sorted(seats)]
    return [lot for lot in lots if lot.lot_id in announced or _will_draw(lot)]


def _will_draw(lot: LotContext) -> bool:
    to_come = lot.tender_state in (TenderState.APPROVED, TenderState.PUBLISHED)
    return to_come and lot.state in (LotState.DRAFT, LotState.OPEN) and lot.content.draws_at_opening


def threshold(tx: Tx, lot_id: str) -> int:
    """How many custodians open a withheld value: as many as open the lot; before that is signed, most of them."""
    try:
        return key_manifest_body(tx, lot_id).policy.k
    except NotFound:
        return len(escrow_keys(tx, lot_id)) // 2 + 1


def own_key(tx: Tx, *, actor: Actor) -> str | None:
    """The recipient that the actor's organisation gave as a custodian of draws."""
    key = tx.get(EscrowKey, actor.org_id) if actor.org_id else None
    return key.recipient if key else None


def capsules(tx: Tx, draw_id: str, name: str) -> list[Capsule]:
    query = select(Capsule).where(Capsule.draw_id == draw_id, Capsule.name == name)
    return list(tx.scalars(query.order_by(Capsule.custodian)))


def escrows(tx: Tx, draw_id: str) -> list[Escrow]:
    return list(tx.scalars(select(Escrow).where(Escrow.draw_id == draw_id).order_by(Escrow.custodian)))


def under_way(tx: Tx) -> list[str]:
    """Ids of the draws that are neither done nor void: what the sweep looks at."""
    query = select(Draw.id).where(Draw.state.not_in(DONE)).order_by(Draw.announced_at, Draw.id)
    return list(tx.scalars(query))
