"""What may be entered for each kind of criterion, what it comes to, and when a change needs a reason."""

from __future__ import annotations

from decimal import Decimal

import pytest

from govcore.errors import Problem
from trading.evaluation.entries import (
    Band,
    Kind,
    Leaf,
    Step,
    Value,
    changes,
    entered,
    filled,
    finished,
    points,
    reason_for,
    sheet_document,
)

PLAN = Leaf(id="plan", name="施工组织设计", section="技术部分", kind=Kind.MANUAL, max=Decimal(25))
BANDS = (
    Band(name="优", low=Decimal(8), high=Decimal(10)),
    Band(name="良", low=Decimal(5), high=Decimal("7.5")),
)
TEAM = Leaf(id="team", name="团队", section="技术部分", kind=Kind.BAND, max=Decimal(10), bands=BANDS)
STEPS = (
    Step(id="senior", name="高级职称", points=Decimal(2), most=3),
    Step(id="award", name="获奖", points=Decimal("1.5"), most=2),
)
STAFF = Leaf(id="staff", name="人员", section="技术部分", kind=Kind.ADDITIVE, max=Decimal(7), steps=STEPS)
FAULTS = Leaf(id="faults", name="缺陷", section="技术部分", kind=Kind.DEDUCTION, max=Decimal(5), steps=STEPS)
LEAVES = {leaf.id: leaf for leaf in (PLAN, TEAM, STAFF, FAULTS)}


@pytest.mark.parametrize(
    ("leaf", "given", "kept", "comes_to"),
    [
        (PLAN, " 12.5 ", "12.50", "12.5"),
        (PLAN, "0", "0.00", "0"),
        (PLAN, "25", "25.00", "25"),
        (TEAM, "8", "8.00", "8"),
        (TEAM, "7.50", "7.50", "7.5"),
        (STAFF, {"senior": "1", "award": 2}, {"senior": 1, "award": 2}, "5"),
        (STAFF, {"senior": 3, "award": 2}, {"senior": 3, "award": 2}, "7"),
        (FAULTS, {"senior": 0, "award": 1}, {"senior": 0, "award": 1}, "3.5"),
        (FAULTS, {"senior": 3, "award": 0}, {"senior": 3, "award": 0}, "0"),
    ],
)
def test_each_kind_is_kept_as_entered_and_comes_to_its_points(
    leaf: Leaf, given: object, kept: Value, comes_to: str
) -> None:
    value = entered(leaf, given)

    assert (value, points(leaf, value)) == (kept, Decimal(comes_to))


@pytest.mark.parametrize(
    ("leaf", "given", "code"),
    [
        *[(PLAN, text, "E_SCORE_RANGE") for text in ("25.01", "-1", "1.005", "1e1", "十", "Infinity", "٣")],
        (TEAM, "7.51", "E_SCORE_BAND"),
        (TEAM, "4.99", "E_SCORE_BAND"),
        (TEAM, "10.01", "E_SCORE_RANGE"),
        (STAFF, {"senior": 4}, "E_SCORE_STEP"),
        (STAFF, {"senior": "1.5"}, "E_SCORE_STEP"),
        (STAFF, {"senior": True}, "E_SCORE_STEP"),
        (STAFF, {"junior": 1}, "E_SCORE_UNKNOWN"),
        (STAFF, "3", "E_SCORE_UNKNOWN"),
        (PLAN, {"senior": 1}, "E_SCORE_UNKNOWN"),
    ],
)
def test_what_cannot_be_entered_is_refused_with_its_code(leaf: Leaf, given: object, code: str) -> None:
    with pytest.raises(Problem) as refused:
        entered(leaf, given, bid="b1")

    assert refused.value.code == code


def test_a_criterion_with_steps_is_filled_once_every_step_is() -> None:
    part = entered(STAFF, {"senior": "1", "award": ""})

    assert (part, filled(STAFF, part), points(STAFF, part)) == ({"senior": 1}, False, None)
    assert entered(STAFF, {"senior": "", "award": ""}) is None


def test_only_what_differs_is_a_change_and_the_rest_of_the_sheet_stays() -> None:
    before = {"b1": {"plan": "12.50", "team": "8.00"}}
    given = {"b1": {"plan": "12.5", "team": ""}, "b2": {"plan": "3"}}

    found = [(one.bid, one.leaf.id, one.value) for one in changes(LEAVES, ["b1", "b2"], before, given)]

    assert found == [("b1", "team", None), ("b2", "plan", "3.00")]


def test_a_finished_bid_changes_with_a_reason_only() -> None:
    leaves = [PLAN]
    before = {"b1": {"plan": "12.50"}}
    late = changes(LEAVES, ["b1", "b2"], before, {"b1": {"plan": "13"}})
    first = changes(LEAVES, ["b1", "b2"], before, {"b2": {"plan": "13"}})

    assert finished(leaves, "b1", before) is True
    assert reason_for(first, leaves, before, "") == ""
    assert reason_for(late, leaves, before, " 漏看附件三 ") == "漏看附件三"
    for why in ("  ", "字" * 201):
        with pytest.raises(Problem) as refused:
            reason_for(late, leaves, before, why)
        assert refused.value.code == "E_SCORE_WHY"


def test_the_document_of_a_sheet_depends_on_its_entries_alone() -> None:
    said = {"lot_id": "l1", "number": 1, "seat": 3, "criteria_sha256": "ab"}
    one = sheet_document(**said, marks={"b1": {"plan": "1.00", "staff": {"senior": 1, "award": 0}}})  # type: ignore[arg-type]
    other = sheet_document(**said, marks={"b1": {"staff": {"award": 0, "senior": 1}, "plan": "1.00"}})  # type: ignore[arg-type]

    assert one == other
    assert one == (
        b'{"criteria_sha256":"ab","evaluation":1,"lot_id":"l1","scores":{"b1":{"plan":"1.00",'
        b'"staff":{"award":0,"senior":1}}},"seat":3,"type":"score-sheet"}'
    )
