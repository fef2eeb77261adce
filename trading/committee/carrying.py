"""The group of a consultation sits again, over the final offers of the same lot."""

from __future__ import annotations

from datetime import datetime

from govcore.db import Tx
from govcore.identity import queries as identity
from trading.committee.models import Committee
from trading.committee.policy import Cause, NewSeat
from trading.committee.queries import active_seats
from trading.committee.service import seat_members


def seat_again(tx: Tx, before: str, lot_id: str, *, at: datetime) -> None:
    """Seat who sits on one lot's committee on the committee of another, with the same leader; once.

    Each seat is judged anew; raise the refusal of one who may sit no longer.
    """
    old = tx.get(Committee, before)
    if old is None or tx.get(Committee, lot_id) is not None:
        return
    sitting = active_seats(tx, before)
    seat_members(
        tx,
        lot_id,
        members=[NewSeat(one.user_id, one.kind) for one in sitting],
        cause=Cause(old.cause),
        reason=old.reason,
        actor=identity.actor_of_user(tx, old.seated_by),
        at=at,
    )
    numbers = {one.seat: number for number, one in enumerate(sitting, start=1)}
    if old.leader in numbers:
        new = tx.get_one(Committee, lot_id)
        new.leader, new.leader_at = numbers[old.leader], at
        tx.flush()
