"""Draws that a purchase's result waits for: among equal bids of one brand, among parallel first places.

政府采购货物和服务招标投标管理办法 art. 31, 68: what law and documents leave equal is drawn, on the record. A tender of
works draws none of it (发改法规规〔2022〕1117号).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from govcore.db import Tx
from trading.draws import queries as draws
from trading.draws import service
from trading.draws.models import Draw
from trading.draws.policy import DONE, DrawState, Purpose, Windows
from trading.draws.queries import BID
from trading.evaluation.computing import undecided, waiting
from trading.evaluation.facts import present_number
from trading.evaluation.files import about_of
from trading.opening.queries import opened_bids

PURPOSES = (Purpose.SAME_BRAND, Purpose.PARALLEL)


def decided_by(tx: Tx, lot_id: str, number: int) -> Draw | None:
    """The draw of an evaluation, under way or done; nothing where there was none."""
    found = (draws.present(tx, lot_id, purpose=one, about=about_of(number)) for one in PURPOSES)
    return next((one for one in found if one is not None and one.state != DrawState.VOID), None)


def announce_due(tx: Tx, lot_id: str, *, at: datetime) -> str | None:
    """Announce the draw that the present evaluation waits for; its id, or nothing where none is to be announced.

    All bids are in its pool, so that one draw decides both questions; a void one is drawn again.
    """
    number = present_number(tx, lot_id)
    going = decided_by(tx, lot_id, number)
    if going is not None and going.state not in DONE:
        return None
    found = waiting(tx, lot_id)
    purpose = None if found is None else undecided(found.files)
    if found is None or purpose is None:
        return None
    seconds = found.context.rule_set.seconds
    return service.announce(
        tx,
        lot_id=lot_id,
        purpose=purpose,
        about=about_of(number),
        pool=[f"{BID}{bid.bid_id}" for bid in opened_bids(tx, lot_id)],
        windows=Windows(
            commit=timedelta(seconds=seconds("draw.commit")), reveal=timedelta(seconds=seconds("draw.reveal"))
        ),
        actor="system",
        at=at,
    )
