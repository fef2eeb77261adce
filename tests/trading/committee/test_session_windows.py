"""The planned end of a committee's session: the clock ends it, two people can move it, the clerk can end it earlier."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from convening import come_in
from evaluated_city import NOW, City

from govcore.errors import Forbidden, NotFound, Problem
from govcore.platform import Platform
from trading.committee import acts, meeting, queries, service

STEP = timedelta(microseconds=1)


def refused(action: Callable[[], object]) -> str:
    with pytest.raises(Problem) as caught:
        action()
    return caught.value.code


def test_nobody_goes_on_when_the_planned_time_is_over_until_two_people_prolong_it(city: City) -> None:
    """The clock alone ends it (T16 · 实施条例 art. 48 gives more time); a sweep only writes the end down."""
    hour, clerk = timedelta(hours=1), city.actor("centre")
    city.appoint()

    def open_until(ends_at: datetime, *, at: datetime) -> None:
        with city.database.transaction() as tx:
            meeting.open_session(tx, city.lot_id, room_id=None, ends_at=ends_at, actor=clerk, at=at)

    def prolong(*, at: datetime, by: str = "centre") -> None:
        with city.database.transaction() as tx:
            meeting.prolong_session(
                tx, city.lot_id, minutes=60, why="三名成员要求", actor=city.actor(by), at=at
            )

    def fill(at: datetime) -> None:
        with city.database.transaction() as tx:
            service.keep_in_session(tx, city.lot_id, actor=city.actor("expert-1"), at=at)

    assert refused(lambda: open_until(NOW, at=NOW)) == "E_SESSION_END"
    assert refused(lambda: prolong(at=NOW)) == "E_NOTHING_TO_PROLONG"
    open_until(NOW + hour, at=NOW)
    with city.database.transaction() as tx:
        come_in(tx, city.lot_id, "expert-1", at=NOW)
    with pytest.raises(Forbidden):
        prolong(at=NOW, by="expert-1")
    prolong(at=NOW + hour - STEP)

    fill(NOW + 2 * hour - STEP)
    assert refused(lambda: fill(NOW + 2 * hour)) == "E_SESSION_OVER"
    assert refused(lambda: prolong(at=NOW + 2 * hour)) == "E_NOTHING_TO_PROLONG"
    with city.database.read() as tx:
        expert = city.actor("expert-1")
        shown = queries.session(tx, city.lot_id, actor=expert, at=NOW + 2 * hour)
        assert queries.sessions_over(tx, at=NOW + 2 * hour - STEP) == []
        assert queries.sessions_over(tx, at=NOW + 2 * hour) == [city.lot_id]
    assert (shown.meeting, shown.over_since, shown.working, shown.names) == (None, NOW + 2 * hour, False, {})
    for _ in range(2):
        with city.database.transaction() as tx:
            meeting.end_session(tx, city.lot_id, at=NOW + 5 * hour)
    open_until(NOW + 7 * hour, at=NOW + 6 * hour)
    open_until(NOW + 9 * hour, at=NOW + 8 * hour)  # no sweep came between

    with city.database.read() as tx:
        windows = queries.meetings(tx, city.lot_id)
        stays = queries.stays(tx, city.lot_id)
    assert [(one.opened_at, one.closed_at) for one in windows] == [
        (NOW, NOW + 2 * hour),
        (NOW + 6 * hour, NOW + 7 * hour),
        (NOW + 8 * hour, None),
    ]
    assert [stay.left_at for stay in stays] == [NOW + 2 * hour]


def test_two_people_of_the_centre_prolong_a_session(platform: Platform, city: City) -> None:
    city.convene()
    clerk, given = city.actor("centre"), acts.Prolong(minutes=30, why="评标时间不够")
    with city.database.read() as tx:
        before = queries.last_meeting(tx, city.lot_id)
        told = acts.prolonging(tx, city.lot_id, given, clerk)
        with pytest.raises(NotFound):
            acts.prolonging(tx, city.lot_id, given, city.actor("expert-2"))
    with city.database.transaction() as tx:
        acts.prolong(tx, platform, city.lot_id, given, proposer=clerk, second=clerk)

    with city.database.read() as tx:
        after = queries.last_meeting(tx, city.lot_id)
    assert before is not None
    assert after is not None
    assert before.ends_at is not None
    assert after.ends_at == before.ends_at + timedelta(minutes=30)
    assert (told["minutes"], told["why"]) == (30, "评标时间不够")
