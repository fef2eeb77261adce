"""Tell people, once each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select, update

from govcore.db import Tx, new_id
from govcore.identity.policy import Actor
from govcore.notify.models import InboxMessage


def tell(
    tx: Tx,
    user_ids: Iterable[str],
    *,
    about: str,
    text: str,
    href: str,
    at: datetime,
    data: Mapping[str, object] | None = None,
) -> None:
    """Put a message into inboxes; telling the same user `about` the same matter again does nothing.

    `text` is a key of the catalogue. Before a deadline, never tell users that were derived from bids.
    """
    wanted = sorted(set(user_ids))
    told = set(
        tx.scalars(
            select(InboxMessage.user_id).where(InboxMessage.about == about, InboxMessage.user_id.in_(wanted))
        )
    )
    tx.add_all(
        InboxMessage(
            id=new_id(),
            user_id=user_id,
            about=about,
            text=text,
            data=dict(data or {}),
            href=href,
            created_at=at,
            read_at=None,
        )
        for user_id in wanted
        if user_id not in told
    )


def mark_read(tx: Tx, *, actor: Actor, at: datetime) -> None:
    """Mark everything in the actor's inbox as read."""
    tx.execute(
        update(InboxMessage)
        .where(InboxMessage.user_id == actor.user_id, InboxMessage.read_at.is_(None))
        .values(read_at=at)
    )
