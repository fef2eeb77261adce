"""The committee of a tender in two envelopes: it scores, locks, and its leader signs the technical result."""

from __future__ import annotations

from scene import Scene
from scene_city import EXPERTS, certified

from bidding_docs import dsse
from bidding_docs import manifests as m


def evaluate(scene: Scene, points: dict[str, str], *, lot: str | None = None) -> None:
    """The committee scores every bid by its digest and locks."""
    lot = lot or scene.lot
    scene.person("centre").post(f"/api/lots/{lot}/committee", {"members": list(EXPERTS)})
    bids = {bid["manifest_sha256"]: bid["bid_id"] for bid in scene.hall(lot)["bids"]}
    sheet = {"points": {bids[digest]: {"plan": value} for digest, value in points.items()}}
    for expert in EXPERTS:
        saved = scene.person(expert).call("PUT", f"/api/lots/{lot}/sheet", json=sheet).json()
        scene.person(expert).post(f"/api/lots/{lot}/sheet/lock", {"sha256": saved["sha256"]})


def signed_by(scene: Scene, payload: bytes, *members: str) -> dict[str, str]:
    """The technical result in an envelope that these people signed."""
    with scene.platform.db.transaction() as tx:
        signers = [certified(tx, scene.platform, member) for member in members]
    return {"envelope": dsse.sign(m.media_type(m.TechnicalResult), payload, signers).encode().decode()}


def fix(scene: Scene, *members: str, lot: str | None = None) -> None:
    """The leader, or these members, sign the technical result, and the log shows it."""
    path = f"/api/lots/{lot or scene.lot}/technical-result"
    payload = scene.person(EXPERTS[0]).call("GET", path).content
    scene.person(EXPERTS[0]).post(path, signed_by(scene, payload, *(members or EXPERTS[:1])))
    scene.write_log()
