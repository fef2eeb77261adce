"""What a committee needs, who is kept out of its draw, and when a pool is too small: as pure functions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from trading.committee.drawing_policy import (
    Bar,
    Bidders,
    Conflict,
    Short,
    Wanted,
    bar_of,
    conflict_of,
    fee_fen,
    may_draw,
    shortages,
    still_wanted,
    terms,
)
from trading.committee.policy import needs_of
from trading.draws import replay
from trading.draws.replay import Quota
from trading.experts.policy import Candidate, Tie, TieKind, plain_names
from trading.procedure.rules import rule_set

TB, GP = rule_set("tb-2026"), rule_set("gp-2026")
DAY = date(2026, 11, 26)
YUAN = 100


def someone(number: int = 1, **changed: object) -> Candidate:
    usual = {
        "expert_id": f"e{number}",
        "user_id": f"u{number}",
        "specialities": ("A02",),
        "region": "371502",
        "employer": "institute",
        "ties": (),
        "punished": False,
        "home": "pool",
        "phone": "",
    }
    return Candidate(**(usual | changed))


@pytest.mark.parametrize(
    ("rules", "budget", "is_complex", "members"),
    [
        (GP, 9_999_999_99, False, 5),  # MN11
        (GP, 10_000_000 * YUAN, False, 7),  # MN11: included
        (GP, 1 * YUAN, True, 7),
        (TB, 90_000_000 * YUAN, False, 5),
        (TB, 90_000_000 * YUAN, True, 5),
    ],
)
def test_how_large_a_committee_is(rules: object, budget: int, is_complex: bool, members: int) -> None:
    found = needs_of(rules, budget_fen=budget, is_complex=is_complex, members=5)

    assert (found.members, found.experts) == (members, 4)  # BH11: of five, four are experts


def conflict_with(candidate: Candidate, *codes: str, years: int = 3) -> bool:
    return conflict_of(candidate, Bidders(frozenset(codes)), on=DAY, years=years) is Conflict.BIDDER


@pytest.mark.parametrize(
    ("until", "conflict"),
    [
        (date(2024, 11, 26), True),  # BH12: employed by the bidder two years ago
        (date(2023, 11, 26), True),  # three years ago to the day is within three years
        (date(2023, 11, 25), False),
        (None, True),
    ],
)
def test_bh12_who_worked_for_a_bidder_within_three_years_avoids(until: date | None, conflict: bool) -> None:
    years = GP.count("expert.avoid_years")
    tie = Tie(kind=TieKind.EMPLOYED, uscc="bidder", since=date(2015, 1, 1), until=until)

    assert conflict_with(someone(ties=(tie,)), "bidder", "x", years=years) is conflict


@pytest.mark.parametrize(
    ("candidate", "conflict"),
    [
        (someone(employer="bidder"), True),
        (someone(home="bidder"), True),  # expert and bidder in one person
        (someone(ties=(Tie(kind=TieKind.OFFICE, uscc="bidder", since=date(2020, 1, 1)),)), True),
        (someone(ties=(Tie(kind=TieKind.RELATIVE, uscc="bidder"),)), True),
        (someone(ties=(Tie(kind=TieKind.RELATIVE, uscc="other"),)), False),
        (someone(ties=(Tie(kind=TieKind.OFFICE, uscc="bidder", since=date(2026, 11, 27)),)), False),
    ],
)
def test_every_tie_with_a_bidder_counts(candidate: Candidate, conflict: bool) -> None:
    assert conflict_with(candidate, "bidder") is conflict


@pytest.mark.parametrize(
    ("name", "line", "conflict"),
    [
        ("李小明", "李小明", Conflict.PERSON),
        ("李小明", "王五、李 小明（一级建造师 00123）", Conflict.PERSON),
        ("Li Xiaoming", "LI  XIAOMING", Conflict.PERSON),
        ("李小明", "李小", None),
        ("李小明", "", None),
    ],
)
def test_who_is_named_like_a_relative_in_a_bid_keeps_the_expert_out(
    name: str, line: str, conflict: Conflict | None
) -> None:
    bidders = Bidders(frozenset({"bidder"}), plain_names(line))

    assert conflict_of(someone(persons=plain_names(name)), bidders, on=DAY, years=3) is conflict


def test_a_leap_day_is_three_years_after_the_28th_of_february() -> None:
    def conflict(until: date) -> bool:
        tie = Tie(kind=TieKind.EMPLOYED, uscc="b", since=date(2000, 1, 1), until=until)
        found = conflict_of(someone(ties=(tie,)), Bidders(frozenset({"b"})), on=date(2028, 2, 29), years=3)
        return found is Conflict.BIDDER

    assert [conflict(date(2025, 2, 28)), conflict(date(2025, 2, 27))] == [True, False]


@pytest.mark.parametrize(
    ("candidate", "bar"),
    [
        (someone(), None),
        (someone(employer="tenderer"), Bar.TENDERER),  # the purchaser's staff as expert
        (someone(home="tenderer"), Bar.TENDERER),
        (someone(employer="designer"), Bar.FIRM),
        (someone(ties=(Tie(kind=TieKind.RELATIVE, uscc="bureau"),)), Bar.SUPERVISOR),
        (someone(punished=True, employer="tenderer"), Bar.PUNISHED),
    ],
)
def test_facts_of_the_project_keep_out_before_anybody_knows_who_bids(
    candidate: Candidate, bar: Bar | None
) -> None:
    bodies = {"designer": Bar.FIRM, "bureau": Bar.SUPERVISOR, "tenderer": Bar.TENDERER}

    assert bar_of(candidate, bodies, on=DAY, years=3) is bar


def test_a_draw_announces_who_is_in_who_is_out_and_why() -> None:
    found = {
        "water": someone(1),
        "both": someone(2, specialities=("A01", "A0203")),
        "far": someone(3, region="110101"),
        "own": someone(4, employer="tenderer"),
        "goods": someone(5, specialities=("B",)),
    }
    wanted = [
        (Wanted(speciality="A02", number=2, areas=("371500",)), 2),
        (Wanted(speciality="A01", number=1), 1),
        (Wanted(speciality="C", number=1), 0),
    ]

    made = terms(found, wanted, {"tenderer": Bar.TENDERER}, on=DAY, years=3)

    assert made.pool == ["both", "water"]
    assert made.exclusions == [{"id": "own", "reason": "tenderer"}]
    assert made.quotas == [
        {"name": "1.A02", "number": 2, "of": ["both", "water"]},
        {"name": "2.A01", "number": 1, "of": ["both"]},
    ]
    assert shortages(made.quotas) == [Short("A01", 1, 0)]  # both may be taken for water


def test_a_pool_that_is_called_large_enough_is_so_whatever_the_tickets_are() -> None:
    rng = Random(26)
    judged = {True: 0, False: 0}
    for _ in range(400):
        ids = [f"e{n}" for n in range(rng.randint(1, 9))]
        quotas = [
            Quota(
                name=f"{n}.A",
                number=rng.randint(1, 3),
                of=sorted(rng.sample(ids, rng.randint(0, len(ids)))),
            )
            for n in (1, 2, 3)
        ]
        enough = not shortages(quotas)
        judged[enough] += 1
        for _ in range(20):
            rng.shuffle(ids)
            tickets = [replay.Ticket(id=one, ticket="") for one in ids]
            taken = replay.take(tickets, quotas)
            assert not enough or len(taken) == sum(one["number"] for one in quotas)
    assert min(judged.values()) > 20


def test_a_later_draw_takes_only_what_earlier_ones_left_open() -> None:
    wanted = [Wanted(speciality="A02", number=2), Wanted(speciality="A", number=2)]

    left = still_wanted(wanted, ["A02", "A0203", "A01", "A02"])

    assert [number for _, number in left] == [0, 0]
    assert [number for _, number in still_wanted(wanted, ["A01", "B"])] == [2, 1]


@pytest.mark.parametrize(("hours", "may"), [(24, True), (25, False), (-1, True)])
def test_nobody_is_drawn_long_before_the_evaluation(hours: int, may: bool) -> None:
    meets = datetime(2026, 11, 26, 1, tzinfo=UTC)
    seconds = TB.seconds("expert.draw.max_hours_before")

    assert may_draw(meets, at=meets - timedelta(hours=hours), seconds_before=seconds) is may


@pytest.mark.parametrize(("minutes", "yuan"), [(1, 400), (240, 400), (241, 500), (300, 500), (301, 600)])
def test_a_fee_grows_with_every_hour_that_was_begun(minutes: int, yuan: int) -> None:
    assert fee_fen(TB, minutes * 60) == yuan * YUAN
