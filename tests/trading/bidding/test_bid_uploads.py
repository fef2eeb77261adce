"""Ciphertext that is not sealed, not complete, too large or somebody else's is no part of any bid."""

from __future__ import annotations

import hashlib
import os

import pytest
from scene import Scene
from scene_city import PART_LIMIT
from scene_facts import read_refusal, refused, verdict
from submissions import Ready, ready

from bidding_docs import age
from bidding_docs.content import MAX_NAME
from bidding_docs.manifests import PIECE_SIZE
from govcore.identity.models import User
from trading.client import Refused


def start(mine: Ready, data: bytes, *, size: int | None = None) -> str:
    """Announce these bytes as the technical part; the address of that part."""
    part = {"id": "technical", "size": size or len(data), "sha256": hashlib.sha256(data).hexdigest()}
    path = f"/api/lots/{mine.scene.lot}/uploads"
    upload = mine.scene.person(mine.bidder).post(path, {"parts": [part]})
    return f"/api/uploads/{upload['id']}/parts/{part['sha256']}"


def send(mine: Ready, part: str, data: bytes, n: int = 0) -> None:
    digest = {"x-piece-sha256": hashlib.sha256(data).hexdigest()}
    mine.scene.person(mine.bidder).call("PUT", f"{part}/{n}", content=data, headers=digest)


def completed(mine: Ready, data: bytes) -> tuple[int, str]:
    part = start(mine, data)
    send(mine, part, data)
    return verdict(refused(mine.scene, mine.bidder, "POST", f"{part}/complete"))


def test_a_file_that_is_not_sealed_is_refused(mine: Ready) -> None:
    assert completed(mine, b"%PDF-1.7 a bill of quantities in clear") == (422, "E_AGE_HEADER")
    assert completed(mine, b"age-encryption.org/v1\n") == (422, "E_AGE_HEADER")


def test_a_file_sealed_to_a_second_recipient_or_a_passphrase_is_refused(mine: Ready) -> None:
    (_, first), (_, second) = age.generate(), age.generate()

    assert completed(mine, age.encrypt_bytes(b"bid", [first, second])) == (422, "E_AGE_HEADER")
    passphrase = age.encrypt_bytes_with_passphrase(b"bid", "correct horse battery", work_factor=1)
    assert completed(mine, passphrase) == (422, "E_AGE_HEADER")


def test_a_truncated_file_is_refused(mine: Ready) -> None:
    whole = mine.sealed.parts["technical"].read_bytes()
    header = len(whole[: whole.index(b"\n---") + 48])

    assert completed(mine, whole[: header + 20]) == (422, "E_SIZE")


def test_a_part_whose_bytes_have_another_hash_is_refused(mine: Ready) -> None:
    whole = mine.sealed.parts["technical"].read_bytes()
    part = start(mine, whole)
    send(mine, part, whole[:-1] + bytes([whole[-1] ^ 1]))

    assert verdict(refused(mine.scene, "bidder-1", "POST", f"{part}/complete")) == (422, "E_HASH")


def test_a_piece_that_was_never_sent_is_missed(mine: Ready) -> None:
    part = start(mine, b"never sent")

    problem = refused(mine.scene, "bidder-1", "POST", f"{part}/complete")

    assert verdict(problem) == (409, "E_INCOMPLETE")
    assert (problem["missing"], problem["count"]) == (1, 1)


def test_a_piece_must_have_its_length_and_the_hash_it_comes_with_and_is_never_replaced(mine: Ready) -> None:
    part = start(mine, b"sealed")
    send(mine, part, b"sealed")
    other = {"x-piece-sha256": hashlib.sha256(b"other!").hexdigest()}

    def put(data: bytes, n: int = 0) -> tuple[int, str]:
        return verdict(refused(mine.scene, "bidder-1", "PUT", f"{part}/{n}", content=data, headers=other))

    assert put(b"changd") == (422, "E_HASH")
    assert put(b"other!") == (409, "E_STORED")
    assert put(b"other") == (422, "E_PIECE")
    assert put(b"other!!") == (422, "E_PIECE")
    assert put(b"", 1) == (404, "E_NOT_FOUND")


def test_a_part_over_its_limit_is_refused_before_a_byte_is_sent_and_again_at_the_submission(
    mine: Ready,
) -> None:
    scene, large = mine.scene, age.encrypt_bytes(os.urandom(PART_LIMIT), [age.generate()[1]])
    start = f"/api/lots/{scene.lot}/uploads"
    envelope = mine.with_part("technical", large)

    stated = refused(scene, "bidder-1", "POST", start, json={"parts": [announced("technical", len(large))]})
    judged = refused(scene, "bidder-1", "POST", f"/api/lots/{scene.lot}/bids", json=mine.body(envelope))

    assert [verdict(stated), verdict(judged)] == [(413, "E_LIMIT")] * 2
    assert read_refusal(scene, judged).code == "E_LIMIT"


@pytest.mark.parametrize("party", ["tenderer", "agency", "regulator", "centre"])
def test_who_runs_a_tender_or_keeps_its_keys_cannot_bid_in_it(scene: Scene, party: str) -> None:
    with scene.platform.db.transaction() as tx:
        tx.get_one(User, "bidder-1").org_id = tx.get_one(User, party).org_id

    path = f"/api/lots/{scene.lot}/uploads"
    answer = refused(scene, "bidder-1", "POST", path, json={"parts": [announced("summary", 1)]})

    assert verdict(answer) == (403, "E_PARTY_BIDS")


def test_the_limits_are_stated_to_everybody_as_the_tender_says_them(scene: Scene) -> None:
    stated = scene.http.get(f"/api/lots/{scene.lot}/limits").json()

    part = {"max_size": PART_LIMIT, "max_files": 200, "types": [], "blind": False}
    assert stated == {
        "parts": [
            {"id": "summary", "label": "开标一览表", **part},
            {"id": "deposit", "label": "投标担保", **part},
            {"id": "technical", "label": "技术文件", **part},
        ],
        "max_total": 3 * PART_LIMIT,
        "piece_size": PIECE_SIZE,
        "max_name_bytes": MAX_NAME,
        "max_capsule": 4096,
        "uploads_kept": 5,
    }


def test_an_upload_of_an_unknown_part_or_of_nothing_is_refused(scene: Scene) -> None:
    path = f"/api/lots/{scene.lot}/uploads"
    summary = announced("summary", 9)
    bodies = (
        {"parts": [announced("price", 1)]},
        {"parts": []},
        {"parts": [{**summary, "size": 0}]},
        {"parts": [{**summary, "more": 1}]},
        {"parts": [{"id": "summary", "size": 9}]},
        {"parts": [summary, summary]},
    )

    verdicts = [verdict(refused(scene, "bidder-1", "POST", path, json=body)) for body in bodies]

    assert verdicts == [(413, "E_LIMIT"), *[(422, "E_SCHEMA")] * 5]


def announced(part_id: str, size: int) -> dict[str, object]:
    return {"id": part_id, "size": size, "sha256": hashlib.sha256(part_id.encode()).hexdigest()}


def test_a_piece_or_a_message_longer_than_the_address_takes_is_refused(mine: Ready) -> None:
    path = f"/api/uploads/{mine.upload_id}/parts/{'0' * 64}/0"
    long = b"x" * (PIECE_SIZE + 2048)

    piece = refused(mine.scene, "bidder-1", "PUT", path, content=long, headers={"x-piece-sha256": "0" * 64})
    message = refused(mine.scene, "bidder-1", "POST", f"/api/lots/{mine.scene.lot}/uploads", content=long)

    assert [verdict(piece), verdict(message)] == [(413, "E_LIMIT")] * 2


def test_a_part_is_named_by_its_hash_and_by_nothing_else(mine: Ready) -> None:
    headers = {"x-piece-sha256": hashlib.sha256(b"x").hexdigest()}

    for name in ("..", "%2e%2e", "capsules", "A" * 64, "0" * 63, "a b"):
        path = f"/api/uploads/{mine.upload_id}/parts/{name}/0"
        with pytest.raises(Refused) as caught:
            mine.scene.person("bidder-1").call("PUT", path, content=b"x", headers=headers)
        assert caught.value.problem["status"] in (404, 422)


def test_a_capsule_that_is_missing_too_long_or_no_base64_is_refused(mine: Ready) -> None:
    scene = mine.scene
    fresh = scene.person("bidder-1").post(
        f"/api/lots/{scene.lot}/uploads", {"parts": [announced("summary", 1)]}
    )["id"]
    path = f"/api/uploads/{fresh}/capsules"

    too_long = refused(scene, "bidder-1", "PUT", path, json={"capsules": ["QUJD" * 2000]})
    no_base64 = refused(scene, "bidder-1", "PUT", path, json={"capsules": ["%%%"]})
    nothing = refused(
        scene, "bidder-1", "POST", f"/api/lots/{scene.lot}/bids", json=mine.body(upload_id=fresh)
    )

    assert [verdict(one) for one in (too_long, no_base64, nothing)] == [
        (413, "E_LIMIT"),
        (422, "E_SCHEMA"),
        (422, "E_HASH"),
    ]


def test_another_bidder_s_upload_does_not_exist(scene: Scene, mine: Ready) -> None:
    theirs = ready(scene, "bidder-2")
    digest = mine.sealed.manifest.parts[0].sha256
    base = f"/api/uploads/{mine.upload_id}"
    piece = {"content": b"x", "headers": {"x-piece-sha256": digest}}
    staged = {"sha256": digest, "staged": "0" * 32}

    attempts = [
        refused(scene, "bidder-2", "PUT", f"{base}/parts/{digest}/0", **piece),
        refused(scene, "bidder-2", "GET", base),
        refused(scene, "bidder-2", "DELETE", base),
        refused(scene, "bidder-2", "POST", f"{base}/parts/{digest}/0/place", json={"sha256": digest}),
        refused(scene, "bidder-2", "POST", f"{base}/parts/{digest}/0/staged", json=staged),
        refused(scene, "bidder-2", "POST", f"{base}/parts/{digest}/complete"),
        refused(scene, "bidder-2", "PUT", f"{base}/capsules", json={"capsules": ["QUJD"]}),
        refused(
            scene,
            "bidder-2",
            "POST",
            f"/api/lots/{scene.lot}/bids",
            json=theirs.body(upload_id=mine.upload_id),
        ),
    ]

    assert [verdict(one) for one in attempts] == [(404, "E_NOT_FOUND")] * 8
    assert scene.person("bidder-2").get(f"/api/lots/{scene.lot}/uploads")[0]["id"] == theirs.upload_id
