"""Organisations, as a module."""

from pathlib import Path

from govcore.identity.models import Delegation
from govcore.identity.policy import ADMINISTRATORS, EVERYONE, Duty, Role
from govcore.module import EventType, Module, NavItem, Permission, Sweep, WrappedColumn
from govcore.organisations.api import ROUTES
from govcore.organisations.delegation_pages import acting_bands
from govcore.organisations.models import Claim, Invitation
from govcore.organisations.pages import PAGES
from govcore.organisations.policy import GIVEN_ROLES
from govcore.organisations.queries import tied
from govcore.organisations.register_api import ROUTES as REGISTER_ROUTES
from govcore.organisations.register_pages import PAGES as REGISTER_PAGES

USER = frozenset({"user"})

MODULE = Module(
    name="organisations",
    prefixes=("organisation", "delegation", "unit", "account"),
    requires=("identity", "audit", "notify", "authority", "certificates"),
    routes=[*ROUTES, *REGISTER_ROUTES, *PAGES, *REGISTER_PAGES],
    nav=[
        NavItem(
            href="/organisation", text="My organisation", icon="building", permission="organisation.view"
        ),
        NavItem(
            href="/claims", text="Claims to check", icon="clipboard-check", permission="organisation.decide"
        ),
        NavItem(
            href="/register/organisations",
            text="Organisations and people",
            icon="users",
            permission="organisation.list",
        ),
    ],
    bands=acting_bands,
    tied=tied,
    templates=Path(__file__).parent / "templates",
    schedule={
        "organisations.send_invitations": Sweep(task="organisations.send_invitations", every=2.0),
    },
    subscriptions={"organisation.member_left": "organisations.revoke_keys"},
    task_packages=("govcore.organisations.tasks",),
    wrapped=[
        WrappedColumn(attribute=Invitation.wrapped, purpose="invitation", context=lambda _, row: str(row.id)),
        WrappedColumn(attribute=Claim.wrapped, purpose="claim", context=lambda _, row: str(row.id)),
        WrappedColumn(attribute=Delegation.wrapped, purpose="delegation", context=lambda _, row: str(row.id)),
    ],
    permissions=[
        Permission(
            name="organisation.view",
            zh="查看本单位",
            en="See one's organisation",
            roles=EVERYONE,
            administrative=True,
        ),
        Permission(
            name="organisation.manage",
            zh="管理本单位成员",
            en="Manage members of one's organisation",
            roles=EVERYONE,
            administrative=True,
            duty=Duty.MANAGE,
        ),
        Permission(
            name="organisation.claim",
            zh="认领单位",
            en="Claim an organisation",
            roles=EVERYONE - ADMINISTRATORS,
        ),
        Permission(
            name="organisation.decide",
            zh="核验单位认领",
            en="Decide claims on organisations",
            roles=frozenset({Role.CENTRE}),
        ),
        Permission(
            name="organisation.list",
            zh="查阅单位和人员名册",
            en="Read the register of organisations and people",
            roles=ADMINISTRATORS,
            administrative=True,
        ),
        Permission(
            name="account.switch",
            zh="停用、启用账号",
            en="Disable and enable accounts",
            roles=frozenset({Role.SYSTEM_ADMIN}),
            administrative=True,
        ),
        Permission(
            name="unit.manage",
            zh="维护机构科室",
            en="Maintain offices and units",
            roles=frozenset({Role.SYSTEM_ADMIN}),
            administrative=True,
        ),
        Permission(
            name="delegation.grant",
            zh="授权委托他人",
            en="Delegate to others",
            roles=GIVEN_ROLES,
            duty=Duty.MANAGE,
        ),
        Permission(
            name="delegation.hold",
            zh="以受托人身份办理",
            en="Act by delegation",
            roles=EVERYONE - ADMINISTRATORS,
        ),
    ],
    audit_events=[
        EventType(
            name="organisation.duties_set",
            zh="调整成员职责",
            en="Member's duties set",
            subject="organisation",
            personal=USER,
        ),
        EventType(
            name="organisation.member_joined",
            zh="成员加入单位",
            en="Member joined",
            subject="organisation",
            personal=USER,
        ),
        EventType(
            name="organisation.member_left",
            zh="成员离开单位",
            en="Member left",
            subject="organisation",
            personal=USER,
        ),
        EventType(name="organisation.invited", zh="邀请成员", en="Somebody invited", subject="organisation"),
        EventType(
            name="organisation.uninvited", zh="撤销邀请", en="Invitation withdrawn", subject="organisation"
        ),
        EventType(name="organisation.claimed", zh="申请认领单位", en="Organisation claimed", subject="claim"),
        EventType(
            name="organisation.claim_contested", zh="对认领提出异议", en="Claim contested", subject="claim"
        ),
        EventType(name="organisation.claim_proven", zh="认领核验通过", en="Claim proven", subject="claim"),
        EventType(
            name="organisation.claim_rejected", zh="认领核验未通过", en="Claim not proven", subject="claim"
        ),
        EventType(name="organisation.claim_withdrawn", zh="撤回认领", en="Claim withdrawn", subject="claim"),
        EventType(
            name="delegation.granted",
            zh="授权委托",
            en="Delegation granted",
            subject="delegation",
            personal=USER,
        ),
        EventType(
            name="delegation.revoked",
            zh="撤销授权委托",
            en="Delegation revoked",
            subject="delegation",
            personal=USER,
        ),
        EventType(
            name="delegation.taken_up",
            zh="开始以受托人身份办理",
            en="Acting by delegation begun",
            subject="delegation",
            personal=USER,
        ),
        EventType(
            name="delegation.laid_down",
            zh="结束以受托人身份办理",
            en="Acting by delegation ended",
            subject="delegation",
            personal=USER,
        ),
        EventType(
            name="unit.tree_loaded", zh="载入机构科室", en="Offices and units loaded", subject="organisation"
        ),
        EventType(name="unit.founded", zh="设立科室", en="Unit set up", subject="unit"),
        EventType(name="unit.changed", zh="科室更名或调整", en="Unit renamed or moved", subject="unit"),
        EventType(name="unit.merged", zh="科室合并", en="Unit merged", subject="unit"),
        EventType(name="unit.abolished", zh="科室撤销", en="Unit abolished", subject="unit"),
        EventType(
            name="unit.person_placed",
            zh="调整人员科室",
            en="Person placed in a unit",
            subject="organisation",
            personal=USER,
        ),
    ],
)
