"""Reads of a body's units as of a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from govcore.db import Tx
from govcore.identity.models import Organisation, User
from govcore.identity.policy import Actor
from govcore.organisations.models import Placement, Unit, UnitForm


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit as of a day, with the units under it; `people` only for readers who may see them."""

    id: str
    name: str
    since: date
    people: tuple[str, ...]
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to a unit on a day."""

    on: date
    name: str
    ending: str | None
    now: str | None


def forms_on(tx: Tx, org_id: str, on: date) -> list[UnitForm]:
    """The forms of a body's units that hold on a day (`policy.in_force` as SQL), in the body's order."""
    query = select(UnitForm).join(Unit, Unit.id == UnitForm.unit_id).where(Unit.org_id == org_id)
    holds = UnitForm.valid_from <= on, or_(UnitForm.valid_to.is_(None), UnitForm.valid_to > on)
    return list(tx.scalars(query.where(*holds).order_by(UnitForm.position, UnitForm.unit_id)))


def present_form(tx: Tx, unit_id: str) -> UnitForm | None:
    return tx.scalar(select(UnitForm).where(UnitForm.unit_id == unit_id, UnitForm.valid_to.is_(None)))


def tree(tx: Tx, org_id: str, on: date, *, actor: Actor) -> tuple[Branch, ...]:
    """The units of a body as of a day; who is where sees only who belongs to it or administers the register."""
    forms = forms_on(tx, org_id, on)
    inside = actor.org_id == org_id and actor.acting is None
    people = _people_on(tx, org_id, on) if inside or actor.may("organisation.list") else {}
    return _under(None, forms, people)


def _under(
    parent_id: str | None, forms: Sequence[UnitForm], people: dict[str, list[str]]
) -> tuple[Branch, ...]:
    return tuple(
        Branch(
            form.unit_id,
            form.name,
            form.valid_from,
            tuple(people.get(form.unit_id, ())),
            _under(form.unit_id, forms, people),
        )
        for form in forms
        if form.parent_id == parent_id
    )


def _people_on(tx: Tx, org_id: str, on: date) -> dict[str, list[str]]:
    query = (
        select(Placement.unit_id, User.name)
        .join(User, User.id == Placement.user_id)
        .join(Unit, Unit.id == Placement.unit_id)
        .where(Unit.org_id == org_id, Placement.valid_from <= on)
        .where(or_(Placement.valid_to.is_(None), Placement.valid_to > on))
    )
    found: dict[str, list[str]] = {}
    for unit_id, name in tx.execute(query.order_by(User.name, User.id)):
        found.setdefault(unit_id, []).append(name)
    return found


def changes(tx: Tx, org_id: str) -> list[Change]:
    """What happened to the units after they were set up, the newest first."""
    query = select(UnitForm).join(Unit, Unit.id == UnitForm.unit_id).where(Unit.org_id == org_id)
    forms = list(tx.scalars(query.order_by(UnitForm.valid_from, UnitForm.position)))
    begun = {(form.unit_id, form.valid_from): form.name for form in forms}
    present = {form.unit_id: form.name for form in forms if form.valid_to is None}
    ended = [form for form in forms if form.valid_to is not None]
    ended.sort(key=lambda form: (form.valid_to or form.valid_from, form.position), reverse=True)
    return [
        Change(
            form.valid_to,
            form.name,
            form.ending,
            begun.get((form.unit_id, form.valid_to)) or present.get(form.merged_into or ""),
        )
        for form in ended
        if form.valid_to is not None
    ]


def bodies(tx: Tx) -> list[tuple[str, str]]:
    """The organisations that have units, by name."""
    query = select(Organisation.id, Organisation.name).where(Organisation.id.in_(select(Unit.org_id)))
    return [(org_id, name) for org_id, name in tx.execute(query.order_by(Organisation.name))]


def placement_of(tx: Tx, user_id: str) -> str | None:
    """The unit in which a person is placed now or from a coming day on."""
    query = select(Placement.unit_id).where(Placement.user_id == user_id, Placement.valid_to.is_(None))
    return tx.scalar(query)
