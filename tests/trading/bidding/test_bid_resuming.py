"""An upload goes on where it ended, also from another computer; what is unfinished is cleaned up, bids never."""

from __future__ import annotations

import hashlib

import pytest
from scene import Scene
from scene_city import PART_LIMIT
from scene_facts import refused, verdict
from submissions import Ready

from trading.bidding import sending, tasks, uploads
from trading.bidding.models import Upload
from trading.client import Client


def announce(
    scene: Scene, bidder: str, n: int = 0, *, size: int = 9, lot: str | None = None
) -> dict[str, object]:
    digest = hashlib.sha256(str(n).encode()).hexdigest()
    body = {"parts": [{"id": "summary", "size": size, "sha256": digest}]}
    shown: dict[str, object] = scene.person(bidder).post(f"/api/lots/{lot or scene.lot}/uploads", body)
    return shown


def own(scene: Scene, bidder: str) -> list[str]:
    return [one["id"] for one in scene.person(bidder).get(f"/api/lots/{scene.lot}/uploads")]


def stored(scene: Scene, upload_id: str) -> int:
    """How many objects of an upload are in the store."""
    folder = scene.platform.settings.data / "store" / "bids" / upload_id
    return sum(path.is_file() for path in folder.rglob("*"))


def given_up(scene: Scene, upload_id: str) -> bool:
    with scene.platform.db.read() as tx:
        return tx.get_one(Upload, upload_id).discarded_at is not None


@pytest.fixture
def puts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses of the pieces that the command line sends from now on."""
    put, seen = Client.put, []

    def watched(self: Client, url: str, data: bytes, *, headers: dict[str, str]) -> None:
        seen.append(url)
        put(self, url, data, headers=headers)

    monkeypatch.setattr(Client, "put", watched)
    return seen


def test_a_broken_upload_goes_on_with_what_is_missing(scene: Scene, puts: list[str]) -> None:
    sealed = scene.seal("bidder-1")
    part = sealed.manifest.parts[1]
    person, piece = scene.person("bidder-1"), sealed.parts[part.id].read_bytes()
    announced = [{"id": one.id, "size": one.size, "sha256": one.sha256} for one in sealed.manifest.parts]
    first = person.post(f"/api/lots/{scene.lot}/uploads", {"parts": announced})
    headers = {"x-piece-sha256": hashlib.sha256(piece).hexdigest()}
    person.call("PUT", f"/api/uploads/{first['id']}/parts/{part.sha256}/0", content=piece, headers=headers)

    scene.submit("bidder-1", sealed)

    assert [url.split("/")[3] for url in puts] == [first["id"]] * 2
    assert part.sha256 not in {url.split("/")[5] for url in puts}


def test_the_owner_is_told_piece_by_piece_what_is_here(scene: Scene, mine: Ready) -> None:
    shown = scene.person("bidder-1").get(f"/api/uploads/{mine.upload_id}")

    assert shown["parts"] == [
        {
            "id": part.id,
            "size": part.size,
            "sha256": part.sha256,
            "piece_count": 1,
            "complete": True,
            "pieces": [{"n": 0, "size": part.size, "sha256": part.sha256}],
        }
        for part in mine.sealed.manifest.parts
    ]
    capsules = {one.sha256 for part in mine.sealed.manifest.parts for one in part.capsules}
    assert (set(shown["capsules"]), shown["submitted"]) == (capsules, False)


def test_sending_the_same_bid_again_sends_no_piece_again(scene: Scene, puts: list[str]) -> None:
    sealed = scene.seal("bidder-1")
    receipt = scene.submit("bidder-1", sealed)
    puts.clear()
    (sealed.folder / sending.RECEIPT).unlink()

    assert (scene.submit("bidder-1", sealed), puts) == (receipt, [])


def test_a_sixth_unfinished_upload_takes_the_place_of_the_oldest_but_never_of_a_bid(
    scene: Scene, mine: Ready
) -> None:
    bid_path = f"/api/lots/{scene.lot}/bids"
    scene.person("bidder-1").call("POST", bid_path, json=mine.body())
    begun = [str(announce(scene, "bidder-1", n)["id"]) for n in range(6)]
    others = str(announce(scene, "bidder-2")["id"])

    assert own(scene, "bidder-1") == [mine.upload_id, *begun[1:]]
    assert own(scene, "bidder-2") == [others]
    assert str(announce(scene, "bidder-1", 5)["id"]) == begun[5]


def test_an_upload_is_given_up_by_its_owner_unless_a_bid_refers_to_it(scene: Scene, mine: Ready) -> None:
    person, path = scene.person("bidder-1"), f"/api/uploads/{mine.upload_id}"
    other = str(announce(scene, "bidder-1")["id"])
    person.call("DELETE", f"/api/uploads/{other}")
    person.call("POST", f"/api/lots/{scene.lot}/bids", json=mine.body())

    assert own(scene, "bidder-1") == [mine.upload_id]
    assert verdict(refused(scene, "bidder-1", "DELETE", path)) == (409, "E_SUBMITTED")
    assert verdict(refused(scene, "bidder-1", "GET", f"/api/uploads/{other}")) == (404, "E_NOT_FOUND")


def test_a_given_up_upload_serves_no_bid(scene: Scene, mine: Ready) -> None:
    scene.person("bidder-1").call("DELETE", f"/api/uploads/{mine.upload_id}")

    problem = refused(scene, "bidder-1", "POST", f"/api/lots/{scene.lot}/bids", json=mine.body())

    assert verdict(problem) == (404, "E_NOT_FOUND")


def test_the_sweep_deletes_what_is_unfinished_after_the_closing_and_keeps_every_bid(
    scene: Scene, mine: Ready
) -> None:
    scene.submit_all("bidder-2", "bidder-3", "bidder-4")
    bid = own(scene, "bidder-2")[0]
    tasks.sweep(scene.platform)
    scene.close()
    tasks.sweep(scene.platform)
    before = stored(scene, mine.upload_id), stored(scene, bid)

    scene.move_clock(minutes=11)
    tasks.sweep(scene.platform)

    assert before == (15, 15)
    assert (stored(scene, mine.upload_id), stored(scene, bid)) == (0, 15)
    assert own(scene, "bidder-1") == []


def test_the_sweep_drops_an_upload_to_which_nothing_came_for_thirty_days(scene: Scene, mine: Ready) -> None:
    scene.move_clock(days=29)
    tasks.sweep(scene.platform)
    kept = not given_up(scene, mine.upload_id)
    scene.move_clock(days=1, minutes=1)

    tasks.sweep(scene.platform)

    assert (kept, given_up(scene, mine.upload_id)) == (True, True)


def test_unfinished_uploads_to_all_lots_together_have_a_quota(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "UPLOADS_QUOTA", 0)  # then it is what one bid to the lot may be
    second = scene.city.lots[1]
    size = PART_LIMIT - 1
    here = [announce(scene, "bidder-1", n, size=size) for n in range(2)]
    announce(scene, "bidder-1", 2, size=size, lot=second)
    body = {"parts": [{"id": "summary", "size": size, "sha256": "9" * 64}]}

    problem = refused(scene, "bidder-1", "POST", f"/api/lots/{second}/uploads", json=body)

    assert verdict(problem) == (413, "E_QUOTA")
    assert own(scene, "bidder-1") == [one["id"] for one in here]
    announce(scene, "bidder-2", 3, size=size, lot=second)
    assert announce(scene, "bidder-1", 0, size=size)["id"] == here[0]["id"]
    scene.person("bidder-1").call("DELETE", f"/api/uploads/{here[0]['id']}")
    announce(scene, "bidder-1", 9, size=size, lot=second)
