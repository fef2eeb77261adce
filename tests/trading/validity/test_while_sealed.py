"""Validity extended while the bids are still sealed: a suspension outlasts it, and who is out is never opened."""

from __future__ import annotations

from datetime import timedelta

import pytest
from scene import Scene
from scene_copies import Sealed, Steps
from scene_facts import refused, verdict

from govcore import clock
from trading.opening.lapsing import BeingOpened, take_out
from trading.opening.models import OpeningBid
from trading.tender.policy import Cause
from trading.tender.suspensions import hold, release_hold
from trading.validity import queries, service


def stop(scene: Scene) -> Sealed:
    sealed = scene.submit_all("bidder-1", "bidder-2", "bidder-3", "bidder-4")
    scene.close()
    with scene.platform.db.transaction() as tx:
        hold(tx, lot_ids=[scene.lot], cause=Cause.COMPLAINT, ref="c-1", at=clock.now(tx), actor="system")
    return sealed


@pytest.fixture
def further() -> dict[str, Steps]:
    return {"stopped": stop}


@pytest.fixture
def stopped(scene: Scene) -> Scene:
    """Four sealed bids in a closed lot that a complaint stops for longer than they bind."""
    return scene


def offer(scene: Scene) -> None:
    answer_by = (scene.now() + timedelta(days=4)).isoformat()
    body = {"days": 400, "answer_by": answer_by, "reason": "投诉处理期间延长"}
    scene.person("tenderer").post(f"/api/lots/{scene.lot}/validity/offers", body)


def answer(scene: Scene, who: str, said: str) -> None:
    scene.person(who).post(f"/api/lots/{scene.lot}/validity/answer", {"said": said})


def look(scene: Scene) -> None:
    with scene.platform.db.transaction() as tx:
        service.look(tx, scene.lot, at=clock.now(tx))


def test_who_refuses_or_is_silent_is_out_and_never_opened(stopped: Scene) -> None:
    scene = stopped
    offer(scene)
    for who in ("bidder-1", "bidder-2", "bidder-3"):
        answer(scene, who, "accepted")
    with scene.platform.db.read() as tx:
        end = queries.whole(tx, scene.lot).first_end
    scene.move_clock(seconds=(end - scene.now()).total_seconds() + 1)
    look(scene)
    with scene.platform.db.transaction() as tx:
        release_hold(tx, ref="c-1", at=clock.now(tx), actor="system")
    scene.check_seals()
    scene.release(1, 3)
    assert scene.open_gate()
    scene.read_out()

    hall = scene.hall()
    shown = {one["number"]: (one["state"], one["code"], one["price_fen"] is None) for one in hall["bids"]}
    assert shown == dict.fromkeys((1, 2, 3), ("opened", None, False)) | {
        4: ("withdrawn", "E_VALIDITY_ENDED", True)
    }
    with scene.platform.db.read() as tx:
        found = queries.whole(tx, scene.lot)
    assert [one.number for one in found.still_in] == [1, 2, 3]
    assert found.ends_at > end


def test_before_the_deadline_nobody_is_asked_and_strangers_never_learn_of_it(scene: Scene) -> None:
    scene.submit_all()
    path = f"/api/lots/{scene.lot}/validity"
    body = {"days": 400, "answer_by": (scene.now() + timedelta(days=4)).isoformat(), "reason": "早"}

    assert verdict(refused(scene, "tenderer", "POST", f"{path}/offers", json=body)) == (
        409,
        "E_VALIDITY_STATE",
    )
    assert verdict(refused(scene, "bidder-1", "GET", path)) == (404, "E_NOT_FOUND")
    assert verdict(refused(scene, "bidder-4", "GET", path)) == (404, "E_NOT_FOUND")


def test_what_is_being_opened_is_read_out_first(stopped: Scene) -> None:
    scene = stopped
    with scene.platform.db.transaction() as tx:
        bid = tx.query(OpeningBid).filter_by(lot_id=scene.lot, number=1).one()
        bid.opened = b"kept"
        bid_id = bid.bid_id

    with pytest.raises(BeingOpened), scene.platform.db.transaction() as tx:
        take_out(tx, scene.lot, bid_id, at=clock.now(tx))
