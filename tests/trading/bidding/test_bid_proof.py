"""The bidder's own proof that the log holds what its receipt names."""

from __future__ import annotations

from scene import Scene
from scene_facts import refused

from bidding_docs import dsse
from bidding_docs.manifests import Receipt
from govcore.audit.proof import Proof


def test_the_proof_of_ones_own_entry_comes_with_its_event_and_to_nobody_else(scene: Scene) -> None:
    sealed = scene.submit_all()
    bidder = next(iter(sealed))
    address = f"/api/lots/{scene.lot}/my-bid/proof"
    assert refused(scene, bidder, "GET", address)["status"] == 404
    assert refused(scene, "agency", "GET", address)["status"] == 403

    scene.close()
    proof = Proof.parse(scene.person(bidder).call("GET", address).text)
    receipt = scene.person(bidder).call("GET", f"/api/lots/{scene.lot}/my-bid/receipt").content

    leaf = bytes.fromhex(dsse.read_unverified(receipt, Receipt)[0].leaf)
    assert proof.preimage_leaf == leaf
    proof.check_path(leaf)
    assert refused(scene, "bidder-4", "GET", address)["status"] == 404
