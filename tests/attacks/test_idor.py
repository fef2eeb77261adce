"""Who may not, may not: every route asked with real ids by a visitor, by people without the right, by strangers.

Routes, permissions and roles are read from the application (ASVS 8.2.1, 8.2.2), so a new route is asked as well.
"""

from __future__ import annotations

import pytest
from asking import Site, body_of, draft
from routes import Asked, asked_of

from govcore.errors import Forbidden
from govcore.identity.policy import Role

ONE_PER_SITE = "the trading centre of this site, whichever organisation runs it"
REGISTER = "an office of the whole site keeps this register"
WATCHES = "watches over all organisations"

LET_IN = {
    ("authority.act", "centre"): ONE_PER_SITE,
    ("committee.appoint", "centre"): ONE_PER_SITE,
    ("committee.draw", "centre"): ONE_PER_SITE,
    ("committee.pay", "centre"): ONE_PER_SITE,
    ("committee.receive", "centre"): ONE_PER_SITE,
    ("committee.watch_draw", "centre"): ONE_PER_SITE,
    ("draw.take_part", "centre"): ONE_PER_SITE,
    ("draw.take_part", "regulator"): WATCHES,
    ("evaluation.view", "centre"): ONE_PER_SITE,
    ("opening.answer", "centre"): ONE_PER_SITE,
    ("organisation.decide", "centre"): ONE_PER_SITE,
    ("seals.manage", "centre"): REGISTER,
    ("seals.read", "centre"): REGISTER,
    ("seals.use", "centre"): REGISTER,
    ("seals.read", "auditor"): WATCHES,
    ("audit.read", "auditor"): WATCHES,
    ("audit.read", "regulator"): WATCHES,
    ("archive.make", "centre"): ONE_PER_SITE,
    ("notice.media", "centre"): ONE_PER_SITE,
    ("project.read", "centre"): ONE_PER_SITE,
    ("tender.act", "centre"): ONE_PER_SITE,
    ("mock.make", "centre"): ONE_PER_SITE,
    ("mock.see", "centre"): ONE_PER_SITE,
    ("venue.book", "centre"): ONE_PER_SITE,
    ("venue.witness", "centre"): ONE_PER_SITE,
    ("venue.read", "centre"): ONE_PER_SITE,
    ("deposit.advise", "bank"): "the bank with the account of all deposits",
    ("deposit.read", "regulator"): WATCHES,
    ("deposit.read", "deposits"): REGISTER,
    ("account.switch", "system_admin"): REGISTER,
    ("authority.assign", "security_admin"): REGISTER,
    ("authority.read", "*"): REGISTER,
    ("certificate.read", "security_admin"): REGISTER,
    ("certificate.trust", "security_admin"): REGISTER,
    ("identity.approve_reset", "*"): REGISTER,
    ("organisation.list", "*"): REGISTER,
    ("experts.keep", "pool_keeper"): REGISTER,
    ("unit.manage", "system_admin"): REGISTER,
}
"""Permissions by which somebody is rightly let in to other organisations' objects, by role."""

OF_A_PUBLISHED_LOT = {
    "bid.audit",
    "bid.prepare",
    "bid.read",
    "bid.sign",
    "bid.submit",
    "challenge.file",
    "deposit.request",
    "notify.read",
    "opening.attend",
}
"""Permissions by which everybody does or sees their own part in a published lot."""

LOTS = {"lot_id", "tender_id", "act", "object_id"}


def guarded(site: Site) -> list[Asked]:
    return [asked for asked in asked_of(site.scene.http.app) if asked.permission != "public"]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_every_guarded_route_refuses_visitors_and_people_without_its_permission(site: Site) -> None:
    permissions = site.scene.platform.registry.permissions
    let_in = []
    for asked in guarded(site):
        if site.ask(asked, "").status_code != 401:
            let_in.append(f"{asked} as a visitor")
        if permissions[asked.permission].roles < frozenset(Role):
            answer = site.ask(asked, f"without {asked.permission}")
            if (answer.status_code, answer.json()["code"]) != (403, Forbidden.code):
                let_in.append(f"{asked} with all roles but those with {asked.permission}")

    assert let_in == []


@pytest.mark.parametrize("backend", ["sqlite"])
def test_every_place_in_an_address_has_a_real_id_to_ask_with(site: Site) -> None:
    known = site.ids.keys()

    assert sorted({name for asked in guarded(site) for name in asked.places} - known) == []
    assert len(guarded(site)) > 250


@pytest.mark.parametrize("backend", ["sqlite"])
def test_what_strangers_do_not_find_is_there_for_its_owners(site: Site) -> None:
    owners = {
        "/api/uploads/{upload_id}": "bidder-1",
        "/lots/{lot_id}/bid": "bidder-1",
        "/organisation/members/{user_id}": "tenderer",
        "/certificates/{sha256}": "tenderer",
        "/evaluation/{lot_id}/committee": "centre",
        "/api/lots/{lot_id}/my-bid": "bidder-1",
        "/review/requests/{request_id}": "bidder-1",
    }
    asked = {asked.path: asked for asked in guarded(site) if asked.safe}
    site.tokens.update(site.scene.city.tokens)

    assert {
        path: site.ask(asked[path], owner).status_code for path, owner in owners.items()
    } == dict.fromkeys(owners, 200)


@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.parametrize("stage", ["opened", "draft"])
def test_strangers_with_the_permission_reach_nothing_of_others(site: Site, stage: str) -> None:
    if stage == "draft":
        with site.scene.platform.db.transaction() as tx:
            site.ids |= draft(tx, site)
    let_in = []
    for asked in guarded(site):
        if stage == "draft" and not LOTS & set(asked.places):
            continue
        for role in sorted(site.scene.platform.registry.permissions[asked.permission].roles):
            if asked.places and not rightly_let_in(asked, role, stage) and learns(site, asked, role, stage):
                let_in.append(f"{asked} as {role}")

    assert let_in == []


def rightly_let_in(asked: Asked, role: str, stage: str) -> bool:
    own_part = stage == "opened" and asked.permission in OF_A_PUBLISHED_LOT and LOTS.issuperset(asked.places)
    return own_part or not LET_IN.keys().isdisjoint({(asked.permission, role), (asked.permission, "*")})


def learns(site: Site, asked: Asked, role: str, stage: str) -> bool:
    """Whether a stranger is told more than about an object that does not exist, or than what all know of a lot."""
    body = body_of(asked)
    answer = site.ask(asked, role, **body)
    if answer.status_code in (403, 404) or answer.content == b"[]":
        return False
    if stage == "opened" and LOTS.issuperset(asked.places) and answer.status_code in (409, 422):
        return False
    without = site.ask(asked, role, of_nothing=True, **body)
    return (answer.status_code, answer.content) != (without.status_code, without.content)
