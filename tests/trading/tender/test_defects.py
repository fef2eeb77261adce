"""Defective documents found later: stop, mend and go on before the deadline; after it end and begin again."""

from __future__ import annotations

import msgspec
import pytest
from scene import Scene
from scene_facts import events, refused
from test_rounds import again, by_two, state_of

from govcore import clock
from govcore.identity.queries import actor_of_user
from trading.documents import releasing
from trading.documents import service as documents
from trading.documents.queries import in_force as documents_in_force
from trading.documents.queries import terms_of
from trading.documents.schemas import NewVersion
from trading.notices.queries import notices_of
from trading.tender import defects
from trading.tender.acts import Said
from trading.tender.policy import Cause, Step
from trading.tender.suspensions import stopped_by

SAID = {"notice": "招标文件第三章存在排斥潜在投标人的条件"}


def act(scene: Scene, name: str) -> None:
    by_two(scene, name, scene.lot, SAID, one="tenderer", other="principal")


def mend(scene: Scene) -> None:
    """The agency prepares another version of the documents, the tenderer releases it, and it is published."""
    platform, tender_id = scene.platform, scene.city.tender_id
    with platform.db.transaction() as tx:
        old = terms_of(documents_in_force(tx, tender_id))
        content = msgspec.structs.replace(
            old.content, qualification="水利水电工程施工总承包三级及以上资质即可"
        )
        new = NewVersion(terms=msgspec.structs.replace(old, content=content), why="修改排斥性条件")
        agency, at = actor_of_user(tx, "agency"), clock.now(tx)
        number = documents.new_version(tx, platform.store, tender_id, new, actor=agency, at=at).number
        releasing.release(tx, platform.store, tender_id, number, actor=actor_of_user(tx, "tenderer"), at=at)
        documents.publish_version(
            tx, platform.store, platform.keys, tender_id, number, actor=agency, at=clock.now(tx)
        )


def stopped(scene: Scene) -> bool:
    with scene.platform.db.read() as tx:
        held = stopped_by(tx, scene.lot, Step.OPENING, clock.now(tx))
    return held is not None and held.cause is Cause.DEFECT


def facts(scene: Scene, which: str) -> None:
    with scene.platform.db.read() as tx:
        getattr(defects, which)(tx, scene.lot, Said(notice="-"), actor_of_user(tx, "tenderer"))


def test_before_the_deadline_the_documents_are_mended_and_the_lot_goes_on(scene: Scene) -> None:
    with pytest.raises(defects.NotStopped):
        facts(scene, "mending")
    act(scene, "tender.stop")
    was_stopped = stopped(scene)
    for which, refusal in (
        ("stopping", defects.StoppedAlready),
        ("mending", defects.NotMended),
        ("ending", defects.StillMendable),
    ):
        with pytest.raises(refusal):
            facts(scene, which)
    mend(scene)

    act(scene, "tender.go_on")

    assert (was_stopped, stopped(scene), state_of(scene, scene.lot)) == (True, False, "open")
    told = events(scene, "tender.suspended", "tender.resumed")
    assert [(one["type"], one["data"]["cause"], one["data"]["notice"]) for one in told] == [
        ("tender.suspended", "defect", SAID["notice"]),
        ("tender.resumed", "defect", SAID["notice"]),
    ]
    with scene.platform.db.read() as tx:
        notices = notices_of(tx, scene.city.tender_id)
    assert [one.kind for one in notices[scene.lot]] == ["suspension", "resumption"]


def test_after_the_deadline_the_lot_is_ended_and_tendered_again(scene: Scene) -> None:
    act(scene, "tender.stop")
    mend(scene)
    scene.move_clock(hours=2)
    with pytest.raises(defects.PastMending):
        facts(scene, "mending")

    act(scene, "tender.end_defective")

    assert (state_of(scene, scene.lot), state_of(scene, scene.city.lots[1])) == ("terminated", "open")
    with pytest.raises(defects.NotStoppable):
        facts(scene, "stopping")
    (told,) = events(scene, "tender.terminated")
    assert told["data"]["basis"] == "实施条例 art. 23; 87号令 art. 25"
    _, (lot,) = again(scene, scene.lot)
    assert state_of(scene, lot) == "draft"


def test_nobody_but_the_tenderer_stops_its_lot(scene: Scene) -> None:
    path = f"/api/acts/tender.stop/{scene.lot}/proposals"
    asked = {"reason": "r", "content": SAID}

    answers = [refused(scene, who, "POST", path, json=asked) for who in ("agency", "regulator", "bidder-1")]

    assert [one["status"] for one in answers] == [403, 403, 403]
