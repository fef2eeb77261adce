"""Questions that only this platform can have asked: nothing is stored until one was answered rightly, and then once."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime

import msgspec
from sqlalchemy import String, delete
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, Tx, UTCDateTime, upsert
from govcore.errors import Problem
from govcore.vault import Vault


class Spent(Base):
    """A question that was answered; kept until it would have ended anyway."""

    __tablename__ = "challenge_spent"

    nonce: Mapped[str] = mapped_column(String(64), primary_key=True)
    until: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class BadChallenge(Problem):
    """Not ours, for another purpose or address, too old, or answered already: which one helps nobody honest."""

    code = "E_CHALLENGE"
    status = 409
    text = "This step was not begun here, took too long or was taken already. Please begin again."


class Challenge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was asked: for which purpose, at which address of ours, until when, and what belongs to it."""

    purpose: str
    origin: str
    nonce: str
    until: datetime
    facts: dict[str, str]


def ask(
    vault: Vault,
    *,
    purpose: str,
    origin: str,
    nonce: str,
    until: datetime,
    facts: Mapping[str, str] | None = None,
) -> str:
    """A question as text, with the platform's tag; whoever has it reads what it says but cannot change it."""
    body = msgspec.json.encode(Challenge(purpose, origin, nonce, until, dict(facts or {})))
    text = base64.urlsafe_b64encode(body).decode()
    return f"{text}.{_tag(vault, text)}"


def read(vault: Vault, asked: str, *, purpose: str, origin: str, at: datetime) -> Challenge:
    """The question, when we asked it for this purpose, at this address, and its time is not over; `BadChallenge`."""
    text, _, tag = asked.partition(".")
    if not hmac.compare_digest(_tag(vault, text), tag):
        raise BadChallenge
    challenge = msgspec.json.decode(base64.urlsafe_b64decode(text), type=Challenge)
    if (challenge.purpose, challenge.origin) != (purpose, origin) or challenge.until <= at:
        raise BadChallenge
    return challenge


def spend(tx: Tx, challenge: Challenge, *, at: datetime) -> None:
    """Take the answer, once: of two at the same time one gets `BadChallenge`."""
    tx.execute(delete(Spent).where(Spent.until <= at))
    new = upsert(tx, Spent).values(nonce=challenge.nonce, until=challenge.until).on_conflict_do_nothing()
    if tx.execute(new.returning(Spent.nonce)).one_or_none() is None:
        raise BadChallenge


def _tag(vault: Vault, text: str) -> str:
    return vault.tag("challenge", text)
