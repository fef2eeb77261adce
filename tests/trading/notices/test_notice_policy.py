"""What each kind of notice must say, and what a notice is found by."""

from __future__ import annotations

import pytest

from trading.notices.fields import FIELDS, Type, fits, is_filled
from trading.notices.policy import CONTENTS, NoticeKind, Regime, mandatory, missing, pieces, wrong

SAMPLES: dict[Type, object] = {
    Type.TEXT: "文字",
    Type.TEXTS: ["一", "二"],
    Type.MONEY: 1,
    Type.COUNT: 0,
    Type.YES_NO: False,
    Type.MOMENT: "2026-11-22T01:00:00Z",
    Type.TABLE: [{}],
}
ASKED = [
    (kind, regime, name)
    for kind, rule in CONTENTS.items()
    for regime in rule.regimes
    for name in mandatory(kind, regime)
]


def full(kind: NoticeKind, regime: Regime) -> dict[str, object]:
    return {name: SAMPLES[FIELDS[name].type] for name in mandatory(kind, regime)}


def test_every_kind_has_its_rule_and_every_field_of_a_rule_exists() -> None:
    assert set(CONTENTS) == set(NoticeKind)
    assert [name for _, _, name in ASKED if name not in FIELDS] == []


@pytest.mark.parametrize(("kind", "regime", "name"), ASKED)
def test_a_notice_without_one_mandatory_field_lacks_exactly_this(
    kind: NoticeKind, regime: Regime, name: str
) -> None:
    said = full(kind, regime)

    assert (missing(kind, regime, said), wrong(said)) == ([], [])
    assert missing(kind, regime, {**said, name: None}) == [name]


@pytest.mark.parametrize(
    ("regime", "more"),
    [(Regime.TB, set()), (Regime.GP, {"budget_fen", "notice_period", "policies"})],
)
def test_government_procurement_asks_its_tender_notice_for_more(regime: Regime, more: set[str]) -> None:
    tb = set(mandatory(NoticeKind.TENDER, Regime.TB))

    assert set(mandatory(NoticeKind.TENDER, regime)) - tb == more


@pytest.mark.parametrize(
    ("value", "filled"), [(False, True), (0, True), ("", False), ([], False), (None, False)]
)
def test_no_and_nought_are_answers_and_emptiness_is_none(value: object, filled: bool) -> None:
    assert is_filled(value) is filled


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("scope", 5),
        ("budget_fen", "5"),
        ("budget_fen", True),
        ("consortium", "yes"),
        ("deadline_at", "2026-11-22 09:00"),
        ("deadline_at", "tomorrow"),
        ("qualification", "one text"),
        ("lots", [{"code": 1}]),
        ("lots", [{"colour": "red"}]),
        ("lots", "none"),
    ],
)
def test_a_value_of_another_kind_is_seen(name: str, value: object) -> None:
    assert fits(FIELDS[name], value) is False
    assert wrong({name: value}) == [name]


def test_an_unknown_field_is_seen() -> None:
    assert wrong({"colour": "red"}) == ["colour"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("清河河道", {"清河", "河河", "河道"}),
        ("水", {"水"}),
        ("E3715-001 标段", {"e3715", "001", "标段"}),
        ("（ＡＢＣ）工程", {"abc", "工程"}),
        ("第2标段", {"第", "2", "标段"}),
        ("%_ '", set()),
        ("", set()),
    ],
)
def test_a_text_is_found_by_neighbours_of_chinese_letters_and_by_whole_words(
    text: str, found: set[str]
) -> None:
    assert pieces(text) == found
