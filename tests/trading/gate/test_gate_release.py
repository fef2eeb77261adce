"""What a separate gate refuses, one reason after the other, on the way to the one moment in which it releases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from guarding import OPERATOR, Guarded
from probers import Outsider
from scene_city import certified
from scene_facts import events
from sqlalchemy import select, update

from bidding_docs import dsse
from bidding_docs import manifests as m
from govcore import clock
from govcore.certificates.models import Certificate
from govcore.errors import Problem
from trading.gate.models import GateScope
from trading.gate.schemas import Scope
from trading.opening import gate, pausing, tasks
from trading.opening.models import Opening
from trading.tender.models import Lot


def refusal(guarded: Guarded, opens: str = "opening") -> str:
    """The code with which the gate answers now."""
    with pytest.raises(Problem) as caught:
        guarded.gate.release(guarded.scope, opens, guarded.evidence())
    return caught.value.code


def asked_by_platform(guarded: Guarded) -> tuple[bool, str | None]:
    """Whether the platform's own step opens the gate, and by what the opening is paused."""
    opened = gate.open_gate(guarded.scene.platform, guarded.scene.lot, opens="opening")
    with guarded.scene.platform.db.read() as tx:
        return opened, tx.get_one(Opening, guarded.scene.lot).paused_by


def test_a_gate_apart_releases_once_everything_holds_and_forgets_its_key(
    guarded: Guarded, bids: None
) -> None:
    scene = guarded.scene
    scene.close()
    assert scene.check_seals() == []
    scene.release(1)
    scene.write_log()
    one_custodian = refusal(guarded)
    scene.release(3)
    unlogged = refusal(guarded)
    scene.write_log()
    guarded.witness_clock.ahead = timedelta(seconds=40)
    witness_ahead = refusal(guarded)
    guarded.witness_clock.ahead = timedelta(0)
    guarded.clock.ahead = timedelta(days=-1)
    a_day_late = refusal(guarded)
    guarded.clock.ahead = timedelta(days=1)
    a_day_early = refusal(guarded)
    guarded.clock.ahead = timedelta(seconds=-3)
    platform_differs = asked_by_platform(guarded)
    guarded.clock.ahead = timedelta(0)

    assert (one_custodian, unlogged) == ("E_QUORUM", "E_QUORUM")
    assert (witness_ahead, a_day_late, a_day_early) == ("E_GATE_TIME", "E_CLOCK_SKEW", "E_CLOCK_SKEW")
    assert platform_differs == (False, "E_CLOCK_SKEW")
    first = guarded.gate.release(guarded.scope, "opening", guarded.evidence())
    assert asked_by_platform(guarded) == (True, None)
    assert guarded.gate.release(guarded.scope, "opening", guarded.evidence()) == first
    scene.read_out()
    assert {bid["state"] for bid in scene.hall()["bids"]} == {"opened"}
    scene.write_log()

    gate.destroy_gate_keys(scene.platform, scene.lot)
    assert kept(guarded) == {"advice", "opening"}
    scene.move_clock(days=10, seconds=5)
    scene.write_log()
    gate.destroy_gate_keys(scene.platform, scene.lot)
    gate.destroy_gate_keys(scene.platform, scene.lot)
    assert kept(guarded) == {"advice"}
    assert [one["data"] for one in events(scene, "keys.destroyed")] == [
        {"lot": hall_code(guarded), "holder": "gate", "opens": "opening"}
    ]


def kept(guarded: Guarded) -> set[str]:
    """The stages whose key the gate still has."""
    with guarded.service.db.read() as tx:
        return set(tx.scalars(select(GateScope.opens).where(GateScope.wrapped.is_not(None))))


def hall_code(guarded: Guarded) -> str:
    return str(guarded.scene.person("agency").get(f"/api/lots/{guarded.scene.lot}/tender")["lots"][0]["code"])


def test_before_the_closing_the_gate_gives_nothing_to_anybody(guarded: Guarded, bids: None) -> None:
    scene = guarded.scene
    manifest = scene.key_manifest().document
    scene.write_log()

    with pytest.raises(Problem) as advices:
        guarded.gate.advice_identity(guarded.scope)

    assert manifest.policy.gate == "remote"
    assert manifest.gate is not None
    assert (manifest.gate.operator, set(manifest.gate.recipients)) == (OPERATOR, {"opening", "advice"})
    assert advices.value.code == "E_TOO_EARLY"
    with scene.platform.db.read() as tx:
        assert tx.scalars(select(GateScope)).all() == []


def test_the_gate_reads_the_windows_and_the_hour_by_its_own_clock(guarded: Guarded, bids: None) -> None:
    scene = guarded.scene
    scene.close()
    scene.move_clock(seconds=3)
    scene.release(1, 3)
    scene.write_log()
    with scene.platform.db.read() as tx:
        closed_at = tx.get_one(Opening, scene.lot).closed_at
        opening_at = tx.get_one(Lot, scene.lot).opening_at
    assert opening_at is not None

    guarded.clock.stopped_at = opening_at - timedelta(milliseconds=1)
    behind = refusal(guarded)
    guarded.clock.stopped_at = closed_at.replace(microsecond=0) + timedelta(seconds=1, milliseconds=999)
    in_the_window = refusal(guarded)
    guarded.clock.stopped_at = closed_at.replace(microsecond=0) + timedelta(seconds=2)

    assert (behind, in_the_window) == ("E_GATE_TIME", "E_TOO_EARLY")
    assert guarded.gate.release(guarded.scope, "opening", guarded.evidence())


def test_the_gate_reads_in_the_log_that_an_outage_moved_the_windows(
    guarded: Guarded, bids: None, tmp_path: Path
) -> None:
    scene = guarded.scene
    scene.close()
    scene.move_clock(seconds=33)
    with scene.platform.db.transaction() as tx:
        began = tx.get_one(Opening, scene.lot).closed_at  # however long the closing took: the window is short
        Outsider(tmp_path / "prober").saw_out(tx, began, began + timedelta(seconds=30), at=scene.now())
    tasks._tell_outages(scene.platform, scene.lot)
    scene.release(1, 3)
    scene.write_log()
    with scene.platform.db.read() as tx:
        opening = tx.get_one(Opening, scene.lot)
        until = pausing.windows_of(tx, opening).seal_check_until
    moved_to = until.replace(microsecond=0) + timedelta(seconds=2)

    guarded.clock.stopped_at = opening.closed_at + timedelta(seconds=20)
    after_the_window_alone = refusal(guarded)
    guarded.clock.stopped_at = until - timedelta(seconds=1)
    in_what_the_outage_added = refusal(guarded)
    guarded.clock.stopped_at = moved_to

    assert until > opening.closed_at + timedelta(seconds=30)
    assert (after_the_window_alone, in_what_the_outage_added) == ("E_TOO_EARLY", "E_TOO_EARLY")
    assert guarded.gate.release(guarded.scope, "opening", guarded.evidence())


def test_fewer_than_three_bids_are_never_opened_and_their_key_is_destroyed_at_once(guarded: Guarded) -> None:
    scene = guarded.scene
    scene.submit_all("bidder-1", "bidder-2")
    scene.close()
    scene.move_clock(seconds=5)
    scene.write_log()

    too_few = refusal(guarded)
    tasks.deposits.open_advices(scene.platform, scene.lot)
    gate.destroy_gate_keys(scene.platform, scene.lot)
    destroyed = refusal(guarded)

    assert (too_few, destroyed) == ("E_TOO_FEW_BIDS", "E_GATE_KEY")
    assert kept(guarded) == {"advice"}
    assert len(events(scene, "keys.destroyed")) == 1


def test_another_scope_than_those_it_made_is_refused(guarded: Guarded, bids: None) -> None:
    scene = guarded.scene
    scene.close()
    scene.check_seals()
    scene.release(1, 3)
    scene.write_log()
    evidence = guarded.evidence()
    lot, tender = scene.lot, scene.city.tender_id
    scopes = {
        "lot": (Scope(tender_id=tender, lot_id="another", round=1), "opening"),
        "tender": (Scope(tender_id="another", lot_id=lot, round=1), "opening"),
        "round": (Scope(tender_id=tender, lot_id=lot, round=2), "opening"),
        "stage": (guarded.scope, "technical-fixed"),
        "advices": (guarded.scope, m.ADVICE),
    }
    found = {}

    for name, (scope, opens) in scopes.items():
        with pytest.raises(Problem) as caught:
            guarded.gate.release(scope, opens, evidence)
        found[name] = caught.value.code

    assert found == dict.fromkeys(scopes, "E_GATE_KEY") | {"advices": "E_TOO_EARLY"}
    assert guarded.gate.make_keys(guarded.scope, ["opening"], suite="bs1") == recipients(guarded)


def recipients(guarded: Guarded) -> dict[str, str]:
    manifest = guarded.scene.key_manifest().document
    assert manifest.gate is not None
    return manifest.gate.recipients


def test_what_the_gate_releases_is_signed_by_its_own_key(guarded: Guarded, bids: None) -> None:
    scene = guarded.scene
    scene.close()
    scene.check_seals()
    scene.release(1, 2)
    scene.write_log()

    raw = guarded.gate.release(guarded.scope, "opening", guarded.evidence())

    assert dsse.keyids_of(raw) == (guarded.service.signer.keyid,)
    assert guarded.service.signer.keyid != scene.platform.keys.gate_signer.keyid


def test_a_gate_apart_opens_a_bid_whose_certificate_ended_after_it_was_received(guarded: Guarded) -> None:
    scene = guarded.scene
    with scene.platform.db.transaction() as tx:
        soon = clock.now(tx) + timedelta(minutes=20)
        short = certified(tx, scene.platform, "bidder-1", until=soon)
    scene.submit("bidder-1", scene.seal("bidder-1", signer=short))
    scene.submit_all("bidder-2", "bidder-3")
    scene.move_clock(minutes=30)
    scene.close()
    assert scene.check_seals() == []
    scene.release(1, 3)
    scene.write_log()

    assert asked_by_platform(guarded) == (True, None)
    scene.read_out()
    assert [bid["state"] for bid in scene.hall()["bids"]] == ["opened"] * 3


def test_a_gate_apart_refuses_a_bid_under_a_certificate_that_ended_before_there_was_anything_to_bid_for(
    guarded: Guarded,
) -> None:
    """Whoever writes into the register can have an ended key taken by the platform, not by the gate."""
    scene = guarded.scene
    begun = scene.authority().not_valid_before_utc
    with scene.platform.db.transaction() as tx:
        ended = begun + timedelta(minutes=4)  # a minute before the authority was made
        old = certified(tx, scene.platform, "bidder-1", at=begun, until=ended)
        mine = Certificate.sha256 == old.keyid
        tx.execute(update(Certificate).where(mine).values(not_after=ended + timedelta(days=2)))
    scene.submit("bidder-1", scene.seal("bidder-1", signer=old))
    scene.submit_all("bidder-2", "bidder-3")
    scene.close()
    assert scene.check_seals() == []
    scene.release(1, 3)
    scene.write_log()

    assert refusal(guarded) == "E_CERT"
