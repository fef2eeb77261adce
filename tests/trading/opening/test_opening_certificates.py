"""A bid that was signed rightly stays a bid, whatever becomes of its certificate before the opening."""

from __future__ import annotations

from datetime import timedelta

from scene import Scene
from scene_city import certified

from govcore import clock


def test_a_certificate_that_ended_was_renewed_or_revoked_since_orphans_no_bid(scene: Scene) -> None:
    with scene.platform.db.transaction() as tx:
        soon = clock.now(tx) + timedelta(minutes=20)
        short = certified(tx, scene.platform, "bidder-1", until=soon)
    bids = {
        "bidder-1": scene.seal("bidder-1", signer=short),
        "bidder-2": scene.seal("bidder-2"),
        "bidder-3": scene.seal("bidder-3"),
    }
    for bidder, sealed in bids.items():
        scene.submit(bidder, sealed)
    with scene.platform.db.transaction() as tx:
        certified(tx, scene.platform, "bidder-2")
    for bidder, reason in (("bidder-2", "superseded"), ("bidder-3", "keyCompromise")):
        path = f"/api/certificates/{bids[bidder].manifest.cert_sha256}/revocation"
        scene.person(bidder).post(path, {"reason": reason})
    scene.move_clock(minutes=30)

    hall = scene.open_all(1, 3)

    assert short.certificate.not_valid_after_utc < scene.now() - timedelta(hours=1)
    assert sorted((bid["manifest_sha256"], bid["state"]) for bid in hall["bids"]) == sorted(
        (sealed.manifest_sha256, "opened") for sealed in bids.values()
    )
