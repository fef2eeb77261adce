"""Reads of linked identities."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from govcore.db import Tx
from govcore.federation.models import Link
from govcore.identity.models import User
from govcore.identity.policy import Actor
from govcore.module import Proof
from govcore.platform import Platform


def user_of(tx: Tx, tag: str) -> str | None:
    """The open account that an identity signs in, if it is linked to one."""
    query = select(User.id).join(Link, Link.user_id == User.id).where(Link.tag == tag, User.active)
    return tx.scalar(query)


def proofs(tx: Tx, platform: Platform, actor: Actor, _at: datetime) -> list[Proof]:
    """The providers whose identity signs the actor in: each can be asked for another proof."""
    linked = {one.provider for one in links_of(tx, actor=actor)}
    return [
        Proof(
            href=f"/sign-in/with/{one.id}?anew=true",
            text="Prove it with {provider}",
            icon="user-check",
            called=one.name,
        )
        for one in platform.settings.oidc
        if one.id in linked
    ]


def links_of(tx: Tx, *, actor: Actor) -> list[Link]:
    """The actor's own links."""
    return list(tx.scalars(select(Link).where(Link.user_id == actor.user_id).order_by(Link.linked_at)))
