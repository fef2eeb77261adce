"""What a suspension of the lot does to its opening: nothing is released or read, and every window moves."""

from __future__ import annotations

from datetime import datetime

from govcore.audit.entries import parse_event, parse_time
from govcore.db import Tx
from trading.opening.models import Opening
from trading.opening.policy import Windows, confirmations_until
from trading.procedure.spans import moved
from trading.tender.suspensions import frozen_of


def windows_of(tx: Tx, opening: Opening) -> Windows:
    """The windows of the present stage, moved by every suspension that falls into them.

    What is suspended at the closing begins when the suspension ends; while one lasts the ends stay ahead.
    """
    start, frozen = begun_at(opening), frozen_of(tx, opening.lot_id)
    until = opening.bidder_until
    return Windows(
        bidder_until=moved(until, start=start, frozen=frozen) if until else None,
        seal_check_until=moved(opening.seal_check_until, start=start, frozen=frozen),
        release_until=moved(opening.release_until, start=start, frozen=frozen),
    )


def confirm_until(tx: Tx, lot_id: str, read_out_at: datetime, *, seconds: int) -> datetime:
    """Until when bidders confirm a read-out or object to it, moved likewise."""
    until = confirmations_until(read_out_at, confirmation=seconds)
    return moved(until, start=read_out_at, frozen=frozen_of(tx, lot_id))


def begun_at(opening: Opening) -> datetime:
    """When the present stage began: the closing, or the event that fixed the technical result."""
    if opening.stage_payload is None:
        return opening.closed_at
    return parse_time(str(parse_event(opening.stage_payload)["at"]))
