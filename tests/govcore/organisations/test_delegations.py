"""Acting for another organisation: within duties, tenders and time; visible to both; revoked at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from clocks import move_clock
from sqlalchemy import select
from town import Town

from govcore.identity.models import Delegation
from govcore.identity.policy import Role

SECRET_LOT = "a-lot-that-nobody-may-know-of"


def grant(town: Town, who: str = "head", **changes: object) -> Any:
    body = {
        "username": "rival",
        "name": "Rival",
        "duties": ["prepare", "submit"],
        "ends_at": (town.now() + timedelta(days=30)).isoformat(),
        **changes,
    }
    return town.call(who, "POST", "/api/delegations", json=body)


def act(town: Town, delegation_id: str | None, who: str = "rival") -> int:
    body = {"delegation_id": delegation_id}
    return town.call(who, "PUT", "/api/session/delegation", json=body).status_code


def test_a_delegate_acts_for_the_organisation_with_its_duties_only_while_it_chose_to(town: Town) -> None:
    delegation = grant(town).json()["id"]
    granted = town.actor("rival")
    taken = act(town, delegation)
    acting = town.actor("rival")
    laid_down = act(town, None)
    after = town.actor("rival")

    assert (taken, laid_down) == (204, 204)
    assert (granted.org_id, acting.org_id, after.org_id) == (
        town.orgs["dike"],
        town.orgs["river"],
        town.orgs["dike"],
    )
    assert (acting.may("bid.submit"), acting.may("bid.sign"), acting.may("organisation.manage")) == (
        True,
        False,
        False,
    )
    assert acting.acting is not None
    assert acting.acting.home_org_id == town.orgs["dike"]
    who_for_whom = {"user": town.users["rival"], "organisation": town.orgs["river"]}
    logged = town.events("delegation.granted", "delegation.taken_up", "delegation.laid_down")
    assert [(one["type"], one["data"]) for one in logged] == [
        ("delegation.granted", who_for_whom),
        ("delegation.taken_up", who_for_whom),
        ("delegation.laid_down", who_for_whom),
    ]


def test_a_citizen_without_an_organisation_can_be_a_delegate(town: Town) -> None:
    delegation = grant(town, username="nobody", name="Nobody").json()["id"]

    act(town, delegation, "nobody")

    assert town.actor("nobody").roles == {"bidder"}


@pytest.mark.parametrize("by", ["head", "rival"])
def test_either_side_ends_a_delegation_at_once(town: Town, by: str) -> None:
    delegation = grant(town).json()["id"]
    act(town, delegation)

    ended = town.call(by, "DELETE", f"/api/delegations/{delegation}")

    assert ended.status_code == 204
    assert town.actor("rival").org_id == town.orgs["dike"]
    assert act(town, delegation) == 404


def test_a_delegation_ends_by_the_clock_in_the_middle_of_a_session(town: Town) -> None:
    ends = (town.now() + timedelta(minutes=10)).isoformat()
    act(town, grant(town, ends_at=ends).json()["id"])
    before = town.actor("rival").org_id

    move_clock(town.platform.db, minutes=10, seconds=1)

    assert (before, town.actor("rival").org_id) == (town.orgs["river"], town.orgs["dike"])


def test_a_delegation_for_one_lot_hides_every_other_one(town: Town) -> None:
    act(town, grant(town, objects=[SECRET_LOT]).json()["id"])

    other = town.call("rival", "GET", "/api/lots/another-lot/my-bid")
    named = town.call("rival", "POST", f"/api/lots/{SECRET_LOT}/consents", json={})

    assert (other.status_code, other.json()["code"]) == (404, "E_NOT_FOUND")
    assert (named.status_code, named.json()["code"]) == (403, "E_DUTY")


def test_neither_row_nor_log_tells_for_which_tender(town: Town) -> None:
    grant(town, objects=[SECRET_LOT])

    with town.platform.db.read() as tx:
        row = tx.scalars(select(Delegation)).one()
        told = repr([getattr(row, column.key) for column in Delegation.__table__.columns])

    assert SECRET_LOT not in told
    assert SECRET_LOT not in repr(town.events("delegation.granted"))
    both = [
        town.call("head", "GET", "/api/delegations").json()["given"][0],
        town.call("rival", "GET", "/api/delegations").json()["held"][0],
    ]
    assert [one["objects"] for one in both] == [[SECRET_LOT], [SECRET_LOT]]


def test_strangers_neither_see_nor_use_nor_revoke(town: Town) -> None:
    delegation = grant(town).json()["id"]
    town.add("stranger", "dike", Role.BIDDER)

    answers = [act(town, delegation, who) for who in ("stranger", "head", "nobody")]
    revoked = town.call("stranger", "DELETE", f"/api/delegations/{delegation}").status_code

    assert (answers, revoked) == ([404, 404, 404], 404)
    assert town.call("stranger", "GET", "/api/delegations").json() == {"held": [], "given": []}


@pytest.mark.parametrize(
    ("who", "changes", "expected"),
    [
        ("writer", {}, (403, "E_DUTY")),
        ("clerk", {}, (403, "E_FORBIDDEN")),
        ("head", {"duties": ["manage"]}, (422, "E_DELEGATION_DUTY")),
        ("head", {"duties": []}, (422, "E_DELEGATION_DUTY")),
        ("head", {"ends_at": "2020-01-01T00:00:00Z"}, (422, "E_DELEGATION_END")),
        ("head", {"ends_at": "2999-01-01T00:00:00Z"}, (422, "E_DELEGATION_END")),
        ("head", {"ends_at": "2027-01-01T00:00:00"}, (422, "E_SCHEMA")),
        ("head", {"username": "nobody-has-this"}, (422, "E_DELEGATE")),
        ("head", {"name": "Another"}, (422, "E_DELEGATE")),
        ("head", {"username": "writer", "name": "Writer"}, (422, "E_DELEGATE")),
        ("head", {"roles": ["centre"]}, (422, "E_SCHEMA")),
    ],
)
def test_what_cannot_be_delegated_is_refused(
    town: Town, who: str, changes: dict[str, object], expected: tuple[int, str]
) -> None:
    answer = grant(town, who, **changes)

    assert (answer.status_code, answer.json()["code"]) == expected


def test_a_delegate_sees_on_every_page_for_whom_and_no_members(town: Town) -> None:
    act(town, grant(town).json()["id"])

    page = town.page("rival", "/organisation")

    assert "Everything you do now is done for river company." in page
    assert "Head" not in page
    assert town.call("rival", "GET", "/api/organisation").json()["members"] == []


def test_a_delegate_does_not_delegate_further(town: Town) -> None:
    act(town, grant(town).json()["id"])

    answer = grant(town, "rival", username="nobody", name="Nobody")

    assert (answer.status_code, answer.json()["code"]) == (403, "E_DUTY")
