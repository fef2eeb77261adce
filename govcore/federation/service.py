"""Link identities of other providers to accounts: by their owners' explicit word, never by a mail address or a name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.federation.client import Subject
from govcore.federation.models import Link
from govcore.identity.policy import Actor, Role, require
from govcore.identity.service import register_user
from govcore.vault import Vault

_CITIZEN = (Role.CITIZEN,)


class AlreadyLinked(Problem):
    code = "E_LINKED"
    text = "This identity, or another one of this provider, is linked already. Take that link back first."


class OnlyWay(Problem):
    code = "E_ONLY_WAY"
    text = "This identity opened the account and is the only way into it: the link stays."


def tag_of(vault: Vault, subject: Subject) -> str:
    """What stands for an identity here: who reads the database learns neither the subject nor equal guesses."""
    return vault.tag("federated", subject.issuer, subject.sub)


def link(tx: Tx, tag: str, provider: str, *, actor: Actor, at: datetime) -> None:
    """Let an identity sign the actor in from now on."""
    require(actor, "identity.keep_account")
    _link(tx, tag, provider, actor.user_id, opened=False, at=at)


def create_account(
    tx: Tx, tag: str, provider: str, name: str, *, at: datetime, token: Callable[[int], str]
) -> str:
    """A new account of a citizen for an identity that is linked to none; its id. It has no password."""
    if tx.get(Link, tag) is not None:
        raise AlreadyLinked
    user = register_user(
        tx,
        username=f"{provider}-{token(9)}",
        name=name or provider,
        password=None,
        org_id=None,
        roles=_CITIZEN,
        actor="system",
        at=at,
    )
    _link(tx, tag, provider, user.id, opened=True, at=at)
    return user.id


def unlink(tx: Tx, tag: str, *, actor: Actor, at: datetime) -> None:
    """Take a link of one's own back."""
    row = tx.get(Link, tag)
    if row is None or row.user_id != actor.user_id:
        raise NotFound
    if row.opened:
        raise OnlyWay
    tx.delete(row)
    data = {"provider": row.provider}
    record(tx, "federation.unlinked", subject=actor.user_id, actor=actor.user_id, at=at, data=data)


def log_refusal(tx: Tx, provider: str, problem: Problem, *, at: datetime) -> None:
    """Every answer that was not accepted is an event."""
    data = {"code": problem.code, "reason": str(problem.data.get("reason", ""))}
    record(tx, "federation.refused", subject=provider, actor="visitor", at=at, data=data)


def _link(tx: Tx, tag: str, provider: str, user_id: str, *, opened: bool, at: datetime) -> None:
    same = (Link.user_id == user_id) & (Link.provider == provider)
    if tx.scalar(select(Link.tag).where((Link.tag == tag) | same)) is not None:
        raise AlreadyLinked
    tx.add(Link(tag=tag, provider=provider, user_id=user_id, linked_at=at, opened=opened))
    tx.flush()
    record(tx, "federation.linked", subject=user_id, actor=user_id, at=at, data={"provider": provider})
