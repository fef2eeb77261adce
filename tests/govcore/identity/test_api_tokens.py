"""API tokens: what they may, what they never may, and how they end."""

from __future__ import annotations

import re

import pytest
from clocks import move_clock
from sqlalchemy import select
from staffed_site import Browser, Site

from govcore import clock
from govcore.identity.models import ApiToken
from govcore.identity.service import disable_user


def make(browser: Browser, *scopes: str, days: int = 30):
    return browser.post("/api/tokens", json={"name": "接口", "scopes": list(scopes), "days": days})


def ask(site: Site, token: str, path: str, method: str = "GET", **options):
    headers = {"authorization": f"Bearer {token}"}
    return site.browser().ask(method, path, headers=headers, **options)


@pytest.fixture
def token(site: Site) -> str:
    answer = make(site.signed_in("wang"), "notify.read")
    assert answer.status_code == 201
    made: str = answer.json()["token"]
    return made


def test_a_token_acts_for_its_owner_within_its_scopes(site: Site, token: str):
    me = ask(site, token, "/api/session").json()

    assert re.fullmatch(r"prt_[\w-]{43}", token)
    assert (me["user_id"], me["fresh"], me["strong"], me["session_id"]) == (
        site.ids["wang"],
        False,
        False,
        "",
    )
    assert ask(site, token, "/inbox").status_code == 200
    assert ask(site, token, "/api/sessions").status_code == 403
    assert ask(site, token, "/api/tokens").status_code == 403


def test_a_token_is_never_fresh(site: Site):
    token = make(site.signed_in("wang"), "certificate.request").json()["token"]

    answer = ask(site, token, "/api/certificates", "POST", json={"csr": "none"})

    assert (answer.status_code, answer.json()["code"]) == (403, "E_FRESH")


@pytest.mark.parametrize(
    ("scopes", "days", "code"),
    [
        (["audit.export"], 30, "E_SCOPE"),
        (["identity.keep_account"], 30, "E_SCOPE"),
        (["unknown.permission"], 30, "E_SCOPE"),
        ([], 30, "E_SCOPE"),
        (["notify.read"], 0, "E_TOKEN_DAYS"),
        (["notify.read"], 366, "E_TOKEN_DAYS"),
    ],
)
def test_a_token_holds_no_more_than_its_owner_and_for_a_year_at_most(site: Site, scopes, days, code):
    browser = site.signed_in("wang")

    assert make(browser, *scopes, days=days).json()["code"] == code
    assert browser.get("/api/tokens").json() == []


def test_a_token_ends_by_time_by_its_owner_and_with_the_account(site: Site, token: str):
    wang, li = site.signed_in("wang"), site.signed_in("li")
    other = make(wang, "notify.read", days=1).json()
    third = make(wang, "notify.read").json()
    theft = li.ask("DELETE", f"/api/tokens/{third['id']}").status_code
    revoked = wang.ask("DELETE", f"/api/tokens/{third['id']}").status_code
    move_clock(site.platform.db, days=1, seconds=1)
    ended = [ask(site, one, "/inbox").status_code for one in (other["token"], third["token"])]
    alive = ask(site, token, "/inbox").status_code
    with site.platform.db.transaction() as tx:
        disable_user(tx, site.ids["wang"], actor="admin", at=clock.now(tx))

    assert (theft, revoked, ended, alive) == (404, 204, [401, 401], 200)
    assert ask(site, token, "/inbox").status_code == 401


def test_only_the_hash_is_stored_and_the_page_shows_a_token_once(site: Site):
    browser = site.signed_in("wang")
    shown = browser.post(
        "/account/tokens",
        data={"name": "脚本", "days": "30", "scopes": ["notify.read"]},
        headers={"accept": "text/html"},
    )
    [token] = re.findall(r"prt_[\w-]{43}", shown.text)

    with site.platform.db.read() as tx:
        stored = tx.scalars(select(ApiToken.token_sha256)).all()
    assert token not in stored
    assert token not in browser.page("/account/tokens").text
    assert token not in str(site.events())
    assert ask(site, token, "/inbox").status_code == 200


def test_an_unknown_token_is_refused_even_where_visitors_may_read(site: Site):
    assert ask(site, "prt_" + "a" * 43, "/verify").status_code == 401
