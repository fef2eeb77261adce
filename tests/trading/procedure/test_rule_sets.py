"""Rule sets as data: what is shipped is whole; what does not hold together is refused in one sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from govcore.calendar import vendored
from govcore.clock import BEIJING
from govcore.errors import Problem
from govcore.keys import create_kek
from govcore.platform import Platform
from govcore.settings import Settings, SettingsError
from trading.procedure import deadlines
from trading.procedure.policy import Kind, Regime, UnknownRule
from trading.procedure.rules import (
    SHIPPED,
    NoLawfulRuleSet,
    NotInForce,
    UnknownRuleSet,
    add_folder,
    check_in_force,
    in_force,
    load,
    rule_set,
    rule_sets,
)

TB, GP = rule_set("tb-2026"), rule_set("gp-2026")
Change = Callable[[dict[str, Any]], object]


def numbered(prefix: str, last: int) -> set[str]:
    return {f"{prefix}{n:02d}" for n in range(1, last + 1)}


def copies(folder: Path, name: str, change: Change, *, also: dict[str, Any] | None = None) -> list[Path]:
    """The shipped sets in a folder, one of them changed, and perhaps another."""
    for file in SHIPPED.glob("*.json"):
        data = json.loads(file.read_text(encoding="utf-8"))
        if data["id"] == name:
            change(data)
        (folder / file.name).write_text(json.dumps(data), encoding="utf-8")
    if also:
        (folder / f"{also['id']}.json").write_text(json.dumps(also), encoding="utf-8")
    return list(folder.glob("*.json"))


def test_the_tables_of_both_laws_are_whole() -> None:
    assert {rule.split(".")[0] for rule in TB.rules if re.match(r"T\d", rule)} == numbered("T", 40)
    assert {rule.split(".")[0] for rule in GP.rules if re.match(r"G\d", rule)} == numbered("G", 25)


@pytest.mark.parametrize("rules", rule_sets().values(), ids=lambda one: one.id)
def test_every_parameter_has_its_basis_and_a_name_in_both_languages(rules: Any) -> None:
    bare = [one.id for one in rules.rules.values() if not (one.basis and one.zh and one.en)]

    assert bare == []


def test_only_what_was_read_in_a_law_is_called_verified() -> None:
    own = [one.id for rules in (TB, GP) for one in rules.rules.values() if not any(a.law for a in one.basis)]

    assert [rule for rule in own if (TB.rules.get(rule) or GP.rules[rule]).verified] == []
    assert [TB[rule].verified for rule in ("T35", "T36.works", "opening.release", "T01")] == [False] * 3 + [
        True
    ]


def test_values_are_exact() -> None:
    assert (TB.share("T22"), TB.share("T14.experts"), TB.share("T39.fine_least")) == (
        Fraction(1, 50),
        Fraction(2, 3),
        Fraction(1, 200),
    )
    assert (TB.fen("T36.works"), TB.fen("T37")) == (80_000_000, 0)
    assert (TB.seconds("opening.signin_before"), TB.count("T15")) == (3600, 8)


@pytest.mark.parametrize("ask", [lambda: TB["T99"], lambda: TB.count("T01"), lambda: TB.seconds("T01")])
def test_a_rule_of_another_kind_is_refused(ask: Callable[[], object]) -> None:
    with pytest.raises(UnknownRule):
        ask()


def test_the_demo_has_the_same_rules_with_seconds() -> None:
    demo, remote = rule_set("demo"), rule_set("demo-remote")

    assert demo.rules.keys() == TB.rules.keys()
    assert [one.basis for one in demo.rules.values()] == [one.basis for one in TB.rules.values()]
    assert (demo.lawful, demo.gate, remote.gate) == (False, "local", "remote")
    assert remote.rules == demo.rules
    own = [
        rule for rule in demo.rules if demo[rule].value != TB[rule].value or demo[rule].unit != TB[rule].unit
    ]
    assert {demo[rule].verified for rule in own} == {False}


def with_rule(rule: str, **fields: Any) -> Change:
    return lambda data: data["rules"][rule].update(fields)


def without(rule: str, field: str) -> Change:
    return lambda data: data["rules"][rule].pop(field)


REFUSED: list[tuple[str, Change, str]] = [
    ("tb-2026", with_rule("T01", value=14), "rule T01 is shorter than rule T04"),
    ("tb-2026", with_rule("T01", value=19), "it is called lawful, but the law asks for 20 in rule T01"),
    ("tb-2026", with_rule("T07", value=11), "it is called lawful, but the law asks for 10 in rule T07"),
    ("tb-2026", with_rule("T21", value=31), "it is called lawful, but the law asks for 30 in rule T21"),
    ("tb-2026", with_rule("T28", value=11), "it is called lawful, but the law asks for 10 in rule T28"),
    ("tb-2026", with_rule("T10", value=2), "it is called lawful, but the law asks for 3 in rule T10"),
    (
        "tb-2026",
        with_rule("T14.experts", value="1/2"),
        "it is called lawful, but the law asks for 2/3 in rule T14.experts",
    ),
    ("tb-2026", with_rule("T30", unit="day"), "rule T30 is not counted as the law counts it"),
    ("tb-2026", with_rule("T22", value=101), "rule T22 is a share of more than 100 %"),
    ("tb-2026", with_rule("T14.experts", value="4/3"), "rule T14.experts is a share of more than 100 %"),
    ("tb-2026", with_rule("T01", unit="percent"), "rule T01 has a unit that does not fit its kind"),
    ("tb-2026", with_rule("T07", unit="working_day"), "rule T07 has a unit that does not fit its kind"),
    ("tb-2026", with_rule("T01", value=-1), "rule T01 has a value that does not fit its kind"),
    ("tb-2026", with_rule("T01", value="20"), "rule T01 has a value that does not fit its kind"),
    (
        "tb-2026",
        with_rule("roll.policy", value="SOMETIMES"),
        "rule roll.policy has a value that does not fit its kind",
    ),
    ("tb-2026", without("T01", "basis"), "rule T01 names no basis"),
    ("tb-2026", with_rule("T01", basis=["OURS"]), "rule T01 is marked verified and names no law"),
    ("tb-2026", with_rule("T01", basis=["XYZ 1"]), "rule T01 cites the law XYZ, which is not listed"),
    ("tb-2026", with_rule("T08", freezes=True), "rule T08 is not stopped by a suspension"),
    (
        "gp-2026",
        with_rule("domestic.rate", effective_from="2026-02-01"),
        "rule domestic.rate is not in force as long as the set is",
    ),
    (
        "tb-2026",
        with_rule("T01", effective_until="2026-06-30"),
        "rule T01 is not in force as long as the set is",
    ),
    ("gp-2026", lambda data: data["rules"].pop("G05"), "it is called lawful and has no rule G05"),
    ("tb-2026", lambda data: data["custodians"].update(k=4), "more custodians are needed than there are"),
    ("demo", lambda data: data.update(lawful=True), "rule T01 is not counted as the law counts it"),
    (
        "demo",
        lambda data: data.update(based_on="nothing"),
        "the set nothing that it is based on is not there",
    ),
    ("tb-2026", lambda data: data.update(id="other"), "its id is not the name of its file"),
    (
        "tb-2026",
        with_rule("T01", unit="fortnight"),
        "Invalid enum value 'fortnight' - at `$.rules[...].unit`",
    ),
    (
        "tb-2026",
        with_rule("T01", min_price=1),
        "Object contains unknown field `min_price` - at `$.rules[...]`",
    ),
    ("tb-2026", lambda data: data.pop("regime"), "Object missing required field `regime`"),
]


@pytest.mark.parametrize(("name", "change", "sentence"), REFUSED, ids=[one[2] for one in REFUSED])
def test_a_set_that_does_not_hold_together_is_refused_in_one_sentence(
    tmp_path: Path, name: str, change: Change, sentence: str
) -> None:
    with pytest.raises(Problem) as refusal:
        load(copies(tmp_path, name, change))

    assert (refusal.value.code, str(refusal.value.data["detail"])) == ("E_RULE_SET_DATA", sentence)


def later(**fields: Any) -> dict[str, Any]:
    return {"id": "tb-2027", "based_on": "tb-2026", "effective_from": "2027-01-01", "rules": {}, **fields}


@pytest.mark.parametrize(
    ("until", "begins"), [("2027-01-01", "2027-01-01"), ("2026-12-31", "2026-01-01"), (None, "2026-01-01")]
)
def test_two_lawful_sets_of_a_law_are_not_in_force_at_once(
    tmp_path: Path, until: str | None, begins: str
) -> None:
    files = copies(
        tmp_path,
        "tb-2026",
        lambda data: data.update(effective_until=until),
        also=later(effective_from=begins, effective_until=None),
    )

    with pytest.raises(Problem) as refusal:
        load(files)

    assert str(refusal.value.data["detail"]).startswith("it is in force while tb-")


def test_a_stricter_set_needs_its_differences_only(tmp_path: Path) -> None:
    files = copies(
        tmp_path,
        "",
        lambda data: None,
        also=later(rules={"T18": {"value": 5}, "T36.government": {"value": 1}}),
    )

    made = load(files)["tb-2027"]

    assert (made["T18"].value, made.share("T36.government")) == (5, Fraction(1, 100))
    assert (made["T18"].verified, made["T19"].verified) == (False, True)
    assert [rule for rule in made.rules if made[rule].value != TB[rule].value] == ["T18", "T36.government"]
    assert made.version != TB.version


def test_every_word_of_a_set_is_in_its_version(tmp_path: Path) -> None:
    changed = load(copies(tmp_path, "tb-2026", with_rule("T01", en="Other words")))

    assert changed["tb-2026"].version != TB.version
    assert changed["gp-2026"].version == GP.version


@pytest.mark.parametrize(("regime", "name"), [(Regime.TB, "tb-2026"), (Regime.GP, "gp-2026")])
def test_a_round_is_pinned_by_its_law_and_day(regime: Regime, name: str) -> None:
    assert in_force(regime, date(2026, 3, 1)).id == name
    with pytest.raises(NoLawfulRuleSet):
        in_force(regime, date(2025, 12, 31))


def test_a_round_is_published_under_the_set_of_that_day_only(own_folder: Path, tmp_path: Path) -> None:
    (own_folder / "tb-2027.json").write_text(json.dumps(later()))
    opened_with(own_folder, tmp_path)
    new_year = datetime(2027, 1, 1, tzinfo=BEIJING)
    second = timedelta(seconds=1)

    check_in_force(rule_set("tb-2026"), new_year - second)
    check_in_force(rule_set("tb-2027"), new_year)
    for name, at in (("tb-2026", new_year), ("tb-2027", new_year - second)):
        with pytest.raises(NotInForce):
            check_in_force(rule_set(name), at)
    check_in_force(rule_set("demo"), new_year)


def test_an_unknown_set_is_refused() -> None:
    with pytest.raises(UnknownRuleSet):
        rule_set("tb-1999")


@pytest.mark.parametrize(
    ("policy", "last"),
    [("NON_WORKING_DAY", "2025-03-24"), ("STATUTORY_HOLIDAY_ONLY", "2025-03-23"), ("NONE", "2025-03-23")],
)
def test_the_rolling_of_maxima_is_a_parameter(tmp_path: Path, policy: str, last: str) -> None:
    rules = load(copies(tmp_path, "tb-2026", with_rule("roll.policy", value=policy)))["tb-2026"]

    found = deadlines.due(rules, "T08", datetime(2025, 3, 20, tzinfo=BEIJING), calendar=vendored())

    assert found.last_day.isoformat() == last


def test_strict_least_periods_need_whole_days(tmp_path: Path) -> None:
    rules = load(copies(tmp_path, "tb-2026", with_rule("min_period.strict", value="YES")))["tb-2026"]
    issued = datetime(2025, 3, 3, 9, tzinfo=BEIJING)

    found = deadlines.earliest(rules, "T01", issued, calendar=vendored())

    assert found.at == datetime(2025, 3, 24, tzinfo=BEIJING)


def test_deadlines_may_be_suggested_as_they_are(tmp_path: Path) -> None:
    rules = load(copies(tmp_path, "tb-2026", with_rule("min_period.move_to_workday", value="NO")))["tb-2026"]

    found = deadlines.suggested(rules, "T01", datetime(2025, 3, 3, 9, tzinfo=BEIJING), calendar=vendored())

    assert found.at == datetime(2025, 3, 23, tzinfo=BEIJING)


def test_the_first_day_of_a_sale_may_count(tmp_path: Path) -> None:
    rules = load(copies(tmp_path, "tb-2026", with_rule("sale_period.counting", value="START_INCLUDED")))[
        "tb-2026"
    ]
    start = datetime(2025, 3, 3, 9, tzinfo=BEIJING)

    sale, publicity = (
        deadlines.window_end(rules, rule, start, calendar=vendored()) for rule in ("T02", "T18")
    )

    assert (sale.last_day.isoformat(), publicity.last_day.isoformat()) == ("2025-03-07", "2025-03-06")


ROOT = Path(__file__).parents[3]


def test_there_is_neither_a_lowest_price_nor_a_gate_before_the_documents() -> None:  # BH19, BH18
    words = re.compile(
        r"min_?price|minimum_price|lowest_price|price_min|sign_?up|bid_registration|enrol_bidder"
    )
    sources = [
        path
        for package in ("trading", "guarantees", "bidding_docs")
        for kind in ("*.py", "*.json", "*.html")
        for path in (ROOT / package).rglob(kind)
    ]

    found = [
        (path.name, word)
        for path in sources
        for word in words.findall(
            re.sub(r'""".*?"""|#.*', "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        )
    ]

    assert len(sources) > 100
    assert found == []
    assert [rule for rules in rule_sets().values() for rule in rules.rules if words.search(rule)] == []


def test_no_parameter_is_of_a_kind_that_nobody_reads() -> None:
    assert {one.kind for rules in (TB, GP) for one in rules.rules.values()} == set(Kind)


@pytest.fixture
def own_folder(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "rule-sets"
    folder.mkdir()
    yield folder
    add_folder(None)


def opened_with(folder: Path, home: Path) -> None:
    settings = Settings.from_environ({"TRADING_DATA": str(home), "TRADING_RULE_SETS": str(folder)})
    create_kek(settings.kek_file)
    Platform.open(settings).db.dispose()


def test_a_deployers_own_sets_are_read_at_the_start(own_folder: Path, tmp_path: Path) -> None:
    (own_folder / "tb-2027.json").write_text(json.dumps(later(rules={"T18": {"value": 5}})))

    opened_with(own_folder, tmp_path)

    assert in_force(Regime.TB, date(2026, 12, 31)).id == "tb-2026"
    assert in_force(Regime.TB, date(2027, 1, 1))["T18"].value == 5


def test_no_process_starts_with_a_set_that_does_not_hold_together(own_folder: Path, tmp_path: Path) -> None:
    (own_folder / "tb-2027.json").write_text(json.dumps(later(rules={"T18": {"value": 2}})))

    with pytest.raises(
        SettingsError, match=r"tb-2027 does not hold together: .* the law asks for 3 in rule T18"
    ):
        opened_with(own_folder, tmp_path)

    assert "tb-2027" not in rule_sets()
