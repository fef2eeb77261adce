"""Projects, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import EventType, Module, NavItem, Permission
from trading.project.api import ROUTES
from trading.project.pages import PAGES

_HERE = Path(__file__).parent

MODULE = Module(
    name="project",
    prefixes=("project",),
    requires=("identity", "audit", "procedure"),
    routes=[*ROUTES, *PAGES],
    nav=[NavItem(href="/projects", text="Projects", icon="file-text", permission="project.read")],
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    permissions=[
        Permission(
            name="project.register",
            zh="登记项目",
            en="Register a project",
            roles=frozenset({Role.AGENCY, Role.TENDERER}),
        ),
        Permission(
            name="project.read",
            zh="查看项目",
            en="Read projects",
            roles=frozenset({Role.AGENCY, Role.TENDERER, Role.REGULATOR, Role.CENTRE}),
        ),
        Permission(
            name="project.supervision",
            zh="设置各类项目的监督部门",
            en="Set who supervises which category",
            roles=frozenset({Role.CENTRE}),
        ),
    ],
    audit_events=[
        EventType(name="project.registered", zh="项目入场登记", en="Project registered", subject="project"),
        EventType(
            name="project.corrected", zh="项目登记更正", en="Registration corrected", subject="project"
        ),
        EventType(name="project.paper_filed", zh="项目文件归档", en="Project paper filed", subject="project"),
        EventType(name="project.supervisor_set", zh="设置监督部门", en="Supervisor set", subject="category"),
    ],
)
