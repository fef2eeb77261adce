"""A round without opened bids is archived too: one lot failed with two bids, the other was given up."""

from __future__ import annotations

import zipfile
from datetime import timedelta
from pathlib import Path

from scene import Scene

from govcore import clock
from govcore.audit import queries as audit
from govcore.audit.note import VerifierKey
from govcore.identity.queries import actor_of_user
from trading.archive import queries, service, tasks
from trading.archive.verifying import verify
from trading.extension import issuing
from trading.tender.policy import Cause
from trading.tender.suspensions import hold

SAID = {"notice": "项目需求取消，本标段终止招标"}


def terminate(scene: Scene, lot: str) -> None:
    body = {"reason": "见公告", "content": SAID}
    made = scene.person("tenderer").post(f"/api/acts/tender.terminate/{lot}/proposals", body)
    seen = {name: made[name] for name in ("act", "object_id", "sha256")}
    assert scene.person("principal").post(f"/api/proposals/{made['id']}/confirm", seen)["state"] == "done"


def put_off(scene: Scene, lot: str) -> None:
    """A fault of the platform whose end is set, with its certificate."""
    until = scene.now() + timedelta(minutes=5)
    with scene.platform.db.transaction() as tx:
        fault = {"cause": Cause.FAULT, "ref": "fault-1", "actor": "centre", "until": until}
        hold(tx, lot_ids=[lot], at=clock.now(tx), **fault)
    assert issuing.certify_opening(scene.platform, lot, "fault-1")


def test_a_round_that_failed_and_was_terminated_has_its_package_without_any_bid_or_key(
    scene: Scene, tmp_path: Path
) -> None:
    failed, given_up = scene.city.lots
    scene.submit_all("bidder-1", "bidder-2", lot=failed)
    scene.submit_all(lot=given_up)
    terminate(scene, given_up)
    put_off(scene, failed)
    scene.close(failed)
    scene.write_log()
    platform, tender = scene.platform, scene.city.tender_id
    with platform.db.transaction() as tx:
        centre, origin = actor_of_user(tx, "centre"), platform.settings.log_origin
        package = service.order(tx, tender, origin=origin, actor=centre, at=clock.now(tx))
    assert tasks.make(platform, package)
    scene.write_log()

    path = tmp_path / "package.zip"
    with platform.db.read() as tx:
        path.write_bytes(b"".join(queries.stream(tx, platform, package, actor=centre)))
        key = VerifierKey(origin, audit.log_key(tx))
    found = verify(path, key)
    with zipfile.ZipFile(path) as file:
        names = file.namelist()
        notices = [name for name in names if name.startswith("notices/") and name.endswith(".json")]
        text = b"".join(file.read(name) for name in names if name.startswith("lots/2"))

    assert found.files == len(names) - 3
    assert [name.split("-", 1)[1] for name in notices] == ["tender.json", "termination.json", "failed.json"]
    certified = [name for name in names if name.startswith("lots/1/outages/")]
    assert certified == ["lots/1/outages/1-opening.signed.json", "lots/1/outages/1-opening.pdf"]
    assert [name for name in names if "/bids/" in name and name.startswith("lots/2")] == []
    assert not any(scene.uscc(who).encode() in text for who in ("bidder-1", "bidder-2", "bidder-3"))
