"""Extensions because of outages, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import EventType, Module, Permission, Sweep
from trading.extension.pages import PAGES

_HERE = Path(__file__).parent

MODULE = Module(
    name="extension",
    prefixes=("extension",),
    requires=("tender", "notices", "notify", "outages"),
    routes=PAGES,
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    permissions=[
        Permission(
            name="extension.certify",
            zh="出具平台故障证明",
            en="Certify outages",
            roles=frozenset({Role.CENTRE, Role.REGULATOR, Role.TENDERER, Role.AGENCY}),
        )
    ],
    audit_events=[
        EventType(
            name="extension.proposed",
            zh="因平台故障建议顺延截止时间",
            en="Extension proposed because of outages",
            subject="lot",
            public=True,
        ),
        EventType(
            name="extension.certified",
            zh="出具平台故障证明",
            en="Outages certified",
            subject="lot",
            public=True,
        ),
    ],
    schedule={"extension.look": Sweep(task="extension.look", every=15.0)},
    task_packages=("trading.extension.tasks",),
)
