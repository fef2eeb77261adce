"""The public home, health and the programs that pages load, as a module."""

from govcore.module import EventType, Module, Sweep
from govcore.web.pages import PAGES
from govcore.web.queries import PUBLISHED

MODULE = Module(
    name="web",
    prefixes=("web",),
    requires=("audit", "notify"),
    routes=PAGES,
    audit_events=[
        EventType(
            name=PUBLISHED, zh="网页程序已发布", en="Programs published", subject="programs", public=True
        )
    ],
    schedule={"web.publish_programs": Sweep(task="web.publish_programs", every=60.0)},
    task_packages=("govcore.web.tasks",),
)
