"""A fresh certificate displaces a bid only with two members' consent; all of them see that it did."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from scene import Person, Scene
from scene_city import certified
from scene_facts import events, verdict
from sqlalchemy import select
from submissions import Ready, ready

from govcore import clock
from govcore.identity.policy import Role
from govcore.identity.service import register_user
from govcore.identity.sessions import open_session
from govcore.notify.models import InboxMessage
from trading.bidding import consents
from trading.client import Refused
from trading.tender.models import Lot

PASSWORD = "a long enough password"
MEMBERS = ("first", "second")


@pytest.fixture
def members(scene: Scene) -> dict[str, Person]:
    """Two members of bidder 1's organisation, signed in."""
    found = {}
    with scene.platform.db.transaction() as tx:
        at = clock.now(tx)
        for name in MEMBERS:
            user = register_user(
                tx,
                username=name,
                name=name,
                password=PASSWORD,
                org_id="bidder-1",
                roles=[Role.BIDDER],
                actor="test",
                at=at,
            )
            found[name] = Person(scene.http, open_session(tx, user_id=user.id, at=at))
    return found


@pytest.fixture
def fresh(scene: Scene) -> Ready:
    """A replacement of bidder 1's bid, signed by a certificate of this minute."""
    first = scene.submit_all("bidder-1")["bidder-1"]
    with scene.platform.db.transaction() as tx:
        signer = certified(tx, scene.platform, "bidder-1")
    return ready(scene, "bidder-1", after=first, signer=signer)


def submit(fresh: Ready) -> int | str:
    path = f"/api/lots/{fresh.scene.lot}/bids"
    try:
        return fresh.scene.person("bidder-1").call("POST", path, json=fresh.body()).status_code
    except Refused as refused:
        return str(refused.problem["code"])


def consent(scene: Scene, person: Person, digest: str, password: str = PASSWORD) -> None:
    body = {"manifest_sha256": digest, "password": password}
    person.post(f"/api/lots/{scene.lot}/consents", body)


def test_two_members_who_give_their_passwords_let_a_fresh_certificate_supersede(
    scene: Scene, fresh: Ready, members: dict[str, Person]
) -> None:
    digest = fresh.sealed.manifest_sha256
    answers = [submit(fresh)]
    consent(scene, members["first"], digest)
    consent(scene, members["first"], digest)
    answers.append(submit(fresh))
    consent(scene, members["second"], "0" * 64)
    answers.append(submit(fresh))
    consent(scene, members["second"], digest)
    answers.append(submit(fresh))

    assert answers == ["E_CERT", "E_CERT", "E_CERT", 201]
    assert len(events(scene, "bid.consented")) == 4
    standing = [person.get(f"/api/lots/{scene.lot}/standing") for person in members.values()]
    assert [one["other_certificate"] for one in standing] == [True, True]


def test_a_consent_needs_the_password_ends_and_is_nobody_else_s(
    scene: Scene, fresh: Ready, members: dict[str, Person]
) -> None:
    digest = fresh.sealed.manifest_sha256
    with pytest.raises(Refused) as wrong:
        consent(scene, members["first"], digest, password="another password")
    with pytest.raises(Refused) as stranger:
        consent(scene, scene.person("agency"), digest)
    for person in members.values():
        consent(scene, person, digest)
    with scene.platform.db.transaction() as tx:
        tx.get_one(Lot, scene.lot).deadline_at = scene.now() + timedelta(hours=2)
    scene.move_clock(hours=1, seconds=1)

    assert verdict(wrong.value.problem) == (401, "E_CREDENTIALS")
    assert verdict(stranger.value.problem) == (403, "E_FORBIDDEN")
    assert submit(fresh) == "E_CERT"


def test_all_bidding_members_are_told_of_a_new_certificate(scene: Scene, members: dict[str, Person]) -> None:
    with scene.platform.db.transaction() as tx:
        digest = certified(tx, scene.platform, "bidder-1")
        consents.tell_certificate(tx, digest.keyid, at=clock.now(tx))
        told = list(
            tx.scalars(select(InboxMessage).where(InboxMessage.about == f"certificate/{digest.keyid}"))
        )

    assert len(told) == 3
    assert {message.data["certificate"] for message in told} == {digest.keyid[:16]}


def form(scene: Scene, person: Person, digest: str, password: str = PASSWORD) -> tuple[int, str]:
    """What the page says after the form was sent: its status, then its note or the field that is wrong."""
    path, headers = f"/lots/{scene.lot}/bid/consent", {"accept": "text/html"}
    data = {"manifest": digest, "password": password}
    cookie = {"cookie": person._cookie.replace("zh_CN", "en")}
    answer = scene.http.post(path, data=data, headers=headers | cookie, follow_redirects=False)
    if answer.status_code == 303:
        answer = scene.http.get(answer.headers["location"], headers=headers | cookie)
    found = re.search(r"Confirmed by \d of \d members|href=\"#(\w+)\"", answer.text.partition("<main")[2])
    return answer.status_code, (found.group(1) or found.group()) if found else ""


def on_desk(scene: Scene, person: Person, digest: str) -> str:
    """What the list of one's bids says of a bid that members confirm."""
    headers = {"accept": "text/html", "cookie": person._cookie.replace("zh_CN", "en")}
    answer = scene.http.get("/desk", headers=headers)
    found = re.search(rf"(\d of \d members confirmed) the bid {digest[:12]}…", answer.text)
    return found.group(1) if found else ""


def test_members_confirm_by_form_and_see_how_many_have(
    scene: Scene, fresh: Ready, members: dict[str, Person]
) -> None:
    digest = fresh.sealed.manifest_sha256

    said = [
        form(scene, members["first"], digest[:-1]),
        form(scene, members["first"], digest, password="another password"),
        form(scene, members["first"], f" {digest.upper()} "),
    ]
    alone = submit(fresh)
    listed = [on_desk(scene, members[name], digest) for name in MEMBERS]
    said.append(form(scene, members["second"], digest))
    listed.append(on_desk(scene, members["first"], digest))

    assert said == [
        (422, "manifest"),
        (422, "password"),
        (200, "Confirmed by 1 of 2 members"),
        (200, "Confirmed by 2 of 2 members"),
    ]
    assert alone == "E_CERT"
    assert listed == ["1 of 2 members confirmed"] * 2 + ["2 of 2 members confirmed"]
    assert submit(fresh) == 201
    assert len(events(scene, "bid.consented")) == 2
    assert on_desk(scene, members["first"], digest) == ""
