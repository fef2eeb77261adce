"""The clocks of objections, challenges and complaints: one second before, at and after, over holidays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from govcore.calendar import vendored
from govcore.clock import BEIJING, end_text
from trading.challenge import clocks
from trading.challenge.clocks import Anchors, NotYet, Prior, ReplyPending, TooLate
from trading.challenge.policy import Kind, Stage, Way, way
from trading.procedure.deadlines import Limit
from trading.procedure.policy import Regime, RuleSet
from trading.procedure.rules import rule_set

TB, GP = rule_set("tb-2026"), rule_set("gp-2026")
SECOND = timedelta(seconds=1)
CALENDAR = vendored()


def at(text: str) -> datetime:
    """A moment of Beijing."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING).astimezone(UTC)


def the(regime: Regime, kind: Kind) -> Way:
    found = way(regime, kind)
    assert found is not None
    return found


OBJECTION, CHALLENGE, QUERY = (
    the(Regime.TB, Kind.OBJECTION),
    the(Regime.GP, Kind.CHALLENGE),
    the(Regime.GP, Kind.QUERY),
)


def limit_of(kind: Way, stage: Stage, anchors: Anchors, now: str = "2026-01-01") -> Limit | None:
    rules = TB if kind is OBJECTION else GP
    return clocks.filing_limit(rules, kind, stage, anchors, calendar=CALENDAR, at=at(now))


def until(limit: Limit | None) -> str:
    assert limit is not None
    return end_text(limit.at)


@pytest.mark.parametrize(
    ("stage", "deadline", "last"),
    [
        (Stage.DOCUMENTS, "2026-03-31 09:30", "2026-03-21 24:00:00"),  # a Saturday: never moved
        (Stage.DOCUMENTS, "2026-03-01 09:30", "2026-02-19 24:00:00"),  # inside the Spring Festival
        (Stage.DOCUMENTS, "2026-01-08 00:00", "2025-12-29 24:00:00"),  # over the year's end
        (Stage.PQ_DOCUMENTS, "2026-03-31 09:30", "2026-03-29 24:00:00"),
        (Stage.PQ_DOCUMENTS, "2026-02-24 09:30", "2026-02-22 24:00:00"),
    ],
)
def test_documents_are_objected_to_until_the_end_of_a_day_before_the_deadline(
    stage: Stage, deadline: str, last: str
) -> None:
    anchors = Anchors(deadline_at=at(deadline), pq_deadline_at=at(deadline))
    limit = limit_of(OBJECTION, stage, anchors)

    assert until(limit) == last
    assert limit is not None
    clocks.check_filing(TB, [limit], at=limit.at - SECOND)
    for moment in (limit.at, limit.at + SECOND):
        with pytest.raises(TooLate) as caught:
            clocks.check_filing(TB, [limit], at=moment)
        assert caught.value.data["until"] == last
        assert caught.value.data["rule"] == {Stage.DOCUMENTS: "T07", Stage.PQ_DOCUMENTS: "T06"}[stage]


def test_the_last_moment_moves_with_the_deadline() -> None:
    before, after = (
        limit_of(OBJECTION, Stage.DOCUMENTS, Anchors(deadline_at=at(day)))
        for day in ("2026-03-20", "2026-03-27")
    )

    assert (until(before), until(after)) == ("2026-03-10 24:00:00", "2026-03-17 24:00:00")


def test_the_result_is_objected_to_during_its_publicity_and_as_long_as_an_objection_holds_it() -> None:
    public = {"publicity_from": at("2026-03-02 10:00"), "publicity_until": at("2026-03-06 00:00")}

    assert until(limit_of(OBJECTION, Stage.RESULT, Anchors(**public))) == "2026-03-05 24:00:00"
    held = Anchors(**public, publicity_held=True)
    assert limit_of(OBJECTION, Stage.RESULT, held, "2026-03-06 00:00") is None
    assert until(limit_of(OBJECTION, Stage.RESULT, held, "2026-03-05 23:59:59")) == "2026-03-05 24:00:00"
    with pytest.raises(NotYet):
        limit_of(OBJECTION, Stage.RESULT, Anchors())


@pytest.mark.parametrize(
    ("kind", "stage", "received", "due"),
    [
        (OBJECTION, Stage.DOCUMENTS, "2025-03-17 09:00", "2025-03-20 24:00:00"),  # DL07
        (OBJECTION, Stage.RESULT, "2025-03-17 23:59:59", "2025-03-20 24:00:00"),
        (OBJECTION, Stage.RESULT, "2025-03-18 00:00", "2025-03-21 24:00:00"),
        (OBJECTION, Stage.DOCUMENTS, "2026-02-12 10:00", "2026-02-24 24:00:00"),  # the third day is a holiday
        (OBJECTION, Stage.DOCUMENTS, "2026-01-01 10:00", "2026-01-04 24:00:00"),  # a make-up Sunday
        (OBJECTION, Stage.PQ_DOCUMENTS, "2025-12-31 10:00", "2026-01-04 24:00:00"),
        (CHALLENGE, Stage.RESULT, "2024-09-29 10:00", "2024-10-14 24:00:00"),  # 12 October works
        (CHALLENGE, Stage.DOCUMENTS, "2026-02-12 10:00", "2026-02-28 24:00:00"),  # 14 and 28 February work
        (QUERY, Stage.PROCESS, "2026-04-30 10:00", "2026-05-08 24:00:00"),
    ],
)
def test_replies_are_due(kind: Way, stage: Stage, received: str, due: str) -> None:
    rules = TB if kind is OBJECTION else GP

    assert end_text(clocks.reply_due(rules, kind, stage, at(received), calendar=CALENDAR).at) == due


@pytest.mark.parametrize(
    ("stage", "anchors", "last"),
    [
        (Stage.RESULT, Anchors(result_at=at("2024-09-29 15:00")), "2024-10-15 24:00:00"),  # DL19
        (Stage.DOCUMENTS, Anchors(published_at=at("2026-03-02 09:00")), "2026-03-18 24:00:00"),
        (
            Stage.DOCUMENTS,
            Anchors(published_at=at("2026-03-02 09:00"), received_at=at("2026-03-11 20:00")),
            "2026-03-20 24:00:00",
        ),
        (Stage.PROCESS, Anchors(opened_at=at("2026-09-18 10:00")), "2026-09-29 24:00:00"),  # the 20th works
        (Stage.PROCESS, Anchors(opened_at=at("2025-12-29 10:00")), "2026-01-08 24:00:00"),
    ],
)
def test_challenges_are_filed_within_seven_working_days_of_what_should_be_known(
    stage: Stage, anchors: Anchors, last: str
) -> None:
    limit = limit_of(CHALLENGE, stage, anchors)

    assert until(limit) == last
    assert limit is not None
    clocks.check_filing(GP, [limit], at=limit.at - SECOND)
    with pytest.raises(TooLate) as caught:
        clocks.check_filing(GP, [limit], at=limit.at)
    assert caught.value.data["rule"] == "G21.challenge"


def test_a_query_has_no_last_day_and_a_challenge_to_nothing_is_refused_by_g22() -> None:
    assert limit_of(QUERY, Stage.RESULT, Anchors()) is None
    with pytest.raises(NotYet) as caught:
        limit_of(CHALLENGE, Stage.RESULT, Anchors())
    assert caught.value.data["rule"] == "G22"


def tb_prior(filed: str, due: str, replied: str | None) -> Prior:
    return Prior(filed_at=at(filed), due_at=at(due), replied_at=at(replied) if replied else None)


@pytest.mark.parametrize(
    ("known", "prior", "last"),
    [
        ("2025-03-20", None, "2025-03-31 24:00:00"),  # the tenth day is a Sunday
        (
            "2025-03-20 09:00",
            tb_prior("2025-03-21 09:00", "2025-03-25", "2025-03-24 10:00"),
            "2025-04-02 24:00:00",
        ),
        ("2025-03-20 09:00", tb_prior("2025-03-21 09:00", "2025-03-25", None), "2025-04-02 24:00:00"),
        (
            "2025-03-20 09:00",
            tb_prior("2025-03-21 09:00", "2025-03-25", "2025-03-28 10:00"),
            "2025-04-07 24:00:00",
        ),
        (
            "2026-02-10 09:00",
            tb_prior("2026-02-12 10:00", "2026-02-25", "2026-02-24 10:00"),
            "2026-03-04 24:00:00",
        ),
    ],
)
def test_a_tender_complaint_is_in_time_ten_days_from_knowing_without_the_time_to_the_reply(
    known: str, prior: Prior | None, last: str
) -> None:
    limit = clocks.complaint_due(TB, at(known), prior, calendar=CALENDAR)

    assert end_text(limit.at) == last
    clocks.check_complaint(TB, at(known), prior, calendar=CALENDAR, at=limit.at - SECOND)
    with pytest.raises(TooLate) as caught:
        clocks.check_complaint(TB, at(known), prior, calendar=CALENDAR, at=limit.at)
    assert caught.value.data["rule"] == "T29"


@pytest.mark.parametrize(
    ("known", "filed", "replied", "last"),
    [
        ("2025-03-20", "2025-03-21", "2025-03-24", "2025-04-02"),
        ("2025-03-20", "2025-03-21", "2025-03-21", "2025-03-31"),
        ("2025-03-20", "2025-03-21", None, "2025-04-02"),  # no reply: as if on the day it was due by
        ("2025-04-20", "2025-04-28", None, "2025-05-08"),  # the reply is due on 6 May, after the holiday
        ("2025-09-18", "2025-09-22", "2025-09-25", "2025-10-09"),
        ("2025-12-20", "2025-12-22", "2025-12-25", "2026-01-04"),
    ],
)
def test_the_time_of_the_reply_is_reckoned_from_the_day_it_was_due_by(
    known: str, filed: str, replied: str | None, last: str
) -> None:
    due = clocks.reply_due(TB, OBJECTION, Stage.DOCUMENTS, at(filed), calendar=CALENDAR)
    prior = Prior(filed_at=at(filed), due_at=due.at, replied_at=at(replied) if replied else None)

    assert clocks.complaint_due(TB, at(known), prior, calendar=CALENDAR).last_day.isoformat() == last


@pytest.mark.parametrize(
    ("received", "last"),
    [("2024-09-30", "2024-11-05"), ("2025-03-03", "2025-04-02"), ("2025-12-17", "2026-01-19")],
)
def test_a_challenge_becomes_a_complaint_after_the_time_for_its_reply(received: str, last: str) -> None:
    due = clocks.reply_due(GP, CHALLENGE, Stage.RESULT, at(received), calendar=CALENDAR)
    prior = Prior(filed_at=at(received), due_at=due.at, replied_at=None)

    assert clocks.complaint_due(GP, at(received), prior, calendar=CALENDAR).last_day.isoformat() == last


@pytest.mark.parametrize("replied", [None, "2026-03-03 10:00", "2026-03-11 23:00", "2026-03-20 10:00"])
def test_a_procurement_complaint_counts_from_the_end_of_the_time_to_reply_however_early_it_came(
    replied: str | None,
) -> None:
    prior = tb_prior("2026-03-02 10:00", "2026-03-12 00:00", replied)

    limit = clocks.complaint_due(GP, at("2026-03-02 10:00"), prior, calendar=CALENDAR)

    assert end_text(limit.at) == "2026-04-01 24:00:00"  # 11 March and fifteen working days
    clocks.check_complaint(GP, at("2026-03-02"), prior, calendar=CALENDAR, at=limit.at - SECOND)
    with pytest.raises(TooLate):
        clocks.check_complaint(GP, at("2026-03-02"), prior, calendar=CALENDAR, at=limit.at)


@pytest.mark.parametrize("rules", [TB, GP], ids=["TB", "GP"])
def test_nobody_complains_while_the_reply_may_still_come(rules: RuleSet) -> None:
    prior = tb_prior("2026-03-02 10:00", "2026-03-06 00:00", None)

    with pytest.raises(ReplyPending):
        clocks.check_complaint(
            rules, at("2026-03-02"), prior, calendar=CALENDAR, at=at("2026-03-05 23:59:59")
        )
    clocks.check_complaint(rules, at("2026-03-02"), prior, calendar=CALENDAR, at=at("2026-03-06 00:00"))


@pytest.mark.parametrize(
    ("regime", "received", "accepted_by"),
    [
        ("TB", "2026-02-13 10:00", "2026-02-25 24:00:00"),  # 14 February works, the festival does not
        ("TB", "2025-12-31 10:00", "2026-01-06 24:00:00"),
        ("GP", "2026-04-30 10:00", "2026-05-11 24:00:00"),
    ],
)
def test_acceptance_is_decided_by(regime: str, received: str, accepted_by: str) -> None:
    rules = {"TB": TB, "GP": GP}[regime]

    assert end_text(clocks.acceptance_due(rules, at(received), calendar=CALENDAR).at) == accepted_by


def test_testing_and_expert_review_do_not_count_for_the_decision() -> None:
    accepted, weeks = at("2026-03-02 10:00"), [(at("2026-03-09 10:00"), at("2026-03-23 10:00"))]

    plain = clocks.decision_due(TB, accepted, [], calendar=CALENDAR)
    paused = clocks.decision_due(TB, accepted, weeks, calendar=CALENDAR)

    assert (
        end_text(plain.at) == "2026-04-14 24:00:00"
    )  # thirty working days, Tomb-Sweeping Day not one of them
    assert end_text(paused.at) == "2026-04-28 24:00:00"  # ten working days more
    assert end_text(clocks.decision_due(GP, accepted, weeks, calendar=CALENDAR).at) == "2026-04-28 24:00:00"


def test_an_order_is_capped_at_thirty_days_in_procurement_whatever_day_that_is() -> None:
    cap = clocks.order_cap(GP, at("2026-01-21 10:00"), calendar=CALENDAR)

    assert until(cap) == "2026-02-20 24:00:00"  # inside the Spring Festival, and not moved
    assert clocks.order_cap(TB, at("2026-01-21 10:00"), calendar=CALENDAR) is None


def test_ordinary_numbers_of_order_94_are_shown_as_not_verified() -> None:
    received = at("2026-03-02 10:00")
    copies = clocks.copies_due(GP, received, calendar=CALENDAR)
    statement = clocks.statement_due(GP, received, calendar=CALENDAR)

    assert (until(copies), until(statement)) == ("2026-03-12 24:00:00", "2026-03-09 24:00:00")
    assert [GP[rule].verified for rule in ("G21.supplement", "G21.copies", "G21.statement")] == [False] * 3
    assert clocks.copies_due(TB, received, calendar=CALENDAR) is None


def test_after_the_last_notice_days_are_provisional_and_nothing_is_blocked() -> None:
    limit = clocks.reply_due(GP, CHALLENGE, Stage.RESULT, at("2026-12-23 10:00"), calendar=CALENDAR)

    assert limit.provisional is True
