"""What all who follow a tender are told: the same for everybody, so that it says nothing of who bids."""

from __future__ import annotations

from datetime import datetime

from govcore.db import Tx
from govcore.notify.following import announce
from govcore.pdf.figures import stamp
from trading.tender import queries
from trading.tender.policy import REMINDERS, reminder_due


def topic(tender_id: str) -> str:
    return f"tender:{tender_id}"


def remind(tx: Tx, lot_id: str, *, at: datetime) -> bool:
    """Tell the followers that a deadline is near, once for each of the moments; false when there is nothing to tell."""
    lot = queries.lot_context(tx, lot_id)
    ahead = reminder_due(lot.state, lot.deadline_at, at)
    if ahead is None or lot.deadline_at is None:
        return False
    return announce(
        tx,
        topic(lot.tender_id),
        about=f"{lot_id}:{lot.deadline_at:%Y%m%dT%H%M%S}:{ahead.total_seconds():.0f}",
        text="{title}, {lot}: the deadline is {deadline}, less than {left} away. "
        "Only a receipt means that a bid is submitted.",
        href=f"/tenders/{lot.tender_id}",
        at=at,
        data={
            "title": lot.title,
            "lot": lot.lot_name,
            "deadline": stamp(lot.deadline_at),
            "left": REMINDERS[ahead],
        },
    )


def tell_schedule(tx: Tx, lot_id: str, *, at: datetime) -> bool:
    """Tell the followers of a deadline that was moved; false for the first one, which the notice tells."""
    lot, schedule = queries.lot_context(tx, lot_id), queries.present_schedule(tx, lot_id)
    return schedule.n > 1 and announce(
        tx,
        topic(lot.tender_id),
        about=f"{lot_id}:schedule:{schedule.n}",
        text="{title}, {lot}: the deadline was moved to {deadline}.",
        href=f"/tenders/{lot.tender_id}",
        at=at,
        data={"title": lot.title, "lot": lot.lot_name, "deadline": stamp(schedule.deadline_at)},
    )
