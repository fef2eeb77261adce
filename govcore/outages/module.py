"""Outages of the platform, as a module."""

from pathlib import Path

from govcore.module import EventType, Module, NavItem
from govcore.outages.api import ROUTES
from govcore.outages.pages import PAGES

_HERE = Path(__file__).parent

MODULE = Module(
    name="outages",
    prefixes=("outage",),
    requires=("audit", "web"),
    routes=[*ROUTES, *PAGES],
    nav=[NavItem(href="/outages", text="Outages", icon="timeline", permission="public")],
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    audit_events=[
        EventType(
            name="outage.measured", zh="测得平台故障", en="Outage measured", subject="prober", public=True
        )
    ],
)
