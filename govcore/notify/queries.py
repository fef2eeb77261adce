"""Reads of the inbox: one's own only."""

from __future__ import annotations

from sqlalchemy import func, select

from govcore.db import Tx
from govcore.identity.policy import Actor
from govcore.notify.models import InboxMessage


def inbox(tx: Tx, *, actor: Actor, limit: int = 50) -> list[InboxMessage]:
    """The actor's messages, newest first."""
    query = select(InboxMessage).where(InboxMessage.user_id == actor.user_id)
    return list(tx.scalars(query.order_by(InboxMessage.created_at.desc(), InboxMessage.id).limit(limit)))


def unread_count(tx: Tx, *, actor: Actor) -> int:
    query = select(func.count()).select_from(InboxMessage)
    unread = query.where(InboxMessage.user_id == actor.user_id, InboxMessage.read_at.is_(None))
    return tx.scalar(unread) or 0
