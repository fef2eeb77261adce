"""Administrators' pages and addresses for roles, over HTTP."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from apps import app_for
from litestar import Litestar
from litestar.testing import TestClient
from openpyxl import load_workbook

from govcore import clock
from govcore.identity.policy import Role
from govcore.identity.service import register_organisation, register_user
from govcore.identity.sessions import open_session
from govcore.platform import Platform

PEOPLE = {
    "security": [Role.SECURITY_ADMIN],
    "system": [Role.SYSTEM_ADMIN],
    "clerk": [Role.CENTRE],
    "=1+1": [Role.AGENCY],
    "free": [Role.CITIZEN],
}
Site = tuple[TestClient[Litestar], dict[str, str], dict[str, dict[str, str]]]


@pytest.fixture
def site(platform: Platform) -> Iterator[Site]:
    """The site, people's ids, and the headers of their sessions."""
    ids, headers = {}, {}
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        office = register_organisation(tx, uscc="91330100MA2KEXAMPD", name="中心", actor="system", at=at).id
        for name, roles in PEOPLE.items():
            ids[name] = register_user(
                tx,
                username=name,
                name=name,
                password="a long enough password",
                org_id=office,
                roles=roles,
                actor="system",
                at=at,
            ).id
            token = open_session(tx, user_id=ids[name], at=at)
            headers[name] = {"cookie": f"session={token}; lang=en", "accept": "text/html"}
    with TestClient(app_for(platform), base_url="http://site.example") as client:
        client.follow_redirects = False
        yield client, ids, headers


def test_a_security_administrator_gives_and_ends_a_role_by_page(site: Site) -> None:
    client, ids, headers = site
    page = f"/authority/people/{ids['clerk']}"

    shown = client.get(page, headers=headers["security"])
    given = client.post(
        f"{page}/give", headers=headers["security"], data={"role": "custodian", "reason": "new seat"}
    )
    refused = client.post(
        f"{page}/give", headers=headers["security"], data={"role": "expert", "reason": "why not"}
    )
    taken = client.post(
        f"{page}/take", headers=headers["security"], data={"ending": "centre", "why": "moved"}
    )

    assert "国办发〔2015〕63号" in shown.text
    assert [one.status_code for one in (shown, given, refused, taken)] == [200, 303, 422, 303]
    assert "One person must not hold the roles Trading centre and Evaluation expert" in refused.text
    history = client.get("/authority/roles", headers=headers["security"]).text
    assert history.index("moved") < history.index("new seat")


def test_a_refused_form_keeps_what_was_typed_and_leads_to_the_field(site: Site) -> None:
    client, ids, headers = site
    page, role = f"/authority/people/{ids['=1+1']}", "/authority/roles/centre"

    given = client.post(f"{page}/give", headers=headers["security"], data={"role": "tenderer"})
    taken = client.post(f"{page}/take", headers=headers["security"], data={"ending": "agency", "why": " "})
    change = {"permission": "seals.use", "held": "yes"}
    changed = client.post(role, headers=headers["security"], data=change)

    assert [one.status_code for one in (given, taken, changed)] == [422, 422, 422]
    assert '<a href="#reason">' in given.text
    assert '<option value="tenderer" selected>' in given.text
    assert '<a href="#why">' in taken.text
    assert '<option value="agency" selected>' in taken.text
    assert '<option value="seals.use" selected>' in changed.text
    assert 'value="yes" checked' in changed.text


def test_tables_call_roles_and_rights_by_their_names(site: Site) -> None:
    client, ids, headers = site
    mine = {"cookie": headers["security"]["cookie"]}
    new = {"key": "patrol", "kind": "centre", "zh": "巡查", "en": "Patroller", "reason": "narrow"}
    client.post("/api/roles", headers=mine, json={**new, "permissions": ["supervision.patrol"]})
    client.post(f"/api/people/{ids['clerk']}/roles", headers=mine, json={"role": "patrol", "reason": "helps"})

    person = client.get(f"/authority/people/{ids['clerk']}", headers=headers["security"]).text
    history = client.get("/authority/roles", headers=headers["security"]).text.partition("What was changed")[
        2
    ]

    assert ">patrol<" not in person
    assert "Patroller" in person
    assert "supervision.patrol" not in history
    assert "Record patrols" in history


def test_an_administrators_role_goes_through_two_people_by_page(site: Site) -> None:
    client, ids, headers = site
    give = f"/authority/people/{ids['=1+1']}/give"

    typed = {"role": "auditor", "until": "2030-05-01", "reason": "临时补位"}
    asked = client.post(give, headers=headers["security"], data=typed)
    address = asked.headers["location"]
    apart = client.get(address, headers=headers["security"])
    elsewhere = address.replace(ids["=1+1"], ids["free"])
    fits = client.get(elsewhere, headers=headers["security"])
    made = client.post(elsewhere, headers=headers["security"], data={"reason": "临时补位"})
    shown = client.get(made.headers["location"], headers=headers["system"]).text

    assert address.startswith(f"/two-person/propose/authority.appoint/{ids['=1+1']}?role=auditor&until=2030")
    assert apart.status_code == 422  # an agency's person administers nothing
    assert re.findall(r"<textarea[^>]*>([^<]*)</textarea>", fits.text)[-1].strip() == "临时补位"
    assert "<dd>2030-05-01</dd>" in fits.text
    assert "<dd>2030-05-01</dd>" in shown


def test_others_see_nothing_of_it_and_the_system_administrator_changes_nothing(site: Site) -> None:
    client, ids, headers = site
    give = f"/authority/people/{ids['clerk']}/give"

    assert client.get("/authority/roles", headers=headers["clerk"]).status_code == 403
    assert client.get("/api/roles", headers=headers["clerk"]).status_code == 403
    assert client.get("/authority/roles", headers=headers["system"]).status_code == 200
    assert client.post(give, headers=headers["system"], data={"role": "bank"}).status_code == 403


def test_the_table_of_holders_holds_no_formula(site: Site) -> None:
    client, _, headers = site

    answer = client.get("/authority/roles.xlsx", headers=headers["security"])

    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert ("Tendering agency", "=1+1", "中心") in [row[:3] for row in rows]


def test_programs_cut_roles_and_change_permissions(site: Site) -> None:
    client, ids, headers = site
    mine = {"cookie": headers["security"]["cookie"]}
    new = {"key": "patrol", "kind": "centre", "zh": "巡查", "en": "Patrol", "reason": "narrow"}

    made = client.post("/api/roles", headers=mine, json={**new, "permissions": ["supervision.patrol"]})
    more = client.put(
        "/api/roles/patrol/permissions/supervision.read", headers=mine, json={"held": True, "reason": "reads"}
    )
    wrong = client.put(
        "/api/roles/patrol/permissions/bid.submit", headers=mine, json={"held": True, "reason": "bids"}
    )
    given = client.post(
        f"/api/people/{ids['=1+1']}/roles", headers=mine, json={"role": "patrol", "reason": "helps"}
    )
    ended = client.request(
        "DELETE", f"/api/people/{ids['=1+1']}/roles/patrol", headers=mine, json={"reason": "done"}
    )

    assert [one.status_code for one in (made, more, wrong, given, ended)] == [201, 200, 422, 204, 204]
    assert more.json()["permissions"] == ["supervision.patrol", "supervision.read"]
    assert wrong.json()["code"] == "E_NOT_FIT"
