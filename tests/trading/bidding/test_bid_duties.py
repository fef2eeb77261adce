"""Members share the work on a bid: each may do what the organisation entrusted to the person, and no more."""

from __future__ import annotations

import pytest
from scene import Scene
from scene_facts import refused, verdict
from submissions import Ready, ready

from govcore import clock
from govcore.identity.models import User
from govcore.identity.policy import Duty, Role
from govcore.identity.service import register_user
from govcore.identity.sessions import open_session

LACKING = (403, "E_DUTY")
UNKNOWN = (404, "E_NOT_FOUND")


def member(scene: Scene, *duties: Duty, org: str = "bidder-1") -> str:
    """The name of a person of the organisation with these duties, signed in."""
    name = f"member-{len(scene.city.tokens)}"
    with scene.platform.db.transaction() as tx:
        at = clock.now(tx)
        user = register_user(
            tx,
            username=name,
            name=name,
            password="a long enough password",
            org_id=org,
            roles=[Role.BIDDER],
            duties=duties,
            actor="test",
            at=at,
        )
        scene.city.tokens[name] = open_session(tx, user_id=user.id, at=at)
    return name


def acts(scene: Scene, mine: Ready) -> dict[Duty, tuple[str, str, dict[str, object]]]:
    """One route for each duty, with a body that a member with the duty could send."""
    digest = mine.sealed.manifest_sha256
    consent = {"manifest_sha256": digest, "password": "a long enough password"}
    part = mine.sealed.manifest.parts[0].sha256
    return {
        Duty.PREPARE: ("POST", f"/api/uploads/{mine.upload_id}/parts/{part}/complete", {}),
        Duty.SIGN: ("POST", f"/api/lots/{scene.lot}/consents", consent),
        Duty.SUBMIT: ("POST", f"/api/lots/{scene.lot}/bids", mine.body()),
        Duty.READ_AUDIT: ("GET", f"/api/lots/{scene.lot}/trace", {}),
    }


@pytest.fixture
def mine(scene: Scene) -> Ready:
    return ready(scene, "bidder-1")


def test_each_act_needs_its_own_duty_and_no_other_one_helps(scene: Scene, mine: Ready) -> None:
    done = {}
    for duty, (method, path, body) in acts(scene, mine).items():
        sent = {"json": body} if body else {}
        problem = refused(scene, member(scene, *(set(Duty) - {duty})), method, path, **sent)
        assert (verdict(problem), problem["duty"]) == (LACKING, duty)
        done[duty] = scene.person(member(scene, duty)).call(method, path, **sent).status_code

    assert done == {Duty.PREPARE: 204, Duty.SIGN: 204, Duty.SUBMIT: 201, Duty.READ_AUDIT: 200}


def test_a_refusal_for_want_of_a_duty_says_which_and_whom_to_ask(scene: Scene, mine: Ready) -> None:
    method, path, body = acts(scene, mine)[Duty.SUBMIT]

    problem = refused(scene, member(scene, Duty.PREPARE), method, path, json=body)

    assert problem["title"] == (
        "Your organisation has not given you the duty to submit. Ask one of its administrators."
    )


def test_a_member_without_any_duty_sees_the_bid_and_another_organisation_sees_nothing(
    scene: Scene, mine: Ready
) -> None:
    onlooker = scene.person(member(scene))
    scene.person(member(scene, Duty.SUBMIT)).post(f"/api/lots/{scene.lot}/bids", mine.body())
    stranger = member(scene, *Duty, org="bidder-2")

    assert onlooker.get(f"/api/lots/{scene.lot}/my-bid")["state"] == "submitted"
    assert onlooker.get(f"/api/uploads/{mine.upload_id}")["id"] == mine.upload_id
    for path in (f"/api/lots/{scene.lot}/my-bid", f"/api/uploads/{mine.upload_id}"):
        assert verdict(refused(scene, stranger, "GET", path)) == UNKNOWN


def test_a_duty_that_is_taken_away_is_gone_with_the_next_request(scene: Scene, mine: Ready) -> None:
    method, path, body = acts(scene, mine)[Duty.SUBMIT]
    name = member(scene, *Duty)
    person = scene.person(name)
    with scene.platform.db.transaction() as tx:
        user = tx.get_one(User, person.get("/api/session")["user_id"])
        user.duties = frozenset({Duty.PREPARE})

    problem = refused(scene, name, method, path, json=body)

    assert verdict(problem) == LACKING
    assert person.get("/api/session")["duties"] == ["prepare"]


def test_a_certificate_is_requested_by_who_may_sign(scene: Scene) -> None:
    problem = refused(
        scene, member(scene, Duty.PREPARE, Duty.SUBMIT), "POST", "/api/certificates", json={"csr": "x"}
    )

    assert (verdict(problem), problem["duty"]) == (LACKING, Duty.SIGN)
