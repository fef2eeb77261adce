"""Claims: proof before anything is seen, members told, decided once and by others."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from sqlalchemy import select
from town import UNREGISTERED, USCC, Town

from govcore.identity.policy import ALL_DUTIES, Role
from govcore.notify.models import InboxMessage
from govcore.organisations.models import Claim
from govcore.organisations.policy import CLAIM_RULES, ClaimMove, ClaimState, Licence, licence_kind

SCAN = b"%PDF-1.7 a licence with a secret on it"


def claim(town: Town, uscc: str, who: str = "nobody", **changes: object) -> Any:
    body = {
        "uscc": uscc,
        "name": "River Works",
        "statement": "I am its legal representative.",
        "licence": base64.b64encode(SCAN).decode(),
        **changes,
    }
    return town.call(who, "POST", "/api/claims", json=body)


def decide(town: Town, claim_id: str, who: str = "clerk", **body: str) -> tuple[int, str | None]:
    verb = "acceptance" if "role" in body else "rejection"
    answer = town.call(who, "POST", f"/api/claims/{claim_id}/{verb}", json=body)
    return answer.status_code, answer.json()["code"] if answer.content else None


def inbox(town: Town, who: str) -> list[str]:
    with town.platform.db.read() as tx:
        mine = InboxMessage.user_id == town.users[who]
        return sorted(tx.scalars(select(InboxMessage.text).where(mine)))


def test_a_claimant_cannot_tell_whether_the_organisation_is_registered(town: Town) -> None:
    town.add("other", None, Role.CITIZEN)

    known, unknown = claim(town, USCC["river"]), claim(town, UNREGISTERED, "other")
    pages = [shown(town, who) for who in ("nobody", "other")]
    lists = [town.call(who, "GET", "/api/claims").json()[0] for who in ("nobody", "other")]
    alike = [{**one, "id": "", "uscc": "", "made_at": ""} for one in lists]

    assert known.status_code == unknown.status_code == 202
    assert known.json().keys() == unknown.json().keys()
    assert alike[0] == alike[1]
    assert (alike[0]["name"], alike[0]["state"], alike[0]["reason"]) == ("River Works", "pending", None)
    assert pages[0] == pages[1]


def shown(town: Town, who: str) -> str:
    """The content of the page of one's claims without codes, ids and times, in which any two differ."""
    [main] = re.findall(r"<main.*?</main>", town.page(who, "/my-claims"), re.DOTALL)
    return re.sub(r"[0-9a-f]{32}|9137\w{14}|[\dT:.+-]{19,}|\d\d:\d\d:\d\d", "", main)


def test_present_members_are_told_and_may_say_that_they_do_not_know_the_claimant(town: Town) -> None:
    claim_id = claim(town, USCC["river"]).json()["id"]

    stranger = town.call("rival", "POST", f"/api/claims/{claim_id}/objection")
    member = town.call("writer", "POST", f"/api/claims/{claim_id}/objection")

    assert (stranger.status_code, member.status_code) == (404, 204)
    told = "{name} claims to act for your organisation. Do you know this person?"
    assert (inbox(town, "head"), inbox(town, "rival")) == ([told], [])
    [shown] = town.call("clerk", "GET", "/api/claims-to-decide").json()
    assert (shown["contested_by"], shown["registered_name"], shown["members"]) == (
        "Writer",
        "river company",
        2,
    )


def test_a_proven_claim_registers_the_organisation_and_lets_the_claimant_administer_it(town: Town) -> None:
    claim_id = claim(town, UNREGISTERED).json()["id"]
    before = town.actor("nobody").org_id

    decided = decide(town, claim_id, role="bidder")

    actor = town.actor("nobody")
    assert (before, decided) == (None, (204, None))
    assert (actor.uscc, actor.org_name, actor.duties, actor.roles) == (
        UNREGISTERED,
        "River Works",
        ALL_DUTIES,
        {"bidder"},
    )
    assert inbox(town, "nobody") == ["Your claim is proven: you act for the organisation now."]
    [proven] = town.events("organisation.claim_proven")
    assert (proven["actor"], proven["data"]) == (town.users["clerk"], {"proof": "licence"})


def test_a_rejected_claim_tells_a_set_reason_and_gives_nothing(town: Town) -> None:
    claim_id = claim(town, USCC["river"]).json()["id"]

    answers = [
        decide(town, claim_id, reason="it is registered to others"),
        decide(town, claim_id, reason="different"),
        decide(town, claim_id, role="bidder"),
    ]

    assert answers == [(422, "E_SCHEMA"), (204, None), (409, "E_STATE")]
    assert town.actor("nobody").org_id is None
    assert "The proof does not fit" in town.page("nobody", "/my-claims")


def test_only_a_clerk_decides_and_never_about_the_own_organisation(town: Town) -> None:
    claim_id = claim(town, USCC["centre"]).json()["id"]

    answers = [decide(town, claim_id, who, role="bidder") for who in ("nobody", "head", "system", "clerk")]

    assert answers == [
        (403, "E_FORBIDDEN"),
        (403, "E_FORBIDDEN"),
        (403, "E_FORBIDDEN"),
        (403, "E_OWN_CLAIM"),
    ]
    for path in ("/claims", f"/claims/{claim_id}", f"/claims/{claim_id}/licence"):
        assert town.call("nobody", "GET", path).status_code == 403
    assert town.call("clerk", "GET", f"/claims/{claim_id}/licence").content == SCAN


def test_staff_roles_are_not_given_by_a_claim(town: Town) -> None:
    claim_id = claim(town, UNREGISTERED).json()["id"]

    assert decide(town, claim_id, role="centre") == (422, "E_SCHEMA")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"uscc": "91371500MA0000000"}, "E_USCC_FORM"),
        ({"uscc": UNREGISTERED[:-1] + ("0" if UNREGISTERED[-1] != "0" else "1")}, "E_USCC_CHECK"),
        ({"licence": base64.b64encode(b"MZ program").decode()}, "E_LICENCE"),
        ({"licence": ""}, "E_LICENCE"),
        ({"statement": "  "}, "E_SCHEMA"),
        ({"state": "proven"}, "E_SCHEMA"),
    ],
)
def test_what_cannot_be_a_claim_is_refused(town: Town, changes: dict[str, object], code: str) -> None:
    answer = claim(town, **{"uscc": UNREGISTERED, **changes})  # type: ignore[arg-type]

    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_one_claim_at_a_time_and_only_the_own_one_is_withdrawn(town: Town) -> None:
    claim_id = claim(town, USCC["river"]).json()["id"]

    answers = [
        claim(town, UNREGISTERED),
        town.call("rival", "DELETE", f"/api/claims/{claim_id}"),
        town.call("nobody", "DELETE", f"/api/claims/{claim_id}"),
        claim(town, UNREGISTERED),
    ]

    assert [one.status_code for one in answers] == [409, 404, 204, 202]


def test_the_table_holds_no_licence_and_no_statement(town: Town) -> None:
    claim(town, USCC["river"])

    with town.platform.db.read() as tx:
        row = tx.scalars(select(Claim)).one()

    assert SCAN not in row.wrapped
    assert b"legal representative" not in row.wrapped


def test_every_move_of_a_claim_starts_where_it_is_pending() -> None:
    assert {move: rule.source for move, rule in CLAIM_RULES.items()} == dict.fromkeys(
        ClaimMove, ClaimState.PENDING
    )
    assert len({rule.target for rule in CLAIM_RULES.values()}) == 3


def test_a_scan_is_known_by_its_first_bytes() -> None:
    assert [
        licence_kind(data) for data in (SCAN, b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"PK\x03", b"")
    ] == [
        Licence.PDF,
        Licence.JPEG,
        Licence.PNG,
        None,
        None,
    ]
