"""Arithmetic corrections: which of two numbers of a bid stands, under either law."""

from __future__ import annotations

from typing import Any

import pytest

from tests.trading.evaluation.documents import opening, price, sheets, tender_file
from trading.evaluation.scoring import score, trace


def documents(order: str, read_out: str, *, confirmed: bool | None = True, **statement: Any) -> list[Any]:
    stated = {"words": None, "figures": read_out, "other": None, "sections": [], "lines": [], **statement}
    file = tender_file(
        price("100"),
        max_price="2000000.00",
        regime=order,
        corrections={"order": order, "keep_replaced_total": True},
    )
    opened = opening({"a": read_out})
    opened["bids"][0]["statement"] = stated
    return [file, opened, sheets({"a": {}}, reviews={"a": {"confirmed": confirmed}})]


def corrected(order: str, read_out: str, **given: Any) -> Any:
    return score(*documents(order, read_out, **given))["standings"][0]["corrected"]


def line(quantity: str, unit: str, total: str, *, section: str | None = None, name: str = "l1") -> Any:
    return {"id": name, "section": section, "quantity": quantity, "unit": unit, "total": total}


@pytest.mark.parametrize("order", ["TB", "GP"])
def test_words_beat_figures(order: str) -> None:
    assert corrected(order, "1010000", words="1000000") == "1000000.00"


def test_the_lines_beat_the_total_of_a_purchase() -> None:
    assert corrected("GP", "15200", lines=[line("1200", "12.50", "15200")]) == "15000.00"


def test_pr15_a_slip_of_the_point_keeps_the_total_and_corrects_the_unit_price() -> None:
    found = documents("GP", "15000", lines=[line("1200", "1250.00", "15000")])

    assert score(*found)["standings"][0]["corrected"] == "15000.00"
    steps = [(one["step"], one["of"], one["value"]) for one in trace(*found, "a")]
    assert ("correction.unit", "l1", "25/2") in steps


def test_a_summary_that_replaced_another_total_is_not_set_against_the_lines() -> None:
    lines = [line("10", "90", "900")]

    assert corrected("GP", "1000", other="900", lines=lines) == "1000.00"
    assert corrected("GP", "1000", other="1000", lines=lines) == "900.00"


def test_works_follow_from_lines_over_sections_to_the_total() -> None:
    sections = [{"id": "a", "total": "500"}, {"id": "b", "total": "77"}]
    lines = [
        line("10", "30", "290", section="a"),
        line("1", "150", "1500", section="a", name="l2"),  # a slip: its total stands
    ]

    assert corrected("TB", "600", sections=sections, lines=lines) == "1877.00"


def test_a_works_total_with_a_slipped_point_stands() -> None:
    assert corrected("TB", "1000", sections=[{"id": "a", "total": "10000"}]) == "1000.00"


def test_a_correction_is_rounded_to_fen_half_up() -> None:
    assert corrected("GP", "1", lines=[line("1", "1.005", "1")]) == "1.01"


@pytest.mark.parametrize(("confirmed", "code"), [(True, None), (False, "unconfirmed"), (None, "unconfirmed")])
def test_who_does_not_confirm_a_correction_is_out(confirmed: bool | None, code: str | None) -> None:
    found = documents("TB", "1000", words="999", confirmed=confirmed)

    invalid = score(*found)["standings"][0]["invalid"]

    assert (invalid and invalid["code"]) == code


def test_a_correction_above_the_maximum_price_is_out() -> None:
    found = documents("TB", "2000000", words="2000000.01")

    assert score(*found)["standings"][0]["invalid"]["code"] == "over_max_price"


def test_nothing_to_correct_needs_no_confirmation() -> None:
    found = documents("GP", "15000", lines=[line("1200", "12.50", "15000")], confirmed=None)

    assert score(*found)["standings"][0]["rank"] == 1
