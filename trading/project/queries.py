"""Reads of projects: by those who run, serve and supervise them, and by the centre."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Select, or_, select

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.models import Organisation, User, UserRole
from govcore.identity.policy import Actor, Role
from trading.procedure.policy import Regime
from trading.project.models import Project, ProjectFile, ProjectVersion, Supervision
from trading.project.policy import Category
from trading.project.schemas import ProjectTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectLine:
    """A project in a list."""

    id: str
    code: str
    name: str
    category: str
    tenderer: str
    agency: str
    regulator: str
    registered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """What a registration said once, and who said it."""

    number: int
    name: str
    terms: ProjectTerms
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class FileLine:
    id: str
    kind: str
    name: str
    size: int
    sha256: str
    filed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectView:
    """A project whole; its versions are newest first."""

    line: ProjectLine
    tenderer_id: str
    agency_id: str
    regulator_id: str
    regime: Regime
    terms: ProjectTerms
    versions: tuple[VersionLine, ...]
    files: tuple[FileLine, ...]


def terms_of(project: Project) -> ProjectTerms:
    return msgspec.convert(project.terms, ProjectTerms)


def regime_of(category: str, terms: ProjectTerms) -> Regime:
    """The law of a project: its own word, else its category's."""
    return Regime(terms.regime or ("GP" if category == Category.PROCUREMENT else "TB"))


def visible_projects(tx: Tx, *, actor: Actor) -> list[ProjectLine]:
    """The actor's projects, newest first; a regulator's are those that it supervises."""
    found = tx.scalars(_visible(actor).order_by(Project.registered_at.desc(), Project.code.desc())).all()
    names = _names(tx, *(org for one in found for org in (one.tenderer_id, one.agency_id, one.regulator_id)))
    return [_line(one, names) for one in found]


def visible_project(tx: Tx, project_id: str, *, actor: Actor) -> Project:
    """One of `visible_projects`; `NotFound` for every other."""
    found = tx.scalar(_visible(actor).where(Project.id == project_id))
    if found is None:
        raise NotFound
    return found


def project_view(tx: Tx, project_id: str, *, actor: Actor) -> ProjectView:
    """A visible project, whole."""
    row = visible_project(tx, project_id, actor=actor)
    terms = terms_of(row)
    versions = tx.execute(
        select(ProjectVersion, User.name)
        .join(User, User.id == ProjectVersion.said_by)
        .where(ProjectVersion.project_id == row.id)
        .order_by(ProjectVersion.number.desc())
    )
    files = tx.scalars(
        select(ProjectFile).where(ProjectFile.project_id == row.id).order_by(ProjectFile.filed_at.desc())
    )
    return ProjectView(
        line=_line(row, _names(tx, row.tenderer_id, row.agency_id, row.regulator_id)),
        tenderer_id=row.tenderer_id,
        agency_id=row.agency_id,
        regulator_id=row.regulator_id,
        regime=regime_of(row.category, terms),
        terms=terms,
        versions=tuple(
            VersionLine(
                number=one.number,
                name=one.name,
                terms=msgspec.convert(one.terms, ProjectTerms),
                at=one.at,
                by=name,
            )
            for one, name in versions
        ),
        files=tuple(
            FileLine(one.id, one.kind, one.name, one.size, one.sha256, one.filed_at) for one in files
        ),
    )


def visible_file(tx: Tx, project_id: str, file_id: str, *, actor: Actor) -> ProjectFile:
    """A file of a visible project."""
    visible_project(tx, project_id, actor=actor)
    found = tx.scalar(
        select(ProjectFile).where(ProjectFile.id == file_id, ProjectFile.project_id == project_id)
    )
    if found is None:
        raise NotFound
    return found


def departments(tx: Tx) -> list[Organisation]:
    """The departments that can supervise: those with somebody in that role."""
    return _with_role(tx, Role.REGULATOR)


def tenderers(tx: Tx) -> list[Organisation]:
    return _with_role(tx, Role.TENDERER)


def agencies(tx: Tx) -> list[Organisation]:
    return _with_role(tx, Role.AGENCY)


def supervision(tx: Tx) -> dict[str, str]:
    """Which department supervises each category, by its id."""
    return {row.category: row.org_id for row in tx.scalars(select(Supervision))}


def _with_role(tx: Tx, role: Role) -> list[Organisation]:
    held = select(User.org_id).join(UserRole, UserRole.user_id == User.id).where(UserRole.role == role)
    return list(tx.scalars(select(Organisation).where(Organisation.id.in_(held)).order_by(Organisation.name)))


def _visible(actor: Actor) -> Select[Project]:
    query = select(Project)
    if Role.CENTRE in actor.roles:
        return query
    shown = [
        column == actor.org_id
        for role, column in (
            (Role.TENDERER, Project.tenderer_id),
            (Role.AGENCY, Project.agency_id),
            (Role.REGULATOR, Project.regulator_id),
        )
        if role in actor.roles
    ]
    return query.where(or_(False, *shown))


def _names(tx: Tx, *ids: str) -> dict[str, str]:
    rows = tx.execute(select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _line(one: Project, names: dict[str, str]) -> ProjectLine:
    return ProjectLine(
        id=one.id,
        code=one.code,
        name=one.name,
        category=one.category,
        tenderer=names[one.tenderer_id],
        agency=names[one.agency_id],
        regulator=names[one.regulator_id],
        registered_at=one.registered_at,
    )
