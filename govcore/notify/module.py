"""Messages to people, as a module."""

from pathlib import Path

from govcore.identity.policy import EVERYONE
from govcore.module import Module, Permission
from govcore.notify.pages import PAGES

MODULE = Module(
    name="notify",
    prefixes=("notify",),
    requires=("identity",),
    routes=PAGES,
    templates=Path(__file__).parent / "templates",
    permissions=[
        Permission(name="notify.read", zh="查看站内消息", en="Read own messages", roles=EVERYONE),
    ],
)
