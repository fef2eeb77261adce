"""Offices and units of a body: they change on a day, and what they were before stays to be read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import msgspec
from sqlalchemy import func, select

from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import Malformed, NotFound, Problem
from govcore.identity.models import User
from govcore.identity.policy import Actor, require
from govcore.identity.queries import organisation
from govcore.organisations.models import Placement, Unit, UnitForm
from govcore.organisations.policy import UnitEnd, below
from govcore.organisations.unit_queries import forms_on, present_form


class NotBefore(Problem):
    """What held on past days is not rewritten."""

    code = "E_UNIT_DATE"
    text = "The change must come after {begins}, when the unit got its present form."


class UnitInUse(Problem):
    code = "E_UNIT_IN_USE"
    text = "Move the units under this one and its people first."


class UnderItself(Problem):
    code = "E_UNIT_CIRCLE"
    text = "A unit cannot stand under itself or merge into itself."


class Branch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A unit of a body's data file, with the units under it."""

    name: str
    units: list[Branch] = []


def load_tree(
    tx: Tx, org_id: str, branches: Sequence[Branch], *, begins: date, actor: str, at: datetime
) -> None:
    """Set up a body that has no units yet, from its data file."""
    organisation(tx, org_id)
    if tx.scalar(select(func.count()).select_from(Unit).where(Unit.org_id == org_id)):
        raise Malformed(detail="the organisation has units already")
    waiting: list[tuple[str | None, Sequence[Branch]]] = [(None, branches)]
    loaded = 0
    while waiting:
        parent_id, level = waiting.pop()
        for position, branch in enumerate(level):
            unit_id = _new_unit(tx, org_id, branch.name, parent_id, position, begins)
            waiting.append((unit_id, branch.units))
            loaded += 1
    record(tx, "unit.tree_loaded", subject=org_id, actor=actor, at=at, data={"units": loaded})


def found(
    tx: Tx, org_id: str, *, name: str, parent_id: str | None, begins: date, actor: Actor, at: datetime
) -> str:
    """Set up a unit from a day on."""
    require(actor, "unit.manage")
    organisation(tx, org_id)
    if parent_id is not None:
        _form(tx, parent_id, org_id=org_id, on=begins)
    last = tx.scalar(
        select(func.max(UnitForm.position))
        .join(Unit, Unit.id == UnitForm.unit_id)
        .where(Unit.org_id == org_id)
    )
    unit_id = _new_unit(tx, org_id, _given(name), parent_id, (last or 0) + 1, begins)
    data = {"name": name, "begins": begins.isoformat()}
    record(tx, "unit.founded", subject=unit_id, actor=actor.user_id, at=at, data=data)
    return unit_id


def change(
    tx: Tx, unit_id: str, *, name: str, parent_id: str | None, begins: date, actor: Actor, at: datetime
) -> None:
    """Rename a unit or move it under another one, from a day on."""
    require(actor, "unit.manage")
    old = _present(tx, unit_id, begins)
    org_id = tx.get_one(Unit, unit_id).org_id
    if parent_id is not None:
        _form(tx, parent_id, org_id=org_id, on=begins)
        parents = {one.unit_id: one.parent_id for one in forms_on(tx, org_id, begins)}
        if parent_id in below(parents, unit_id):
            raise UnderItself
    old.valid_to, old.ending = begins, UnitEnd.CHANGED
    _add_form(tx, unit_id, _given(name), parent_id, old.position, begins)
    data = {"was": old.name, "name": name, "begins": begins.isoformat()}
    record(tx, "unit.changed", subject=unit_id, actor=actor.user_id, at=at, data=data)


def merge(tx: Tx, unit_id: str, *, into: str, begins: date, actor: Actor, at: datetime) -> None:
    """Merge a unit into another one: units under it and its people go there on that day."""
    require(actor, "unit.manage")
    old = _present(tx, unit_id, begins)
    org_id = tx.get_one(Unit, unit_id).org_id
    _form(tx, into, org_id=org_id, on=begins)
    parents = {one.unit_id: one.parent_id for one in forms_on(tx, org_id, begins)}
    if into in below(parents, unit_id):
        raise UnderItself
    for child in [one for one in forms_on(tx, org_id, begins) if one.parent_id == unit_id]:
        if child.valid_from >= begins:
            raise NotBefore(begins=child.valid_from.isoformat())
        child.valid_to, child.ending = begins, UnitEnd.CHANGED
        _add_form(tx, child.unit_id, child.name, into, child.position, begins)
    for placed in _people(tx, unit_id):
        _replace(tx, placed, into, begins)
    old.valid_to, old.ending, old.merged_into = begins, UnitEnd.MERGED, into
    data = {"into": into, "begins": begins.isoformat()}
    record(tx, "unit.merged", subject=unit_id, actor=actor.user_id, at=at, data=data)


def abolish(tx: Tx, unit_id: str, *, begins: date, actor: Actor, at: datetime) -> None:
    """End a unit without units under it and without people; its past stays."""
    require(actor, "unit.manage")
    old = _present(tx, unit_id, begins)
    org_id = tx.get_one(Unit, unit_id).org_id
    if any(one.parent_id == unit_id for one in forms_on(tx, org_id, begins)) or _people(tx, unit_id):
        raise UnitInUse
    old.valid_to, old.ending = begins, UnitEnd.ABOLISHED
    data = {"begins": begins.isoformat()}
    record(tx, "unit.abolished", subject=unit_id, actor=actor.user_id, at=at, data=data)


def place(tx: Tx, user_id: str, *, unit_id: str | None, begins: date, actor: Actor, at: datetime) -> None:
    """Place a member of the body in one of its units from a day on, or in none."""
    require(actor, "unit.manage")
    user = tx.get(User, user_id)
    if user is None or user.org_id is None:
        raise NotFound
    if unit_id is not None:
        _form(tx, unit_id, org_id=user.org_id, on=begins)
    current = tx.scalar(select(Placement).where(Placement.user_id == user_id, Placement.valid_to.is_(None)))
    if current is not None:
        _replace(tx, current, unit_id, begins)
    elif unit_id is not None:
        tx.add(Placement(user_id=user_id, unit_id=unit_id, valid_from=begins, valid_to=None))
    data = {"user": user_id, "unit": unit_id, "begins": begins.isoformat()}
    record(tx, "unit.person_placed", subject=user.org_id, actor=actor.user_id, at=at, data=data)


def _replace(tx: Tx, current: Placement, unit_id: str | None, begins: date) -> None:
    """A place taken on the same day was a mistake and is corrected; an earlier one stays in the history."""
    if current.valid_from > begins:
        raise NotBefore(begins=current.valid_from.isoformat())
    if current.valid_from == begins:
        if unit_id is None:
            tx.delete(current)
        else:
            current.unit_id = unit_id
        return
    current.valid_to = begins
    tx.flush()
    if unit_id is not None:
        tx.add(Placement(user_id=current.user_id, unit_id=unit_id, valid_from=begins, valid_to=None))


def _people(tx: Tx, unit_id: str) -> list[Placement]:
    query = select(Placement).where(Placement.unit_id == unit_id, Placement.valid_to.is_(None))
    return list(tx.scalars(query))


def _present(tx: Tx, unit_id: str, begins: date) -> UnitForm:
    """The form that a change on this day ends; `NotFound` when the unit is gone, `NotBefore`."""
    form = present_form(tx, unit_id)
    if form is None:
        raise NotFound
    if begins <= form.valid_from:
        raise NotBefore(begins=form.valid_from.isoformat())
    return form


def _form(tx: Tx, unit_id: str, *, org_id: str, on: date) -> UnitForm:
    for form in forms_on(tx, org_id, on):
        if form.unit_id == unit_id:
            return form
    raise NotFound


def _new_unit(tx: Tx, org_id: str, name: str, parent_id: str | None, position: int, begins: date) -> str:
    unit = Unit(id=new_id(), org_id=org_id)
    tx.add(unit)
    tx.flush()
    _add_form(tx, unit.id, name, parent_id, position, begins)
    return unit.id


def _add_form(tx: Tx, unit_id: str, name: str, parent_id: str | None, position: int, begins: date) -> None:
    tx.add(
        UnitForm(
            unit_id=unit_id,
            valid_from=begins,
            valid_to=None,
            parent_id=parent_id,
            name=name,
            position=position,
        )
    )
    tx.flush()


def _given(name: str) -> str:
    if not name.strip():
        raise Malformed(detail="name")
    return name.strip()
