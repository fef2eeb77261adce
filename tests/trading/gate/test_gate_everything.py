"""All that a tender can ask for at once: a gate apart, a required witness, two envelopes, and each bidder's share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import platforms
import pytest
from guarding import Guarded, guard
from scene import PASSPHRASE, Scene
from scene_city import BIDDERS, two_envelopes
from scene_committee import evaluate, fix
from scene_facts import events

from bidding_docs.sealing import SealedBid
from govcore.errors import Problem
from govcore.settings import Settings
from trading.bidding.recovering import give_share
from trading.gate.models import GateScope
from trading.opening.gate import evidence_for

Sealed = dict[str, SealedBid]


@pytest.fixture
def everything(settings: Settings, tmp_path: Path) -> Iterator[Guarded]:
    """One lot under `demo-remote` with the price apart and a share for every bidder."""
    platform = platforms.found(settings)
    content = msgspec.structs.replace(two_envelopes(technical_min=30), bidder_share=True)
    with guard(platform, tmp_path, content=content) as guarded:
        yield guarded
    platform.db.dispose()


@pytest.fixture
def resting() -> None:
    """This tender is played from an empty database."""


def give(scene: Scene, sealed: Sealed, *bidders: str) -> None:
    for bidder in bidders:
        give_share(scene.person(bidder), scene.lot, sealed[bidder].recovery.read_bytes(), PASSPHRASE)


def gate_says(guarded: Guarded) -> str:
    """The gate's answer to the evidence of the present stage: `released`, or the code of its refusal."""
    scene = guarded.scene
    opens = str(scene.hall()["opens"])
    with scene.platform.db.read() as tx:
        evidence = evidence_for(tx, scene.platform, scene.lot, opens)
    try:
        guarded.gate.release(guarded.scope, opens, evidence)
    except Problem as problem:
        return problem.code
    return "released"


def release(guarded: Guarded, *custodians: int) -> list[str]:
    """The gate's answers before, between and after the custodians' releases, each once the log shows it."""
    said = []
    for index in custodians:
        said.append(gate_says(guarded))
        guarded.scene.release(index)
        guarded.scene.write_log()
    return [*said, gate_says(guarded)]


def outcomes(scene: Scene, sealed: Sealed) -> dict[str, tuple[str, str | None, int | None]]:
    """State, code and price of every bid by its bidder."""
    bids = {bid["manifest_sha256"]: bid for bid in scene.hall()["bids"]}
    found = {bidder: bids[one.manifest_sha256] for bidder, one in sealed.items()}
    return {name: (bid["state"], bid["code"], bid["price_fen"]) for name, bid in found.items()}


def test_gate_witness_shares_and_two_envelopes_open_a_lot_together(everything: Guarded) -> None:
    scene = everything.scene
    sealed = scene.submit_all(*BIDDERS)
    scene.close()
    assert scene.check_seals() == []

    give(scene, sealed, *BIDDERS[:3])
    scene.write_log()
    while_one_share_is_missing = gate_says(everything)
    scene.move_clock(minutes=10)
    first = release(everything, 1, 3)
    assert scene.open_gate()
    scene.read_out()
    after_first = outcomes(scene, sealed)
    scene.write_record()
    opened = [sealed[bidder].manifest_sha256 for bidder in BIDDERS[:3]]
    evaluate(scene, dict(zip(opened, ("45", "40", "20"), strict=True)))
    scene.write_log()
    before_the_result = gate_says(everything)
    fix(scene)
    assert scene.check_seals() == []
    asked = {bidder for bidder in BIDDERS if in_stage(scene, sealed[bidder])}
    give(scene, sealed, "bidder-1", "bidder-2")
    second = release(everything, 2, 3)
    assert scene.open_gate()
    scene.read_out()

    assert while_one_share_is_missing == "E_TOO_EARLY"
    assert first == ["E_QUORUM", "E_QUORUM", "released"]
    assert before_the_result == "released"  # the first stage's again; there is no second one to ask for yet
    assert asked == {"bidder-1", "bidder-2"}
    assert second == ["E_QUORUM", "E_QUORUM", "released"]
    revoked = ("revoked", "E_BIDDER_TIMEOUT", None)
    assert after_first == {**dict.fromkeys(BIDDERS[:3], ("opened", None, None)), "bidder-4": revoked}
    assert outcomes(scene, sealed) == {
        "bidder-1": ("opened", None, 10_000_000_00),
        "bidder-2": ("opened", None, 9_900_000_00),
        "bidder-3": ("opened", None, None),
        "bidder-4": revoked,
    }
    assert len(events(scene, "opening.share_given")) == 5
    with everything.service.db.read() as tx:
        assert [one.opens for one in tx.query(GateScope).order_by(GateScope.opens) if one.released] == [
            "opening",
            "technical-fixed",
        ]


def in_stage(scene: Scene, bid: SealedBid) -> bool:
    line = next(one for one in scene.hall()["bids"] if one["manifest_sha256"] == bid.manifest_sha256)
    return bool(line["in_stage"])
