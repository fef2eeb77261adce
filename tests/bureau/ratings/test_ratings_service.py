"""Codes and ratings against real databases: once each, by the person served, in time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from threading import Barrier

import pytest
from rating_city import AT, City, later
from sqlalchemy import func, select

from bureau.ratings import queries, service
from bureau.ratings.models import BadRating, Contact, Rating, Service
from bureau.ratings.policy import Channel, Level, Node, State, Terms
from bureau.ratings.schemas import Addition, CollectedRating, NewService, NewTerms, OwnRating
from bureau.ratings.service import (
    AlreadyRated,
    NotServed,
    RatingOver,
    SelfRating,
    WordsAdded,
    WrongChannel,
)
from govcore.audit.entries import parse_event
from govcore.audit.models import LogOutbox
from govcore.audit.queries import of_type
from govcore.db import Tx
from govcore.errors import Forbidden, NotFound, NotSignedIn
from govcore.identity.policy import VISITOR
from govcore.notify.models import InboxMessage


def count(tx: Tx, kind: type) -> int:
    return tx.scalar(select(func.count()).select_from(kind)) or 0


def test_a_service_has_one_code_for_a_case_and_node(city: City) -> None:
    clerk, stranger = city.people["clerk"], city.people["stranger-clerk"]
    with city.platform.db.transaction() as tx:
        first, again = city.serve(tx), city.serve(tx, at=later(1))
        other_node = city.serve(tx, node=Node.DELIVER)
        given = NewService("A-1", Node.ACCEPT, "别的事项")
        other_organ = service.serve(tx, city.platform.keys, given, actor=stranger, at=AT)

        assert first == again
        assert len({first, other_node, other_organ}) == 3
        assert count(tx, Service) == 3
        stored = tx.scalars(select(Service.code_sha256)).all()
        assert first not in stored
        assert service.hash_of(first) in stored
        for at in (later(1), later(-61), datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))):
            other = NewService("A-9", Node.ACCEPT, "事项", served_at=at)
            with pytest.raises(NotServed):
                service.serve(tx, city.platform.keys, other, actor=clerk, at=AT)
        foreign = NewService("A-9", Node.ACCEPT, "事项", handled_by=stranger.user_id)
        with pytest.raises(NotFound):
            service.serve(tx, city.platform.keys, foreign, actor=clerk, at=AT)
        for actor, refusal in ((VISITOR, NotSignedIn), (city.people["assessor"], Forbidden)):
            with pytest.raises(refusal):
                service.serve(tx, city.platform.keys, given, actor=actor, at=AT)


def test_a_service_is_rated_once_and_nobody_rates_by_saying_nothing(city: City) -> None:
    wrapper = city.platform.wrapper
    given = OwnRating(Level.SATISFIED, " 很好 ", name="李四", phone="139", channel=Channel.SMS)
    with city.platform.db.transaction() as tx:
        code = city.serve(tx)
        assert count(tx, Rating) == 0

        service.rate(tx, wrapper, code, given, actor=VISITOR, at=AT)
        service.rate(tx, wrapper, code, given, actor=VISITOR, at=later(1))

        assert count(tx, Rating) == 1
        with pytest.raises(AlreadyRated):
            service.rate(tx, wrapper, code, OwnRating(Level.DISSATISFIED), actor=VISITOR, at=AT)
        row = tx.scalars(select(Rating)).one()
        assert (row.level, row.words, row.channel, row.rated_at, row.collected_by) == (
            4,
            "很好",
            "sms",
            AT,
            None,
        )
        assert (count(tx, BadRating), count(tx, Contact)) == (0, 0)  # a good rating leaves no person behind
        with pytest.raises(NotFound):
            service.rate(tx, wrapper, "0" * 20, given, actor=VISITOR, at=AT)


def test_a_service_may_be_rated_and_words_added_for_five_working_days(city: City) -> None:
    wrapper = city.platform.wrapper
    with city.platform.db.transaction() as tx:
        code, late = city.serve(tx), city.serve(tx, "A-2")
        service.rate(tx, wrapper, code, OwnRating(Level.SATISFIED), actor=VISITOR, at=later(7))
        service.add_words(tx, code, Addition("补充一句"), actor=VISITOR, at=later(7))
        view = queries.own_view(tx, service.hash_of(code), at=later(7))

        assert (view.rate_until, view.open, view.added) == (date(2026, 12, 1), True, "补充一句")
        with pytest.raises(WordsAdded):
            service.add_words(tx, code, Addition("再补充"), actor=VISITOR, at=later(7))
        with pytest.raises(RatingOver):
            service.rate(tx, wrapper, late, OwnRating(Level.SATISFIED), actor=VISITOR, at=later(8))
        with pytest.raises(RatingOver):
            service.add_words(tx, code, Addition("太晚"), actor=VISITOR, at=later(8))
        with pytest.raises(NotFound):
            service.add_words(tx, late, Addition("没有评价"), actor=VISITOR, at=AT)


def test_staff_rate_neither_their_organ_nor_enter_ratings_of_themselves(city: City) -> None:
    people, wrapper = city.people, city.platform.wrapper
    with city.platform.db.transaction() as tx:
        code = city.serve(tx)
        card = CollectedRating(Level.SATISFIED, code=code, channel=Channel.CARD)
        for name in ("clerk", "colleague", "assessor"):
            with pytest.raises(SelfRating):
                service.rate(tx, wrapper, code, OwnRating(Level.SATISFIED), actor=people[name], at=AT)
        with pytest.raises(SelfRating):
            service.collect(tx, wrapper, card, actor=people["clerk"], at=AT)
        for name, refusal in (("stranger-clerk", NotFound), ("assessor", Forbidden)):
            with pytest.raises(refusal):
                service.collect(tx, wrapper, card, actor=people[name], at=AT)
        own = CollectedRating(Level.SATISFIED, code=code, channel=Channel.QR)
        with pytest.raises(WrongChannel):
            service.collect(tx, wrapper, own, actor=people["colleague"], at=AT)
        forged = OwnRating(Level.SATISFIED, channel=Channel.SUPERVISOR)
        with pytest.raises(WrongChannel):
            service.rate(tx, wrapper, code, forged, actor=VISITOR, at=AT)

        service.collect(tx, wrapper, card, actor=people["colleague"], at=AT)

        assert tx.scalars(select(Rating.collected_by)).all() == [people["colleague"].user_id]


def test_a_bad_rating_begins_its_way_with_the_contact_wrapped(city: City) -> None:
    with city.platform.db.transaction() as tx:
        rating = city.rate(tx, 1, words="态度不好", phone="138 0000 0000")
        row, contact = tx.get_one(BadRating, rating), tx.get_one(Contact, rating)
        told = {(row.user_id, row.text) for row in tx.scalars(select(InboxMessage))}
        logged = [parse_event(event) for event in tx.scalars(select(LogOutbox.event).order_by(LogOutbox.id))][
            -1
        ]

    assert (row.state, row.since, row.limit_days, row.named) == (State.RECEIVED, AT, 1, True)
    assert b"138" not in contact.wrapped
    assert told == {
        (city.people[name].user_id, "A bad rating has come in.") for name in ("assessor", "second")
    }
    assert (logged["type"], logged["actor"], logged["data"]) == (
        "ratings.rated",
        "served",
        {"channel": "qr", "level": 1},
    )


def test_terms_hold_for_steps_that_begin_afterwards(city: City) -> None:
    with city.platform.db.transaction() as tx:
        before = city.rate(tx, 2, case="A-1")
        terms = NewTerms(verify_days=2, review_days=3, rectify_days=5, revisit_days=4)
        service.set_terms(tx, terms, actor=city.people["assessor"], at=AT)
        after = city.rate(tx, 2, case="A-2")

        assert [tx.get_one(BadRating, one).limit_days for one in (before, after)] == [1, 2]
        organ, other = (city.people[name].org_id or "" for name in ("assessor", "stranger"))
        assert queries.terms_of(tx, organ) == Terms(2, 3, 5, 4)
        assert queries.terms_of(tx, other) == Terms()
        [logged] = of_type(tx, "ratings.terms_set")
        new = {"verify_days": 2, "review_days": 3, "rectify_days": 5, "revisit_days": 4}
        assert logged["data"] == {**new, "before": {name: getattr(Terms(), name) for name in new}}
        with pytest.raises(Forbidden):
            service.set_terms(tx, terms, actor=city.people["clerk"], at=AT)


def test_of_two_at_the_same_moment_one_is_first(city: City) -> None:
    """The same slip asked for twice, then rated twice, each in transactions of its own."""
    both = Barrier(2)

    def serve(_: int) -> str:
        both.wait()
        with city.platform.db.transaction() as tx:
            return city.serve(tx)

    def rate(level: Level) -> str:
        both.wait()
        try:
            with city.platform.db.transaction() as tx:
                service.rate(tx, city.platform.wrapper, code, OwnRating(level), actor=VISITOR, at=AT)
        except AlreadyRated as problem:
            return problem.code
        return "taken"

    with ThreadPoolExecutor(2) as threads:
        code, same = threads.map(serve, (1, 2))
        outcomes = sorted(threads.map(rate, (Level.VERY_SATISFIED, Level.VERY_DISSATISFIED)))

    with city.platform.db.read() as tx:
        assert (count(tx, Service), count(tx, Rating)) == (1, 1)
    assert code == same
    assert outcomes == ["E_RATED", "taken"]
