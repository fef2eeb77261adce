"""Two companies, a centre and administrators, and everybody's session, for the tests of organisations."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from govcore import clock
from govcore.audit.entries import parse_event
from govcore.audit.models import LogOutbox
from govcore.identity.policy import ALL_DUTIES, Actor, Duty, Role
from govcore.identity.queries import actor_of_session
from govcore.identity.service import register_organisation, register_user
from govcore.identity.sessions import open_session, token_hash
from govcore.platform import Platform

PASSWORD = "correct horse battery"
USCC = {
    "river": "91371500MA00021002",
    "dike": "91371500MA00021015",
    "centre": "12371500MA0002102D",
    "bureau": "11371500MA0002103K",
}
UNREGISTERED = "91371500MA0002104E"


@dataclass
class Town:
    """Organisations, people and their sessions by short names."""

    platform: Platform
    http: TestClient[Litestar]
    orgs: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def now(self) -> datetime:
        with self.platform.db.read() as tx:
            return clock.now(tx)

    def actor(self, name: str) -> Actor:
        with self.platform.db.read() as tx:
            return actor_of_session(tx, token_hash(self.tokens[name]))

    def add(self, name: str, org: str | None, role: Role, duties: Collection[Duty] = ALL_DUTIES) -> str:
        with self.platform.db.transaction() as tx:
            at = clock.now(tx)
            user = register_user(
                tx,
                username=name,
                name=name.title(),
                password=PASSWORD,
                org_id=self.orgs[org] if org else None,
                roles=[role],
                duties=duties,
                actor="test",
                at=at,
            )
            self.users[name] = user.id
            self.tokens[name] = open_session(tx, user_id=user.id, at=at)
        return user.id

    def call(self, who: str | None, method: str, path: str, **options: Any) -> httpx.Response:
        """A request as somebody, or as a visitor; no cookie of an earlier answer is kept."""
        self.http.cookies.clear()
        cookie = f"session={self.tokens[who]}; lang=en" if who else "lang=en"
        headers = {**options.pop("headers", {}), "cookie": cookie}
        return self.http.request(method, path, headers=headers, follow_redirects=False, **options)

    def page(self, who: str | None, path: str, **options: Any) -> str:
        return self.call(who, "GET", path, headers={"accept": "text/html"}, **options).text

    def events(self, *types: str) -> list[dict[str, Any]]:
        with self.platform.db.read() as tx:
            events = [parse_event(raw) for raw in tx.scalars(select(LogOutbox.event).order_by(LogOutbox.id))]
        return [event for event in events if event["type"] in types]


def found(platform: Platform, http: TestClient[Litestar]) -> Town:
    town = Town(platform, http)
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        for name, uscc in USCC.items():
            organisation = register_organisation(tx, uscc=uscc, name=f"{name} company", actor="test", at=at)
            town.orgs[name] = organisation.id
    town.add("head", "river", Role.BIDDER)
    town.add("writer", "river", Role.BIDDER, {Duty.PREPARE})
    town.add("rival", "dike", Role.BIDDER)
    town.add("clerk", "centre", Role.CENTRE)
    town.add("system", "bureau", Role.SYSTEM_ADMIN, ())
    town.add("nobody", None, Role.CITIZEN)
    return town
