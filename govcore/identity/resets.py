"""A forgotten password: its owner asks and gets a number, an administrator approves it, the owner goes on.

The secret stays in the owner's browser; the administrator sees the number alone and can choose nothing.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select, update

from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.factors import has_factor, use_code
from govcore.identity.models import Ticket, User
from govcore.identity.passwords import set_password
from govcore.identity.policy import APPROVE_RESET, Actor, Purpose, require
from govcore.identity.tickets import WrongCode, code_hash, issue, readable_code, redeem
from govcore.keys import KeyWrapper


def ask(tx: Tx, *, username: str, network: str, at: datetime) -> str:
    """The secret for the asker's browser, with a number to tell; the same for names that nobody has."""
    user_id = tx.scalar(select(User.id).where(User.username == username, User.active))
    secret, number = readable_code(), f"{secrets.randbits(33) % 10**9:09d}"
    issue(
        tx,
        code_hash(secret),
        purpose=Purpose.CHOOSE_ANEW,
        at=at,
        user_id=user_id,
        number=number,
        network=network,
        approved=False,
    )
    return secret


def approve(tx: Tx, number: str, *, actor: Actor, at: datetime) -> None:
    """Let the person who holds the secret choose a new password; `NotFound` for a number that waits for nobody."""
    require(actor, APPROVE_RESET)
    waiting = update(Ticket).where(
        Ticket.number == number,
        Ticket.purpose == Purpose.CHOOSE_ANEW,
        Ticket.user_id.is_not(None),
        Ticket.user_id != actor.user_id,
        Ticket.approved.is_(False),
        Ticket.ends_at > at,
    )
    user_id = tx.scalar(waiting.values(approved=True).returning(Ticket.user_id))
    if user_id is None:
        raise NotFound
    record(tx, "identity.reset_approved", subject=user_id, actor=actor.user_id, at=at, data={})


def let_choose(tx: Tx, user_id: str, *, at: datetime) -> str:
    """The secret with which somebody whose password has become too old chooses a new one."""
    secret = readable_code()
    issue(tx, code_hash(secret), purpose=Purpose.CHOOSE_ANEW, at=at, user_id=user_id)
    return secret


def choose(tx: Tx, wrapper: KeyWrapper, secret: str, password_hash: str, *, code: str, at: datetime) -> None:
    """Set the new password of who holds an approved secret; who has a second factor must give a code of it too.

    Raise `WrongCode` for anything that does not fit, and then nothing was used up.
    """
    user_id = redeem(tx, code_hash(secret), purpose=Purpose.CHOOSE_ANEW, at=at)
    if user_id is None:
        raise WrongCode
    if has_factor(tx, user_id):
        use_code(tx, wrapper, user_id, code, at=at)
    set_password(tx, user_id, password_hash, by="reset", at=at)
