"""Every attempt of a bidder is told to itself, to supervision after the closing, and to nobody else."""

from __future__ import annotations

import hashlib

import pytest
from scene import Scene
from scene_facts import events, refused, verdict
from sqlalchemy import select
from submissions import Ready, ready

from trading.bidding.models import Attempt
from trading.client import Refused


def lines(scene: Scene, bidder: str) -> list[tuple[str, int, str]]:
    trace = scene.person(bidder).get(f"/api/lots/{scene.lot}/trace")
    return [(line["act"], line["size"], line["code"]) for line in trace["lines"]]


def attempt(scene: Scene, who: str, method: str, path: str, **options: object) -> str:
    """One request that is refused; its code."""
    with pytest.raises(Refused) as caught:
        scene.person(who).call(method, path, **options)
    return str(caught.value.problem["code"])


def test_a_bidder_sees_each_of_its_attempts_with_bytes_and_result(scene: Scene, mine: Ready) -> None:
    lot, parts = scene.lot, mine.sealed.manifest.parts
    piece = f"/api/uploads/{mine.upload_id}/parts/{parts[0].sha256}/0"
    headers = {"x-piece-sha256": hashlib.sha256(b"short").hexdigest()}
    too_large = {"parts": [{"id": "summary", "size": 10**9, "sha256": "0" * 64}]}

    attempt(scene, "bidder-1", "POST", f"/api/lots/{lot}/uploads", json=too_large)
    attempt(scene, "bidder-1", "PUT", piece, content=b"short", headers=headers)
    attempt(scene, "bidder-1", "POST", f"/api/lots/{lot}/bids", json=mine.body(mine.resigned(round=2)))
    scene.person("bidder-1").call("POST", f"/api/lots/{lot}/bids", json=mine.body())

    sent = [row for part in parts for row in (("piece", part.size, "OK"), ("complete", part.size, "OK"))]
    total = sum(part.size for part in parts)
    wrong = len(mine.resigned(round=2))
    found = lines(scene, "bidder-1")
    assert found[:7] == [("start", total, "OK"), *sent]
    assert [found[7], found[8], found[10]] == [
        ("start", 10**9, "E_LIMIT"),
        ("piece", 5, "E_PIECE"),
        ("submit", 0, "OK"),
    ]
    assert found[9][::2] == ("submit", "E_KEY_MANIFEST")
    assert abs(found[9][1] - wrong) < 10  # an ECDSA signature is up to three bytes longer or shorter


def test_the_rows_tell_neither_who_tried_nor_what(scene: Scene, mine: Ready) -> None:
    attempt(scene, "bidder-1", "POST", f"/api/lots/{scene.lot}/bids", json=mine.body(b"{}"))

    with scene.platform.db.read() as tx:
        rows = [repr(row) for row in tx.execute(select(*Attempt.__table__.columns))]

    told = ("bidder-1", scene.uscc("bidder-1"), "E_SCHEMA", "submit")
    assert len(rows) == 1
    assert [word for word in told if word in rows[0]] == []


def test_supervision_reads_a_trace_after_the_closing_and_the_log_says_so(scene: Scene, mine: Ready) -> None:
    ready(scene, "bidder-2")
    path, body = f"/api/lots/{scene.lot}/traces", {"bidder_id": scene.uscc("bidder-1")}
    early = verdict(refused(scene, "regulator", "POST", path, json=body))
    scene.close()

    shown = scene.person("regulator").post(path, body)

    assert early == (404, "E_NOT_FOUND")
    assert len(shown["lines"]) == 7
    assert [event["data"] for event in events(scene, "bid.trace_read")] == [{"uscc": scene.uscc("bidder-1")}]
    for stranger in ("bidder-2", "agency", "centre", "auditor"):
        assert verdict(refused(scene, stranger, "POST", path, json=body)) == (403, "E_FORBIDDEN")
    assert lines(scene, "bidder-3") == []
