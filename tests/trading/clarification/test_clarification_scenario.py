"""A lawful tender of two lots, from configuration alone: a clarification moves T to a Sunday that is a working day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from clarifying import CHANGE, anonymous, answer, ask, hand_over, published, release, release_refused, sign
from clocks import set_clock
from guarding import guard
from scene import Scene
from scene_facts import events
from sqlalchemy import select

from govcore.calendar import vendored
from govcore.clock import BEIJING
from govcore.identity.queries import actor_of_user
from govcore.notify import queries as notify
from govcore.platform import Platform
from trading.bidding.standing import my_part
from trading.notices.queries import notices_of
from trading.opening import tasks
from trading.tender.models import Lot
from trading.tender.queries import lot_context


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


PUBLISHED, RELEASED = beijing("2026-08-20T09:00"), beijing("2026-09-05T10:00")
UNTIL_T = timedelta(days=29, minutes=30)
SUNDAY = date(2026, 9, 20)


@pytest.fixture
def since() -> datetime:
    return beijing("2026-01-01T00:00")


@pytest.fixture
def lawful(platform: Platform, tmp_path: Path) -> Iterator[Scene]:
    """Two lots under tb-2026, published on 20 August 2026 with T on Friday, 18 September."""
    set_clock(platform.db, PUBLISHED)
    ahead = UNTIL_T.total_seconds()
    with guard(platform, tmp_path, rule_set="tb-2026", lots=2, seconds=ahead) as guarded:
        yield guarded.scene


def go_to(scene: Scene, at: datetime) -> None:
    set_clock(scene.platform.db, at)
    scene.keep_signed_in()


def deadlines(scene: Scene) -> list[datetime]:
    with scene.platform.db.read() as tx:
        return [found for found in tx.scalars(select(Lot.deadline_at).order_by(Lot.number)) if found]


def told(scene: Scene, person: str) -> list[tuple[str, Any]]:
    with scene.platform.db.read() as tx:
        inbox = notify.inbox(tx, scene.platform.keys, actor=actor_of_user(tx, person))
    return sorted((one.text, sorted(one.data.items())) for one in inbox)


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_clarification_moves_two_lots_to_a_make_up_sunday_and_bids_of_before_are_opened_then(
    lawful: Scene,
) -> None:
    scene = lawful
    for name in ("stranger", "bidder-2"):
        scene.person(name).call("POST", f"/tenders/{scene.city.tender_id}/follow")
    (old_t, *_) = old = deadlines(scene)
    new_t = datetime.combine(SUNDAY, old_t.astimezone(BEIJING).time(), BEIJING)
    scene.submit_all()
    question = ask(scene, "护坡砌块能否采用预制件？", "bidder-3")
    go_to(scene, RELEASED)

    made = hand_over(scene, answers=[answer(question, "护坡砌块能否采用预制件？")], changes=[CHANGE])
    without = release_refused(scene, made)
    for lot in scene.city.lots:
        sign(scene, made, lot, beijing("2026-09-19T23:59:59"))
    too_early = release_refused(scene, made)
    for lot in scene.city.lots:
        sign(scene, made, lot, new_t)
    before = (deadlines(scene), published(scene))
    shown = release(scene, made)

    assert without == too_early
    assert without == (
        "T04 · 招标投标法 art. 23, 实施条例 art. 21: in 第1标段 fewer than 15 calendar days are left until the "
        "deadline. It has to move to 2026-09-20 00:00:00 or later, by a schedule that two people of the tenderer sign."
    )
    assert before == (old, [])
    assert (deadlines(scene), vendored().is_working_day(SUNDAY)) == ([new_t, new_t], True)
    assert [
        (one["rule"], one["left"], one["least"], beijing_of(one["earliest"]), beijing_of(one["suggested"]))
        for one in shown["effects"]
    ] == [("T04", 13, 15, beijing("2026-09-20T00:00"), new_t)] * 2
    assert told(scene, "stranger") == told(scene, "bidder-2") != []
    assert told(scene, "bidder-1") == []
    with scene.platform.db.read() as tx:
        kinds = [one.kind for one in notices_of(tx, scene.city.tender_id)[""]]
        standing = my_part(
            tx,
            lot_context(tx, scene.lot),
            scene.platform,
            actor=actor_of_user(tx, "bidder-1"),
            at=scene.now(),
        )
    assert (kinds, standing.state, standing.clarified) == (["tender", "change"], "submitted", 1)
    page = anonymous(scene, "GET", f"/tenders/{scene.city.tender_id}").text
    assert page.index("2026-09-20 09:30") < page.index("堤防护坡 3.2 公里")

    go_to(scene, old_t)
    for lot in scene.city.lots:
        tasks.close_one(scene.platform, lot)
    scene.submit_all("bidder-4")
    states = [scene.hall(lot)["state"] for lot in scene.city.lots]
    go_to(scene, new_t)
    for lot in scene.city.lots:
        tasks.close_one(scene.platform, lot)
    scene.move_clock(minutes=11)
    scene.check_seals()
    scene.release(1, 3)
    assert scene.open_gate()
    scene.read_out()

    assert states == ["bidding", "bidding"]
    assert (scene.hall()["eligible_count"], len(scene.hall()["bids"])) == (4, 4)
    assert scene.hall(scene.city.lots[1])["state"] == "failed"
    closed = [datetime.fromisoformat(one["at"]) >= new_t for one in events(scene, "tender.closed")]
    assert closed == [True, True]


def beijing_of(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(BEIJING)
