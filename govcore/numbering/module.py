"""Document numbers, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import EventType, Module, NavItem, Permission
from govcore.numbering.api import ROUTES
from govcore.numbering.pages import PAGES

_ORGANS = frozenset({Role.CENTRE, Role.TENDERER, Role.AGENCY, Role.REGULATOR})

MODULE = Module(
    name="numbering",
    prefixes=("numbering",),
    requires=("identity", "audit"),
    routes=[*ROUTES, *PAGES],
    nav=[NavItem(href="/numbers", text="Document numbers", icon="list", permission="numbering.read")],
    templates=Path(__file__).parent / "templates",
    permissions=[
        Permission(
            name="numbering.read",
            zh="查看文号登记簿",
            en="Read the register of document numbers",
            roles=_ORGANS | {Role.AUDITOR},
            administrative=True,
        ),
        Permission(
            name="numbering.read_all",
            zh="查看各单位的文号",
            en="Read every organisation's document numbers",
            roles=frozenset({Role.AUDITOR}),
            administrative=True,
        ),
    ],
    audit_events=[
        EventType(
            name="numbering.office_named", zh="登记机关代字", en="Office named", subject="organisation"
        ),
    ],
)
