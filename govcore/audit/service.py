"""Writing the log: business code records, one integrator grows the tree at fixed instants."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Table, insert

from govcore.audit.entries import NONCE_SIZE, entry_leaf, event_bytes
from govcore.audit.models import LogOutbox, OutboxDelivery
from govcore.audit.policy import DEFAULT_INTERVAL, promise_by
from govcore.db import Base, Tx
from govcore.module import Registry

_OUTBOX: Table = Base.metadata.tables[LogOutbox.__tablename__]
_DELIVERY: Table = Base.metadata.tables[OutboxDelivery.__tablename__]
# Inline: no RETURNING, because nobody needs the row's number and every record pays for the statement.
_INSERT_OUTBOX = insert(_OUTBOX).inline()
_INSERT_DELIVERY = insert(_DELIVERY).inline()


class UnregisteredEvent(LookupError):
    """The event's name is registered by no enabled module."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a receipt hands out: the entry's leaf hash (hex), and when the log holds it at the latest."""

    hash: str
    promise_by: datetime


def record(
    tx: Tx,
    event: str,
    *,
    subject: str,
    actor: str,
    at: datetime,
    data: Mapping[str, object],
    token_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> Leaf:
    """Log an event in the caller's transaction and owe its subscribers their tasks.

    Raises `UnregisteredEvent` or `EntryError`; `data` holds text, integers, booleans, null, lists, objects.
    """
    registry: Registry = tx.info["registry"]
    kind = registry.events.get(event)
    if kind is None:
        raise UnregisteredEvent(event)
    encoded = event_bytes(type=event, subject=subject, at=at, actor=actor, data=data)
    nonce = None if kind.public else token_bytes(NONCE_SIZE)
    leaf = entry_leaf(encoded, nonce)
    row = {"leaf": leaf, "event": encoded, "nonce": nonce, "created_at": at}
    connection = tx.connection()
    connection.execute(_INSERT_OUTBOX, row)
    if tasks := registry.subscribers.get(event):
        owed = [{"event": event, "subject": subject, "task": task, "created_at": at} for task in tasks]
        connection.execute(_INSERT_DELIVERY, owed)
    return Leaf(leaf.hex(), promise_by(at, interval=_interval(tx)))


def _interval(tx: Tx) -> timedelta:
    settings = tx.info.get("settings")
    return timedelta(seconds=settings.log_interval) if settings else DEFAULT_INTERVAL
