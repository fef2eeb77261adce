"""Register projects."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import Forbidden
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, require
from trading.project.models import Project
from trading.project.schemas import NewProject

PLATFORM = "0001"


def register(tx: Tx, project: NewProject, *, actor: Actor, at: datetime) -> Project:
    """Register a project that the actor's agency will tender; raise for unknown organisations."""
    require(actor, "project.register")
    if actor.org_id is None:
        raise Forbidden
    for org_id in (project.tenderer_id, project.regulator_id):
        identity.organisation(tx, org_id)
    serial = (tx.scalar(select(func.count()).select_from(Project)) or 0) + 1
    row = Project(
        id=new_id(),
        code=f"E{project.division}{PLATFORM}{serial:06d}",
        name=project.name,
        category=project.category,
        tenderer_id=project.tenderer_id,
        agency_id=actor.org_id,
        regulator_id=project.regulator_id,
        registered_at=at,
    )
    tx.add(row)
    tx.flush()
    record(tx, "project.registered", subject=row.id, actor=actor.user_id, at=at, data={"code": row.code})
    return row
