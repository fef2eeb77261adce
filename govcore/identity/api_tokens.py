"""API tokens: a program acts for a person, with some of the person's permissions and for a limited time."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete

from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import NotFound, Problem
from govcore.identity.models import ApiToken
from govcore.identity.policy import API_PREFIX, PERSONAL, TOKEN_DAYS, Actor


class ScopeTooWide(Problem):
    code = "E_SCOPE"
    status = 422
    text = "A token holds only permissions of yours, at least one, and none over the account itself."


class TokenTooLong(Problem):
    code = "E_TOKEN_DAYS"
    status = 422
    text = "A token lasts from 1 to {days} days."


def make(
    tx: Tx, *, name: str, scopes: Collection[str], days: int, actor: Actor, at: datetime
) -> tuple[str, str]:
    """The id of a new token, and the token itself with 256 bits, shown this once."""
    if not scopes or not set(scopes) <= actor.permissions - PERSONAL:
        raise ScopeTooWide
    if not 1 <= days <= TOKEN_DAYS:
        raise TokenTooLong(days=TOKEN_DAYS)
    token, token_id = API_PREFIX + secrets.token_urlsafe(32), new_id()
    tx.add(
        ApiToken(
            id=token_id,
            user_id=actor.user_id,
            name=name,
            token_sha256=hashlib.sha256(token.encode()).hexdigest(),
            scopes=sorted(set(scopes)),
            made_at=at,
            ends_at=at + timedelta(days=days),
        )
    )
    data = {"token": token_id, "scopes": sorted(set(scopes)), "days": days}
    record(tx, "identity.token_made", subject=actor.user_id, actor=actor.user_id, at=at, data=data)
    return token_id, token


def revoke(tx: Tx, token_id: str, *, actor: Actor, at: datetime) -> None:
    """End one of the actor's tokens at once; anybody else's does not exist."""
    mine = ApiToken.id == token_id, ApiToken.user_id == actor.user_id
    if tx.scalar(delete(ApiToken).where(*mine).returning(ApiToken.id)) is None:
        raise NotFound
    data = {"token": token_id}
    record(tx, "identity.token_revoked", subject=actor.user_id, actor=actor.user_id, at=at, data=data)
