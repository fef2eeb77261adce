"""With an S3 store pieces go straight to it, to places for once; only what was checked is sealed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
import servers
from scene import Scene

from bidding_docs.sealing import SealedBid
from govcore.settings import Settings
from trading.bidding import staging, uploads
from trading.client import Client

PART = 1


@pytest.fixture
def settings(settings: Settings, s3_endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    prefix = tmp_path_factory.mktemp("s3").name
    return replace(settings, store_url=f"s3://{servers.BUCKET}/{prefix}?endpoint={s3_endpoint}")


class Piece:
    """The only piece of one part of a started upload."""

    def __init__(self, scene: Scene, sealed: SealedBid) -> None:
        self.scene = scene
        self.part = sealed.manifest.parts[PART]
        self.data = sealed.parts[self.part.id].read_bytes()
        parts = [{"id": one.id, "size": one.size, "sha256": one.sha256} for one in sealed.manifest.parts]
        upload = scene.person("bidder-1").post(f"/api/lots/{scene.lot}/uploads", {"parts": parts})
        self.upload_id = str(upload["id"])
        self.address = f"/api/uploads/{self.upload_id}/parts/{self.part.sha256}/0"
        self.sha256 = {"sha256": hashlib.sha256(self.data).hexdigest()}

    def place(self) -> dict[str, Any]:
        place: dict[str, Any] = self.scene.person("bidder-1").post(f"{self.address}/place", self.sha256)
        return place

    def take(self, place: dict[str, Any]) -> None:
        body = {**self.sha256, "staged": place["staged"]}
        self.scene.person("bidder-1").post(f"{self.address}/staged", body)

    def refused(self, place: dict[str, Any], **changes: str) -> tuple[int, str]:
        """Asked once: every refusal empties the place."""
        body = {**self.sha256, "staged": place["staged"], **changes}
        cookie = f"session={self.scene.city.tokens['bidder-1']}"
        answer = self.scene.http.post(f"{self.address}/staged", json=body, headers={"cookie": cookie})
        return answer.status_code, answer.json()["code"]

    def sealed_bytes(self) -> bytes:
        return self.scene.platform.store.get(uploads.piece_key(self.upload_id, self.part.sha256, 0))


@pytest.fixture
def piece(scene: Scene) -> Piece:
    return Piece(scene, scene.seal("bidder-1"))


def put(place: dict[str, Any], data: bytes) -> None:
    httpx.put(place["url"], content=data, headers=place["headers"]).raise_for_status()


def test_the_command_line_sends_a_whole_bid_to_the_store_and_goes_on_after_a_break(
    scene: Scene, s3_endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    send, sent = Client.put, []

    def watched(self: Client, url: str, data: bytes, *, headers: dict[str, str]) -> None:
        sent.append(url)
        send(self, url, data, headers=headers)

    monkeypatch.setattr(Client, "put", watched)
    sealed = scene.seal("bidder-1")
    first = Piece(scene, sealed)
    place = first.place()
    put(place, first.data)
    first.take(place)

    scene.submit("bidder-1", sealed)

    assert [url.startswith(s3_endpoint) for url in sent] == [True, True]
    assert scene.person("bidder-1").get(f"/api/lots/{scene.lot}/my-bid")["state"] == "submitted"
    assert first.sealed_bytes() == first.data


def test_an_old_address_changes_nothing_that_is_sealed(piece: Piece) -> None:
    place = piece.place()
    put(place, piece.data)
    piece.take(place)

    put(place, b"written over")
    piece.take(place)

    assert piece.sealed_bytes() == piece.data
    other = {"sha256": hashlib.sha256(b"written over").hexdigest()}
    assert piece.refused(place, **other) == (422, "E_PIECE")
    put(place, b"x" * len(piece.data))
    other = {"sha256": hashlib.sha256(b"x" * len(piece.data)).hexdigest()}
    assert piece.refused(place, **other) == (409, "E_STORED")
    assert piece.sealed_bytes() == piece.data


def test_a_staged_piece_of_another_length_or_hash_is_refused_and_gone(piece: Piece) -> None:
    verdicts = []
    for data in (piece.data + b"x", bytes(len(piece.data))):
        place = piece.place()
        put(place, data)
        verdicts += [piece.refused(place), piece.refused(place)]

    assert verdicts == [(422, "E_PIECE"), (409, "E_NOT_STAGED"), (422, "E_HASH"), (409, "E_NOT_STAGED")]


def test_a_place_is_one_of_many_ends_after_a_quarter_of_an_hour_and_serves_its_upload_only(
    scene: Scene, piece: Piece
) -> None:
    first, second = piece.place(), piece.place()
    put(first, piece.data)
    other = Piece(scene, scene.seal("bidder-1"))

    assert first["url"] != second["url"]
    assert "X-Amz-Expires=900" in first["url"]
    assert piece.refused(second) == (409, "E_NOT_STAGED")
    assert other.refused(first) == (409, "E_NOT_STAGED")


def test_forgotten_staged_pieces_are_swept_when_their_address_has_ended(
    piece: Piece, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = piece.place()
    put(place, piece.data)
    key = staging.staging_key(piece.upload_id, place["staged"])
    store = piece.scene.platform.store

    staging.clear_staging(store)
    kept = store.exists(key)
    monkeypatch.setattr(staging, "KEPT", timedelta(microseconds=1))
    staging.clear_staging(store)

    assert (kept, store.exists(key)) == (True, False)


def test_pages_may_send_to_the_store_and_nowhere_else(scene: Scene, s3_endpoint: str) -> None:
    policy = scene.http.get("/verify").headers["content-security-policy"]

    assert [one for one in policy.split("; ") if one.startswith("connect-src")] == [
        f"connect-src 'self' {s3_endpoint}"
    ]
