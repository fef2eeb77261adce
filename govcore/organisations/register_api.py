"""The register and the units: JSON."""

from __future__ import annotations

from datetime import date

from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from govcore import clock
from govcore.identity.policy import Actor
from govcore.organisations import administration, register, unit_queries, units
from govcore.organisations.schemas import (
    Abolition,
    AccountSwitch,
    Created,
    Merger,
    NewPlacement,
    NewUnit,
    UnitChange,
)
from govcore.platform import Platform
from govcore.web.params import QueryNumber


@get("/api/register/organisations", permission="organisation.list", sync_to_thread=True)
def list_organisations(
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    search: FromQuery[str] = "",
    page: QueryNumber = 1,
) -> register.Listed[register.Row]:
    """Organisations by name, fifty a page."""
    with platform.db.read() as tx:
        return register.organisations(tx, search=search, page=page, actor=actor)


@get("/api/register/people", permission="organisation.list", sync_to_thread=True)
def list_people(
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    search: FromQuery[str] = "",
    page: QueryNumber = 1,
) -> register.Listed[register.Person]:
    """People by name, fifty a page."""
    with platform.db.read() as tx:
        return register.people(tx, search=search, page=page, actor=actor)


@put(
    "/api/register/people/{user_id:str}/account",
    permission="account.switch",
    sync_to_thread=True,
    status_code=204,
)
def switch_account(
    user_id: FromPath[str],
    data: JSONBody[AccountSwitch],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Disable or enable an account; it counts with the next request."""
    change = administration.enable if data.active else administration.disable
    with platform.db.transaction() as tx:
        change(tx, user_id, actor=actor, at=clock.now(tx))


@get("/api/organisations/{org_id:str}/units", permission="public", sync_to_thread=True)
def show_units(
    org_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    on: FromQuery[date | None] = None,
) -> tuple[unit_queries.Branch, ...]:
    """A body's units as of a day, today by default; people only for its members and administrators."""
    with platform.db.read() as tx:
        day = on or clock.now(tx).astimezone(clock.BEIJING).date()
        return unit_queries.tree(tx, org_id, day, actor=actor)


@post("/api/organisations/{org_id:str}/units", permission="unit.manage", sync_to_thread=True, status_code=201)
def found_unit(
    org_id: FromPath[str],
    data: JSONBody[NewUnit],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Created:
    """Set a unit up from a day on."""
    with platform.db.transaction() as tx:
        unit_id = units.found(
            tx,
            org_id,
            name=data.name,
            parent_id=data.parent_id,
            begins=data.begins,
            actor=actor,
            at=clock.now(tx),
        )
    return Created(unit_id)


@put("/api/units/{unit_id:str}", permission="unit.manage", sync_to_thread=True, status_code=204)
def change_unit(
    unit_id: FromPath[str],
    data: JSONBody[UnitChange],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Rename a unit or move it, from a day on."""
    with platform.db.transaction() as tx:
        units.change(
            tx,
            unit_id,
            name=data.name,
            parent_id=data.parent_id,
            begins=data.begins,
            actor=actor,
            at=clock.now(tx),
        )


@post("/api/units/{unit_id:str}/merger", permission="unit.manage", sync_to_thread=True, status_code=204)
def merge_unit(
    unit_id: FromPath[str],
    data: JSONBody[Merger],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Merge a unit into another one on a day."""
    with platform.db.transaction() as tx:
        units.merge(tx, unit_id, into=data.into, begins=data.begins, actor=actor, at=clock.now(tx))


@post("/api/units/{unit_id:str}/abolition", permission="unit.manage", sync_to_thread=True, status_code=204)
def abolish_unit(
    unit_id: FromPath[str],
    data: JSONBody[Abolition],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """End an empty unit on a day."""
    with platform.db.transaction() as tx:
        units.abolish(tx, unit_id, begins=data.begins, actor=actor, at=clock.now(tx))


@put(
    "/api/register/people/{user_id:str}/unit", permission="unit.manage", sync_to_thread=True, status_code=204
)
def place_person(
    user_id: FromPath[str],
    data: JSONBody[NewPlacement],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Place a person in a unit of the own body from a day on."""
    with platform.db.transaction() as tx:
        units.place(tx, user_id, unit_id=data.unit_id, begins=data.begins, actor=actor, at=clock.now(tx))


ROUTES = [
    list_organisations,
    list_people,
    switch_account,
    show_units,
    found_unit,
    change_unit,
    merge_unit,
    abolish_unit,
    place_person,
]
