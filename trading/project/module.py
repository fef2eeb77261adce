"""Projects, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import EventType, Module, Permission
from trading.project.api import ROUTES

MODULE = Module(
    name="project",
    prefixes=("project",),
    requires=("identity", "audit"),
    routes=ROUTES,
    locale=[Path(__file__).parent / "locale"],
    permissions=[
        Permission(
            name="project.register", zh="登记项目", en="Register a project", roles=frozenset({Role.AGENCY})
        ),
    ],
    audit_events=[
        EventType(name="project.registered", zh="项目入场登记", en="Project registered", subject="project"),
    ],
)
