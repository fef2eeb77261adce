"""A site, its people, and their browsers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx
from litestar.testing import TestClient
from sqlalchemy import select

from govcore.audit.entries import parse_event
from govcore.audit.models import LogOutbox
from govcore.identity.policy import Role
from govcore.platform import Platform

USCC = "91330100MA2KEXAMPD"
PASSWORD = "correct horse battery"
PAGE = {"accept": "text/html"}
PEOPLE = {"wang": Role.BIDDER, "li": Role.BIDDER, "audit": Role.AUDITOR, "centre": Role.CENTRE}


@dataclass
class Site:
    """The site, its people's ids, and browsers that share nothing."""

    platform: Platform
    http: TestClient[Any]
    ids: dict[str, str] = field(default_factory=dict)

    def browser(self, agent: str = "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0") -> Browser:
        return Browser(self.http, agent)

    def signed_in(self, name: str, password: str = PASSWORD) -> Browser:
        browser = self.browser()
        answer = browser.post("/api/session", json={"username": name, "password": password})
        assert answer.status_code == 201, answer.text
        return browser

    def events(self) -> list[dict[str, Any]]:
        """What was recorded, in order."""
        with self.platform.db.read() as tx:
            return [parse_event(raw) for raw in tx.scalars(select(LogOutbox.event).order_by(LogOutbox.id))]

    def happened(self) -> list[str]:
        """The names of what was recorded after the people had been registered."""
        return [event["type"] for event in self.events()][1 + len(PEOPLE) :]


@dataclass
class Browser:
    """One person's cookies over the shared client."""

    http: TestClient[Any]
    agent: str
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"user-agent": self.agent, "cookie": jar, **options.pop("headers", {})}
        self.http.cookies.clear()
        answer = self.http.request(method, path, headers=headers, follow_redirects=False, **options)
        self.cookies |= dict(answer.cookies)
        self.http.cookies.clear()
        return answer

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.ask("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.ask("POST", path, **options)

    def page(self, path: str) -> httpx.Response:
        return self.get(path, headers=PAGE)

    def send(self, path: str, **form: str) -> httpx.Response:
        """A form of a page."""
        return self.post(path, data=form, headers=PAGE)

    @property
    def who(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.get("/api/session").json()
        return answer
