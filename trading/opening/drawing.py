"""The draw at an opening: coefficients and the order of the bids, fixed by commitments before any bid is opened.

It is announced with the closing, when the bids are known and none can be read; commitments end before the custodians
may release, and the values behind them are revealed after the last read-out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from govcore.db import Tx
from govcore.errors import MoveNotAllowed, NotFound
from govcore.identity.policy import Actor, require
from trading.draws import queries as draws
from trading.draws import service
from trading.draws.models import Draw
from trading.draws.policy import DrawState, Purpose, VoidCause, Windows
from trading.draws.queries import BID, COEFFICIENT
from trading.draws.replay import Quota
from trading.opening.hall import tell
from trading.opening.models import HallEvent, Opening, OpeningBid
from trading.opening.policy import OpeningState, release_opens_at
from trading.tender import queries as tenders
from trading.tender.queries import LotContext

PENDING = (DrawState.ANNOUNCED, DrawState.COMMITTING, DrawState.REVEALING)
FACTS = (
    "draw.announced",
    "draw.begun",
    "draw.committed",
    "draw.closed",
    "draw.revealed",
    "draw.drawn",
    "draw.voided",
)
"""What the hall tells of the draw, by the names that the log has for it."""


def announce_at_closing(tx: Tx, lot: LotContext, opening: Opening, *, at: datetime) -> None:
    """Announce the draw that the documents ask for; commitments are taken until the custodians may release."""
    if not lot.content.draws_at_opening:
        return
    release_from = release_opens_at(
        seal_check_until=opening.seal_check_until,
        bidder_until=opening.bidder_until,
        bidder_shares_missing=1,
        opening_at=lot.opening_at or at,
    )
    _announce(tx, lot, held=True, least=release_from - at, actor="system", at=at)


def announce_again(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> None:
    """Announce the draw of an opening again after it became void; its host does, for everybody to see."""
    require(actor, "opening.draw_again")
    lot = tenders.published_lot(tx, lot_id)
    if actor.org_id not in (lot.tenderer.id, lot.agency.id):
        raise NotFound
    before = draws.present(tx, lot_id, purpose=Purpose.OPENING)
    if before is None:
        raise NotFound
    if before.state != DrawState.VOID:
        raise MoveNotAllowed(move="opening.draw_again", state=before.state)
    opening = tx.get_one(Opening, lot_id)
    waits = not _last_stage(lot, opening) or opening.state in (OpeningState.SEALED, OpeningState.RELEASED)
    _announce(tx, lot, held=waits, least=timedelta(), actor=actor.user_id, at=at)


def _announce(tx: Tx, lot: LotContext, *, held: bool, least: timedelta, actor: str, at: datetime) -> None:
    seconds = lot.rule_set.seconds
    commit = max(timedelta(seconds=seconds("draw.commit")), least)
    candidates = {
        one.id: [f"{one.id}{COEFFICIENT}{value}" for value in dict.fromkeys(one.candidates)]
        for one in lot.content.draws
    }
    bids = tx.scalars(select(OpeningBid.bid_id).where(OpeningBid.lot_id == lot.lot_id))
    service.announce(
        tx,
        lot_id=lot.lot_id,
        purpose=Purpose.OPENING,
        pool=[
            *(value for values in candidates.values() for value in values),
            *(f"{BID}{one}" for one in bids),
        ],
        quotas=[Quota(name=name, number=1, of=values) for name, values in candidates.items()],
        held=held,
        windows=Windows(commit=commit, reveal=timedelta(seconds=seconds("draw.reveal"))),
        actor=actor,
        at=at,
    )


def let_join(tx: Tx, lot_id: str, org_id: str, *, at: datetime) -> None:
    """The first bidder that signs in contributes to the draw for the suppliers, while commitments are waited for."""
    draw = draws.present(tx, lot_id, purpose=Purpose.OPENING)
    if draw is not None and draws.commitments_open(tx, lot_id, at=at):
        service.let_join(tx, draw.id, supplier=org_id, at=at)


def let_reveal(tx: Tx, lot: LotContext, opening: Opening, *, at: datetime) -> None:
    """After the last read-out, and when the lot came to its end there: the prices are known, the values may be."""
    if not _last_stage(lot, opening):
        return
    draw = draws.present(tx, lot.lot_id, purpose=Purpose.OPENING)
    if draw is not None and draw.state in PENDING:
        service.release_reveals(tx, draw.id, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawShown:
    """The draw at an opening as everybody in the hall sees it; `values` and the bids' `order` once they are drawn."""

    id: str
    state: str
    commit_until: datetime
    reveal_until: datetime | None
    held: bool
    committed: int
    contributors: int
    values: Mapping[str, str]
    order: Sequence[str]


def shown(tx: Tx, lot: LotContext) -> DrawShown | None:
    """The draw of a lot's opening; nothing where the documents draw nothing, or before the closing."""
    draw = draws.present(tx, lot.lot_id, purpose=Purpose.OPENING)
    if draw is None:
        return None
    people = draws.contributors(tx, draw.id)
    drawn = draws.drawn_values(tx, lot.lot_id)
    return DrawShown(
        id=draw.id,
        state=draw.state,
        commit_until=draw.commit_until,
        reveal_until=draw.reveal_until,
        held=draw.held,
        committed=sum(one.commitment is not None for one in people),
        contributors=len(people),
        values=drawn["draws"],
        order=sorted(drawn["tickets"], key=drawn["tickets"].__getitem__),
    )


def _last_stage(lot: LotContext, opening: Opening) -> bool:
    """Whether the prices are opened in this stage: coefficients are applied to them."""
    return opening.opens == lot.content.stages()[-1]


def waits_for_draw(tx: Tx, opening: Opening) -> bool:
    """True while the record of the last stage would be without what is being drawn, or has to be drawn again.

    A draw that two people ended, or that ended with its lot, is waited for no longer.
    """
    draw = draws.present(tx, opening.lot_id, purpose=Purpose.OPENING)
    if draw is None or draw.state == DrawState.DRAWN:
        return False
    if not _last_stage(tenders.lot_context(tx, opening.lot_id), opening):
        return False
    if draw.state == DrawState.VOID:
        return draw.void_cause not in (VoidCause.DECIDED, VoidCause.ENDED)
    return not draw.held


def tell_draw(tx: Tx, draw_id: str, *, at: datetime) -> None:
    """Tell in the hall's history what has happened to the draw, each fact once."""
    draw = tx.get(Draw, draw_id)
    if draw is None or draw.purpose != Purpose.OPENING:
        return
    opening = tx.scalar(select(Opening).where(Opening.lot_id == draw.lot_id).with_for_update())
    if opening is None:
        return
    query = select(HallEvent).where(HallEvent.lot_id == draw.lot_id, HallEvent.kind.in_(FACTS))
    told = [(one.kind, one.data) for one in tx.scalars(query)]
    new = [fact for fact in _facts(tx, draw) if fact not in told]
    if new:
        tell(tx, draw.lot_id, *new, at=at)


def _facts(tx: Tx, draw: Draw) -> list[tuple[str, dict[str, object]]]:
    """What is public of the draw so far, in the order in which it came to be."""
    said: dict[str, object] = {"draw": draw.id}
    people = draws.contributors(tx, draw.id)
    facts = [("draw.announced", {**said, "pool_hash": draw.pool_hash})]
    if draw.state not in (DrawState.ANNOUNCED, DrawState.VOID):
        facts.append(("draw.begun", said))
    facts += [
        ("draw.committed", {**said, "contributor": one.name, "commitment": one.commitment})
        for one in people
        if one.commitment is not None
    ]
    if draw.reveal_until is not None:
        facts.append(("draw.closed", said))
    facts += [
        ("draw.revealed", {**said, "contributor": one.name, "reveal": one.reveal, "opened": one.opened})
        for one in people
        if one.reveal is not None
    ]
    if draw.seed is not None:
        values = draws.drawn_values(tx, draw.lot_id)["draws"]
        facts.append(("draw.drawn", {**said, "seed": draw.seed, "values": dict(values)}))
    if draw.state == DrawState.VOID:
        facts.append(("draw.voided", {**said, "cause": draw.void_cause}))
    return facts
