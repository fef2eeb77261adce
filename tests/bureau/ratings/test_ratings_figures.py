"""Figures: what was counted, by period, organ and channel; and 2019 exactly as the yearbook prints it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest
from rating_city import AT, City

from bureau.ratings import handling, service
from bureau.ratings.demo import yearbook
from bureau.ratings.figures import Filter, figures, organs, years
from bureau.ratings.policy import Channel, Outcome, Remedy
from bureau.ratings.schemas import Handling, Rectification, ReportedShown, Revisit
from bureau.ratings.service import FiguresContradict
from govcore.errors import Forbidden

YEAR = Filter(2026)


def test_the_figures_of_a_year_count_what_was_said(city: City) -> None:
    assessor, second = city.people["assessor"], city.people["second"]
    with city.platform.db.transaction() as tx:
        for number, level in enumerate((5, 5, 5, 4, 3)):
            city.rate(tx, level, case=f"G-{number}")
        bad = [city.rate(tx, 1, case=f"B-{number}", phone="1" * (number == 0)) for number in range(3)]
        mistaken = city.rate(tx, 2, case="B-9", channel=Channel.SMS)
        handling.handle(tx, mistaken, Handling("dispute", "误评"), actor=assessor, at=AT)
        handling.handle(tx, mistaken, Handling("uphold", "误评"), actor=second, at=AT)
        for rating in bad[:2]:
            handling.handle(tx, rating, Handling("confirm", "属实"), actor=assessor, at=AT)
        handling.rectify(tx, bad[0], Rectification(Remedy.FIXED, "已整改"), actor=assessor, at=AT)
        handling.revisit(tx, bad[0], Revisit(Outcome.SATISFIED, "满意"), actor=assessor, at=AT)

        found = figures(tx, YEAR)

    assert (found.total, found.levels) == (8, [3, 1, 1, 0, 3])
    assert (found.satisfied, found.satisfied_percent, found.bad, found.bad_percent) == (5, "62.5", 3, "37.5")
    assert (found.confirmed, found.rectified, found.rectified_percent, found.not_counted) == (2, 1, "50", 1)
    assert (found.revisited, found.revisit_satisfied, found.revisit_satisfaction_percent) == (1, 1, "100")
    assert (found.named, found.named_revisited, found.reported) == (1, 1, [])
    assert {row.channel: row.total for row in found.by_channel if row.total} == {Channel.QR: 8}


def test_an_organ_with_few_ratings_points_at_nobody(city: City) -> None:
    with city.platform.db.transaction() as tx:
        organ = city.people["clerk"].org_id or ""
        for number in range(4):
            city.rate(tx, 5 - 4 * (number == 0), case=f"F-{number}")
        four, everybody = figures(tx, Filter(2026, org_id=organ)), figures(tx, YEAR)
        city.rate(tx, 5, case="F-4")
        five = figures(tx, Filter(2026, org_id=organ))

    assert (four.few, four.total, four.bad, four.levels, four.confirmed) == (True, 0, 0, [0] * 5, 0)
    assert {row.total for row in four.by_channel} == {0}
    assert (everybody.few, everybody.total, everybody.bad) == (False, 4, 1)
    assert (five.few, five.total, five.bad) == (False, 5, 1)


def test_periods_organs_and_channels_are_told_apart(city: City) -> None:
    december = datetime(2026, 11, 30, 16, tzinfo=UTC)  # midnight in Beijing
    with city.platform.db.transaction() as tx:
        city.rate(tx, 5, case="A-1")
        city.rate(tx, 4, case="A-2", channel=Channel.SMS)
        city.rate(tx, 3, case="A-3", at=december)
        organ = city.people["clerk"].org_id or ""

        totals = [
            figures(tx, wanted).total
            for wanted in (
                YEAR,
                Filter(2026, 11),
                Filter(2026, 12),
                Filter(2025),
                Filter(2026, org_id=organ),
                Filter(2026, org_id="another"),
                Filter(2026, channel="sms"),
            )
        ]

        assert totals == [3, 2, 1, 0, 0, 0, 1]
        assert organs(tx) == [(organ, "bureau局")]
        assert years(tx, at=datetime(2028, 1, 1, tzinfo=UTC)) == [2028, 2027, 2026]


def test_2019_is_reproduced_and_nothing_is_invented(city: City) -> None:
    assessor = city.people["assessor"]
    with city.platform.db.transaction() as tx:
        service.report(tx, yearbook(), actor=assessor, at=AT)
        found = figures(tx, Filter(2019))
        by_month, by_channel = figures(tx, Filter(2019, 3)), figures(tx, Filter(2019, channel="qr"))
        listed = years(tx, at=AT)

    assert found.reported == [
        ReportedShown(
            organ="bureau局",
            first_day=date(2019, 1, 1),
            last_day=date(2019, 12, 31),
            source="聊城市行政审批服务局，2019年年鉴条目",
            total=39843,
            satisfied=39795,
            satisfied_percent="99.88",
            bad=48,
            bad_percent="0.12",
            rectified=48,
            rectified_percent="100",
            revisit_satisfaction_percent="100",
            channels=["网页监督评议", "短信评价", "评价器", "评议卡", "二维码", "电话回访", "社会监督员评议"],
        )
    ]
    assert (found.total, found.levels, found.revisited) == (0, [0, 0, 0, 0, 0], 0)
    assert (by_month.reported, by_channel.reported) == ([], [])
    assert listed == [2026, 2019]


def test_loaded_figures_must_agree_and_can_be_corrected(city: City) -> None:
    assessor, figures_of_2019 = city.people["assessor"], yearbook()
    wrong = [
        msgspec.structs.replace(figures_of_2019, bad=40000),
        msgspec.structs.replace(figures_of_2019, rectified=49),
        msgspec.structs.replace(figures_of_2019, first_day=date(2020, 1, 1)),
        msgspec.structs.replace(figures_of_2019, last_day=date(2026, 11, 24)),
    ]
    with city.platform.db.transaction() as tx:
        for one in wrong:
            with pytest.raises(FiguresContradict):
                service.report(tx, one, actor=assessor, at=AT)
        with pytest.raises(Forbidden):
            service.report(tx, figures_of_2019, actor=city.people["clerk"], at=AT)
        service.report(tx, msgspec.structs.replace(figures_of_2019, total=39834), actor=assessor, at=AT)
        service.report(tx, figures_of_2019, actor=assessor, at=AT)

        assert [one.total for one in figures(tx, Filter(2019)).reported] == [39843]
