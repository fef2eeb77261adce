"""Prequalification and invitation, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import EventType, Module, NavItem, Permission
from trading.prequalification.own_pages import PAGES as OWN_PAGES
from trading.prequalification.pages import PAGES

HERE = Path(__file__).parent
_SIDE = frozenset({Role.TENDERER, Role.AGENCY})

MODULE = Module(
    name="prequalification",
    prefixes=("prequalification",),
    requires=("identity", "audit", "notify", "tender", "opening", "draws"),
    routes=[*PAGES, *OWN_PAGES],
    nav=[
        NavItem(
            href="/prequalification",
            text="Prequalifications",
            icon="checklist",
            permission="prequalification.judge",
        ),
        NavItem(href="/invitations", text="Invitations", icon="mail", permission="prequalification.answer"),
    ],
    templates=HERE / "templates",
    locale=[HERE / "locale"],
    permissions=[
        Permission(name="prequalification.judge", zh="资格预审审查", en="Judge applications", roles=_SIDE),
        Permission(
            name="prequalification.close",
            zh="结束资格预审",
            en="End a prequalification",
            roles=frozenset({Role.TENDERER}),
        ),
        Permission(
            name="prequalification.admit",
            zh="确定受邀投标人",
            en="Name who may bid",
            roles=frozenset({Role.AGENCY}),
        ),
        Permission(
            name="prequalification.answer",
            zh="查看资格预审结果、答复投标邀请",
            en="Read own results and answer invitations",
            roles=frozenset({Role.BIDDER}),
        ),
    ],
    audit_events=[
        EventType(
            name="prequalification.closed", zh="资格预审结束", en="Prequalification ended", subject="lot"
        ),
        EventType(
            name="prequalification.admitted",
            zh="通过资格预审的申请人获准投标",
            en="Prequalified bidders admitted",
            subject="tender",
        ),
        EventType(
            name="prequalification.document_read",
            zh="查阅资格预审申请文件",
            en="Application read",
            subject="bid",
        ),
        EventType(name="prequalification.invited", zh="确定邀请名单", en="Invitees named", subject="tender"),
    ],
    subscriptions={
        "tender.published": "prequalification.send_invitations",
        "draw.blind_drawn": "prequalification.admit_drawn",
        "tender.closed": "prequalification.publish_draw",
    },
    task_packages=["trading.prequalification.tasks"],
)
