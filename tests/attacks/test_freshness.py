"""Who signed in some time ago proves again who they are before what is grave: asked of every route that says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from apps import app_for
from litestar import Litestar
from litestar.testing import TestClient
from routes import Asked, asked_of
from sqlalchemy import update

from govcore import clock
from govcore.identity.models import SignInSession
from govcore.identity.policy import ALL_DUTIES, Role
from govcore.identity.service import register_organisation, register_user
from govcore.identity.sessions import open_session
from govcore.platform import Platform

PASSWORD = "correct horse battery"

GRAVE = {
    "keys of an opening": [
        "PUT /api/lots/{lot_id}/custodian-keys",
        "POST /api/lots/{lot_id}/key-manifest/signatures",
        "GET /custodian/keys",
        "GET /custodian/sign",
    ],
    "release of a share": ["POST /api/lots/{lot_id}/share-releases", "GET /custodian/release"],
    "keys that bidders hand in": ["POST /api/lots/{lot_id}/recovery", "GET /lots/{lot_id}/opening/recovery"],
    "judging an outage": ["POST /api/lots/{lot_id}/outages", "POST /lots/{lot_id}/opening/outage"],
    "extending a deadline": ["POST /api/lots/{lot_id}/schedules", "GET /lots/{lot_id}/deadline"],
    "result of the first stage": [
        "POST /api/lots/{lot_id}/technical-result",
        "GET /evaluation/{lot_id}/technical",
    ],
    "award": ["POST /api/lots/{lot_id}/award", "POST /award/{lot_id}/decision"],
    "acts of two people, as concluding an opening": [
        "POST /api/acts/{act}/{object_id}/proposals",
        "POST /api/proposals/{proposal_id}/confirm",
        "GET /two-person/propose/{act}/{object_id}",
        "POST /two-person/propose/{act}/{object_id}",
        "POST /two-person/{proposal_id}/confirm",
    ],
    "roles and rights": [
        "POST /api/roles",
        "PUT /api/roles/{key}/permissions/{name}",
        "POST /api/people/{user_id}/roles",
        "DELETE /api/people/{user_id}/roles/{key}",
        "POST /authority/roles/{key}",
        "POST /authority/people/{user_id}/give",
        "POST /authority/people/{user_id}/take",
    ],
    "certificates": [
        "POST /api/certificates",
        "POST /api/outside-certificates",
        "POST /api/outside-certificates/{sha256}/registration",
        "POST /certificates",
        "POST /certificates/authorities",
        "POST /certificates/authorities/{sha256}/remove",
    ],
    "keys of an account": [
        "POST /api/passkeys",
        "POST /api/passkeys/options",
        "POST /api/tokens",
        "POST /account/passkeys/{passkey_id}/remove",
        "POST /account/recovery-codes",
        "POST /account/second-factor/begin",
        "POST /account/second-factor/confirm",
        "POST /account/second-factor/remove",
        "POST /account/tokens",
        "POST /administration/resets/{number}/approve",
        "POST /sign-in/new-identity/link",
    ],
    "seals": [
        "POST /api/seals",
        "POST /api/seals/{seal_id}/certificate",
        "POST /api/seals/{seal_id}/changes",
        "POST /api/seals/{seal_id}/keepers",
        "POST /api/seal-keepers/{keeper_id}/end",
        "POST /api/seals/{seal_id}/orders",
        "POST /api/seals/{seal_id}/orders/end",
        "POST /api/seals/{seal_id}/uses",
        "POST /seals/new",
        "POST /seals/{seal_id}/certificate",
        "POST /seals/{seal_id}/change",
        "POST /seals/{seal_id}/keepers",
        "POST /seals/{seal_id}/keepers/{keeper_id}/end",
        "POST /seals/{seal_id}/orders",
        "POST /seals/{seal_id}/orders/end",
        "POST /seals/{seal_id}/uses",
    ],
    "bulk export": ["POST /audit/export", "GET /bad-ratings.xlsx", "GET /authority/roles.xlsx"],
}
"""What nobody may do in a session that was merely left open."""

Site = tuple[TestClient[Litestar], dict[str, str]]


@pytest.fixture
def site(platform: Platform) -> Iterator[Site]:
    """The site, and a session of somebody of every role who proved 16 minutes ago who they are."""
    tokens = {}
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        office = register_organisation(tx, uscc="91330100MA2KEXAMPD", name="中心", actor="system", at=at).id
        for role in Role:
            user = register_user(
                tx,
                username=role,
                name=role,
                password=PASSWORD,
                org_id=office,
                roles=[role],
                duties=ALL_DUTIES,
                actor="system",
                at=at,
            )
            tokens[str(role)] = open_session(tx, user_id=user.id, at=at)
        tx.execute(update(SignInSession).values(proved_at=at - timedelta(minutes=16)))
    with TestClient(app_for(platform), base_url="http://site.example") as client:
        client.follow_redirects = False
        yield client, tokens


def marked(client: TestClient[Litestar]) -> list[Asked]:
    return [asked for asked in asked_of(client.app) if asked.handler.opt.get("fresh")]


def ask(client: TestClient[Litestar], asked: Asked, token: str) -> httpx.Response:
    client.cookies.clear()
    accept = "application/json" if asked.path.startswith("/api/") else "text/html"
    headers = {"cookie": f"session={token}", "accept": accept}
    return client.request(asked.method, re.sub(r"\{[^}]+\}", "1", asked.path), headers=headers)


def wants_proof(answer: httpx.Response) -> bool:
    """Whether a program is told to prove who it acts for, or a person is led to do so and back."""
    if answer.headers["content-type"].startswith("application/problem+json"):
        return (answer.status_code, answer.json()["code"]) == (403, "E_FRESH")
    return answer.status_code == 303 and answer.headers["location"].startswith("/prove?next=%2F")


@pytest.mark.parametrize("backend", ["sqlite"])
def test_what_is_grave_asks_for_a_fresh_proof_and_then_lets_through(platform: Platform, site: Site) -> None:
    client, tokens = site
    registry = platform.registry
    able = {
        asked: next(role for role in tokens if asked.permission in registry.permissions_of(frozenset({role})))
        for asked in marked(client)
    }

    let_in = [str(asked) for asked, role in able.items() if not wants_proof(ask(client, asked, tokens[role]))]
    for role in sorted(set(able.values())):
        client.cookies.clear()
        headers = {"cookie": f"session={tokens[role]}"}
        proved = client.post("/api/session/proof", headers=headers, json={"password": PASSWORD})
        tokens[role] = proved.cookies["session"]
    kept_out = [str(asked) for asked, role in able.items() if wants_proof(ask(client, asked, tokens[role]))]

    assert (let_in, kept_out) == ([], [])


@pytest.mark.parametrize("backend", ["sqlite"])
def test_nothing_grave_has_lost_its_mark(site: Site) -> None:
    client, _ = site
    marks = {str(asked) for asked in marked(client)}
    saved = [asked for asked in asked_of(client.app) if asked.path.endswith(".xlsx")]

    assert {act: lost for act, routes in GRAVE.items() if (lost := sorted(set(routes) - marks))} == {}
    assert [str(asked) for asked in saved if asked.permission != "public" and str(asked) not in marks] == []
