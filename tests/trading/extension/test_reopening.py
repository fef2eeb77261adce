"""After a fault at the opening two people set when it goes on: told, certified, and it goes on by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from scene import Scene
from scene_copies import Sealed, Steps
from scene_facts import events, refused, verdict
from sqlalchemy import select

from govcore import dsse
from govcore.clock import BEIJING
from govcore.pdf.figures import stamp
from trading.client import Refused
from trading.extension import queries, tasks
from trading.extension.reopening import waiting
from trading.extension.schemas import OPENING_CERTIFICATE_TYPE, OpeningCertificate
from trading.notices.models import Notice
from trading.opening import pausing
from trading.tender.policy import Cause
from trading.tender.suspensions import hold

HOUR = timedelta(hours=1)
ACT = "extension.reopen"
NOTICE = "机房供电故障，另定开标时间"


def stop(scene: Scene) -> Sealed:
    sealed = scene.submit_all()
    scene.close()
    with scene.platform.db.transaction() as tx:
        hold(
            tx,
            lot_ids=[scene.lot],
            cause=Cause.FAULT,
            ref="fault-1",
            at=scene.now(),
            actor="centre",
            notice="停电",
        )
    return sealed


@pytest.fixture
def further() -> dict[str, Steps]:
    return {"stopped": stop}


@pytest.fixture
def stopped(scene: Scene) -> Scene:
    """Three bids, the deadline has passed, and a fault of the platform stops the opening."""
    return scene


def asked(at: datetime) -> dict[str, object]:
    content = {"opening_at": f"{at.astimezone(BEIJING):%Y-%m-%dT%H:%M}", "notice": NOTICE}
    return {"reason": "供电已抢修", "content": content}


def put_off(scene: Scene, at: datetime) -> None:
    made = scene.person("centre").post(f"/api/acts/{ACT}/{scene.lot}/proposals", asked(at))
    seen = {"act": made["act"], "object_id": made["object_id"], "sha256": made["sha256"]}
    assert scene.person("regulator").post(f"/api/proposals/{made['id']}/confirm", seen)["state"] == "done"


def sweep(scene: Scene) -> None:
    with scene.platform.db.read() as tx:
        found = waiting(tx)
    for one in found:
        tasks.reopen_one(scene.platform, one)


def whole_minute(scene: Scene, **ahead: float) -> datetime:
    return (scene.now() + timedelta(**ahead)).replace(second=0, microsecond=0)


def test_the_opening_goes_on_at_the_new_time_with_a_notice_and_a_certificate(stopped: Scene) -> None:
    scene, new = stopped, whole_minute(stopped, hours=5)
    body = scene.share_release(1)

    put_off(scene, new)
    for _ in range(2):
        sweep(scene)
    with scene.platform.db.transaction() as tx:
        pausing.tell_holds(tx, scene.lot, at=scene.now())
    screen = scene.person("agency", language="en").call("GET", f"/lots/{scene.lot}/opening").text
    scene.move_clock(seconds=(new - scene.now()).total_seconds() - 1)
    with pytest.raises(Refused) as before:
        scene.hand_in(1, body)
    scene.move_clock(seconds=2)
    sweep(scene)
    assert scene.check_seals() == []
    scene.hand_in(1, body)
    scene.release(3)
    assert scene.open_gate()
    scene.read_out()

    assert before.value.problem["code"] == "E_SUSPENDED"
    assert "It goes on at" in screen
    assert scene.hall()["state"] == "read_out"
    with scene.platform.db.read() as tx:
        (row,) = queries.certificates(tx, scene.lot)
        notice = tx.scalars(select(Notice).where(Notice.kind == "change")).one()
    assert notice.fields["changes"] == [
        {"item": "开标时间（因平台故障另行确定）", "old": stamp(row.deadline_before), "new": stamp(new)}
    ]
    signer = scene.platform.keys.receipt_signer
    raw = dsse.Envelope.decode(scene.http.get(f"/outage-certificates/{row.id}").content)
    keys = {signer.keyid: Ed25519PublicKey.from_public_bytes(signer.public_bytes)}
    said = msgspec.json.decode(dsse.verify(raw, OPENING_CERTIFICATE_TYPE, keys), type=OpeningCertificate)
    assert (said.opening_after, said.notice, said.lot_id) == (new, "停电", scene.lot)
    resumed = [one for one in events(scene, "tender.resumed") if one["subject"] == scene.lot]
    assert [datetime.fromisoformat(one["at"]) for one in resumed] == [new]


def test_it_is_put_off_again_but_never_brought_forward(stopped: Scene) -> None:
    scene, new = stopped, whole_minute(stopped, hours=5)
    path = f"/api/acts/{ACT}/{scene.lot}/proposals"
    past = verdict(refused(scene, "centre", "POST", path, json=asked(scene.now() - HOUR)))
    put_off(scene, new)

    sooner = verdict(refused(scene, "centre", "POST", path, json=asked(new - timedelta(minutes=1))))
    put_off(scene, new + HOUR)
    sweep(scene)

    assert [past, sooner] == [(422, "E_OPENING_TIME")] * 2
    with scene.platform.db.read() as tx:
        assert [one.deadline_after for one in queries.certificates(tx, scene.lot)] == [new + HOUR]


def test_nobody_sets_a_time_without_a_fault_alone_or_from_outside(scene: Scene) -> None:
    path, new = f"/api/acts/{ACT}/{scene.lot}/proposals", whole_minute(scene, hours=5)
    scene.submit_all()
    open_ = verdict(refused(scene, "centre", "POST", path, json=asked(new)))
    scene.close()
    running = verdict(refused(scene, "centre", "POST", path, json=asked(new)))
    with scene.platform.db.transaction() as tx:
        hold(tx, lot_ids=[scene.lot], cause=Cause.FAULT, ref="fault-1", at=scene.now(), actor="centre")
    made = scene.person("centre").post(path, asked(new))
    seen = {"act": made["act"], "object_id": made["object_id"], "sha256": made["sha256"]}
    with pytest.raises(Refused) as alone:
        scene.person("centre").post(f"/api/proposals/{made['id']}/confirm", seen)
    outside = verdict(refused(scene, "tenderer", "POST", path, json=asked(new)))

    assert [open_, running] == [(409, "E_NO_FAULT")] * 2
    assert alone.value.problem["code"] == "E_TWO_SAME_PERSON"
    assert outside == (403, "E_FORBIDDEN")
