"""Rooms and hosts are in one place at a time; the witness's log is dated, unchangeable, and not everybody's."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy
from scene import Scene
from scene_facts import refused, verdict
from sqlalchemy import update

from govcore import clock
from govcore.audit.queries import of_type
from govcore.errors import NotFound
from govcore.identity.models import User, UserRole
from govcore.identity.policy import Role
from govcore.identity.queries import actor_of_user
from trading.venue import acts, queries
from trading.venue.models import Observation, Room
from trading.venue.policy import fits, may_have_been_seen

NOW = datetime(2026, 11, 26, 9, tzinfo=clock.BEIJING)
HOUR, STEP = timedelta(hours=1), timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "lawful"),
    [
        (NOW, NOW + HOUR, True),
        (NOW - HOUR, NOW + STEP, True),
        (NOW - HOUR, NOW, False),
        (NOW + HOUR, NOW + HOUR, False),
        (NOW, NOW + timedelta(days=14), True),
        (NOW, NOW + timedelta(days=14) + STEP, False),
    ],
)
def test_a_booking_has_a_sensible_time(starts_at: datetime, ends_at: datetime, lawful: bool) -> None:
    assert fits(starts_at, ends_at, NOW) is lawful


@pytest.mark.parametrize(("seen_at", "lawful"), [(NOW - STEP, True), (NOW, True), (NOW + STEP, False)])
def test_nothing_is_seen_before_it_happens(seen_at: datetime, lawful: bool) -> None:
    assert may_have_been_seen(seen_at, NOW) is lawful


def test_a_room_and_a_host_are_booked_for_one_thing_at_a_time(scene: Scene) -> None:
    with scene.platform.db.transaction() as tx:
        tx.add(User(id="clerk", username="clerk", name="某", org_id="centre", password_hash="none"))
        tx.flush()
        tx.add(UserRole(user_id="clerk", role=Role.CENTRE))
    centre, now = scene.person("centre"), scene.now()
    rooms = [
        centre.post("/api/rooms", {"name": f"评标{n}室", "place": "三楼", "seats": 9})["id"] for n in (1, 2)
    ]
    path = f"/api/lots/{scene.lot}/bookings"

    def asked(room: str, host: str, start: int, end: int) -> dict[str, str]:
        times = {"starts_at": now + start * HOUR, "ends_at": now + end * HOUR}
        return {"room": room, "host": host, "use": "evaluation"} | {
            k: v.isoformat() for k, v in times.items()
        }

    first = centre.post(path, asked(rooms[0], "centre", 2, 4))["id"]
    answers = [
        verdict(refused(scene, "centre", "POST", path, json=asked(*one)))
        for one in (
            (rooms[0], "clerk", 3, 5),
            (rooms[1], "centre", 1, 3),
            (rooms[1], "clerk", 4, 2),
            (rooms[1], "bidder-1", 2, 4),
        )
    ]
    centre.post(path, asked(rooms[0], "centre", 4, 6))  # the moment one ends the next may begin
    centre.call("DELETE", f"/api/bookings/{first}")
    centre.post(path, asked(rooms[0], "clerk", 3, 4))

    assert answers == [
        (409, "E_ROOM_TAKEN"),
        (409, "E_HOST_TAKEN"),
        (422, "E_BOOKING_TIME"),
        (404, "E_NOT_FOUND"),
    ]
    assert [(one["room"], one["host"]) for one in centre.get(path)] == [
        ("评标1室", "某"),
        ("评标1室", "centre"),
    ]
    assert verdict(refused(scene, "agency", "POST", path, json=asked(rooms[1], "clerk", 7, 8))) == (
        403,
        "E_FORBIDDEN",
    )


def test_the_witness_log_is_dated_unchangeable_and_for_centre_and_department_only(scene: Scene) -> None:
    path, page = f"/api/lots/{scene.lot}/observations", f"/lots/{scene.lot}/witness"
    centre, now = scene.person("centre"), scene.now()
    late = {"use": "opening", "text": "一名代表中途离场", "seen_at": (now - 3 * HOUR).isoformat()}
    ahead = {**late, "seen_at": (now + HOUR).isoformat()}

    centre.post(path, late)
    form = {"use": "evaluation", "text": "评委已上交手机", "seen_at": ""}
    centre.call("POST", page, data=form, follow_redirects=False)
    future = verdict(refused(scene, "centre", "POST", path, json=ahead))

    seen = [(one["text"], one["late"]) for one in scene.person("regulator").get(path)]
    assert seen == [("一名代表中途离场", True), ("评委已上交手机", False)]
    assert future == (422, "E_OBSERVATION")
    browser = {"accept": "text/html"}
    assert "一名代表中途离场" in scene.person("regulator").call("GET", page, headers=browser).text
    for who, status in (("tenderer", 403), ("bidder-1", 403)):
        assert verdict(refused(scene, who, "GET", path))[0] == status
    with pytest.raises(sqlalchemy.exc.DatabaseError), scene.platform.db.transaction() as tx:
        tx.execute(update(Observation).values(text="-"))


def test_two_people_of_the_centre_let_committees_meet_in_a_room(scene: Scene) -> None:
    room_id = scene.person("centre").post("/api/rooms", {"name": "评标3室", "place": "三楼", "seats": 9})[
        "id"
    ]
    given = acts.LetIn(networks="10.1.3.0/24, 192.0.2.7")
    with scene.platform.db.transaction() as tx:
        clerk = actor_of_user(tx, "centre")
        before = queries.committee_rooms(tx)
        told = acts.letting_in(tx, room_id, given, clerk)
        with pytest.raises(acts.BadNetworks):
            acts.letting_in(tx, room_id, acts.LetIn(networks="三楼"), clerk)
        for stranger in ("tenderer", "agency", "stranger"):
            with pytest.raises(NotFound):
                acts.letting_in(tx, room_id, given, actor_of_user(tx, stranger))
        with pytest.raises(NotFound):
            acts.letting_in(tx, "no-room", given, clerk)
        acts.let_in(tx, scene.platform, room_id, given, proposer=clerk, second=clerk)

    with scene.platform.db.read() as tx:
        [logged] = of_type(tx, "venue.networks_set")
        [room] = queries.committee_rooms(tx)
        centre = tx.get_one(Room, room_id).centre_id
    assert (before, told["networks"], told["before"]) == ([], "10.1.3.0/24, 192.0.2.7/32", "–")
    assert (room.networks, centre) == (("10.1.3.0/24", "192.0.2.7/32"), "centre")
    assert (logged["data"]["before"], logged["data"]["networks"]) == ([], ["10.1.3.0/24", "192.0.2.7/32"])
