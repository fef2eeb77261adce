"""A whole opening: nobody clicks, all bids are read out together, the log holds each step once."""

from __future__ import annotations

from scene import Scene


def test_three_bids_are_read_out_together_with_two_of_three_custodians(scene: Scene) -> None:
    sealed = scene.submit_all()

    hall = scene.open_all(1, 3)

    assert hall["state"] == "recorded"
    assert sorted((bid["manifest_sha256"], bid["state"], bid["price_fen"]) for bid in hall["bids"]) == sorted(
        (bid.manifest_sha256, "opened", 10_000_000_00 - n * 100_000_00)
        for n, bid in enumerate(sealed.values())
    )
