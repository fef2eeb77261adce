"""Rounds that ended before a contract: without opened bids, with opened ones, and after their years of keeping."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from scene import Scene

from bidding_docs import age
from govcore import clock
from govcore.audit import queries as audit
from govcore.audit.note import VerifierKey
from govcore.errors import NotFound
from govcore.identity.queries import actor_of_user
from trading.archive import clearing, holding, queries, service, tasks
from trading.archive.holding import HeldFast, KeptStill, Reason
from trading.archive.policy import is_public
from trading.archive.queries import DisposedOf
from trading.archive.sources import content_of
from trading.archive.verifying import verify
from trading.bidding.queries import uploads_of_lots
from trading.challenge.evidence import Given, store_all
from trading.challenge.filing import NewCase, file_case
from trading.challenge.policy import Kind, Stage
from trading.challenge.service import withdraw
from trading.extension import issuing
from trading.opening.parts import opened_archive
from trading.opening.queries import opened_bids
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
        centre = actor_of_user(tx, "centre")
        package = service.order(tx, platform, tender, actor=centre, at=clock.now(tx))
    assert tasks.make(platform, package)
    scene.write_log()

    path = tmp_path / "package.zip"
    with platform.db.read() as tx:
        path.write_bytes(b"".join(queries.stream(tx, platform, package, actor=centre)))
        key = VerifierKey(platform.settings.log_origin, audit.log_key(tx))
    found = verify(path, key)
    assert found.bids == 0
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


def object_to(scene: Scene, bidder: str) -> str:
    """A bidder's objection to the documents with a file, taken back again so that the opening is not stopped."""
    new = NewCase(kind=Kind.OBJECTION, stage=Stage.DOCUMENTS, lot_ids=[scene.lot], text="第三章有限制条件。")
    stored, platform = store_all(scene.platform.store, [Given("截图.pdf", b"%PDF-1.7 proof")]), scene.platform
    with platform.db.transaction() as tx:
        actor, at = actor_of_user(tx, bidder), clock.now(tx)
        case = file_case(tx, platform, scene.city.tender_id, new, stored, actor=actor, at=at)
        withdraw(tx, platform, case.id, reason="已澄清", actor=actor, at=at)
        return case.number


def packaged(scene: Scene) -> str:
    """A package of the scene's round that the log names."""
    scene.write_log()
    platform = scene.platform
    with platform.db.transaction() as tx:
        actor = actor_of_user(tx, "centre")
        package = service.order(tx, platform, scene.city.tender_id, actor=actor, at=clock.now(tx))
    assert tasks.make(platform, package)
    scene.write_log()
    return package


def fetched(scene: Scene, package: str) -> bytes:
    with scene.platform.db.read() as tx:
        centre = actor_of_user(tx, "centre")
        return b"".join(queries.stream(tx, scene.platform, package, actor=centre))


def dispose(scene: Scene) -> None:
    platform, why = scene.platform, Reason(reason="保存期满")
    with platform.db.transaction() as tx:
        people = {"proposer": actor_of_user(tx, "centre"), "second": actor_of_user(tx, "regulator")}
        holding.dispose(tx, platform, scene.city.tender_id, why, **people)


def test_opened_bids_and_cases_are_in_the_package_and_go_after_the_years_of_keeping(
    scene: Scene, tmp_path: Path
) -> None:
    lot, other = scene.city.lots
    sealed = scene.submit_all()
    number = object_to(scene, "bidder-1")
    scene.open_all(1, 2)
    for one in (lot, other):
        terminate(scene, one)
    package, path, platform = packaged(scene), tmp_path / "package.zip", scene.platform
    path.write_bytes(fetched(scene, package))
    with platform.db.read() as tx:
        key = VerifierKey(platform.settings.log_origin, audit.log_key(tx))

    found = verify(path, key)
    with zipfile.ZipFile(path) as file:
        names = set(file.namelist())
        case = json.loads(file.read(f"cases/{number}/case.json"))
        [proof] = [file.read(name) for name in names if name.startswith(f"cases/{number}/1-")]
        stem = "lots/1/opening/bids/1-summary"
        zipped = age.decrypt_bytes(file.read(f"{stem}.age"), [file.read(f"{stem}.key").decode().strip()])
    parts = {part.id for part in next(iter(sealed.values())).manifest.parts}
    expected = {
        f"lots/1/opening/bids/{n}-{part}.{ending}"
        for n in (1, 2, 3)
        for part in parts
        for ending in ("age", "key")
    }
    assert {name for name in names if "/opening/bids/" in name and "-" in name.rpartition("/")[2]} == expected
    assert (found.bids, zipped[:2]) == (3 * len(parts), b"PK")
    assert (case["filer"]["code"], proof) == (scene.uscc("bidder-1"), b"%PDF-1.7 proof")

    with pytest.raises(KeptStill) as refused:
        dispose(scene)
    assert (refused.value.data["years"], refused.value.text.startswith("T40 · ")) == (15, True)
    scene.move_clock(days=16 * 366)
    centre_holds(scene)
    with pytest.raises(HeldFast):
        dispose(scene)
    centre_holds(scene, lift=True)
    dispose(scene)
    with pytest.raises(DisposedOf):
        dispose(scene)
    with platform.db.read() as tx:
        [tender_id] = clearing.to_clear(tx)
    clearing.clear(platform, tender_id)
    clearing.clear(platform, tender_id)

    assert_gone(scene, package, number)


def centre_holds(scene: Scene, *, lift: bool = False) -> None:
    with scene.platform.db.transaction() as tx:
        act = holding.lift if lift else holding.hold
        people = {"proposer": actor_of_user(tx, "centre"), "second": actor_of_user(tx, "regulator")}
        act(tx, scene.platform, scene.city.tender_id, Reason(reason="法院调查令"), **people)


def assert_gone(scene: Scene, package: str, number: str) -> None:
    """Nothing private can be read any more; what everybody could read, and the manifest, is where it was."""
    platform = scene.platform
    with pytest.raises(DisposedOf):
        fetched(scene, package)
    with platform.db.read() as tx:
        files = {one.path: one for one in queries.files_of(tx, package)}
        uploads = uploads_of_lots(tx, [scene.lot])
        bids = [bid.bid_id for bid in opened_bids(tx, scene.lot)]
        assert clearing.to_clear(tx) == []
    private = [one for path, one in files.items() if not is_public(path)]
    public = [one for path, one in files.items() if is_public(path)]
    assert all(one.sha256 and not (one.body or one.wrapped or one.taken or one.store_key) for one in private)
    assert all(b"".join(content_of(platform, one)) for one in public)
    assert any(one.path.startswith("notices/") and one.store_key for one in public)
    assert (f"cases/{number}/case.json" in files, len(uploads)) == (True, 3)
    for bid in bids:
        with pytest.raises(NotFound):
            next(opened_archive(platform, bid, "summary"))
    root = Path(platform.settings.store_url.removeprefix("file://"))
    assert [
        found for upload in uploads for found in (root / "bids" / upload).rglob("*") if found.is_file()
    ] == []
