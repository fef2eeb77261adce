"""The first administrator, by a one-time code printed on the server while there is none."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from govcore import grants
from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import Problem
from govcore.identity.models import Ticket
from govcore.identity.policy import Purpose, Role
from govcore.identity.service import register_user
from govcore.identity.tickets import code_hash, issue, readable_code, redeem

FIRST = Role.SECURITY_ADMIN
"""Grants roles to all others; by the separation of duties it can do nothing else."""


class NotTheFirst(Problem):
    code = "E_NOT_FIRST"
    text = "There is an administrator already, who can make others."


def make_code(tx: Tx, *, at: datetime) -> str:
    """A code that is good once and for an hour; an earlier one is dead."""
    _nobody_yet(tx)
    tx.execute(delete(Ticket).where(Ticket.purpose == Purpose.FIRST_ADMINISTRATOR))
    code = readable_code()
    issue(tx, code_hash(code), purpose=Purpose.FIRST_ADMINISTRATOR, at=at)
    return code


def appoint(
    tx: Tx,
    code: str,
    *,
    username: str,
    name: str,
    password: str,
    at: datetime,
) -> str:
    """Register the first administrator and return the id; raise for a wrong code, or when there is one."""
    redeem(tx, code_hash(code), purpose=Purpose.FIRST_ADMINISTRATOR, at=at)
    _nobody_yet(tx)
    user = register_user(
        tx,
        username=username,
        name=name,
        password=password,
        org_id=None,
        roles=[FIRST],
        actor="system",
        at=at,
    )
    record(tx, "identity.first_administrator", subject=user.id, actor=user.id, at=at, data={})
    return user.id


def is_new(tx: Tx) -> bool:
    """Whether the site has no administrator yet, so that nobody can do anything on it."""
    return tx.scalar(grants.holders(tx, [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN]).limit(1)) is None


def _nobody_yet(tx: Tx) -> None:
    if not is_new(tx):
        raise NotTheFirst
