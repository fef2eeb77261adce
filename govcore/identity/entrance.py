"""The way in, shared by pages and the JSON API: count a try, judge it, open the session.

Each step is a transaction of its own, because a try counts also when it is refused, and because argon2 must not run
while the database is locked.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from litestar import Response

from govcore import clock
from govcore.db import Tx
from govcore.errors import Problem
from govcore.identity import factors, guessing, passwords, sessions
from govcore.identity.guessing import Place
from govcore.identity.passkeys import RelyingParty
from govcore.identity.passwords import Person, WrongCredentials
from govcore.identity.policy import Actor, Device
from govcore.identity.queries import username_of
from govcore.identity.tickets import WrongCode
from govcore.platform import Platform
from govcore.settings import Settings
from govcore.trips import join_commit
from govcore.web.clients import address_of, device_of, network_of
from govcore.web.cookies import DEVICE, secret_of, set_device, set_session
from govcore.web.rendering import AnyRequest

T = TypeVar("T")


class SecondFactorNeeded(Problem):
    code = "E_SECOND_FACTOR"
    status = 401
    text = "Give a code of your authenticator, or a recovery code, too."


class PasswordDue(Problem):
    """The profile asks for a change; nothing else is let through before."""

    code = "E_PASSWORD_DUE"
    status = 403
    text = "Your password is older than the rules allow. Choose a new one on the sign-in page."


class NoPasskeys(Problem):
    code = "E_NO_PASSKEYS"
    text = "Passkeys need this site's address, which is not set up."


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """One request at the door: the platform, and what is known of the other end."""

    platform: Platform
    place: Place
    device: Device

    @classmethod
    def of(cls, request: AnyRequest) -> Entrance:
        platform: Platform = request.app.state.platform
        proxies = platform.settings.trusted_proxies
        address = address_of(request, proxies)
        place = Place(address=address, network=network_of(address), device=secret_of(request, DEVICE))
        return cls(platform=platform, place=place, device=device_of(request, proxies))

    def by_password(self, username: str, password: str) -> Person:
        """Whose name and password these are; raise `WrongCredentials` or `TooManyTries`."""
        profile = self.platform.settings.profile
        keys, who = self._weigh(
            "password", username, lambda tx, at: passwords.claimed(tx, username, at=at, profile=profile)
        )
        with self._wrong_noted("password", username):
            person = passwords.verified(who, password)
        with self.platform.db.transaction() as tx:
            join_commit(tx)
            guessing.forgive(tx, keys)
        return person

    def by_code(self, user_id: str, username: str, code: str) -> str:
        """Use up a code of the second factor; raise `WrongCode` or `TooManyTries`."""

        def check(tx: Tx) -> str:
            return factors.use_code(tx, self.platform.wrapper, user_id, code, at=clock.now(tx))

        return self._judged("code", username, check)

    def by_secret(self, check: Callable[[Tx], T]) -> T:
        """Judge a one-time secret that names nobody: tries are counted by the client alone."""
        return self._judged("secret", "", check)

    def count(self, kind: str) -> None:
        """Count what cannot be wrong but must not be done without end; raise `TooManyTries`."""
        self._weigh(kind, "", _nothing)

    def confirm(self, actor: Actor, password: str) -> None:
        """Raise `WrongCredentials` unless this is the signed-in person's password."""
        if self.by_password(self.username(actor), password).user_id != actor.user_id:
            raise WrongCredentials

    def prove(self, actor: Actor, *, password: str, code: str) -> str:
        """The new token of a signed-in person who gave the password, or a code where there is one."""
        if code:
            self.by_code(actor.user_id, self.username(actor), code)
        else:
            self.confirm(actor, password)
        return self.proved(actor, strong=bool(code))

    def username(self, actor: Actor) -> str:
        with self.platform.db.read() as tx:
            return username_of(tx, actor.user_id)

    def proved(self, actor: Actor, *, strong: bool) -> str:
        with self.platform.db.transaction() as tx:
            profile = self.platform.settings.profile
            return sessions.prove(tx, actor=actor, at=clock.now(tx), strong=strong, profile=profile)

    def admit(self, response: Response[Any], person: Person, *, strong: bool) -> str:
        """Open the session, know this place from now on, and give the browser both cookies."""
        device = self.place.device or secrets.token_urlsafe(16)
        place = Place(address=self.place.address, network=self.place.network, device=device)
        with self.platform.db.transaction() as tx:
            at = clock.now(tx)
            if person.stronger_hash:
                passwords.strengthen(tx, person.user_id, person.stronger_hash)
            join_commit(tx)
            guessing.remember(tx, self.platform.keys, account=person.username, place=place, at=at)
            token = sessions.open_session(
                tx,
                user_id=person.user_id,
                at=at,
                strong=strong,
                device=self.device,
                profile=self.platform.settings.profile,
            )
        secure = not self.platform.settings.demo
        set_device(response, device, secure=secure)
        set_session(response, token, secure=secure)
        return token

    def _judged(self, kind: str, account: str, check: Callable[[Tx], T]) -> T:
        keys, _ = self._weigh(kind, account, _nothing)
        with self._wrong_noted(kind, account), self.platform.db.transaction() as tx:
            result = check(tx)
            guessing.forgive(tx, keys)
        return result

    def _weigh(self, kind: str, account: str, also: Callable[[Tx, datetime], T]) -> tuple[tuple[str, ...], T]:
        """Count one try and read what judging it needs; the keys it is counted under, and what was read."""
        with self.platform.db.transaction() as tx:
            at = clock.now(tx)
            weighed = guessing.weigh(
                tx, self.platform.keys, kind=kind, account=account, place=self.place, at=at
            )
            read = also(tx, at)
        if weighed.refused:
            raise weighed.refused
        return weighed.keys, read

    @contextmanager
    def _wrong_noted(self, kind: str, account: str) -> Iterator[None]:
        try:
            yield
        except (WrongCredentials, WrongCode):
            with self.platform.db.transaction() as tx:
                guessing.note_wrong(tx, self.platform.keys, kind=kind, account=account, at=clock.now(tx))
            raise


def _nothing(_tx: Tx, _at: datetime) -> None:
    """What a code or a one-time secret needs from the database is read when it is used up."""


def passkeys_offered(settings: Settings) -> bool:
    return bool(settings.site_url) or settings.demo


def relying_party(request: AnyRequest) -> RelyingParty:
    """The site for passkeys. Its address is a setting; only the demo believes what a browser says."""
    settings = request.app.state.platform.settings
    origin = settings.site_url or (str(request.base_url).rstrip("/") if settings.demo else "")
    if not origin:
        raise NoPasskeys
    return RelyingParty(origin=origin, name=settings.centre or "Public resource trading")
