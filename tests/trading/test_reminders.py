"""Before a deadline all who follow a tender are reminded: the same for everybody, whether they bid or not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from clocks import set_clock
from scene import Scene
from sqlalchemy import select

from govcore.identity.queries import actor_of_user
from govcore.notify import queries as notify
from trading.tender import queries, reminders
from trading.tender.models import Lot
from trading.tender.policy import LotState, reminder_due

T = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("left", "due"),
    [
        (24 * HOUR + SECOND, None),
        (24 * HOUR, 24 * HOUR),
        (HOUR + SECOND, 24 * HOUR),
        (HOUR, HOUR),
        (10 * MINUTE + SECOND, HOUR),
        (10 * MINUTE, 10 * MINUTE),
        (SECOND, 10 * MINUTE),
        (timedelta(0), None),
        (-HOUR, None),
    ],
)
def test_the_latest_moment_that_has_come_is_reminded_of(left: timedelta, due: timedelta | None) -> None:
    assert reminder_due(LotState.OPEN, T, T - left) == due


def test_only_a_lot_that_takes_bids_has_reminders() -> None:
    assert [reminder_due(state, T, T - MINUTE) for state in (LotState.DRAFT, LotState.CLOSED)] == [None, None]


def sweep(scene: Scene) -> list[bool]:
    with scene.platform.db.read() as tx:
        near = queries.near_deadline(tx, at=scene.now())
    told = []
    for lot in near:
        with scene.platform.db.transaction() as tx:
            told.append(reminders.remind(tx, lot, at=scene.now()))
    return told


def told_to(scene: Scene, person: str) -> list[tuple[str, str]]:
    platform = scene.platform
    with platform.db.read() as tx:
        messages = notify.inbox(tx, platform.keys, actor=actor_of_user(tx, person))
    return [(str(one.data["lot"]), str(one.data["left"])) for one in messages]


def test_followers_are_reminded_once_at_each_moment_and_bidders_who_do_not_follow_never(scene: Scene) -> None:
    path = f"/tenders/{scene.city.tender_id}"
    for name in ("stranger", "bidder-2"):
        scene.person(name).call("POST", f"{path}/follow")
    scene.submit("bidder-1", scene.seal("bidder-1"))

    with scene.platform.db.read() as tx:
        deadline = tx.scalars(select(Lot.deadline_at)).first()
    assert deadline

    first, again = sweep(scene), sweep(scene)
    set_clock(scene.platform.db, deadline - 9 * MINUTE)
    second = sweep(scene)
    set_clock(scene.platform.db, deadline + 20 * MINUTE)

    assert (first, again, second, sweep(scene)) == ([True, True], [False, False], [True, True], [])
    expected = [
        ("第1标段", "10 minutes"),
        ("第2标段", "10 minutes"),
        ("第1标段", "1 hour"),
        ("第2标段", "1 hour"),
    ]
    assert sorted(told_to(scene, "stranger")) == sorted(expected)
    assert sorted(told_to(scene, "bidder-2")) == sorted(expected)
    assert told_to(scene, "bidder-1") == []


def test_the_tender_s_page_shows_only_the_reader_that_it_follows(scene: Scene) -> None:
    path = f"/tenders/{scene.city.tender_id}"
    scene.person("bidder-2").call("POST", f"{path}/follow")

    shown = {
        name: "/unfollow" in scene.person(name).call("GET", path, headers={"accept": "text/html"}).text
        for name in ("bidder-2", "bidder-1", "centre")
    }

    assert shown == {"bidder-2": True, "bidder-1": False, "centre": False}
