"""Projects: JSON."""

from __future__ import annotations

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from trading.project import service
from trading.project.schemas import NewProject, ProjectRegistered


@post("/api/projects", permission="project.register", sync_to_thread=True, status_code=201)
def register_project(
    data: JSONBody[NewProject], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> ProjectRegistered:
    """Register a project that the caller's agency will tender."""
    with platform.db.transaction() as tx:
        project = service.register(tx, data, actor=actor, at=clock.now(tx))
    return ProjectRegistered(id=project.id, code=project.code)


ROUTES = [register_project]
