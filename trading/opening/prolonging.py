"""A window of an opening made longer: an act of two people, told in the hall and in the public log.

The stored windows stay as they began; whoever decides by one adds what was given (`pausing.windows_of`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec
from sqlalchemy import select

from govcore import clock
from govcore.clock import start_text
from govcore.db import Tx, new_id
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, Role, require
from govcore.platform import Platform
from trading.opening.hall import announce
from trading.opening.models import Opening, Prolongation
from trading.opening.pausing import confirm_until, windows_of
from trading.opening.policy import WINDOW_NAMES, Window
from trading.tender import queries as tenders
from trading.tender.queries import LotContext

PROLONGED = "opening.window_prolonged"


class Prolong(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which window, by how many minutes, and what everybody reads about it."""

    window: Literal["own_keys", "seal_check", "release", "confirm"]
    minutes: Annotated[int, msgspec.Meta(ge=1, le=1440)]
    notice: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class WindowOver(Problem):
    code = "E_WINDOW_OVER"
    text = "This window is not open: it has ended, or it has not begun, or this opening has none."


def prolonging(tx: Tx, lot_id: str, given: Prolong, actor: Actor) -> Mapping[str, str | int]:
    """What would be prolonged until when; the centre proposes, a colleague or the supervising department confirms."""
    lot = tenders.published_lot(tx, lot_id)
    if Role.CENTRE not in actor.roles and lot.regulator.id != actor.org_id:
        raise NotFound
    until = open_windows(tx, lot).get(Window(given.window))
    if until is None:
        raise WindowOver
    return {
        "lot": lot.lot_code,
        "title": f"{lot.title} · {lot.lot_name}",
        "window": WINDOW_NAMES[Window(given.window)],
        "until": start_text(until),
        "minutes": given.minutes,
        "then": start_text(until + timedelta(minutes=given.minutes)),
        "notice": given.notice,
    }


def prolong(
    tx: Tx, _platform: Platform, lot_id: str, given: Prolong, *, proposer: Actor, second: Actor
) -> None:
    """Make the window longer; raise `WindowOver` when it has ended meanwhile."""
    require(proposer, "opening.conclude")
    opening = tx.scalars(select(Opening).where(Opening.lot_id == lot_id).with_for_update()).one_or_none()
    window, at = Window(given.window), clock.now(tx)
    if opening is None or window not in open_windows(tx, tenders.published_lot(tx, lot_id)):
        raise WindowOver
    seconds = given.minutes * 60
    tx.add(
        Prolongation(
            id=new_id(),
            lot_id=lot_id,
            opens=opening.opens,
            window=window,
            seconds=seconds,
            notice=given.notice,
            at=at,
        )
    )
    data = {"lot_id": lot_id, "window": window, "seconds": seconds, "notice": given.notice}
    announce(tx, PROLONGED, lot_id=lot_id, at=at, data=data)


def open_windows(tx: Tx, lot: LotContext) -> dict[Window, datetime]:
    """The windows of the present stage that are not over yet, each with its end."""
    opening = tx.get(Opening, lot.lot_id)
    if opening is None:
        return {}
    if opening.read_out_at is None:
        until = windows_of(tx, opening)
        ends = {
            Window.OWN_KEYS: until.bidder_until,
            Window.SEAL_CHECK: until.seal_check_until,
            Window.RELEASE: until.release_until,
        }
    else:
        seconds = lot.rule_set.seconds("opening.confirmation")
        read_out, made = opening.read_out_at, opening.record_key is not None
        ends = {Window.CONFIRM: None if made else confirm_until(tx, lot.lot_id, read_out, seconds=seconds)}
    now = clock.now(tx)
    return {window: end for window, end in ends.items() if end is not None and end > now}
