"""Not submitted, submitted, withdrawn: states that cannot be mistaken, and statements that prove them."""

from __future__ import annotations

import hashlib
import io
import re
from typing import Any

import pypdf
import pytest
from scene import Scene
from scene_facts import events, refused, verdict
from submissions import Ready

from bidding_docs import dsse
from bidding_docs import manifests as m
from bidding_docs.codes import BadSchema, ManifestSignature
from trading.bidding import sending

PAGE = {"accept": "text/html"}


def standing(scene: Scene, bidder: str) -> dict[str, Any]:
    shown: dict[str, Any] = scene.person(bidder).get(f"/api/lots/{scene.lot}/standing")
    return shown


def state(scene: Scene, bidder: str) -> tuple[str, bool]:
    """The state in words, and whether files wait that are no bid."""
    shown = standing(scene, bidder)
    return shown["state"], shown["pending"] is not None


def page(scene: Scene, bidder: str, path: str, *, language: str = "en") -> str:
    return scene.person(bidder, language=language).call("GET", path, headers=PAGE).text


def bands(text: str) -> list[str]:
    return [
        " ".join(re.sub("<[^>]+>", " ", band).split())
        for band in re.findall(r'<div class="band band-danger".*?</a></div></div>', text, re.S)
    ]


def receipt_key(scene: Scene) -> bytes:
    return scene.http.get("/api/receipt-key").content


def test_a_bid_goes_from_nothing_to_withdrawn_in_words_that_cannot_be_mistaken(scene: Scene) -> None:
    states = [state(scene, "bidder-1")]
    sealed = scene.seal("bidder-1")
    scene.upload("bidder-1", sealed)
    states.append(state(scene, "bidder-1"))
    scene.submit("bidder-1", sealed)
    states.append(state(scene, "bidder-1"))
    scene.upload("bidder-1", scene.seal("bidder-1", after=sealed))
    states.append(state(scene, "bidder-1"))
    scene.withdraw("bidder-1", sealed)
    states.append(state(scene, "bidder-1"))

    assert states == [
        ("NOT_SUBMITTED", False),
        ("NOT_SUBMITTED", True),
        ("SUBMITTED", False),
        ("SUBMITTED", True),
        ("WITHDRAWN", False),
    ]
    assert state(scene, "bidder-2") == ("NOT_SUBMITTED", False)


def test_what_is_missing_is_told_part_by_part(scene: Scene) -> None:
    sealed = scene.seal("bidder-1")
    person, parts = scene.person("bidder-1"), sealed.manifest.parts
    announced = [{"id": one.id, "size": one.size, "sha256": one.sha256} for one in parts]
    upload = person.post(f"/api/lots/{scene.lot}/uploads", {"parts": announced[:2]})
    data = sealed.parts[parts[0].id].read_bytes()
    address = f"/api/uploads/{upload['id']}/parts/{parts[0].sha256}"
    headers = {"x-piece-sha256": hashlib.sha256(data).hexdigest()}
    person.call("PUT", f"{address}/0", content=data, headers=headers)

    pending = standing(scene, "bidder-1")["pending"]

    assert [(one["id"], one["missing_pieces"], one["missing_bytes"]) for one in pending["parts"]] == [
        ("summary", 0, 0),
        ("deposit", 1, parts[1].size),
        ("technical", 0, 0),
    ]
    assert [one["complete"] for one in pending["parts"]] == [False] * 3
    assert pending["missing_bytes"] == parts[1].size
    assert list(sending.status(person, scene.lot)) == [
        "NOT SUBMITTED",
        f"sent but NOT SUBMITTED: upload {upload['id']}",
        "  summary: 0 pieces, 0 bytes missing",
        f"  deposit: 1 pieces, {parts[1].size:,} bytes missing",
        "  technical: 0 pieces, 0 bytes missing",
    ]


def test_unsubmitted_files_lie_across_every_page_of_their_bidder_and_of_nobody_else(
    scene: Scene, mine: Ready
) -> None:
    paths = (
        "/",
        "/desk",
        "/inbox",
        f"/tenders/{scene.city.tender_id}",
        f"/lots/{scene.city.lots[1]}/opening",
    )
    found = {bands(page(scene, "bidder-1", path))[0] for path in paths}
    others = [bands(page(scene, who, "/")) for who in ("bidder-2", "agency", "centre", "regulator")]
    scene.person("bidder-1").call("POST", f"/api/lots/{scene.lot}/bids", json=mine.body())

    assert len({re.sub(r"\d\d:\d\d:\d\d", "", text) for text in found}) == 1
    assert all(text.startswith("NOT SUBMITTED") and "was not submitted" in text for text in found)
    assert others == [[]] * 4
    assert bands(page(scene, "bidder-1", "/")) == []


def test_the_tender_s_page_shows_a_bidder_its_own_part_only(scene: Scene) -> None:
    scene.submit_all("bidder-1")
    path = f"/tenders/{scene.city.tender_id}"

    own = page(scene, "bidder-1", path)
    rival = page(scene, "bidder-2", path)
    visitor = scene.http.get(path, headers=PAGE).text

    words = ("SUBMITTED</span>", "NOT SUBMITTED</span>", "My part in this lot")
    assert [own.count(word) for word in words] == [2, 1, 2]
    assert [rival.count(word) for word in words] == [2, 2, 2]
    assert re.findall("My part|我方", visitor) == []


def test_who_sent_nothing_gets_a_signed_statement_after_the_closing(scene: Scene) -> None:
    scene.submit_all("bidder-1", "bidder-2", "bidder-3")
    path = f"/api/lots/{scene.lot}/no-bid-statement"
    early = refused(scene, "bidder-4", "POST", path)
    scene.close()

    raw = scene.person("bidder-4").call("POST", path).content

    statement = dsse.read_unverified(raw, m.NoBid)[0]
    assert (statement.bidder_id, statement.lot_id) == (scene.uscc("bidder-4"), scene.lot)
    told = sending.verify(raw, receipt_key(scene), None)
    assert told == f"valid statement: no bid was received before {statement.deadline_at}"
    assert verdict(early) == (409, "E_NOT_CLOSED")
    assert verdict(refused(scene, "bidder-1", "POST", path)) == (409, "E_RECEIVED")
    assert verdict(refused(scene, "agency", "POST", path)) == (403, "E_FORBIDDEN")
    assert len(events(scene, "bid.none_stated")) == 1


def test_the_paper_receipt_carries_the_signed_one_and_is_checked_offline(scene: Scene) -> None:
    sealed = scene.seal("bidder-1")
    receipt = scene.submit("bidder-1", sealed)
    pdf = scene.person("bidder-1").call("GET", f"/lots/{scene.lot}/bid/receipt.pdf").content
    key, manifest = receipt_key(scene), sealed.envelope

    found = sending.verify(pdf, key, manifest)

    assert found == sending.verify(receipt, key, manifest)
    assert found.startswith("valid receipt: received at ")
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    assert reader.metadata is not None
    assert reader.metadata.keywords == receipt.decode()
    text = "".join(one.extract_text() for one in reader.pages).replace("\n", "")
    body = dsse.read_unverified(receipt, m.Receipt)[0]
    told = (
        body.receipt_id,
        body.bidder_id,
        body.manifest_sha256,
        "临湖市水利工程建设中心",
        "东坝堤防加固工程",
    )
    assert [one for one in told if one not in text] == []
    with pytest.raises(ManifestSignature):
        sending.verify(pdf.replace(b'"payload":"ey', b'"payload":"eX'), key, manifest)
    with pytest.raises(BadSchema):
        sending.verify(b"%PDF-1.4 something else", key, manifest)
    with pytest.raises(BadSchema):
        sending.verify(pdf, key, scene.seal("bidder-1").envelope)
