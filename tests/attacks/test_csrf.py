"""No other site makes a browser act here (ASVS 3.5.1 to 3.5.3): asked of every route that changes something."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from apps import app_for
from litestar import Litestar
from litestar.testing import TestClient
from routes import asked_of

from govcore.platform import Platform
from govcore.web.problems import OtherSite

SITE = "http://site.example"
FOREIGN = (
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site", "origin": SITE},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": f"{SITE}.evil.example"},
    {"origin": f"{SITE}:8080"},
)
"""What browsers send along: of another site, of a neighbour under the same domain, of none, of one that looks alike."""

OWN = ({"sec-fetch-site": "same-origin"}, {"origin": SITE}, {})


@pytest.fixture
def client(platform: Platform) -> Iterator[TestClient[Litestar]]:
    with TestClient(app_for(platform), base_url=SITE) as client:
        client.follow_redirects = False
        yield client


def refused(client: TestClient[Litestar], method: str, path: str, headers: dict[str, str]) -> bool:
    """Whether the door itself sent the caller away, before anything of the route ran."""
    address = re.sub(r"\{[^}]+\}", "1", path)
    answer = client.request(method, address, headers={"accept": "application/json", **headers})
    return answer.status_code == OtherSite.status and answer.json()["code"] == OtherSite.code


@pytest.mark.parametrize("backend", ["sqlite"])
def test_every_unsafe_route_refuses_what_another_site_sends(client: TestClient[Litestar]) -> None:
    unsafe = [asked for asked in asked_of(client.app) if not asked.safe]

    let_in = [
        f"{asked} from {headers}"
        for asked in unsafe
        for headers in FOREIGN
        if not refused(client, asked.method, asked.path, headers)
    ]

    assert let_in == []
    assert len(unsafe) > 150


@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.parametrize("headers", OWN, ids=["same-origin", "own origin", "no browser"])
def test_the_site_s_own_pages_and_programs_are_let_in(
    client: TestClient[Litestar], headers: dict[str, str]
) -> None:
    assert not refused(client, "POST", "/api/session", headers)
