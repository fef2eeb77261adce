"""What administrators of the register do to accounts; nothing of it reaches into a case."""

from __future__ import annotations

from datetime import datetime

from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.models import User
from govcore.identity.policy import Actor, require
from govcore.identity.service import disable_user, enable_user


class OwnAccount(Problem):
    code = "E_OWN_ACCOUNT"
    text = "Another administrator must do this to your account."


def disable(tx: Tx, user_id: str, *, actor: Actor, at: datetime) -> None:
    """Shut an account, once: its sessions end at once, also those that watch a stream."""
    if _account(tx, user_id, actor=actor).active:
        disable_user(tx, user_id, actor=actor.user_id, at=at)


def enable(tx: Tx, user_id: str, *, actor: Actor, at: datetime) -> None:
    """Open a shut account again; its owner signs in anew."""
    if not _account(tx, user_id, actor=actor).active:
        enable_user(tx, user_id, actor=actor.user_id, at=at)


def _account(tx: Tx, user_id: str, *, actor: Actor) -> User:
    require(actor, "account.switch")
    if user_id == actor.user_id:
        raise OwnAccount
    user = tx.get(User, user_id)
    if user is None:
        raise NotFound
    return user
