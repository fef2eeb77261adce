"""Notices, as a module."""

from pathlib import Path

from govcore.module import EventType, Module, Sweep
from trading.notices.api import ROUTES
from trading.notices.pages import PAGES

_HERE = Path(__file__).parent

MODULE = Module(
    name="notices",
    prefixes=("notice", "notices"),
    requires=("identity", "audit", "notify", "seals"),
    routes=[*ROUTES, *PAGES],
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    schedule={"notices.number": Sweep(task="notices.number", every=1.0)},
    task_packages=("trading.notices.tasks",),
    audit_events=[
        EventType(
            name="notice.published", zh="公告已发布", en="Notice published", subject="notice", public=True
        ),
    ],
)
