"""First pages, as a module: it reads every other slice and is read by none."""

from pathlib import Path

from govcore.identity.policy import EVERYONE, Role
from govcore.module import Module, NavItem, Permission
from trading.desk.pages import PAGES
from trading.desk.queries import published_files

_HERE = Path(__file__).parent

MODULE = Module(
    name="desk",
    prefixes=("desk",),
    requires=(
        "web",
        "guarantees",
        "tender",
        "bidding",
        "opening",
        "evaluation",
        "award",
        "challenge",
        "supervision",
    ),
    routes=PAGES,
    published_files=published_files,
    nav=[
        NavItem(href="/desk", text="My work", icon="list-check", permission="desk.read"),
        NavItem(href="/oversight", text="Supervision by category", icon="eye", permission="desk.oversee"),
    ],
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    permissions=[
        Permission(
            name="desk.oversee",
            zh="按类别监督",
            en="See a department's lots by category",
            roles=frozenset({Role.REGULATOR}),
        ),
        Permission(
            name="desk.read", zh="查看我的工作", en="See one's own tasks", roles=EVERYONE, administrative=True
        ),
    ],
)
