"""A body's offices and units: as of any day, changed on a day, never deleted."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest
from town import Town

from govcore import clock
from govcore.identity.policy import VISITOR
from govcore.organisations import unit_queries, units
from govcore.organisations.policy import below, in_force
from trading.demo.bureau import DATA, Bureau

FOUNDED = date(2018, 12, 29)
LATER = date(2020, 3, 1)


@pytest.fixture
def offices(town: Town) -> dict[str, str]:
    """The ids of the bureau's offices by name, as set up from its data file."""
    tree = msgspec.json.decode(DATA.read_bytes(), type=Bureau)
    with town.platform.db.transaction() as tx:
        units.load_tree(
            tx, town.orgs["bureau"], tree.units, begins=tree.begins, actor="test", at=clock.now(tx)
        )
        forms = unit_queries.forms_on(tx, town.orgs["bureau"], FOUNDED)
    return {form.name: form.unit_id for form in forms}


def names(town: Town, on: date) -> dict[str, list[str]]:
    """The names under each name as of a day."""
    with town.platform.db.read() as tx:
        tree = unit_queries.tree(tx, town.orgs["bureau"], on, actor=VISITOR)
    return {top.name: [one.name for one in top.branches] for top in tree}


def act(town: Town, method: str, path: str, body: dict[str, Any], who: str = "system") -> int:
    return town.call(who, method, path, json=body).status_code


def test_the_bureau_s_tree_comes_from_its_data_file(town: Town, offices: dict[str, str]) -> None:
    shown = names(town, LATER)

    assert (len(offices), len(shown["局机关"]), len(shown["所属单位"])) == (24, 19, 3)
    assert (shown["局机关"][0], shown["局机关"][-1]) == ("办公室", "机关党委")
    assert names(town, date(2018, 12, 28)) == {}


def test_a_renamed_unit_keeps_its_old_name_for_the_days_before(town: Town, offices: dict[str, str]) -> None:
    path = f"/api/units/{offices['信息技术科']}"
    parent = offices["局机关"]

    status = act(town, "PUT", path, {"name": "数据资源科", "begins": "2020-03-01", "parent_id": parent})

    assert status == 204
    assert "信息技术科" in names(town, date(2020, 2, 29))["局机关"]
    assert "数据资源科" in names(town, LATER)["局机关"]
    assert "信息技术科" not in names(town, LATER)["局机关"]


def test_a_merger_takes_people_and_a_merged_unit_is_seen_before_that_day(
    town: Town, offices: dict[str, str]
) -> None:
    first, second = offices["工程建设审批一科"], offices["工程建设审批二科"]
    place = f"/api/register/people/{town.users['system']}/unit"
    statuses = [
        act(town, "PUT", place, {"unit_id": second, "begins": "2019-06-01"}),
        act(town, "POST", f"/api/units/{second}/abolition", {"begins": "2020-03-01"}),
        act(town, "POST", f"/api/units/{second}/merger", {"into": second, "begins": "2020-03-01"}),
        act(town, "POST", f"/api/units/{second}/merger", {"into": first, "begins": "2020-03-01"}),
    ]

    assert statuses == [204, 409, 409, 204]
    assert len(names(town, LATER)["局机关"]) == 18
    assert len(names(town, date(2019, 6, 1))["局机关"]) == 19
    with town.platform.db.read() as tx:
        before = unit_queries.tree(tx, town.orgs["bureau"], date(2019, 12, 31), actor=town.actor("system"))
        after = unit_queries.tree(tx, town.orgs["bureau"], LATER, actor=town.actor("system"))
    assert {one.name: one.people for one in before[0].branches if one.people} == {
        "工程建设审批二科": ("System",)
    }
    assert {one.name: one.people for one in after[0].branches if one.people} == {
        "工程建设审批一科": ("System",)
    }


def test_past_days_are_not_rewritten_and_nothing_stands_under_itself(
    town: Town, offices: dict[str, str]
) -> None:
    top, office = offices["局机关"], offices["办公室"]

    statuses = [
        act(town, "PUT", f"/api/units/{office}", {"name": "新", "begins": "2018-12-29", "parent_id": top}),
        act(
            town, "PUT", f"/api/units/{top}", {"name": "局机关", "begins": "2020-03-01", "parent_id": office}
        ),
        act(town, "POST", f"/api/units/{top}/abolition", {"begins": "2020-03-01"}),
        act(town, "POST", f"/api/units/{office}/abolition", {"begins": "2020-03-01"}),
        act(town, "POST", f"/api/units/{office}/abolition", {"begins": "2021-03-01"}),
    ]

    assert statuses == [409, 409, 409, 204, 404]
    assert "办公室" in names(town, date(2020, 2, 29))["局机关"]


@pytest.mark.parametrize("who", ["clerk", "head", "nobody"])
def test_nobody_else_changes_units_and_strangers_see_no_people(
    town: Town, offices: dict[str, str], who: str
) -> None:
    begins = {"begins": "2020-03-01"}
    path = f"/units/{town.orgs['bureau']}"
    act(
        town,
        "PUT",
        f"/api/register/people/{town.users['system']}/unit",
        {"unit_id": offices["办公室"], "begins": "2019-01-01"},
    )

    assert act(town, "POST", f"/api/units/{offices['办公室']}/abolition", begins, who) == 403
    assert "System" not in town.page(who, path)
    assert "System" in town.page("system", path)


def test_the_page_shows_the_tree_of_the_day_and_what_changed(town: Town, offices: dict[str, str]) -> None:
    act(town, "POST", f"/api/units/{offices['机关党委']}/abolition", {"begins": "2020-03-01"})
    path = f"/units/{town.orgs['bureau']}"

    before, after = (town.page(None, f"{path}?on={day}") for day in ("2020-02-29", "2020-03-01"))

    change = f"{path}/{offices['办公室']}"
    assert ("<li>机关党委</li>" in before, "<li>机关党委</li>" in after) == (True, False)
    assert f'href="{change}"' in town.page("system", path)
    assert [town.call(who, "GET", change).status_code for who in ("system", "clerk")] == [200, 403]
    assert town.call("system", "GET", f"{path}/{offices['机关党委']}").status_code == 404
    assert "abolished" in after
    assert town.call(None, "GET", f"{path}?on=yesterday").status_code == 422


def test_a_form_holds_from_its_first_day_until_the_day_before_its_end() -> None:
    begins, ends = date(2020, 1, 1), date(2020, 2, 1)

    held = [in_force(begins, ends, day) for day in (date(2019, 12, 31), begins, date(2020, 1, 31), ends)]

    assert held == [False, True, True, False]
    assert below({"a": None, "b": "a", "c": "b", "d": None}, "a") == {"a", "b", "c"}
