"""Who must review applications, what must be said to whom does not pass, and how long one may apply."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pytest
from scene_city import ordinary_content

from bidding_docs.summary import Field, Form
from govcore.calendar import vendored
from govcore.clock import BEIJING, end_text
from trading.prequalification.policy import committee_is_lawful, reason_fits
from trading.procedure.deadlines import PeriodTooShort, last_moment
from trading.procedure.rules import rule_set
from trading.tender.drafting import InconsistentTender, check_content
from trading.tender.periods import check_applications
from trading.tender.schemas import TenderContent

WHOLE = ordinary_content()
APPLICATIONS = msgspec.structs.replace(
    WHOLE,
    prequalifies=True,
    criteria=[],
    form=Form(fields=(Field(id="manager", label="项目负责人", kind="text", max=50),)),
    parts=[msgspec.structs.replace(part, public=False) for part in WHOLE.parts],
)


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("members", "lawful"),
    [
        ("甲乙丙丁戊", True),
        ("甲乙丙丁", False),
        ("甲乙丙丁戊己", False),
        ("甲乙丙丁戊己庚", True),
        ("甲乙丙丁丁", False),
    ],
)
def test_t14_a_review_committee_is_odd_and_at_least_five_different_people(members: str, lawful: bool) -> None:
    assert committee_is_lawful(list(members), least=5) is lawful


@pytest.mark.parametrize(
    ("passed", "ground", "reason", "fits"),
    [
        (True, "", "", True),
        (False, "qualification", "无三级资质", True),
        (False, "qualification", " ", False),
        (False, "", "无三级资质", False),
        (False, "dislike", "无三级资质", False),
        (False, "form", "缺" * 1001, False),
    ],
)
def test_who_does_not_pass_is_told_ground_and_reason(
    passed: bool, ground: str, reason: str, fits: bool
) -> None:
    assert reason_fits(passed=passed, ground=ground, reason=reason) is fits


@pytest.mark.parametrize(
    ("rules", "published", "days", "deadline", "rule"),
    [
        # tb: five days of issue end on 26 September, a Saturday, moved past the Mid-Autumn days to the 28th
        ("tb-2026", "2026-09-21 09:00", 5, "2026-10-02 23:59:59", "T03"),
        ("tb-2026", "2026-09-21 09:00", 5, "2026-10-03 00:00", None),
        ("tb-2026", "2026-09-21 09:00", 10, "2026-10-05 23:59:59", "T03"),
        ("tb-2026", "2026-09-21 09:00", 10, "2026-10-06 00:00", None),
        # gp: five working days over National Day
        ("gp-2026", "2026-09-29 09:00", 5, "2026-10-11 23:59:59", "G03"),
        ("gp-2026", "2026-09-29 09:00", 5, "2026-10-12 00:00", None),
    ],
)
def test_t02_t03_g03_applications_have_their_time(
    rules: str, published: str, days: int, deadline: str, rule: str | None
) -> None:
    found = None
    try:
        check_applications(
            rule_set(rules), beijing(published), beijing(deadline), available_days=days, calendar=vendored()
        )
    except PeriodTooShort as short:
        found = short.data["rule"]

    assert found == rule


def test_t06_the_last_day_to_object_is_never_moved_by_a_holiday() -> None:
    limit = last_moment(rule_set("tb-2026"), "T06", beijing("2026-10-09 09:30"))

    assert end_text(limit.at) == "2026-10-07 24:00:00"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, None),
        ({"criteria": WHOLE.criteria}, "a prequalification has no points and asks for no price"),
        ({"form": WHOLE.form}, "a prequalification has no points and asks for no price"),
        ({"parts": WHOLE.parts}, "all parts of an application open at once, none of them to the public"),
        ({"parts": APPLICATIONS.parts[1:]}, "the part summary must be there, every part once"),
    ],
)
def test_a_prequalification_asks_for_no_price_and_reads_nothing_out(
    changed: dict[str, object], said: str | None
) -> None:
    content: TenderContent = msgspec.structs.replace(APPLICATIONS, **changed)
    if said is None:
        check_content(content, rule_set("tb-2026"))
        return

    with pytest.raises(InconsistentTender) as refused:
        check_content(content, rule_set("tb-2026"))

    assert str(refused.value.data["detail"]) == said
