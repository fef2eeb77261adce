"""Likeness analyses, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import EventType, Module, Permission, Sweep
from trading.likeness.pages import PAGES

_HERE = Path(__file__).parent

MODULE = Module(
    name="likeness",
    prefixes=("likeness",),
    requires=("documents", "opening", "committee", "billcheck", "evaluation", "guarantees"),
    routes=PAGES,
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    permissions=[
        Permission(
            name="likeness.read",
            zh="雷同性分析",
            en="Analyse how alike bids are",
            roles=frozenset({Role.EXPERT, Role.TENDERER, Role.REGULATOR}),
        )
    ],
    audit_events=[
        EventType(
            name="likeness.ordered", zh="开始雷同性分析", en="Likeness analysis ordered", subject="lot"
        ),
        EventType(
            name="likeness.finished", zh="雷同性分析完成", en="Likeness analysis finished", subject="lot"
        ),
        EventType(name="likeness.read", zh="查看雷同性分析", en="Likeness analysis read", subject="lot"),
    ],
    schedule={"likeness.carry_out": Sweep(task="likeness.carry_out", every=2.0)},
    task_packages=["trading.likeness.tasks"],
)
