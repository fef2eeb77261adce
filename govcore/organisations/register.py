"""The register of organisations and people as administrators read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, or_, select

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.grants import held_by
from govcore.identity.models import Organisation, User
from govcore.identity.policy import Actor, require
from govcore.organisations import queries
from govcore.organisations.policy import PAGE_SIZE

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    uscc: str
    name: str
    members: int


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    username: str
    name: str
    org_id: str | None
    organisation: str | None
    roles: tuple[str, ...]
    duties: frozenset[str]
    active: bool


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """One page of a list that was searched."""

    rows: Sequence[T]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


def organisations(tx: Tx, *, search: str, page: int, actor: Actor) -> Listed[Row]:
    """Organisations whose name or credit code holds the words, by name."""
    require(actor, "organisation.list")
    found = _matching(select(Organisation), search, Organisation.name, Organisation.uscc)
    total = tx.scalar(select(func.count()).select_from(found.subquery())) or 0
    shown = list(tx.scalars(_page(found.order_by(Organisation.name, Organisation.id), page)))
    counted = select(User.org_id, func.count()).where(User.org_id.in_([one.id for one in shown]))
    members = dict(tx.execute(counted.group_by(User.org_id)).all())
    rows = [Row(one.id, one.uscc, one.name, members.get(one.id, 0)) for one in shown]
    return Listed(rows, total, max(1, page))


def organisation(
    tx: Tx, org_id: str, *, actor: Actor
) -> tuple[Organisation, list[queries.Member], list[queries.Former]]:
    """One organisation with its members and its former ones."""
    require(actor, "organisation.list")
    found = tx.get(Organisation, org_id)
    if found is None:
        raise NotFound
    return found, queries.members_of(tx, org_id), queries.former_members(tx, org_id)


def people(tx: Tx, *, search: str, page: int, actor: Actor) -> Listed[Person]:
    """People whose name, user name or organisation holds the words, by name."""
    require(actor, "organisation.list")
    query = select(User, Organisation).outerjoin(Organisation, Organisation.id == User.org_id)
    found = _matching(query, search, User.name, User.username, Organisation.name)
    total = tx.scalar(select(func.count()).select_from(found.with_only_columns(User.id).subquery())) or 0
    shown = tx.execute(_page(found.order_by(User.name, User.id), page)).all()
    roles = held_by(tx, [user.id for user, _ in shown])
    rows = [_person(user, organisation, roles) for user, organisation in shown]
    return Listed(rows, total, max(1, page))


def person(tx: Tx, user_id: str, *, actor: Actor) -> Person:
    require(actor, "organisation.list")
    user = tx.get(User, user_id)
    if user is None:
        raise NotFound
    home = tx.get(Organisation, user.org_id) if user.org_id else None
    return _person(user, home, held_by(tx, [user_id]))


def _person(user: User, home: Organisation | None, roles: dict[str, list[str]]) -> Person:
    return Person(
        user.id,
        user.username,
        user.name,
        user.org_id,
        home.name if home else None,
        tuple(roles.get(user.id, ())),
        user.duties if home else frozenset(),
        user.active,
    )


def _matching(query: Select[*tuple[Any, ...]], search: str, *columns: Any) -> Select[*tuple[Any, ...]]:
    """All words must occur, each in one of the columns; % and _ are letters like others."""
    for word in search.split():
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return query


def _page(query: Select[*tuple[Any, ...]], page: int) -> Select[*tuple[Any, ...]]:
    return query.limit(PAGE_SIZE).offset((max(1, min(page, 100_000)) - 1) * PAGE_SIZE)
