"""What administrators of the register do to accounts; nothing of it reaches into a case."""

from __future__ import annotations

from datetime import datetime

from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.models import User
from govcore.identity.policy import Actor, require
from govcore.identity.sessions import end_sessions


class OwnAccount(Problem):
    code = "E_OWN_ACCOUNT"
    text = "Another administrator must do this to your account."


def disable(tx: Tx, user_id: str, *, actor: Actor, at: datetime) -> None:
    """Shut an account: its sessions end at once, also those that watch a stream."""
    _switch(tx, user_id, active=False, actor=actor, at=at)
    end_sessions(tx, user_id, actor=actor.user_id, at=at)


def enable(tx: Tx, user_id: str, *, actor: Actor, at: datetime) -> None:
    """Open a shut account again; its owner signs in anew."""
    _switch(tx, user_id, active=True, actor=actor, at=at)


def _switch(tx: Tx, user_id: str, *, active: bool, actor: Actor, at: datetime) -> None:
    require(actor, "account.switch")
    if user_id == actor.user_id:
        raise OwnAccount
    user = tx.get(User, user_id)
    if user is None:
        raise NotFound
    if user.active == active:
        return
    user.active = active
    event = "account.enabled" if active else "account.disabled"
    record(tx, event, subject=user_id, actor=actor.user_id, at=at, data={})
