"""The committee of a tender in two envelopes: it scores, locks, and its leader signs the technical result."""

from __future__ import annotations

from convening import REASON, convene
from scene import Scene
from scene_city import ALL_EXPERTS, EXPERTS, certified

from bidding_docs import dsse
from bidding_docs import manifests as m
from govcore import clock
from govcore.identity.queries import actor_of_user
from trading.committee.queries import least_size, seats
from trading.review import service as review
from trading.review.policy import PRICES
from trading.review.queries import bids_left
from trading.review.service import Said
from trading.tender.queries import lot_context


def evaluate(scene: Scene, points: dict[str, str], *, lot: str | None = None) -> None:
    """The committee scores every bid by its digest and locks."""
    lot = lot or scene.lot
    members = seat(scene, lot)
    bids = {bid["manifest_sha256"]: bid["bid_id"] for bid in scene.hall(lot)["bids"]}
    sheet = {"points": {bids[digest]: {"plan": value} for digest, value in points.items()}}
    for expert in members:
        saved = scene.person(expert).call("PUT", f"/api/lots/{lot}/sheet", json=sheet).json()
        scene.person(expert).post(f"/api/lots/{lot}/sheet/lock", {"sha256": saved["sha256"]})


def seat(scene: Scene, lot: str) -> list[str]:
    """The committee, as large as the law asks for; the centre appoints it and it meets, unless it does already."""
    with scene.platform.db.read() as tx:
        size = least_size(tx, lot_context(tx, lot))
        sitting = [seat.user_id for seat in seats(tx, lot)]
    members = list(ALL_EXPERTS[:size])
    if not sitting:
        scene.person("centre").post(f"/api/lots/{lot}/committee", {"members": members, "reason": REASON})
        convene(scene.platform.db, lot, members)
    return members


def check_prices(scene: Scene) -> None:
    """The committee finds nothing to correct in the prices of the second opening, and its leader says so."""
    with scene.platform.db.transaction() as tx:
        at, bids = (
            clock.now(tx),
            [bid.bid_id for bid in bids_left(tx, scene.lot) if bid.price_fen is not None],
        )
        for member in [seat.user_id for seat in seats(tx, scene.lot)]:
            for bid_id in bids:
                actor, said = actor_of_user(tx, member), [Said(PRICES, True)]
                review.vote(tx, scene.lot, bid_id=bid_id, said=said, actor=actor, at=at)
        review.close_gates(tx, scene.lot, nodes=[PRICES], actor=actor_of_user(tx, EXPERTS[0]), at=at)


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
