"""Authority, as a module."""

from pathlib import Path

from govcore.authority.api import ROUTES
from govcore.authority.pages import PAGES
from govcore.identity.policy import EVERYONE
from govcore.module import EventType, Module, Permission

_HERE = Path(__file__).parent

MODULE = Module(
    name="authority",
    prefixes=("authority",),
    requires=("identity", "audit"),
    routes=[*ROUTES, *PAGES],
    templates=_HERE / "templates",
    permissions=[
        Permission(
            name="authority.act",
            zh="双人操作",
            en="Take part in acts of two people",
            roles=EVERYONE,
            administrative=True,
        ),
    ],
    audit_events=[
        EventType(
            name="authority.proposed", zh="提出双人操作", en="Act of two people proposed", subject="proposal"
        ),
        EventType(
            name="authority.confirmed",
            zh="第二人确认并执行",
            en="Second person confirmed, act carried out",
            subject="proposal",
        ),
        EventType(
            name="authority.declined", zh="第二人拒绝", en="Second person declined", subject="proposal"
        ),
        EventType(
            name="authority.withdrawn", zh="提出人撤回", en="Proposer took it back", subject="proposal"
        ),
        EventType(
            name="authority.refused",
            zh="双人操作或授权被拒绝",
            en="Act of two people or grant refused",
            subject="proposal",
        ),
    ],
)
