"""Authority, as a module."""

from pathlib import Path

from govcore.authority.api import ROUTES
from govcore.authority.pages import PAGES
from govcore.authority.role_api import ROUTES as ROLE_ROUTES
from govcore.authority.role_pages import PAGES as ROLE_PAGES
from govcore.authority.schemas import Appointment
from govcore.authority.service import appoint, appointment
from govcore.identity.policy import ADMINISTRATORS, EVERYONE, Role
from govcore.module import Act, EventType, Module, NavItem, Permission

_HERE = Path(__file__).parent

MODULE = Module(
    name="authority",
    prefixes=("authority",),
    requires=("identity", "audit"),
    routes=[*ROUTES, *ROLE_ROUTES, *PAGES, *ROLE_PAGES],
    nav=[
        NavItem(
            href="/authority/roles",
            text="Roles and who holds them",
            icon="users",
            permission="authority.read",
        )
    ],
    templates=_HERE / "templates",
    permissions=[
        Permission(
            name="authority.act",
            zh="双人操作",
            en="Take part in acts of two people",
            roles=EVERYONE,
            administrative=True,
        ),
        Permission(
            name="authority.read",
            zh="查看角色与授权",
            en="See roles and who holds them",
            roles=ADMINISTRATORS,
            administrative=True,
        ),
        Permission(
            name="authority.assign",
            zh="授予和收回角色、权限",
            en="Give and take roles and permissions",
            roles=frozenset({Role.SECURITY_ADMIN}),
            administrative=True,
        ),
        Permission(
            name="authority.second",
            zh="作为第二人确认管理员任命",
            en="Confirm an administrator's role as second person",
            roles=frozenset({Role.SYSTEM_ADMIN}),
            administrative=True,
        ),
    ],
    acts=[
        Act(
            name="authority.appoint",
            text="Make somebody an administrator",
            warning="From the confirmation on this person administers the system. It can be ended again.",
            permission="authority.assign",
            second="authority.second",
            content=Appointment,
            labels={
                "login": "Login",
                "person": "Name",
                "role": "Becomes",
                "until": "Until the beginning of this day",
            },
            typed="login",
            facts=appointment,
            run=appoint,
            back="/authority/people/{object_id}",
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
        EventType(name="authority.role_added", zh="新增角色", en="Role added", subject="role"),
        EventType(
            name="authority.role_given",
            zh="授予角色",
            en="Role given",
            subject="role",
            personal=frozenset({"user_id"}),
        ),
        EventType(
            name="authority.role_taken",
            zh="收回角色",
            en="Role taken",
            subject="role",
            personal=frozenset({"user_id"}),
        ),
        EventType(name="authority.permission_given", zh="赋予权限", en="Permission given", subject="role"),
        EventType(name="authority.permission_taken", zh="收回权限", en="Permission taken", subject="role"),
        EventType(
            name="authority.refused",
            zh="双人操作或授权被拒绝",
            en="Act of two people or grant refused",
            subject="proposal",
        ),
    ],
)
