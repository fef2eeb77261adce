"""Who is invited, who learns of it, and what an answer tells to whom."""

from __future__ import annotations

from datetime import timedelta

import pytest
from scene import Scene
from scene_city import ordinary_content
from scene_facts import events, refused, verdict
from sqlalchemy import select

from govcore import clock
from govcore.identity.queries import actor_of_user
from govcore.notify import queries as notify
from trading.documents import service as documents
from trading.documents.schemas import NewDocuments
from trading.prequalification import inviting, queries
from trading.prequalification.inviting import NotRestricted, TooFewInvited, UnknownInvitee
from trading.prequalification.policy import Answer
from trading.procedure.rules import rule_set
from trading.tender import rounds
from trading.tender.models import Lot, Tender
from trading.tender.rounds import TooFewAdmitted
from trading.tender.schemas import NewLot, Seat

INVITED = ("bidder-1", "bidder-2", "bidder-3")


def drafted(scene: Scene, method: str = "invited") -> str:
    """The agency's draft of another tender of the project."""
    with scene.platform.db.transaction() as tx:
        before = tx.get_one(Tender, scene.city.tender_id)
        new = NewDocuments(
            project_id=before.project_id,
            title="东坝堤防加固工程邀请招标",
            rule_set="demo",
            content=ordinary_content(),
            lots=[NewLot(name="第1标段", max_price_fen=12_000_000_00, deposit_fen=200_000_00)],
            custodians=[Seat(role=role, org_id=role) for role in ("centre", "tenderer", "regulator")],
            method=method,
        )
        agency = actor_of_user(tx, "agency")
        made, _ = documents.prepare(tx, scene.platform.wrapper, new, actor=agency, at=clock.now(tx))
        return made.id


def invite(scene: Scene, tender_id: str, *usccs: str) -> None:
    with scene.platform.db.transaction() as tx:
        inviting.invite(tx, tender_id, usccs, actor=actor_of_user(tx, "agency"), at=clock.now(tx))


def publish(scene: Scene, tender_id: str) -> None:
    """What the publication of a keyed round leaves behind, an hour before its deadline."""
    with scene.platform.db.transaction() as tx:
        at = clock.now(tx)
        tender = tx.get_one(Tender, tender_id)
        rounds.check_admitted(tx, tender, rule_set(tender.rule_set))
        tender.state, tender.published_at = "published", at
        for lot in tx.scalars(select(Lot).where(Lot.tender_id == tender_id)):
            lot.state, lot.deadline_at = "open", at + timedelta(hours=1)
        inviting.send(tx, tender_id, at=at)


def answers(scene: Scene, tender_id: str) -> list[str | None]:
    with scene.platform.db.read() as tx:
        found = queries.invited(tx, tender_id, actor=actor_of_user(tx, "agency"), at=clock.now(tx))
    return [one.answer for one in found.invitees]


def invitations(scene: Scene, person: str) -> list[str]:
    with scene.platform.db.read() as tx:
        inbox = notify.inbox(tx, scene.platform.keys, actor=actor_of_user(tx, person))
    return [one.href for one in inbox if "/invitations/" in one.href]


def test_t12_fewer_than_three_or_strangers_or_parties_are_not_invited(scene: Scene) -> None:
    tender_id = drafted(scene)
    three = [scene.uscc(name) for name in INVITED]

    with pytest.raises(TooFewInvited) as few:
        invite(scene, tender_id, three[0], three[1], three[1])
    with pytest.raises(UnknownInvitee):
        invite(scene, tender_id, *three, "91371500MA00000000")
    with pytest.raises(UnknownInvitee):
        invite(scene, tender_id, *three, scene.uscc("regulator"))
    with pytest.raises(TooFewAdmitted) as alone:
        publish(scene, tender_id)
    with pytest.raises(NotRestricted):
        invite(scene, drafted(scene, "open"), *three)

    assert (few.value.data["rule"], alone.value.data["rule"]) == ("T12", "T12")


def test_invitees_learn_of_it_at_the_publication_and_their_answers_are_theirs_until_the_deadline(
    scene: Scene,
) -> None:
    tender_id = drafted(scene)
    invite(scene, tender_id, *[scene.uscc(name) for name in (*INVITED[:2], "bidder-4")])
    invite(scene, tender_id, *[scene.uscc(name) for name in INVITED])
    before = invitations(scene, "bidder-1")
    publish(scene, tender_id)
    with scene.platform.db.transaction() as tx:
        inviting.send(tx, tender_id, at=clock.now(tx))
    path = f"/invitations/{tender_id}"
    scene.person("bidder-1").call("POST", path, data={"answer": "declined"}, follow_redirects=False)
    secret = answers(scene, tender_id)
    outside = [
        refused(scene, "bidder-4", "GET", path),
        refused(scene, "bidder-4", "GET", f"{path}/letter.pdf"),
    ]
    watching = [
        refused(scene, who, "GET", f"/tenders/{tender_id}/invited") for who in ("regulator", "bidder-1")
    ]
    letter = scene.person("bidder-1").call("GET", f"{path}/letter.pdf").content
    scene.move_clock(hours=1)
    late = refused(scene, "bidder-2", "POST", path, data={"answer": "accepted"})

    assert (before, invitations(scene, "bidder-1"), invitations(scene, "bidder-4")) == ([], [path], [])
    assert secret == [None, None, None]
    assert answers(scene, tender_id) == [Answer.DECLINED, None, None]
    assert [verdict(one)[0] for one in outside] == [404, 404]
    assert [verdict(one)[0] for one in watching] == [403, 403]
    assert letter.startswith(b"%PDF")
    assert verdict(late) == (409, "E_ANSWER_OVER")
    with scene.platform.db.read() as tx:
        assert [rounds.may_bid(tx, tender_id, name) for name in (*INVITED, "bidder-4")] == [True] * 3 + [
            False
        ]
    told = events(scene, "prequalification.invited")
    assert [sorted(one["data"]) for one in told] == [["round", "tender"]] * 2
