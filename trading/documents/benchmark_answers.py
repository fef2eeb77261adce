"""The benchmark families as a form asks for them: which parameters each has, and what they begin with.

People type percents and lists; a list of more than one value is drawn from at the opening.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from govcore.errors import Detail
from trading.documents.making import Maker

STEP = "price"

FAMILY_NAMES = {
    "MEAN": "The mean of the prices",
    "TRIM_MEAN_HL": "The mean without highest and lowest prices",
    "TRIM_PCT": "The mean without a share at each end",
    "ITERATIVE": "The mean without prices far from it, one by one",
    "DRAW_K": "A mean times a drawn coefficient",
    "MIX_CONTROL": "A mean mixed with the maximum price",
    "ABC": "Three prices weighted, one of them drawn",
    "DRAW_SUBSET": "The mean of drawn bids",
}
INNER = ("MEAN", "TRIM_MEAN_HL", "TRIM_PCT", "ITERATIVE")
FORM_NAMES = {"ONE_MINUS_K": "times (1 - K)", "TIMES_K": "times K"}

Kind = Literal["whole", "count", "percent", "drawn", "triple", "sizes", "inner", "form"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a family asks: its name in `evaluation/1`, the question, how it is typed, what it begins with."""

    name: str
    question: str
    kind: Kind
    start: str


_INNER = Parameter("inner", "Taken from", "inner", "TRIM_MEAN_HL")
PARAMETERS: Mapping[str, tuple[Parameter, ...]] = {
    "MEAN": (),
    "TRIM_MEAN_HL": (
        Parameter("from", "From how many bids on", "whole", "5"),
        Parameter("high", "Highest prices left out", "count", "1"),
        Parameter("low", "Lowest prices left out", "count", "1"),
    ),
    "TRIM_PCT": (Parameter("share", "Left out at each end (%)", "percent", "20"),),
    "ITERATIVE": (
        Parameter("limit", "Farthest from the mean (%)", "percent", "30"),
        Parameter("factor", "Then times (%)", "drawn", "100"),
        Parameter("least", "Bids that stay at least", "whole", "2"),
    ),
    "DRAW_K": (
        _INNER,
        Parameter("form", "How K is used", "form", "ONE_MINUS_K"),
        Parameter("k", "K (%)", "drawn", "1, 2, 3, 4, 5"),
    ),
    "MIX_CONTROL": (
        _INNER,
        Parameter("k1", "K1 of the mean (%)", "drawn", "95, 96, 97, 98, 99, 100, 101"),
        Parameter("k2", "K2 of the maximum price (%)", "drawn", "93"),
        Parameter("q1", "Q1, the weight of the mean (%)", "drawn", "65, 70, 75, 80, 85"),
    ),
    "ABC": (
        Parameter("delta", "A is below the maximum price by (%)", "drawn", "10"),
        Parameter("weights", "Weights of A, B and C (%)", "triple", "50, 30, 20"),
        Parameter("k", "K (%)", "drawn", "95, 96, 97, 98"),
        Parameter("limit", "Limit of C: mean, maximum price, times (%)", "triple", "70, 30, 75"),
        Parameter("a_share", "B is below this part of A (%)", "percent", "95"),
    ),
    "DRAW_SUBSET": (
        _INNER,
        Parameter(
            "range", "Drawn from: mean, maximum price, times (%); empty: all bids", "triple", "50, 50, 85"
        ),
        Parameter(
            "sizes", "Bids drawn: up to how many, share (%), at least", "sizes", "10 50 3; 20 40 6; - 30 9"
        ),
        Parameter("max_share", "Weight of the maximum price (%)", "percent", "0"),
    ),
}


def benchmark_of(
    family: str, typed: Mapping[str, str], maker: Maker
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The family with its parameters, and the draws that they ask for; what does not fit is kept by the maker."""
    if family not in PARAMETERS:
        maker.add(STEP, "family", Detail("This is not answered yet."))
        return {"family": "MEAN"}, []
    draws: list[dict[str, Any]] = []
    found: dict[str, Any] = {"family": family}
    for one in PARAMETERS[family]:
        found[one.name] = _value(one, typed.get(one.name, one.start), maker, draws)
    return found, draws


def _value(one: Parameter, text: str, maker: Maker, draws: list[dict[str, Any]]) -> Any:
    field = f"b_{one.name}"
    if one.kind == "whole":
        return maker.whole(STEP, field, text)
    if one.kind == "count":
        return 0 if text.strip() == "0" else maker.whole(STEP, field, text)
    if one.kind == "percent":
        return maker.percent(STEP, field, text)
    if one.kind == "inner":
        return {"family": text if text in INNER else "MEAN"}
    if one.kind == "form":
        return text if text in FORM_NAMES else "ONE_MINUS_K"
    if one.kind == "sizes":
        return _sizes(text, maker)
    if one.name == "range" and not text.strip():
        return None
    values = maker.percents(STEP, field, text)
    if one.kind == "triple":
        return _triple(one, values, maker)
    if len(values) > 1:
        draws.append({"id": one.name.upper(), "candidates": values})
        return {"draw": one.name.upper()}
    return values[0] if values else "0"


def _triple(one: Parameter, values: list[str], maker: Maker) -> Any:
    if len(values) != 3:
        maker.add(STEP, f"b_{one.name}", Detail("Give three numbers with commas between them."))
        values = ["0", "0", "0"]
    return values if one.name == "weights" else dict(zip(("mean", "max", "factor"), values, strict=True))


def _sizes(text: str, maker: Maker) -> list[dict[str, Any]]:
    """Rows of three: up to how many bids (a dash for all others), the share in percent, at least how many."""
    rows = []
    for row in re.split(r"[;；\n]+", text.strip()):
        cells = row.split()
        if len(cells) != 3:
            maker.add(
                STEP, "b_sizes", Detail("Give rows of three numbers; a dash stands for all other bids.")
            )
            return [{"to": None, "share": "1", "least": 1}]
        end = None if cells[0] in ("-", "—") else maker.whole(STEP, "b_sizes", cells[0])
        share = maker.percent(STEP, "b_sizes", cells[1])
        rows.append({"to": end, "share": share, "least": maker.whole(STEP, "b_sizes", cells[2])})
    return rows
