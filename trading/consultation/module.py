"""Competitive consultation, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import EventType, Module, Permission
from trading.consultation.pages import PAGES

HERE = Path(__file__).parent
_GROUP = frozenset({Role.EXPERT, Role.TENDERER})

MODULE = Module(
    name="consultation",
    prefixes=("consultation",),
    requires=("identity", "audit", "notify", "tender", "documents", "opening", "committee", "review"),
    routes=PAGES,
    templates=HERE / "templates",
    locale=[HERE / "locale"],
    permissions=[
        Permission(
            name="consultation.read",
            zh="查看磋商情况",
            en="Read how a consultation stands",
            roles=_GROUP | {Role.AGENCY},
        ),
        Permission(name="consultation.hold", zh="主持磋商", en="Lead a consultation", roles=_GROUP),
        Permission(
            name="consultation.call",
            zh="要求提交最后报价",
            en="Call for final offers",
            roles=frozenset({Role.AGENCY}),
        ),
        Permission(
            name="consultation.take_part",
            zh="参加磋商",
            en="Take part in a consultation",
            roles=frozenset({Role.BIDDER}),
        ),
    ],
    audit_events=[
        EventType(
            name="consultation.talked", zh="磋商小组与供应商磋商", en="Talked with a supplier", subject="lot"
        ),
        EventType(
            name="consultation.left", zh="供应商退出磋商", en="Supplier left a consultation", subject="lot"
        ),
        EventType(name="consultation.ended", zh="磋商结束", en="Consultation ended", subject="lot"),
        EventType(
            name="consultation.called", zh="要求提交最后报价", en="Final offers called for", subject="tender"
        ),
    ],
    subscriptions={
        "tender.published": "consultation.tell_asked",
        "opening.read_out": "consultation.seat_group",
    },
    task_packages=["trading.consultation.tasks"],
)
