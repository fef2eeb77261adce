"""Evaluations, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import EventType, Module, NavItem, Permission, Sweep
from trading.evaluation.api import ROUTES
from trading.evaluation.pages import PAGES
from trading.evaluation.sheet_pages import PAGES as SHEET_PAGES

HERE = Path(__file__).parent

MODULE = Module(
    name="evaluation",
    prefixes=("evaluation",),
    requires=("identity", "audit", "tender", "opening", "committee", "review"),
    routes=[*ROUTES, *SHEET_PAGES, *PAGES],
    nav=[NavItem(href="/evaluation", text="Evaluations", icon="checklist", permission="evaluation.view")],
    templates=HERE / "templates",
    locale=[HERE / "locale"],
    permissions=[
        Permission(
            name="evaluation.score",
            zh="评标打分",
            en="Score bids",
            roles=frozenset({Role.EXPERT, Role.TENDERER}),
        ),
        Permission(
            name="evaluation.view",
            zh="查看评标结果",
            en="See evaluations",
            roles=frozenset({Role.EXPERT, Role.TENDERER, Role.AGENCY, Role.CENTRE, Role.REGULATOR}),
        ),
    ],
    audit_events=[
        EventType(
            name="evaluation.sheet_locked", zh="评委锁定评分表", en="Score sheet locked", subject="lot"
        ),
        EventType(
            name="evaluation.document_read", zh="评委查阅投标文件", en="Opened bid read", subject="bid"
        ),
        EventType(
            name="evaluation.technical_fixed",
            zh="技术评审结果已确定",
            en="Technical result fixed",
            subject="lot",
            public=True,
        ),
        EventType(name="evaluation.completed", zh="评标完成", en="Evaluation completed", subject="lot"),
    ],
    schedule={"evaluation.complete_due": Sweep(task="evaluation.complete_due", every=1.0)},
    task_packages=["trading.evaluation.tasks"],
)
