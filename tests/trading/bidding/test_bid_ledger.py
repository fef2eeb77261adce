"""Refusals and receipts in one ledger: for supervision after the closing only, one's own lines at any time."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import load_workbook
from scene import Scene
from scene_facts import events

from trading.client import Refused

HTML = {"accept": "text/html"}


def page(scene: Scene, person: str, path: str, language: str = "en") -> str:
    """The page, or the status of its refusal."""
    try:
        return scene.person(person, language=language).call("GET", path, headers=HTML).text
    except Refused as refused:
        return str(refused.problem["status"])


def sheet(scene: Scene) -> list[tuple[Any, ...]]:
    raw = scene.person("regulator", language="en").call("GET", f"/lots/{scene.lot}/ledger.xlsx").content
    return [row[1:] for row in load_workbook(io.BytesIO(raw)).active.iter_rows(min_row=2, values_only=True)]


def late(scene: Scene, bidder: str) -> str:
    """Submit something that is no bid: refused, and signed."""
    body = {"envelope": "not sealed", "upload_id": "0" * 32, "idempotency_key": "k" * 32}
    with pytest.raises(Refused) as caught:
        scene.person(bidder).post(f"/api/lots/{scene.lot}/bids", body)
    return str(caught.value.problem["code"])


def test_the_ledger_exists_for_supervision_after_the_closing_only(scene: Scene) -> None:
    path = f"/lots/{scene.lot}/ledger"
    code = late(scene, "bidder-4")
    sealed = scene.submit_all()
    before = {person: page(scene, person, path) for person in ("regulator", "centre", "tenderer", "bidder-1")}
    mine = page(scene, "bidder-4", f"/lots/{scene.lot}/my-ledger")
    scene.close()

    shown = page(scene, "regulator", path)
    after = {person: page(scene, person, path) for person in ("centre", "tenderer", "bidder-1")}
    rows = sheet(scene)

    assert before == {"regulator": "404", "centre": "403", "tenderer": "403", "bidder-1": "403"}
    assert after == {"centre": "403", "tenderer": "403", "bidder-1": "403"}
    assert code in mine
    refusals = [row for row in rows if row[4] != "OK"]
    assert refusals == [
        ("Bid submitted", "长堤水务建设有限公司", scene.uscc("bidder-4"), refusals[0][3], code, None)
    ]
    receipts = {row[2]: row[5] for row in rows if row[0] == "Bid submitted" and row[4] == "OK"}
    assert receipts == {scene.uscc(name): one.manifest_sha256[:16] for name, one in sealed.items()}
    assert "长堤水务建设有限公司" in shown
    assert len(events(scene, "bid.ledger_read")) == 2


def test_a_bidder_sees_only_its_own_lines(scene: Scene) -> None:
    code = late(scene, "bidder-4")
    scene.close()

    own, other = (
        page(scene, who, f"/lots/{scene.lot}/my-ledger", "zh_CN") for who in ("bidder-4", "bidder-1")
    )

    assert code in own
    assert "您发送的内容和被拒收的情况会立即显示在这里" in other
