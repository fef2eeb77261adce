"""The register for administrators: found by words, disabled at once, closed to everybody else."""

from __future__ import annotations

import re

import pytest
from town import PASSWORD, Town

from govcore.identity.policy import Role
from govcore.organisations.policy import PAGE_SIZE


def names(town: Town, kind: str, search: str, page: int = 1) -> list[str]:
    params = {"search": search, "page": page}
    found = town.call("system", "GET", f"/api/register/{kind}", params=params).json()
    return [one["name"] for one in found["rows"]]


def test_organisations_and_people_are_found_by_all_words_and_signs_are_letters(town: Town) -> None:
    assert names(town, "organisations", "river") == ["river company"]
    assert names(town, "organisations", "COMPANY dike") == ["dike company"]
    assert names(town, "people", "river") == ["Head", "Writer"]
    assert names(town, "people", "%") == []
    assert names(town, "people", "' OR 1=1 --") == []


def test_lists_are_shown_by_fifties(town: Town) -> None:
    for number in range(PAGE_SIZE):
        town.add(f"extra-{number:02d}", None, Role.CITIZEN)
    first, second, beyond = (names(town, "people", "extra", page) for page in (1, 2, 10**12))

    assert (len(first), second, beyond) == (PAGE_SIZE, [], [])
    assert (len(names(town, "people", "")), len(names(town, "people", "", 2))) == (PAGE_SIZE, 6)


def test_a_disabled_account_is_out_at_once_and_signs_in_only_when_enabled(town: Town) -> None:
    path = f"/api/register/people/{town.users['head']}/account"
    credentials = {"username": "head", "password": PASSWORD}

    disabled = town.call("system", "PUT", path, json={"active": False}).status_code
    session = town.call("head", "GET", "/api/organisation").status_code
    sign_in = town.call(None, "POST", "/api/session", json=credentials).status_code
    town.call("system", "PUT", path, json={"active": True})
    again = town.call(None, "POST", "/api/session", json=credentials).status_code

    assert (disabled, session, sign_in, again) == (204, 401, 401, 201)
    assert town.call("head", "GET", "/api/organisation").status_code == 401
    assert [one["type"] for one in town.events("identity.disabled", "identity.enabled")] == [
        "identity.disabled",
        "identity.enabled",
    ]


def test_nobody_shuts_the_own_account(town: Town) -> None:
    path = f"/api/register/people/{town.users['system']}/account"

    answer = town.call("system", "PUT", path, json={"active": False})

    assert (answer.status_code, answer.json()["code"]) == (409, "E_OWN_ACCOUNT")


@pytest.mark.parametrize("who", ["head", "clerk", "nobody"])
def test_the_register_is_closed_to_everybody_else(town: Town, who: str) -> None:
    user, org = town.users["rival"], town.orgs["dike"]
    asked = [
        town.call(who, "GET", "/api/register/people"),
        town.call(who, "GET", "/api/register/organisations"),
        town.call(who, "GET", f"/register/people/{user}"),
        town.call(who, "GET", f"/register/organisations/{org}"),
        town.call(who, "PUT", f"/api/register/people/{user}/account", json={"active": False}),
    ]

    assert [one.status_code for one in asked] == [403] * 5


def test_the_pages_of_the_register_lead_from_list_to_detail(town: Town) -> None:
    pages = {
        path: re.findall(r"<h1>(.*?)</h1>", town.page("system", path))
        for path in (
            "/register/organisations?search=river",
            f"/register/organisations/{town.orgs['river']}",
            "/register/people?search=zzz",
            f"/register/people/{town.users['writer']}",
        )
    }

    assert list(pages.values()) == [["Organisations"], ["river company"], ["People"], ["Writer"]]
    assert town.call("system", "GET", "/register/people/unknown").status_code == 404


def test_only_who_gives_roles_is_led_to_where_they_are_given(town: Town) -> None:
    town.add("guard", "bureau", Role.SECURITY_ADMIN, ())
    page, link = f"/register/people/{town.users['head']}", f"/authority/people/{town.users['head']}"

    assert f'href="{link}"' in town.page("guard", page)
    assert link not in town.page("system", page)
    assert town.call("guard", "GET", link).status_code == 200
