"""Why a day is the day it is, in the words of both languages."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from govcore.calendar import vendored
from govcore.clock import BEIJING
from govcore.i18n import Catalogue
from trading.procedure import deadlines
from trading.procedure.deadlines import Limit
from trading.procedure.explaining import explain
from trading.procedure.rules import rule_set
from trading.procedure.stored import from_plain, plain

CALENDAR = vendored()
CHINESE = Catalogue.load([Path(__file__).parents[3] / "trading" / "procedure" / "locale"]).translator("zh_CN")


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def english(limit: Limit) -> list[str]:
    return [str(line) for line in explain(rule_set(limit.rule_set), limit, calendar=CALENDAR).lines]


def test_a_contract_over_spring_festival_with_a_suspension() -> None:
    frozen = [(beijing("2025-01-10T09:00"), beijing("2025-01-11T17:00"))]
    limit = deadlines.due(
        rule_set("tb-2026"), "T21", beijing("2024-12-30T10:00"), calendar=CALENDAR, frozen=frozen
    )

    assert english(limit) == [
        "Counting begins after 2024-12-30; that day itself is not counted.",
        "It must be done within 30 calendar days.",
        "Not counted: 2025-01-10 09:00:00 to 2025-01-11 17:00:00.",
        "The period ends on 2025-01-30, when offices are closed; it moves over 2025-01-30, 2025-01-31, 2025-02-01, "
        "2025-02-02, 2025-02-03, 2025-02-04 to 2025-02-05.",
        "It ends at 2025-02-05 24:00:00.",
    ]
    explained = explain(rule_set("tb-2026"), limit, calendar=CALENDAR)
    assert str(explained.article) == "招标投标法 art. 46"
    assert [CHINESE(line.text, **line.data) for line in explained.lines][1:3] == [
        "应当在 30 日内完成。",
        "2025-01-10 09:00:00 至 2025-01-11 17:00:00 不计入。",
    ]


def test_working_days_name_the_closed_and_the_made_up_ones() -> None:
    limit = deadlines.due(rule_set("gp-2026"), "G21.challenge", beijing("2024-09-30"), calendar=CALENDAR)

    assert english(limit) == [
        "Counting begins after 2024-09-30; that day itself is not counted.",
        "It must be done within 7 working days.",
        "Left out because offices are closed: 2024-10-01, 2024-10-02, 2024-10-03, 2024-10-04, 2024-10-05, 2024-10-06, "
        "2024-10-07, 2024-10-13.",
        "Counted although at a weekend, because offices make up for a holiday: 2024-10-12.",
        "It ends at 2024-10-15 24:00:00.",
    ]


def test_a_gap_says_its_earliest_moment_and_what_was_suggested() -> None:
    start = beijing("2025-03-03T09:00")
    first = deadlines.earliest(rule_set("tb-2026"), "T01", start, calendar=CALENDAR)
    found = deadlines.suggested(rule_set("tb-2026"), "T01", start, calendar=CALENDAR)

    assert english(first)[-1] == "The earliest lawful moment is 2025-03-23 00:00:00."
    assert english(found)[-2:] == [
        "The period ends on 2025-03-23, when offices are closed; it moves over 2025-03-23 to 2025-03-24.",
        "The earliest lawful moment is 2025-03-24 00:00:00.",
    ]


def test_a_last_day_says_that_it_moves_with_the_deadline() -> None:
    limit = deadlines.last_moment(rule_set("tb-2026"), "T07", beijing("2025-10-12T09:30"))

    assert english(limit) == [
        "The deadline is 2025-10-12 09:30:00.",
        "The last day is 10 calendar days before the deadline; it moves with the deadline, holidays do not move it.",
        "It ends at 2025-10-02 24:00:00.",
    ]


def test_what_a_notice_may_still_move_is_provisional() -> None:
    limit = deadlines.due(rule_set("tb-2026"), "T21", beijing("2026-12-10"), calendar=CALENDAR)

    assert (limit.provisional, limit.last_day.isoformat()) == (True, "2027-01-09")
    assert english(limit)[-1] == (
        "Provisional: the holiday notice for these days is not published yet and may move the end."
    )


def test_a_default_says_that_it_was_not_verified() -> None:
    limit = deadlines.window_end(
        rule_set("tb-2026"), "opening.confirmation", beijing("2026-03-02T09:30"), calendar=CALENDAR
    )

    assert english(limit) == [
        "Counting begins at 2026-03-02 09:30:00.",
        "It stays open for 15 minutes.",
        "It ends at 2026-03-02 09:45:00.",
        "This figure is a default that was not verified in the text of the law.",
    ]


def test_the_time_of_a_reply_is_not_counted() -> None:
    reply = (beijing("2025-03-21"), beijing("2025-03-24"))
    limit = deadlines.due(
        rule_set("tb-2026"), "T29", beijing("2025-03-20"), calendar=CALENDAR, uncounted=[reply]
    )

    assert "Not counted: 2025-03-21 00:00:00 to 2025-03-24 00:00:00." in english(limit)


def test_a_stored_limit_can_be_explained_like_a_fresh_one() -> None:
    frozen = [(beijing("2025-01-10T09:00"), beijing("2025-01-11T17:00"))]
    limit = deadlines.due(rule_set("tb-2026"), "T21", beijing("2025-01-02"), calendar=CALENDAR, frozen=frozen)

    assert from_plain(plain(limit)) == limit
