"""Passwords: what is asked of them, how they are kept, changed, and chosen anew by who forgot one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import bindparam, exists, select, update

from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import Problem
from govcore.identity.models import Passkey, Totp, User
from govcore.identity.policy import NO_PASSWORD, PASSWORD_MAX, Profile, character_classes
from govcore.identity.sessions import end_sessions
from govcore.processes import stand_aside
from govcore.trips import ask

HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
"""argon2id with 19 MiB and two passes: OWASP's least for it, ASVS 5.0 appendix C."""

_NOBODY = HASHER.hash("nobody has this password")

T = TypeVar("T")

_PLACES = threading.BoundedSemaphore(8)
"""Who may wait for argon2 at once: a crowd of sign-ins must not hold the threads that take bids."""


_BESIDE = ThreadPoolExecutor(1, thread_name_prefix="argon2", initializer=stand_aside)
"""One thread: it checks some forty passwords a second, and leaves the cores to bids."""


def _beside(work: Callable[..., T], *given: str) -> T:
    if not _PLACES.acquire(blocking=False):
        raise Crowded
    try:
        return _BESIDE.submit(work, *given).result()
    finally:
        _PLACES.release()


class Crowded(Problem):
    """Nothing was judged: so many passwords wait already."""

    code = "E_CROWDED"
    status = 503
    text = "Very many people are signing in just now. Try again in a few seconds."


class WrongCredentials(Problem):
    """Name or password is wrong; which one is never told."""

    code = "E_CREDENTIALS"
    status = 401
    text = "The name or the password is not right."


class WeakPassword(Problem):
    """The password cannot be chosen; each reason says what to do."""

    code = "E_PASSWORD"
    status = 422
    text = "Choose another password."


class PasswordTooShort(WeakPassword):
    code = "E_PASSWORD"
    text = "A password needs at least {minimum} characters."


class PasswordTooLong(WeakPassword):
    code = "E_PASSWORD"
    text = "A password has at most {maximum} characters."


class PasswordTooSimple(WeakPassword):
    code = "E_PASSWORD"
    text = "A password needs {classes} of these: small letters, capital letters, digits, other characters."


class PasswordCommon(WeakPassword):
    code = "E_PASSWORD"
    text = "Many people use this password or one like it, so it is guessed first. Choose another one."


class PasswordNamesYou(WeakPassword):
    code = "E_PASSWORD"
    text = "The password contains a name that others know. Choose another one."


class PasswordUnchanged(WeakPassword):
    code = "E_PASSWORD"
    text = "This is the old password. Choose another one."


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whose password was right; `stronger_hash` replaces one that was made with weaker parameters."""

    user_id: str
    username: str
    second_factor: bool
    password_due: bool = False
    """The site's profile asks for a new password before anything else."""
    stronger_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """Whom somebody says to be, and the hash of that person's password, or of a password that nobody has."""

    person: Person | None
    kept: str = field(repr=False)


def check_strength(password: str, *, profile: Profile, names: Iterable[str] = ()) -> None:
    """Raise the `WeakPassword` that says why this password cannot be chosen."""
    if len(password) < profile.password_min:
        raise PasswordTooShort(minimum=profile.password_min)
    if len(password) > PASSWORD_MAX:
        raise PasswordTooLong(maximum=PASSWORD_MAX)
    if character_classes(password) < profile.classes:
        raise PasswordTooSimple(classes=profile.classes)
    plain = password.casefold()
    core = plain.strip("0123456789!@#$%^&*()_+-=.,?~ ")
    if plain in _common() or core in _common() or len(set(plain)) < 5:
        raise PasswordCommon
    if any(len(name) >= 4 and name.casefold() in plain for name in names):
        raise PasswordNamesYou


def hashed(password: str) -> str:
    """The argon2id hash; takes tens of milliseconds, so call it outside of transactions that write."""
    return _beside(HASHER.hash, password)


def claimed(tx: Tx, username: str, *, at: datetime, profile: Profile) -> Claimed:
    """Who has this name, for `verified` when the transaction is over: argon2 must not hold a connection."""
    (rows,) = ask(tx, (_BY_NAME, {"wanted": username}))
    if not rows or rows[0].password_hash == NO_PASSWORD:
        return Claimed(None, _NOBODY)
    user = rows[0]
    person = Person(
        user_id=user.id,
        username=user.username,
        second_factor=bool(user.totp or user.passkey),
        password_due=profile.password_due(user.password_changed_at, at),
    )
    return Claimed(person, user.password_hash)


def verified(who: Claimed, password: str) -> Person:
    """The person whose password this is; equally slow and equally worded whether the name or the password is wrong."""
    try:
        _beside(HASHER.verify, who.kept, password[: PASSWORD_MAX + 1])
    except VerificationError as error:
        raise WrongCredentials from error
    if who.person is None:
        raise WrongCredentials
    if HASHER.check_needs_rehash(who.kept):
        return replace(who.person, stronger_hash=hashed(password))
    return who.person


_BY_NAME = select(
    User.id,
    User.username,
    User.password_hash,
    User.password_changed_at,
    exists().where(Totp.user_id == User.id, Totp.confirmed_at.is_not(None)).label("totp"),
    exists().where(Passkey.user_id == User.id).label("passkey"),
).where(User.username == bindparam("wanted"), User.active)


def strengthen(tx: Tx, user_id: str, stronger_hash: str) -> None:
    """Keep the same password under today's parameters."""
    tx.execute(update(User).where(User.id == user_id).values(password_hash=stronger_hash))


def set_password(tx: Tx, user_id: str, password_hash: str, *, by: str, at: datetime, keep: str = "") -> None:
    """The new password holds at once, and all sessions end but `keep`; `by` says how its owner came to choose it."""
    changed = update(User).where(User.id == user_id)
    tx.execute(changed.values(password_hash=password_hash, password_changed_at=at))
    end_sessions(tx, user_id, actor=user_id, at=at, but=keep)
    record(tx, "identity.password_changed", subject=user_id, actor=user_id, at=at, data={"by": by})


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    lines = files(__package__).joinpath("common_passwords.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
