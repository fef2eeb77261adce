"""Each entry of the log says from which session and network it came; those that tell who bids do not."""

from __future__ import annotations

import pytest
from apps import app_for
from sqlalchemy import select
from staffed_site import Site

from govcore import clock, logs
from govcore.audit.entries import parse_event
from govcore.audit.models import LogOutbox
from govcore.audit.search_queries import Search, search
from govcore.audit.service import integrate, record
from govcore.identity.models import SignInSession
from govcore.identity.queries import actor_of_user

HOME = {"x-forwarded-for": "203.0.113.9"}


def waiting(site: Site) -> list[tuple[str, str | None, str | None]]:
    with site.platform.db.read() as tx:
        rows = tx.execute(
            select(LogOutbox.event, LogOutbox.session, LogOutbox.network).order_by(LogOutbox.id)
        )
        return [(str(parse_event(event)["type"]), session, network) for event, session, network in rows]


@pytest.fixture
def session(site: Site) -> str:
    """Wang signed in from home, through our own proxy, and made a token; the number of the session."""
    object.__setattr__(site.platform.settings, "trusted_proxies", ("10.0.0.0/8",))
    app_for(site.platform)
    wang = site.browser()
    body = {"username": "wang", "password": "correct horse battery"}
    assert wang.post("/api/session", json=body, headers=HOME).status_code == 201
    token = {"name": "t", "scopes": ["bid.read"], "days": 30}
    assert wang.post("/api/tokens", json=token, headers=HOME).status_code == 201
    with site.platform.db.read() as tx:
        return tx.scalars(select(SignInSession.id)).one()


def test_an_act_names_the_session_and_the_network_from_the_sign_in_onward(site: Site, session: str):
    found = waiting(site)

    assert [one for one in found if one[1] is not None] == [
        ("identity.signed_in", session, "203.0.113.0/24"),
        ("identity.token_made", session, "203.0.113.0/24"),
    ]
    assert {one[0] for one in found if one[1] is None} == {
        "identity.user_registered",
        "identity.organisation_registered",
    }


def test_an_auditor_finds_everything_of_a_session_once_the_log_holds_it(site: Site, session: str):
    with site.platform.db.transaction() as tx:
        signer, at = site.platform.keys.log_signer, clock.now(tx)
        integrate(tx, at=at, signer=signer, origin="test.example/log", bucket=64, forced=True)
    with site.platform.db.read() as tx:
        auditor = actor_of_user(tx, site.ids["audit"])
        found = search(tx, Search(session=session), actor=auditor)

    assert sorted((one.type, one.name, one.network) for one in found) == [
        ("identity.signed_in", "Wang", "203.0.113.0/24"),
        ("identity.token_made", "Wang", "203.0.113.0/24"),
    ]


def test_of_what_tells_who_bids_neither_session_nor_network_is_kept(site: Site):
    logs.begin_request()
    logs.come_from(session="a" * 32, network="203.0.113.0/24")
    with site.platform.db.transaction() as tx:
        at = clock.now(tx)
        for event in ("bid.submitted", "bid.ledger_read"):
            record(tx, event, subject="x", actor="y", at=at, data={})
    logs.begin_request()

    kept = {event: (session, network) for event, session, network in waiting(site)}

    assert kept["bid.submitted"] == (None, None)
    assert kept["bid.ledger_read"] == ("a" * 32, "203.0.113.0/24")
