"""A site with one company, whose people sign in over HTTP on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from apps import app_for
from litestar import Litestar
from litestar.testing import TestClient
from litestar.types import ASGIApp, Receive, Scope, Send
from sqlalchemy import select
from staffed_site import PASSWORD, PEOPLE, USCC, Site

from govcore import clock
from govcore.identity.models import User
from govcore.identity.service import register_organisation, register_user
from govcore.platform import Platform


@pytest.fixture
def site(platform: Platform) -> Iterator[Site]:
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        company = register_organisation(tx, uscc=USCC, name="晨光水务", actor="system", at=at)
        for name, role in PEOPLE.items():
            register_user(
                tx,
                username=name,
                name=name.title(),
                password=PASSWORD,
                org_id=company.id,
                roles=[role],
                actor="system",
                at=at,
            )
        ids = {user.username: user.id for user in tx.scalars(select(User))}
    with TestClient(seen_from(app_for(platform), "10.0.0.1"), base_url="http://site.example") as http:
        yield Site(platform, http, ids)


def seen_from(app: Litestar, address: str) -> ASGIApp:
    """The application, whose every client has this address."""

    async def seen(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "client": (address, 1)}, receive, send)  # type: ignore[misc]

    return seen
