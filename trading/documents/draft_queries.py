"""Reads of drafts: for the agency that writes them, and nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import select

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.models import Organisation, User, UserRole
from govcore.identity.policy import Actor, Role
from trading.documents.answers import DraftAnswers
from trading.documents.models import Draft, Version
from trading.documents.policy import VersionState
from trading.project.models import Project
from trading.tender.models import Tender
from trading.tender.policy import TenderState


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLine:
    """A draft in a list."""

    id: str
    title: str
    project: str
    edited_by: str
    edited_at: datetime
    tender_id: str | None
    abandoned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectChoice:
    id: str
    code: str
    name: str
    category: str


def answers_of(draft: Draft) -> DraftAnswers:
    return msgspec.convert(draft.data, DraftAnswers)


def own_draft(tx: Tx, draft_id: str, *, actor: Actor) -> Draft:
    """A draft of the actor's agency; `NotFound` for every other."""
    query = select(Draft).join(Project, Project.id == Draft.project_id)
    found = tx.scalar(query.where(Draft.id == draft_id, Project.agency_id == actor.org_id))
    if found is None:
        raise NotFound
    return found


def is_open(tx: Tx, draft: Draft) -> bool:
    """Whether a draft that was found to be the actor's may still change: until its version 1 is released."""
    if draft.tender_id is None:
        return True
    if tx.get_one(Tender, draft.tender_id).state == TenderState.ABANDONED:
        return False
    return tx.get_one(Version, (draft.tender_id, 1)).state == VersionState.PREPARED


def own_drafts(tx: Tx, *, actor: Actor) -> list[DraftLine]:
    """The drafts of the actor's agency, last edited first."""
    query = (
        select(Draft, Project.name, User.name, Tender.state)
        .join(Project, Project.id == Draft.project_id)
        .join(User, User.id == Draft.edited_by)
        .outerjoin(Tender, Tender.id == Draft.tender_id)
        .where(Project.agency_id == actor.org_id)
        .order_by(Draft.edited_at.desc(), Draft.id)
    )
    return [
        DraftLine(
            id=draft.id,
            title=answers_of(draft).title,
            project=project,
            edited_by=person,
            edited_at=draft.edited_at,
            tender_id=draft.tender_id,
            abandoned=state == TenderState.ABANDONED,
        )
        for draft, project, person, state in tx.execute(query)
    ]


def own_projects(tx: Tx, *, actor: Actor) -> list[ProjectChoice]:
    """The projects that the actor's agency may tender, newest first."""
    query = select(Project).where(Project.agency_id == actor.org_id)
    rows = tx.scalars(query.order_by(Project.registered_at.desc(), Project.id))
    return [ProjectChoice(id=row.id, code=row.code, name=row.name, category=row.category) for row in rows]


def parties_of(tx: Tx, draft: Draft) -> tuple[Project, str, str]:
    """The project of a draft that was found to be the actor's, and the names of its tenderer and supervisor."""
    project = tx.get_one(Project, draft.project_id)
    names = [tx.get_one(Organisation, one).name for one in (project.tenderer_id, project.regulator_id)]
    return project, names[0], names[1]


def centres(tx: Tx) -> list[tuple[str, str]]:
    """The organisations that work as trading centres, by id and name: they keep a share of the keys."""
    query = (
        select(Organisation.id, Organisation.name)
        .join(User, User.org_id == Organisation.id)
        .join(UserRole, UserRole.user_id == User.id)
        .where(UserRole.role == Role.CENTRE)
        .distinct()
        .order_by(Organisation.name)
    )
    return [(row.id, row.name) for row in tx.execute(query)]
