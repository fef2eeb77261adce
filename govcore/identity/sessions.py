"""Sessions: begun by a sign-in, renewed by every proof, ended by their owner, by time, and with the account."""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, or_, update

from govcore import logs
from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import NotFound
from govcore.identity.models import SignInSession
from govcore.identity.policy import ASVS, NO_DEVICE, Actor, Device, Profile
from govcore.trips import tell

_BEGIN = insert(SignInSession)
_FORGET_ENDED = delete(SignInSession).where(
    SignInSession.user_id == bindparam("whose"),
    or_(SignInSession.ends_at <= bindparam("now"), SignInSession.idle_ends_at <= bindparam("now")),
)


@dataclass(frozen=True, slots=True)
class KeyUsed:
    """A key that opened a session, and when it ends by itself."""

    fingerprint: str
    ends_at: datetime


def open_session(
    tx: Tx,
    *,
    user_id: str,
    at: datetime,
    strong: bool = False,
    device: Device = NO_DEVICE,
    profile: Profile = ASVS,
    key: KeyUsed | None = None,
    proved_at: datetime | None = None,
) -> str:
    """Start a session and return its token of 256 bits, of which only the hash is stored.

    A session that a `key` opened lasts no longer than that key. The person was proved now, or at `proved_at`.
    """
    token, session_id = secrets.token_urlsafe(32), new_id()
    _forget_ended(tx, user_id, at)
    begun = {
        "id": session_id,
        "token_sha256": token_hash(token),
        "user_id": user_id,
        "program": device.program,
        "network": device.network,
        "strong": strong,
        "began_at": at,
        "proved_at": min(at, proved_at) if proved_at else at,
        "seen_at": at,
        "idle_ends_at": at + profile.idle,
        "ends_at": min(at + profile.lifetime, key.ends_at) if key else at + profile.lifetime,
        "opened_by": key.fingerprint if key else None,
    }
    tell(tx, _BEGIN, begun)
    logs.come_from(session=session_id, network=device.network)
    record(tx, "identity.signed_in", subject=user_id, actor=user_id, at=at, data={"strong": strong})
    return token


def prove(tx: Tx, *, actor: Actor, at: datetime, strong: bool, profile: Profile) -> str:
    """Make the actor's session fresh under a new token; the old one is dead. A strong session stays strong."""
    token = secrets.token_urlsafe(32)
    session = tx.get(SignInSession, actor.session_id)
    if session is None:
        raise NotFound
    session.token_sha256 = token_hash(token)
    session.proved_at = session.seen_at = at
    session.idle_ends_at = at + profile.idle
    session.strong = session.strong or strong
    data = {"strong": strong}
    record(tx, "identity.proved", subject=actor.user_id, actor=actor.user_id, at=at, data=data)
    return token


def note_use(tx: Tx, *, session_id: str, at: datetime, profile: Profile) -> None:
    """Write down that a session was used; one that ended meanwhile stays ended."""
    used = update(SignInSession).where(SignInSession.id == session_id, SignInSession.idle_ends_at > at)
    tx.execute(used.values(seen_at=at, idle_ends_at=at + profile.idle))


def close_session(tx: Tx, *, token: str, actor: Actor, at: datetime) -> None:
    """Sign out: the token is dead at once."""
    tx.execute(delete(SignInSession).where(SignInSession.token_sha256 == token_hash(token)))
    record(tx, "identity.signed_out", subject=actor.user_id, actor=actor.user_id, at=at, data={})


def end_session(tx: Tx, session_id: str, *, actor: Actor, at: datetime) -> None:
    """End one of the actor's own sessions; anybody else's does not exist."""
    mine = SignInSession.id == session_id, SignInSession.user_id == actor.user_id
    if tx.scalar(delete(SignInSession).where(*mine).returning(SignInSession.id)) is None:
        raise NotFound
    _log_ended(tx, actor.user_id, 1, actor=actor.user_id, at=at)


def end_sessions(tx: Tx, user_id: str, *, actor: str, at: datetime, but: str = "") -> None:
    """End all sessions of a person, `but` one; logged when there were any."""
    ended = delete(SignInSession).where(SignInSession.user_id == user_id, SignInSession.id != but)
    count = len(tx.scalars(ended.returning(SignInSession.id)).all())
    if count:
        _log_ended(tx, user_id, count, actor=actor, at=at)


def end_opened_by(tx: Tx, fingerprints: Collection[str], *, actor: str, at: datetime) -> None:
    """End all sessions that these keys opened."""
    ended = delete(SignInSession).where(SignInSession.opened_by.in_(fingerprints))
    users = Counter(tx.scalars(ended.returning(SignInSession.user_id)))
    for user_id, count in sorted(users.items()):
        _log_ended(tx, user_id, count, actor=actor, at=at)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _forget_ended(tx: Tx, user_id: str, at: datetime) -> None:
    tell(tx, _FORGET_ENDED, {"whose": user_id, "now": at})


def _log_ended(tx: Tx, user_id: str, count: int, *, actor: str, at: datetime) -> None:
    record(tx, "identity.sessions_ended", subject=user_id, actor=actor, at=at, data={"sessions": count})
