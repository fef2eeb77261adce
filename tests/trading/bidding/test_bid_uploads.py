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
from trading.bidding.policy import PIECE_SIZE
from trading.client import Refused


def send(mine: Ready, data: bytes, *, size: int | None = None, pieces: int = 1) -> tuple[str, dict[str, int]]:
    """Put one piece; the path of its completion and the message for it."""
    digest = hashlib.sha256(data).hexdigest()
    path = f"/api/uploads/{mine.upload_id}/parts/{digest}"
    mine.scene.person(mine.bidder).call("PUT", f"{path}/0", content=data, headers={"x-piece-sha256": digest})
    return f"{path}/complete", {"size": size or len(data), "pieces": pieces}


def completed(mine: Ready, data: bytes, **options: int) -> tuple[int, str]:
    path, done = send(mine, data, **options)
    return verdict(refused(mine.scene, mine.bidder, "POST", path, json=done))


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

    assert completed(mine, whole[:-20], size=len(whole)) == (422, "E_SIZE")
    assert completed(mine, whole[: header + 20]) == (422, "E_SIZE")


def test_a_piece_that_was_never_sent_is_missed(mine: Ready) -> None:
    whole = mine.sealed.parts["technical"].read_bytes()

    assert completed(mine, whole, pieces=2) == (404, "E_NOT_FOUND")


def test_a_piece_must_have_the_hash_it_comes_with_and_is_never_replaced(mine: Ready) -> None:
    sealed = mine.sealed.parts["technical"].read_bytes()
    path = f"/api/uploads/{mine.upload_id}/parts/{hashlib.sha256(sealed).hexdigest()}/0"
    other = {"x-piece-sha256": hashlib.sha256(b"other").hexdigest()}

    wrong = refused(mine.scene, "bidder-1", "PUT", path, content=b"changed", headers=other)
    second = refused(mine.scene, "bidder-1", "PUT", path, content=b"other", headers=other)

    assert [verdict(wrong), verdict(second)] == [(422, "E_HASH"), (409, "E_STORED")]


def test_a_part_over_its_limit_is_refused_before_a_byte_is_sent_and_again_at_the_submission(
    mine: Ready,
) -> None:
    scene, large = mine.scene, age.encrypt_bytes(os.urandom(PART_LIMIT), [age.generate()[1]])
    start = f"/api/lots/{scene.lot}/uploads"
    envelope = mine.with_part("technical", large)
    path, done = send(mine, large)
    scene.person("bidder-1").call("POST", path, json=done)

    stated = refused(
        scene, "bidder-1", "POST", start, json={"parts": [{"id": "technical", "size": len(large)}]}
    )
    judged = refused(scene, "bidder-1", "POST", f"/api/lots/{scene.lot}/bids", json=mine.body(envelope))

    assert [verdict(stated), verdict(judged)] == [(413, "E_LIMIT")] * 2
    assert read_refusal(scene, judged).code == "E_LIMIT"


def test_an_upload_of_an_unknown_part_or_of_nothing_is_refused(scene: Scene) -> None:
    path = f"/api/lots/{scene.lot}/uploads"
    bodies = (
        {"parts": [{"id": "price", "size": 1}]},
        {"parts": []},
        {"parts": [{"id": "summary", "size": 0}]},
        {"parts": [{"id": "summary", "size": 9, "more": 1}]},
    )

    verdicts = [verdict(refused(scene, "bidder-1", "POST", path, json=body)) for body in bodies]

    assert verdicts == [(413, "E_LIMIT"), *[(422, "E_SCHEMA")] * 3]


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
        f"/api/lots/{scene.lot}/uploads", {"parts": [{"id": "summary", "size": 1}]}
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
    digest = hashlib.sha256(b"x").hexdigest()
    base = f"/api/uploads/{mine.upload_id}"
    piece = {"content": b"x", "headers": {"x-piece-sha256": digest}}

    attempts = [
        refused(scene, "bidder-2", "PUT", f"{base}/parts/{digest}/0", **piece),
        refused(scene, "bidder-2", "POST", f"{base}/parts/{digest}/complete", json={"size": 1, "pieces": 1}),
        refused(scene, "bidder-2", "PUT", f"{base}/capsules", json={"capsules": ["QUJD"]}),
        refused(
            scene,
            "bidder-2",
            "POST",
            f"/api/lots/{scene.lot}/bids",
            json=theirs.body(upload_id=mine.upload_id),
        ),
    ]

    assert [verdict(one) for one in attempts] == [(404, "E_NOT_FOUND")] * 4
