"""A leader whom the tenderer names, where the tender documents say so, in place of one who is elected."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from convening import LONG, come_in
from evaluated_city import EXPERTS, NOW, City, SignIn, sheet
from sqlalchemy import select

from govcore.audit.models import LogOutbox
from govcore.errors import Forbidden, NotFound, Problem
from govcore.platform import Platform
from trading.committee import leading, meeting, queries, service
from trading.desk.work import tasks_of
from trading.evaluation.computing import ready
from trading.evaluation.report import report_paper
from trading.tender.models import Tender

PAGE = {"accept": "text/html"}
SEATS = "/committee-draws/lot-1/seats"
TASK = "Name the leader of the committee of {lot}"


def refused(action: Callable[[], object]) -> str:
    with pytest.raises(Problem) as caught:
        action()
    return caught.value.code


def say(city: City, leader: str) -> None:
    """As the tender documents were published."""
    with city.database.transaction() as tx:
        tender = tx.get_one(Tender, "tender-1")
        tender.content = {**tender.content, "leader": leader}


def name(city: City, seat: int, *, by: str = "tenderer") -> None:
    with city.database.transaction() as tx:
        leading.name_leader(tx, city.lot_id, seat=seat, actor=city.actor(by), at=NOW)


def meet(city: City) -> None:
    with city.database.transaction() as tx:
        centre = city.actor("centre")
        meeting.open_session(tx, city.lot_id, room_id=None, ends_at=NOW + LONG, actor=centre, at=NOW)
        for expert in EXPERTS:
            come_in(tx, city.lot_id, expert, at=NOW)


def leave(city: City, expert: str) -> None:
    with city.database.transaction() as tx:
        service.declare_conflict(tx, city.lot_id, reason="利害关系", actor=city.actor(expert), at=NOW)


def leaders(city: City) -> list[int]:
    with city.database.read() as tx:
        return [one.seat for one in queries.seats(tx, city.lot_id) if one.leader]


def vote(city: City) -> None:
    with city.database.transaction() as tx:
        leading.vote(tx, city.lot_id, choice=2, actor=city.actor("expert-2"), at=NOW)


def test_the_tenderer_names_one_who_sits_before_the_committee_meets_and_nobody_votes(city: City) -> None:
    say(city, "named")
    city.appoint()
    leave(city, "expert-1")
    assert refused(lambda: meet(city)) == "E_LEADER_MISSING"
    assert [refused(lambda seat=seat: name(city, seat)) for seat in (0, 1, 6)] == ["E_LEADER_SEAT"] * 3
    for stranger in ("agency", "centre", "regulator", "expert-2", "bidder-1"):
        with pytest.raises(Forbidden):
            name(city, 3, by=stranger)
    with pytest.raises(NotFound):
        name(city, 3, by="other-tenderer")

    name(city, 3)

    assert leaders(city) == [3]
    assert refused(lambda: name(city, 4)) == "E_LEADER_ELECTED"
    with city.database.transaction() as tx:
        centre = city.actor("centre")
        meeting.open_session(tx, city.lot_id, room_id=None, ends_at=NOW + LONG, actor=centre, at=NOW)
        come_in(tx, city.lot_id, "expert-2", at=NOW)
    assert refused(lambda: vote(city)) == "E_LEADER_NAMED"
    with city.database.read() as tx:
        told = [json.loads(raw) for raw in tx.scalars(select(LogOutbox.event))]
    [named] = [event for event in told if event["type"] == "committee.leader_named"]
    assert (named["actor"], named["data"]["seat"]) == ("tenderer", 3)


def test_a_named_leader_who_leaves_is_followed_by_one_who_is_named_while_the_others_go_on(city: City) -> None:
    say(city, "named")
    city.appoint()
    name(city, 1)
    meet(city)
    leave(city, "expert-1")
    city.fill("expert-2", sheet())
    assert leaders(city) == []
    assert refused(lambda: vote(city)) == "E_LEADER_NAMED"

    assert refused(lambda: name(city, 1)) == "E_LEADER_SEAT"
    name(city, 2)

    assert leaders(city) == [2]


def test_where_the_documents_do_not_say_so_the_members_elect(city: City) -> None:
    city.convene()

    assert refused(lambda: name(city, 2)) == "E_LEADER_ELECTS"
    assert leaders(city) == [1]


@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.parametrize(
    ("leader", "how"),
    [("named", "由招标人确定"), ("elected", "由评标委员会成员推举产生")],
)
def test_the_report_says_who_leads_and_who_determined_it(city: City, leader: str, how: str) -> None:
    say(city, leader)
    city.appoint()
    if leader == "named":
        name(city, 2)
    meet(city)
    if leader == "elected":
        for expert in EXPERTS[:3]:
            with city.database.transaction() as tx:
                leading.vote(tx, city.lot_id, choice=2, actor=city.actor(expert), at=NOW)
    for number, expert in enumerate(EXPERTS):
        city.fill(expert, sheet(number))
        city.lock(expert)

    with city.database.read() as tx:
        found = ready(tx, city.lot_id)
        assert found is not None
        paper = report_paper(tx, found)

    assert [one.leader for one in paper.members] == [False, True, False, False, False]
    assert paper.led == f"评标委员会负责人{how}（《评标委员会和评标方法暂行规定》第九条）：评委2。"


@pytest.mark.parametrize("backend", ["sqlite"])
def test_the_pages_ask_the_tenderer_and_tell_the_members(
    platform: Platform, city: City, sign_in: SignIn
) -> None:
    def asked(who: str) -> list[str]:
        with city.database.read() as tx:
            todo = tasks_of(tx, platform, actor=city.actor(who), at=NOW)
        return [one.href for one in todo if one.text == TASK]

    say(city, "named")
    city.appoint()
    assert (asked("tenderer"), asked("agency")) == ([SEATS], [])
    waiting = sign_in("centre").post(
        "/evaluation/lot-1/committee/open", data={"room": "", "ends_at": "2099-01-01T18:00"}, headers=PAGE
    )
    assert (waiting.status_code, "招标人尚未确定负责人" in waiting.text) == (409, True)
    form = "/committee-draws/lot-1/leader"
    assert form not in sign_in("agency").get(SEATS, headers=PAGE).text
    tenderer = sign_in("tenderer")
    shown = tenderer.get(SEATS, headers=PAGE).text
    assert (form in shown, any(expert in shown for expert in EXPERTS)) == (True, False)
    assert tenderer.post(form, data={"seat": "x"}, headers=PAGE).status_code == 422

    assert tenderer.post(form, data={"seat": "2"}, headers=PAGE).status_code == 303

    assert asked("tenderer") == []
    meet(city)
    member = sign_in("expert-3")
    page = member.get("/evaluation/lot-1/session", headers=PAGE).text
    assert ("按招标文件由招标人确定" in page, "/session/vote" in page) == (True, False)
    told = member.get("/api/lots/lot-1/committee").json()
    assert (told["leader"], told["leader_named"]) == (2, True)
