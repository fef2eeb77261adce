"""One-time secrets with a short life: made for a purpose, redeemed once, and forgotten."""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import datetime

from sqlalchemy import delete

from govcore.db import Tx
from govcore.errors import Problem
from govcore.identity.models import Ticket
from govcore.identity.policy import LIFETIMES, Purpose


class WrongCode(Problem):
    """Never made, used, run out or for something else; which one is never told."""

    code = "E_CODE"
    status = 401
    text = "This code is not valid, or not any more."


def readable_code() -> str:
    """120 bits for people to type: six groups of four letters and digits."""
    letters = base64.b32encode(secrets.token_bytes(15)).decode()
    return "-".join(letters[i : i + 4] for i in range(0, 24, 4))


def code_hash(code: str) -> str:
    """The hash of a code however its groups were typed."""
    return hashlib.sha256(code.replace("-", "").replace(" ", "").upper().encode()).hexdigest()


def secret_hash(secret: bytes) -> str:
    return hashlib.sha256(secret).hexdigest()


def issue(
    tx: Tx,
    secret_sha256: str,
    *,
    purpose: Purpose,
    at: datetime,
    user_id: str | None = None,
    number: str | None = None,
    network: str = "",
    approved: bool = True,
) -> None:
    """Note a secret; what ran out is swept away on the occasion."""
    tx.execute(delete(Ticket).where(Ticket.ends_at <= at))
    tx.add(
        Ticket(
            secret_sha256=secret_sha256,
            purpose=purpose,
            user_id=user_id,
            number=number,
            network=network,
            approved=approved,
            made_at=at,
            ends_at=at + LIFETIMES[purpose],
        )
    )


def redeem(tx: Tx, secret_sha256: str, *, purpose: Purpose, at: datetime) -> str | None:
    """Use a secret up and return whose it is, if anybody's; raise `WrongCode`."""
    used = delete(Ticket).where(
        Ticket.secret_sha256 == secret_sha256,
        Ticket.purpose == purpose,
        Ticket.approved,
        Ticket.ends_at > at,
    )
    row = tx.execute(used.returning(Ticket.user_id)).one_or_none()
    if row is None:
        raise WrongCode
    user_id: str | None = row.user_id
    return user_id


def withdraw(tx: Tx, user_id: str, purpose: Purpose) -> None:
    """No earlier secret of this purpose is good any more."""
    tx.execute(delete(Ticket).where(Ticket.user_id == user_id, Ticket.purpose == purpose))
