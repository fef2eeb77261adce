"""Carry queued deliveries outside: claim one, hand it to its channel, note how it went."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from govcore.db import Tx
from govcore.notify.models import Delivery
from govcore.notify.policy import LEASE, DeliveryState, next_wait


def claim(tx: Tx, delivery_id: str, *, at: datetime) -> bool:
    """Take a due delivery for the length of a lease; of two senders one wins."""
    due = update(Delivery).where(
        Delivery.id == delivery_id, Delivery.state == DeliveryState.QUEUED, Delivery.due_at <= at
    )
    taken = due.values(due_at=at + LEASE, attempts=Delivery.attempts + 1).returning(Delivery.id)
    return tx.scalar(taken) is not None


def settle(tx: Tx, delivery_id: str, *, at: datetime) -> None:
    """Note that the channel took it."""
    done = update(Delivery).where(Delivery.id == delivery_id)
    tx.execute(done.values(state=DeliveryState.SENT, settled_at=at, detail=None))


def postpone(tx: Tx, delivery_id: str, *, detail: str, at: datetime) -> None:
    """Note why it did not go out, and try again later or give it up."""
    row = tx.get_one(Delivery, delivery_id)
    wait = next_wait(row.attempts)
    row.detail = detail
    if wait is None:
        row.state, row.settled_at = DeliveryState.FAILED, at
    else:
        row.due_at = at + wait
