"""Invited suppliers of a purchase are drawn by lot from all who qualify; bidders of works never are."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from scene import Scene
from scene_facts import events
from test_invitations import INVITED, drafted, invite

sys.path.insert(0, str(Path(__file__).parent.parent / "draws"))
from drawing import Drawing

from govcore import clock
from govcore.identity.queries import actor_of_user
from trading.client import Refused
from trading.draws import queries as draws
from trading.draws.service import DrawExists, NotDrawn
from trading.prequalification import drawing, inviting, queries
from trading.prequalification.inviting import InviteesDrawn, TooFewInvited
from trading.tender import queries as tenders
from trading.tender.models import Tender

QUALIFIED = (*INVITED, "bidder-4")


@pytest.fixture
def purchase(scene: Scene) -> str:
    """A drafted round of a government purchase by invitation."""
    tender_id = drafted(scene)
    with scene.platform.db.transaction() as tx:
        tx.get_one(Tender, tender_id).rule_set = "gp-2026"
    return tender_id


def draw(scene: Scene, tender_id: str, number: int = 3, *, user: str = "agency") -> str:
    usccs = [scene.uscc(name) for name in QUALIFIED]
    with scene.platform.db.transaction() as tx:
        actor = actor_of_user(tx, user)
        return drawing.draw_invitees(tx, tender_id, usccs, number=number, actor=actor, at=clock.now(tx))


def invited(scene: Scene, tender_id: str) -> list[str]:
    with scene.platform.db.read() as tx:
        found = queries.invited(tx, tender_id, actor=actor_of_user(tx, "agency"), at=clock.now(tx))
    return [one.uscc for one in found.invitees]


def test_who_is_drawn_is_invited_once_and_the_draw_is_published_after_the_deadline(
    scene: Scene, purchase: str
):
    found = Drawing(scene)
    found.give_keys()
    found.draw_id = draw(scene, purchase)
    found.advance()
    for name in ("tenderer", "regulator"):
        found.commit(name)
    found.advance()
    for name in ("tenderer", "regulator"):
        found.reveal(name)
    found.advance()
    for _ in range(2):
        with scene.platform.db.transaction() as tx:
            drawing.admit_drawn(tx, found.draw_id, at=clock.now(tx))

    with scene.platform.db.read() as tx:
        taken = [one["id"] for one in draws.taken(tx, found.draw_id)]
        lot = tenders.lots_of(tx, purchase)[0].id
    assert invited(scene, purchase) == sorted(scene.uscc(one) for one in taken)
    in_clear = {
        name for one in events(scene) if (name := one["type"]).startswith("draw.") and "blind" not in name
    }
    assert in_clear == {"draw.key_given"}
    with pytest.raises(InviteesDrawn):
        invite(scene, purchase, *[scene.uscc(name) for name in INVITED])
    with pytest.raises(DrawExists):
        draw(scene, purchase)
    assert found.row().published_at is None
    with scene.platform.db.transaction() as tx:
        drawing.publish_draw(tx, lot, at=clock.now(tx))
    assert found.row().published_at is not None


def test_too_few_or_all_are_not_drawn_and_only_the_agency_asks(scene: Scene, purchase: str):
    with pytest.raises(TooFewInvited):
        draw(scene, purchase, 2)
    with pytest.raises(drawing.NothingToDraw):
        draw(scene, purchase, 4)
    with pytest.raises(Exception, match="E_FORBIDDEN"):
        draw(scene, purchase, user="regulator")


def test_bidders_of_works_are_never_drawn(scene: Scene):
    with pytest.raises(NotDrawn):
        draw(scene, drafted(scene))


def test_the_agency_draws_on_the_page_of_its_round(scene: Scene, purchase: str):
    agency = scene.person("agency", language="en")
    form = {"usccs": "\n".join(scene.uscc(name) for name in QUALIFIED), "number": "3"}
    path = f"/tenders/{purchase}/invited"

    assert "drawn by lot" in agency.call("GET", path).text
    with pytest.raises(Refused) as without_keys:
        agency.call("POST", path, data=form, follow_redirects=False)
    Drawing(scene).give_keys()
    agency.call("POST", path, data=form, follow_redirects=False)

    assert without_keys.value.problem["code"] == "E_DRAW_KEYS"

    assert "are drawn by lot from 4 that qualify" in agency.call("GET", path).text
    assert invited(scene, purchase) == []
    with pytest.raises(InviteesDrawn), scene.platform.db.transaction() as tx:
        inviting.invite(
            tx,
            purchase,
            [scene.uscc(name) for name in INVITED],
            actor=actor_of_user(tx, "agency"),
            at=clock.now(tx),
        )
