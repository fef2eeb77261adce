"""A suspension at the deadline: intake closes, the bids stay sealed, and it goes on by itself when it ends (I3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from scene import Scene
from scene_facts import events, facts, verdict
from sqlalchemy import delete

from bidding_docs.sealing import SealedBid
from govcore import clock
from trading.client import Refused
from trading.tender.models import Hold
from trading.tender.policy import Cause, Step
from trading.tender.suspensions import Suspended, frozen_of, hold, holds_of, release_hold

Sealed = dict[str, SealedBid]
Sweep = Callable[[], None]
REF = "order-1"


def suspend(scene: Scene, *, cause: Cause = Cause.ORDER, ref: str = REF, lot: str | None = None) -> list[str]:
    with scene.platform.db.transaction() as tx:
        lots = [lot or scene.lot]
        return hold(tx, lot_ids=lots, cause=cause, ref=ref, at=clock.now(tx), actor="system")


def resume(scene: Scene, *, ref: str = REF) -> list[str]:
    with scene.platform.db.transaction() as tx:
        return release_hold(tx, ref=ref, at=clock.now(tx), actor="system")


@pytest.fixture
def suspended_at_t(scene: Scene, sealed: Sealed) -> Scene:
    """An order came before the deadline, which then passed."""
    suspend(scene)
    scene.submit("bidder-4", scene.seal("bidder-4"))  # uploads and bids go on meanwhile
    scene.close()
    assert scene.check_seals() == []
    return scene


def test_intake_closes_at_the_deadline_and_the_bids_stay_sealed(suspended_at_t: Scene, sweep: Sweep) -> None:
    scene = suspended_at_t

    with pytest.raises(Refused) as refusal:
        scene.release(1)
    sweep()

    hall = scene.hall()
    assert verdict(refusal.value.problem) == (409, "E_SUSPENDED")
    assert "实施条例第六十二条" in str(refusal.value.problem["title"])
    assert (hall["state"], hall["eligible_count"], hall["gate_released_at"]) == ("sealed", 4, None)


def test_the_windows_begin_when_it_ends_and_the_opening_goes_on_by_itself(
    suspended_at_t: Scene, sweep: Sweep
) -> None:
    scene = suspended_at_t
    scene.move_clock(days=20)

    resume(scene)

    with pytest.raises(Refused) as refusal:
        scene.release(1)
    scene.move_clock(seconds=3)
    scene.release(1, 3)
    sweep()
    sweep()
    assert refusal.value.problem["code"] == "E_TOO_EARLY"
    assert scene.hall()["state"] == "read_out"


def test_what_was_released_already_is_read_when_it_goes_on(scene: Scene, waiting: Sealed) -> None:
    scene.release(1, 3)
    assert scene.open_gate()
    suspend(scene, cause=Cause.COMPLAINT, ref="complaint-1")
    before = facts(scene)

    with pytest.raises(Suspended):
        scene.read_out()

    assert facts(scene) == before
    resume(scene, ref="complaint-1")
    scene.read_out()
    assert scene.hall()["state"] == "read_out"


def test_it_lasts_until_its_last_cause_has_ended(suspended_at_t: Scene) -> None:
    scene = suspended_at_t
    assert suspend(scene, cause=Cause.OBJECTION, ref="objection-1") == [scene.lot]
    assert suspend(scene, cause=Cause.OBJECTION, ref="objection-1") == []
    assert resume(scene) == [scene.lot]
    assert resume(scene) == []
    scene.move_clock(seconds=3)

    with pytest.raises(Refused) as refusal:
        scene.release(1)

    assert "实施条例第二十二条" in str(refusal.value.problem["title"])
    with scene.platform.db.read() as tx:
        held = holds_of(tx, scene.lot)
        (span,) = frozen_of(tx, scene.lot)
        assert span[0] == held[0].began_at
        assert span[1] >= held[1].began_at


def test_the_gate_reads_the_suspension_in_the_log_whatever_the_platform_says(
    scene: Scene, waiting: Sealed
) -> None:
    suspend(scene)
    with scene.platform.db.transaction() as tx:
        tx.execute(delete(Hold))
    scene.release(1, 3)

    assert not scene.open_gate()

    assert scene.hall()["state"] == "sealed"


def test_a_challenge_of_a_procurement_stops_no_opening(scene: Scene, waiting: Sealed) -> None:
    suspend(scene, cause=Cause.CHALLENGE, ref="challenge-1")

    scene.release(1, 3)

    assert scene.open_gate()
    with scene.platform.db.read() as tx:
        assert frozen_of(tx, scene.lot, Step.OPENING) == ()
        assert len(frozen_of(tx, scene.lot, Step.CONTRACT)) == 1


def test_a_suspension_in_a_window_moves_its_end_by_as_much(scene: Scene, sealed: Sealed) -> None:
    scene.close()
    before = scene.hall()
    suspend(scene)
    scene.move_clock(minutes=10)
    resume(scene)

    after = scene.hall()

    for window in ("seal_check_until", "release_until"):
        moved = datetime.fromisoformat(after[window]) - datetime.fromisoformat(before[window])
        assert timedelta(minutes=10) <= moved < timedelta(minutes=10, seconds=30)


def test_the_log_tells_each_lot_that_it_holds_and_names_nobody(scene: Scene) -> None:
    suspend(scene)
    resume(scene)

    told = events(scene, "tender.suspended", "tender.resumed")

    assert [(one["type"], one["subject"], one["actor"]) for one in told] == [
        ("tender.suspended", scene.lot, "system"),
        ("tender.resumed", scene.lot, "system"),
    ]
    assert told[0]["data"]["cause"] == "order"
    assert told[0]["data"]["basis"] == "实施条例 art. 62; 政府采购法 art. 57"
    assert set(told[1]["data"]) == {"lot", "hold", "cause", "basis"}
