"""Members say that a session's time is too short, and who has to prolong it hears of it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from convening import LONG
from evaluated_city import NOW, City, SignIn
from sqlalchemy import select

from govcore.audit.models import LogOutbox
from govcore.notify.models import InboxMessage
from govcore.platform import Platform
from trading.committee import meeting, service, shortness
from trading.committee.policy import is_too_short
from trading.desk.work import tasks_of

END = NOW + LONG


def say(city: City, *experts: str) -> None:
    for expert in experts:
        with city.database.transaction() as tx:
            shortness.say_too_short(tx, city.lot_id, actor=city.actor(expert), at=NOW)


def take_back(city: City, expert: str) -> None:
    with city.database.transaction() as tx:
        shortness.take_back(tx, city.lot_id, actor=city.actor(expert), at=NOW)


def told(city: City, text: str = shortness.TOLD) -> list[str]:
    with city.database.read() as tx:
        about = InboxMessage.text == text
        return sorted(tx.scalars(select(InboxMessage.user_id).where(about)))


def asked(platform: Platform, city: City) -> int:
    with city.database.read() as tx:
        todo = tasks_of(tx, platform, actor=city.actor("centre"), at=NOW)
    return sum(one.text.startswith("Prolong the session") for one in todo)


@pytest.mark.parametrize(
    ("said", "members", "short"),
    [(1, 3, False), (2, 5, True), (1, 5, False), (2, 7, False), (3, 7, True), (3, 9, False)],
)
def test_more_than_a_third_oblige(said: int, members: int, short: bool) -> None:
    assert is_too_short(said, members) is short


def test_tenderer_and_centre_hear_once_that_more_than_a_third_find_the_time_too_short(
    platform: Platform, city: City
) -> None:
    city.convene()
    say(city, "expert-1", "expert-1")
    assert (told(city), asked(platform, city)) == ([], 0)

    say(city, "expert-2", "expert-3")

    assert (told(city), asked(platform, city)) == (["centre", "second", "tenderer"], 1)
    with city.database.transaction() as tx:
        centre = city.actor("centre")
        meeting.prolong_session(tx, city.lot_id, minutes=60, why="评标时间不够", actor=centre, at=NOW)
    assert asked(platform, city) == 0
    with city.database.read() as tx:
        found = shortness.shortness(tx, city.lot_id, END + timedelta(hours=1))
    assert (found.seats, found.members) == (frozenset(), 5)


def test_a_member_takes_it_back_until_the_session_is_prolonged(platform: Platform, city: City) -> None:
    city.convene()
    take_back(city, "expert-1")
    say(city, "expert-1", "expert-2")
    assert (asked(platform, city), told(city, shortness.TAKEN_BACK)) == (1, [])

    take_back(city, "expert-1")

    assert (asked(platform, city), told(city, shortness.TAKEN_BACK)) == (0, ["centre", "second", "tenderer"])
    say(city, "expert-3")
    with city.database.transaction() as tx:
        centre = city.actor("centre")
        meeting.prolong_session(tx, city.lot_id, minutes=60, why="评标时间不够", actor=centre, at=NOW)
    take_back(city, "expert-3")
    with city.database.read() as tx:
        said = [json.loads(raw) for raw in tx.scalars(select(LogOutbox.event).order_by(LogOutbox.id))]
        still = shortness.shortness(tx, city.lot_id, END).seats
    told_of = [
        (one["type"], one["data"]["seat"]) for one in said if one["type"].startswith("committee.time_")
    ]
    assert told_of == [
        ("committee.time_too_short", 1),
        ("committee.time_too_short", 2),
        ("committee.time_enough", 1),
        ("committee.time_too_short", 3),
    ]
    assert still == {2, 3}  # what was said of an end that was moved stays said


def test_only_members_in_session_say_so(city: City) -> None:
    city.convene()
    with pytest.raises(service.NotAMember):
        say(city, "outside-expert")
    with city.database.transaction() as tx:
        meeting.sign_out(tx, city.lot_id, actor=city.actor("expert-1"), at=NOW)
    with pytest.raises(service.NotSignedIn):
        say(city, "expert-1")


@pytest.mark.parametrize("backend", ["sqlite"])
def test_the_page_takes_it_once(city: City, sign_in: SignIn) -> None:
    city.convene()
    member, path = sign_in("expert-1"), "/evaluation/lot-1/session"

    assert member.post(f"{path}/too-short").status_code == 303

    page = member.get(path, headers={"accept": "text/html"}).text
    assert ("认为评标时间不够的成员：1人，共5人" in page, f"{path}/too-short" in page) == (True, False)
    assert f'action="{path}/time-enough"' in page
    assert member.post(f"{path}/time-enough").status_code == 303
    page = member.get(path, headers={"accept": "text/html"}).text
    assert (f"{path}/too-short" in page, f"{path}/time-enough" in page) == (True, False)
