"""Bill checks, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import EventType, Module, Permission, Sweep
from trading.billcheck.pages import PAGES

_HERE = Path(__file__).parent

MODULE = Module(
    name="billcheck",
    prefixes=("billcheck",),
    requires=("documents", "opening", "committee", "review"),
    routes=PAGES,
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    permissions=[
        Permission(
            name="billcheck.order",
            zh="工程量清单清标",
            en="Check bills of quantities",
            roles=frozenset({Role.EXPERT, Role.TENDERER, Role.REGULATOR}),
        )
    ],
    audit_events=[
        EventType(name="billcheck.ordered", zh="开始清标", en="Bill check ordered", subject="lot"),
        EventType(name="billcheck.finished", zh="清标完成", en="Bill check finished", subject="lot"),
    ],
    schedule={"billcheck.carry_out": Sweep(task="billcheck.carry_out", every=2.0)},
    task_packages=["trading.billcheck.tasks"],
)
