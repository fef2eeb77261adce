"""The key of a department for its clues: kept under a passphrase that the platform never keeps.

Who holds database and wrapping keys alone cannot read a clue: it needs the words that only the department knows.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from bidding_docs import age
from bidding_docs.age_header import AgeError
from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import Problem
from govcore.identity.policy import Actor, require
from trading.challenge.models import ClueKey
from trading.challenge.policy import CLUE_PASSPHRASE


class PassphraseTooShort(Problem):
    code = "E_PASSPHRASE"
    status = 422
    text = "The passphrase has at least {least} characters."


class WrongPassphrase(Problem):
    code = "E_WRONG_PASSPHRASE"
    status = 422
    text = "This passphrase does not open the clue. Nothing was read."


def make(
    tx: Tx, *, passphrase: str, actor: Actor, at: datetime, work_factor: int = age.WORK_FACTOR
) -> ClueKey:
    """Give the actor's department a new key for the clues to come; the earlier keys open the earlier ones."""
    require(actor, "challenge.decide")
    if len(passphrase) < CLUE_PASSPHRASE:
        raise PassphraseTooShort(least=CLUE_PASSPHRASE)
    secret, recipient = age.generate()
    sealed = age.encrypt_bytes_with_passphrase(secret, passphrase, work_factor=work_factor)
    row = ClueKey(
        id=new_id(),
        org_id=actor.org_id or "",
        recipient=recipient,
        sealed=sealed,
        made_by=actor.user_id,
        made_at=at,
    )
    tx.add(row)
    tx.flush()
    record(
        tx,
        "challenge.clue_key_made",
        subject=row.id,
        actor=actor.user_id,
        at=at,
        data={"recipient": recipient},
    )
    return row


def newest(tx: Tx, org_id: str | None) -> ClueKey | None:
    query = select(ClueKey).where(ClueKey.org_id == org_id).order_by(ClueKey.made_at.desc(), ClueKey.id)
    return tx.scalars(query.limit(1)).first()


def seal(text: str, key: ClueKey | None) -> bytes:
    """The words sealed to a department's key; as they are where it has none yet."""
    return age.encrypt_bytes(text.encode(), [key.recipient]) if key else text.encode()


def unlocked(key: ClueKey, passphrase: str) -> bytes:
    """The department's secret key, for one reading; raise `WrongPassphrase`."""
    try:
        return age.decrypt_bytes_with_passphrase(key.sealed, passphrase)
    except (AgeError, ValueError) as error:
        raise WrongPassphrase from error


def opened(sealed: bytes, secret: bytes | None) -> str:
    return (age.decrypt_bytes(sealed, [secret]) if secret else sealed).decode()
