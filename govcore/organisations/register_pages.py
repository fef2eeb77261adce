"""The register for administrators, and a body's offices and units for everybody."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from govcore import clock, web
from govcore.authority.registers import ROLE_NAMES
from govcore.errors import Malformed, NotFound
from govcore.identity.policy import Actor
from govcore.identity.queries import organisation
from govcore.organisations import administration, register, unit_queries, units
from govcore.organisations.policy import DUTY_WORDS, ENDING_WORDS, UnitEnd
from govcore.platform import Platform
from govcore.web import redirect
from govcore.web.params import QueryNumber
from govcore.web.rendering import AnyRequest

UNIT_END_WORDS = {
    UnitEnd.CHANGED: "renamed or moved",
    UnitEnd.MERGED: "merged",
    UnitEnd.ABOLISHED: "abolished",
}


class UnitForm(msgspec.Struct):
    name: str = ""
    parent_id: str = ""
    begins: str = ""
    into: str = ""


class PlaceForm(msgspec.Struct):
    unit_id: str = ""
    begins: str = ""


@get("/register/organisations", permission="organisation.list", sync_to_thread=True)
def organisations_page(
    request: AnyRequest,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    search: FromQuery[str] = "",
    page: QueryNumber = 1,
) -> Response[str]:
    with platform.db.read() as tx:
        found = register.organisations(tx, search=search, page=page, actor=actor)
        bodies = unit_queries.bodies(tx)
    address = f"/register/organisations?search={quote(search)}"
    context: dict[str, Any] = {"found": found, "search": search, "address": address, "bodies": bodies}
    return web.page(request, "organisations/register.html", **context)


@get("/register/organisations/{org_id:str}", permission="organisation.list", sync_to_thread=True)
def organisation_page(
    request: AnyRequest,
    org_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    with platform.db.read() as tx:
        found, members, former = register.organisation(tx, org_id, actor=actor)
    context: dict[str, Any] = {"organisation": found, "members": members, "former": former}
    words: dict[str, Any] = {"duty_words": DUTY_WORDS, "ending_words": ENDING_WORDS}
    return web.page(request, "organisations/registered.html", **context, **words)


@get("/register/people", permission="organisation.list", sync_to_thread=True)
def people_page(
    request: AnyRequest,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    search: FromQuery[str] = "",
    page: QueryNumber = 1,
) -> Response[str]:
    with platform.db.read() as tx:
        found = register.people(tx, search=search, page=page, actor=actor)
    address = f"/register/people?search={quote(search)}"
    return web.page(request, "organisations/people.html", found=found, search=search, address=address)


@get("/register/people/{user_id:str}", permission="organisation.list", sync_to_thread=True)
def person_page(
    request: AnyRequest,
    user_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """One person: where it belongs, what it may do, whether its account is open."""
    with platform.db.read() as tx:
        today = clock.now(tx).astimezone(clock.BEIJING).date()
        found = register.person(tx, user_id, actor=actor)
        tree = unit_queries.tree(tx, found.org_id, today, actor=actor) if found.org_id else ()
        placed = unit_queries.placement_of(tx, user_id)
    return web.page(
        request,
        "organisations/person.html",
        person=found,
        units=_flat(tree),
        placed=placed,
        today=today.isoformat(),
        duty_words=DUTY_WORDS,
        role_words=ROLE_NAMES,
    )


@post("/register/people/{user_id:str}/disable", permission="account.switch", sync_to_thread=True)
def disable(
    user_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        administration.disable(tx, user_id, actor=actor, at=clock.now(tx))
    return redirect(f"/register/people/{user_id}")


@post("/register/people/{user_id:str}/enable", permission="account.switch", sync_to_thread=True)
def enable(
    user_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        administration.enable(tx, user_id, actor=actor, at=clock.now(tx))
    return redirect(f"/register/people/{user_id}")


@post("/register/people/{user_id:str}/unit", permission="unit.manage", sync_to_thread=True)
def place(
    user_id: FromPath[str],
    data: URLEncodedBody[PlaceForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    with platform.db.transaction() as tx:
        begins = _day(data.begins)
        units.place(tx, user_id, unit_id=data.unit_id or None, begins=begins, actor=actor, at=clock.now(tx))
    return redirect(f"/register/people/{user_id}")


@get("/units/{org_id:str}", permission="public", sync_to_thread=True)
def units_page(
    request: AnyRequest,
    org_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    on: FromQuery[str] = "",
) -> Response[str]:
    """A body's offices and units as of a day."""
    with platform.db.read() as tx:
        today = clock.now(tx).astimezone(clock.BEIJING).date()
        day = _day(on) if on else today
        body = organisation(tx, org_id)
        tree = unit_queries.tree(tx, org_id, day, actor=actor)
        changes = unit_queries.changes(tx, org_id)
    context: dict[str, Any] = {"body": body, "tree": tree, "changes": changes, "on": day, "today": today}
    return web.page(
        request, "organisations/units.html", units=_flat(tree), end_words=UNIT_END_WORDS, **context
    )


@get("/units/{org_id:str}/{unit_id:str}", permission="unit.manage", sync_to_thread=True)
def unit_page(
    request: AnyRequest,
    org_id: FromPath[str],
    unit_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """One unit of today: what may be changed about it."""
    with platform.db.read() as tx:
        today = clock.now(tx).astimezone(clock.BEIJING).date()
        body = organisation(tx, org_id)
        rows = _flat(unit_queries.tree(tx, org_id, today, actor=actor))
    unit = next((row for row in rows if row["id"] == unit_id), None)
    if unit is None:
        raise NotFound
    context: dict[str, Any] = {"body": body, "unit": unit, "units": rows, "today": today}
    return web.page(request, "organisations/unit.html", **context)


@post("/units/{org_id:str}", permission="unit.manage", sync_to_thread=True)
def found_unit(
    org_id: FromPath[str],
    data: URLEncodedBody[UnitForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    begins = _day(data.begins)
    with platform.db.transaction() as tx:
        units.found(
            tx,
            org_id,
            name=data.name,
            parent_id=data.parent_id or None,
            begins=begins,
            actor=actor,
            at=clock.now(tx),
        )
    return redirect(f"/units/{org_id}?on={begins}")


@post(
    "/units/{org_id:str}/{unit_id:str}/{what:str}",
    permission="unit.manage",
    sync_to_thread=True,
)
def alter_unit(
    org_id: FromPath[str],
    unit_id: FromPath[str],
    what: FromPath[str],
    data: URLEncodedBody[UnitForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    """Rename or move, merge, abolish: each from a day on."""
    begins = _day(data.begins)
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        if what == "change":
            parent = data.parent_id or None
            units.change(tx, unit_id, name=data.name, parent_id=parent, begins=begins, actor=actor, at=at)
        elif what == "merge":
            units.merge(tx, unit_id, into=data.into, begins=begins, actor=actor, at=at)
        elif what == "abolish":
            units.abolish(tx, unit_id, begins=begins, actor=actor, at=at)
        else:
            raise Malformed(detail="what")
    return redirect(f"/units/{org_id}?on={begins}")


def _flat(
    branches: tuple[unit_queries.Branch, ...], depth: int = 0, parent_id: str = ""
) -> list[dict[str, Any]]:
    """The tree as the choices of a list, each with its depth."""
    rows: list[dict[str, Any]] = []
    for branch in branches:
        rows.append({"id": branch.id, "name": branch.name, "depth": depth, "parent_id": parent_id})
        rows += _flat(branch.branches, depth + 1, branch.id)
    return rows


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise Malformed(detail="a day is written as 2026-01-31") from error


PAGES = [
    organisations_page,
    organisation_page,
    people_page,
    person_page,
    disable,
    enable,
    place,
    units_page,
    unit_page,
    found_unit,
    alter_unit,
]
