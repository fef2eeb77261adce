"""The calendar of working days, as a module."""

from pathlib import Path

from govcore.calendar.api import ROUTES
from govcore.calendar.pages import PAGES
from govcore.identity.policy import Role
from govcore.module import EventType, Module, NavItem, Permission

MODULE = Module(
    name="calendar",
    prefixes=("calendar",),
    requires=("identity", "audit"),
    routes=[*ROUTES, *PAGES],
    nav=[
        NavItem(href="/calendar", text="Working days", icon="calendar", permission="public"),
        NavItem(href="/calendar", text="Working days", icon="calendar", permission="calendar.load"),
    ],
    templates=Path(__file__).parent / "templates",
    permissions=[
        Permission(
            name="calendar.load",
            zh="载入放假安排",
            en="Load a holiday notice",
            roles=frozenset({Role.SYSTEM_ADMIN}),
            administrative=True,
        )
    ],
    audit_events=[
        EventType(
            name="calendar.loaded",
            zh="载入放假安排通知",
            en="Holiday notice loaded",
            subject="year",
            public=True,
        ),
        EventType(
            name="calendar.due_moved", zh="期限随放假安排重算", en="Due day moved by a notice", subject="due"
        ),
    ],
)
