"""The way of bad ratings: who may do what, what the person served sees, what is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from rating_city import AT, City, later
from sqlalchemy import select

from bureau.ratings import handling, queries, service, tasks
from bureau.ratings.handling import MayStillAnswer, MustBeAsked, SecondPersonDecides
from bureau.ratings.models import BadRating, Contact
from bureau.ratings.policy import Outcome, Remedy, State
from bureau.ratings.schemas import Answer, BadShown, Handling, Rectification, Revisit
from govcore import clock
from govcore.db import Tx
from govcore.errors import Forbidden, MoveNotAllowed, NotFound
from govcore.identity.policy import VISITOR, Actor
from govcore.notify.models import InboxMessage

RIGHT = Handling("confirm", "核实属实")
WRONG = Handling("dispute", "评错了窗口")
DONE = Rectification(Remedy.FIXED, "已当场整改并致歉")


@pytest.fixture
def tx(city: City) -> Iterator[Tx]:
    with city.platform.db.transaction() as tx:
        yield tx


def shown(tx: Tx, city: City, rating: str, actor: Actor) -> BadShown:
    return queries.bad_rating(tx, city.platform.wrapper, rating, actor=actor, at=AT)


def test_a_bad_rating_is_verified_put_right_and_closed_by_the_persons_answer(tx: Tx, city: City) -> None:
    assessor = city.people["assessor"]
    rating = city.rate(tx, 1, words="等了两小时", phone="138 0000 0000")
    code = city.serve(tx)
    assert shown(tx, city, rating, assessor).contact == "138 0000 0000"

    handling.handle(tx, rating, RIGHT, actor=assessor, at=later(1))
    confirmed = shown(tx, city, rating, assessor)
    handling.rectify(tx, rating, DONE, actor=assessor, at=later(2))
    seen = queries.own_view(tx, service.hash_of(code), at=later(2))
    handling.answer(tx, code, Answer(satisfied=True, words="谢谢"), actor=VISITOR, at=later(3))
    closed = shown(tx, city, rating, assessor)

    assert (confirmed.state, confirmed.due, confirmed.since) == ("confirmed", date(2026, 12, 16), later(1))
    assert (seen.state, seen.feedback) == ("rectified", "已当场整改并致歉")
    assert (closed.state, closed.outcome, closed.remedy, closed.due) == ("closed", "satisfied", "fixed", None)
    assert [(step.move, step.by) for step in closed.steps] == [
        ("confirm", "assessor"),
        ("rectify", "assessor"),
        ("revisit", ""),
    ]
    assert closed.contact == ""
    assert tx.get(Contact, rating) is None
    with pytest.raises(MoveNotAllowed):
        handling.answer(tx, code, Answer(satisfied=False), actor=VISITOR, at=later(3))


def test_a_dispute_is_decided_by_a_second_person(tx: Tx, city: City) -> None:
    assessor, second = city.people["assessor"], city.people["second"]
    upheld, rejected = city.rate(tx, 1, case="A-1", phone="1"), city.rate(tx, 2, case="A-2")
    for rating in (upheld, rejected):
        handling.handle(tx, rating, WRONG, actor=assessor, at=AT)
        for move in ("uphold", "reject"):
            with pytest.raises(SecondPersonDecides):
                handling.handle(tx, rating, Handling(move, "自己裁定"), actor=assessor, at=AT)

    handling.handle(tx, upheld, Handling("uphold", "确属误评"), actor=second, at=AT)
    handling.handle(tx, rejected, Handling("reject", "差评成立"), actor=second, at=AT)

    states = {row.rating_id: row.state for row in tx.scalars(select(BadRating))}
    assert states == {upheld: State.DISMISSED, rejected: State.CONFIRMED}
    assert tx.get(Contact, upheld) is None


def test_who_left_a_name_is_asked_and_others_have_their_time(tx: Tx, city: City) -> None:
    assessor = city.people["assessor"]
    named, nameless = city.rate(tx, 1, case="A-1", phone="138"), city.rate(tx, 1, case="A-2")
    gone = Revisit(Outcome.UNREACHED, "打不通")
    for rating in (named, nameless):
        handling.handle(tx, rating, RIGHT, actor=assessor, at=AT)
        handling.rectify(tx, rating, DONE, actor=assessor, at=AT)

    with pytest.raises(MustBeAsked):
        handling.revisit(tx, named, gone, actor=assessor, at=later(30))
    with pytest.raises(MayStillAnswer):
        handling.revisit(tx, nameless, gone, actor=assessor, at=later(7))
    handling.revisit(tx, nameless, gone, actor=assessor, at=later(8))
    handling.revisit(tx, named, Revisit(Outcome.UNSATISFIED, "仍有意见"), actor=assessor, at=later(8))

    outcomes = {row.rating_id: row.outcome for row in tx.scalars(select(BadRating))}
    assert outcomes == {named: "unsatisfied", nameless: "unreached"}


def test_nobody_else_sees_or_handles_a_bad_rating(tx: Tx, city: City) -> None:
    rating = city.rate(tx, 1, words="不要让窗口知道")
    for name in ("stranger", "clerk", "colleague", "stranger-clerk"):
        actor = city.people[name]
        with pytest.raises(NotFound):
            shown(tx, city, rating, actor)
        with pytest.raises(NotFound if name == "stranger" else Forbidden):
            handling.handle(tx, rating, RIGHT, actor=actor, at=AT)
    assert queries.bad_ratings(tx, actor=city.people["stranger"], at=AT, is_open=True) == []
    assert tx.get_one(BadRating, rating).state == State.RECEIVED


def test_what_is_due_comes_first_and_what_is_late_says_so(tx: Tx, city: City) -> None:
    assessor = city.people["assessor"]
    old, new = city.rate(tx, 2, case="A-1"), city.rate(tx, 2, case="A-2", at=later(2))

    found = queries.bad_ratings(tx, actor=assessor, at=later(2), is_open=True)

    assert [(one.id, one.due, one.overdue) for one in found] == [
        (old, date(2026, 11, 25), True),
        (new, date(2026, 11, 27), False),
    ]
    assert queries.bad_ratings(tx, actor=assessor, at=later(2), is_open=False) == []


def test_assessors_are_reminded_once_of_a_late_step(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    with city.platform.db.transaction() as tx:
        now = clock.now(tx)
        city.rate(tx, 1, case="A-1", at=now - timedelta(days=20))
        city.rate(tx, 1, case="A-2", at=now)
    monkeypatch.setattr(tasks, "current", lambda: city.platform)

    tasks.remind()
    tasks.remind()

    with city.platform.db.read() as tx:
        mine = InboxMessage.user_id == city.people["second"].user_id
        texts = tx.scalars(select(InboxMessage.text).where(mine)).all()
    assert sorted(texts) == [*["A bad rating has come in."] * 2, "A step of a bad rating is overdue."]
