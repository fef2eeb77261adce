"""Reads of linked identities."""

from __future__ import annotations

from sqlalchemy import select

from govcore.db import Tx
from govcore.federation.models import Link
from govcore.identity.models import User
from govcore.identity.policy import Actor


def user_of(tx: Tx, tag: str) -> str | None:
    """The open account that an identity signs in, if it is linked to one."""
    query = select(User.id).join(Link, Link.user_id == User.id).where(Link.tag == tag, User.active)
    return tx.scalar(query)


def links_of(tx: Tx, *, actor: Actor) -> list[Link]:
    """The actor's own links."""
    return list(tx.scalars(select(Link).where(Link.user_id == actor.user_id).order_by(Link.linked_at)))
