"""The second factor: time-based one-time passwords (RFC 6238), and recovery codes for who lost theirs."""

from __future__ import annotations

import hmac
from datetime import datetime

import pyotp
from sqlalchemy import delete, func, select, update

from govcore.audit.service import record
from govcore.db import Tx
from govcore.identity.models import RecoveryCode, Totp
from govcore.identity.policy import RECOVERY_CODES, TOTP_STEP, Actor
from govcore.identity.tickets import WrongCode, code_hash, readable_code
from govcore.keys import KeyWrapper

PURPOSE = "totp"


def begin(tx: Tx, wrapper: KeyWrapper, *, actor: Actor) -> str:
    """A new secret for the actor's authenticator; it counts once `confirm` has seen a code of it."""
    secret = pyotp.random_base32()
    tx.execute(delete(Totp).where(Totp.user_id == actor.user_id, Totp.confirmed_at.is_(None)))
    if tx.get(Totp, actor.user_id) is not None:
        raise WrongCode
    wrapped = wrapper.wrap(PURPOSE, actor.user_id, secret.encode())
    tx.add(Totp(user_id=actor.user_id, wrapped=wrapped, last_step=0))
    return secret


def pending_secret(tx: Tx, wrapper: KeyWrapper, *, actor: Actor) -> str | None:
    """The secret that `begin` made and nobody has confirmed; its owner may see it until then."""
    query = select(Totp.wrapped).where(Totp.user_id == actor.user_id, Totp.confirmed_at.is_(None))
    wrapped = tx.scalar(query)
    return wrapper.unwrap(PURPOSE, actor.user_id, wrapped).decode() if wrapped else None


def address(secret: str, *, account: str, issuer: str) -> str:
    """What authenticator programs read from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def confirm(tx: Tx, wrapper: KeyWrapper, code: str, *, actor: Actor, at: datetime) -> list[str]:
    """The authenticator works: it is asked for from now on. Returns the recovery codes, shown this once."""
    row = tx.get(Totp, actor.user_id)
    if row is None or row.confirmed_at is not None or not _use_step(tx, wrapper, row, code, at):
        raise WrongCode
    row.confirmed_at = at
    record(tx, "identity.factor_added", subject=actor.user_id, actor=actor.user_id, at=at, data={})
    return renew_recovery_codes(tx, actor=actor, at=at)


def renew_recovery_codes(tx: Tx, *, actor: Actor, at: datetime) -> list[str]:
    """Ten new codes of 120 bits; the old ones are dead."""
    codes = [readable_code() for _ in range(RECOVERY_CODES)]
    tx.execute(delete(RecoveryCode).where(RecoveryCode.user_id == actor.user_id))
    tx.add_all([RecoveryCode(user_id=actor.user_id, code_sha256=code_hash(code)) for code in codes])
    record(tx, "identity.recovery_codes_made", subject=actor.user_id, actor=actor.user_id, at=at, data={})
    return codes


def has_factor(tx: Tx, user_id: str) -> bool:
    """True when a code of an authenticator is asked for."""
    mine = select(Totp.user_id).where(Totp.user_id == user_id, Totp.confirmed_at.is_not(None))
    return tx.scalar(mine) is not None


def remove(tx: Tx, *, actor: Actor, at: datetime) -> None:
    """Take the authenticator and the recovery codes away."""
    gone = delete(Totp).where(Totp.user_id == actor.user_id, Totp.confirmed_at.is_not(None))
    if tx.scalar(gone.returning(Totp.user_id)) is None:
        raise WrongCode
    tx.execute(delete(RecoveryCode).where(RecoveryCode.user_id == actor.user_id))
    record(tx, "identity.factor_removed", subject=actor.user_id, actor=actor.user_id, at=at, data={})


def use_code(tx: Tx, wrapper: KeyWrapper, user_id: str, code: str, *, at: datetime) -> str:
    """Use a code of the authenticator or a recovery code up; which kind it was. Raise `WrongCode`."""
    row = tx.get(Totp, user_id)
    if row is not None and row.confirmed_at is not None and _use_step(tx, wrapper, row, code, at):
        return "totp"
    mine = RecoveryCode.user_id == user_id, RecoveryCode.code_sha256 == code_hash(code)
    if tx.scalar(delete(RecoveryCode).where(*mine).returning(RecoveryCode.user_id)) is None:
        raise WrongCode
    left = tx.scalar(select(func.count()).select_from(RecoveryCode).where(RecoveryCode.user_id == user_id))
    record(tx, "identity.recovery_code_used", subject=user_id, actor=user_id, at=at, data={"left": left or 0})
    return "recovery"


def _use_step(tx: Tx, wrapper: KeyWrapper, row: Totp, code: str, at: datetime) -> bool:
    """True for the code of this step or a neighbour that was not used before, nor any later one."""
    otp = pyotp.TOTP(wrapper.unwrap(PURPOSE, row.user_id, row.wrapped).decode())
    now = int(at.timestamp()) // TOTP_STEP
    typed = code.replace(" ", "")
    for step in (now, now - 1, now + 1):
        if hmac.compare_digest(otp.generate_otp(step).encode(), typed.encode()):
            newer = update(Totp).where(Totp.user_id == row.user_id, Totp.last_step < step)
            return tx.scalar(newer.values(last_step=step).returning(Totp.user_id)) is not None
    return False
