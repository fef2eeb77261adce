"""Two people make a window of an opening longer; nobody makes one shorter, or opens one that is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from scene import Scene
from scene_copies import Steps
from scene_facts import events, refused, verdict

from bidding_docs.sealing import SealedBid
from trading.client import Refused
from trading.opening.policy import Window, Windows, prolonged

Sealed = dict[str, SealedBid]


def close(scene: Scene) -> Sealed:
    sealed = scene.submit_all()
    scene.close()
    scene.lengthen_check(minutes=5)
    return sealed


@pytest.fixture
def further() -> dict[str, Steps]:
    return {"closed": close}


@pytest.fixture
def closed(scene: Scene) -> Sealed:
    return scene.sealed


def asked(window: str, minutes: int) -> dict[str, object]:
    return {
        "reason": "核对人数多",
        "content": {"window": window, "minutes": minutes, "notice": "核对人数多，延长"},
    }


def propose(scene: Scene, window: str, minutes: int) -> tuple[str, dict[str, str]]:
    path = f"/api/acts/opening.prolong/{scene.lot}/proposals"
    made = scene.person("centre").post(path, asked(window, minutes))
    seen = {"act": made["act"], "object_id": made["object_id"], "sha256": made["sha256"]}
    return f"/api/proposals/{made['id']}/confirm", seen


def prolong(scene: Scene, window: str, minutes: int) -> None:
    path, seen = propose(scene, window, minutes)
    assert scene.person("regulator").post(path, seen)["state"] == "done"


def until(scene: Scene, name: str) -> datetime:
    return datetime.fromisoformat(scene.hall()[name])


def test_a_longer_check_of_the_seals_keeps_the_custodians_waiting(scene: Scene, closed: Sealed) -> None:
    before = {name: until(scene, name) for name in ("seal_check_until", "release_until")}
    body = scene.share_release(1)

    prolong(scene, "seal_check", 20)
    moved = {name: until(scene, name) - end for name, end in before.items()}
    scene.move_clock(seconds=(before["seal_check_until"] - scene.now()).total_seconds() + 1)
    with pytest.raises(Refused) as early:
        scene.hand_in(1, body)
    scene.move_clock(minutes=20)
    scene.hand_in(1, body)

    assert moved == {"seal_check_until": timedelta(minutes=20), "release_until": timedelta(minutes=20)}
    assert early.value.problem["code"] == "E_TOO_EARLY"
    (told,) = events(scene, "opening.window_prolonged")
    assert told["data"]["seconds"] == 1200
    page = scene.person("centre").call("GET", f"/lots/{scene.lot}/opening").text
    assert "核对人数多，延长" in page


def test_one_person_alone_a_stranger_and_a_window_that_is_over_are_refused(
    scene: Scene, closed: Sealed
) -> None:
    path = f"/api/acts/opening.prolong/{scene.lot}/proposals"
    stranger = refused(scene, "agency", "POST", path, json=asked("release", 5))
    absent = refused(scene, "centre", "POST", path, json=asked("confirm", 5))
    none = refused(scene, "centre", "POST", path, json=asked("seal_check", 0))
    proposed, seen = propose(scene, "seal_check", 5)
    with pytest.raises(Refused) as alone:
        scene.person("centre").post(proposed, seen)
    scene.move_clock(seconds=(until(scene, "seal_check_until") - scene.now()).total_seconds() + 1)
    with pytest.raises(Refused) as over:
        scene.person("regulator").post(proposed, seen)

    assert [verdict(one) for one in (stranger, absent, none)] == [
        (403, "E_FORBIDDEN"),
        (409, "E_WINDOW_OVER"),
        (422, "E_SCHEMA"),
    ]
    codes = [one.value.problem["code"] for one in (alone, over)]
    assert codes == ["E_TWO_SAME_PERSON", "E_WINDOW_OVER"]
    assert events(scene, "opening.window_prolonged") == []


def test_the_confirmation_window_keeps_the_record_waiting(
    scene: Scene, closed: Sealed, sweep: Callable[[], None]
) -> None:
    scene.move_clock(minutes=10)
    assert scene.check_seals() == []
    scene.release(1, 2)
    assert scene.open_gate()
    scene.read_out()
    prolong(scene, "confirm", 60)
    scene.move_clock(minutes=59)
    sweep()
    before = scene.hall()["state"]
    scene.move_clock(minutes=60)
    sweep()

    assert (before, scene.hall()["state"]) == ("read_out", "recorded")


@pytest.mark.parametrize(
    ("given", "moved"),
    [
        ({Window.OWN_KEYS: 5}, (5, 0, 0)),
        ({Window.OWN_KEYS: 15}, (15, 0, 5)),
        ({Window.SEAL_CHECK: 5}, (0, 5, 5)),
        ({Window.RELEASE: 5}, (0, 0, 5)),
        ({Window.OWN_KEYS: 15, Window.SEAL_CHECK: 5, Window.RELEASE: 1}, (15, 5, 6)),
    ],
)
def test_the_custodians_window_begins_when_the_others_are_over(
    given: dict[Window, int], moved: tuple[int, int, int]
) -> None:
    at = datetime.fromisoformat("2026-03-03T10:00:00+08:00")
    stored = [at + timedelta(minutes=m) for m in (10, 20, 50)]

    found = prolonged(Windows(*stored), {window: timedelta(minutes=m) for window, m in given.items()})

    ends = (found.bidder_until, found.seal_check_until, found.release_until)
    assert [end - was for end, was in zip(ends, stored, strict=True) if end] == [
        timedelta(minutes=m) for m in moved
    ]
