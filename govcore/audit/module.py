"""The audit module: the log, its rhythm and its readers; with it the platform's own keys."""

from pathlib import Path

from govcore.audit.api import ROUTES
from govcore.audit.erasing import erase_together, what_goes
from govcore.audit.pages import PAGES
from govcore.authority.schemas import Nothing
from govcore.identity.policy import Role
from govcore.module import SECOND, Act, EventType, Module, NavItem, Permission, Sweep, WrappedColumn
from govcore.vault import VaultKey

NAMED_IN_ADDRESSES = frozenset({"user_id", "expert_id", "keeper_id"})
"""The ids in an address that was refused which tell who somebody is."""

MODULE = Module(
    name="audit",
    prefixes=("audit", "log", "outbox", "module"),
    routes=[*ROUTES, *PAGES],
    templates=Path(__file__).parent / "templates",
    nav=[NavItem(href="/audit", text="Audit log", icon="history", permission="audit.read")],
    permissions=(
        Permission(
            name="audit.read",
            zh="查看审计日志",
            en="Read the audit log",
            roles=frozenset({Role.AUDITOR, Role.REGULATOR}),
            administrative=True,
        ),
        Permission(
            name="audit.erase",
            zh="删除日志中的个人信息",
            en="Erase personal data from the log",
            roles=frozenset({Role.REGULATOR}),
        ),
    ),
    audit_events=(
        EventType(name="log.cover", zh="填充条目", en="Cover entry", subject="log"),
        EventType(
            name="log.clock_set_back", zh="数据库时钟被拨回", en="Database clock set back", subject="log"
        ),
        EventType(
            name="log.clock_set_forward",
            zh="数据库时钟被拨快",
            en="Database clock set forward",
            subject="log",
        ),
        EventType(
            name="audit.refused",
            zh="拒绝了一项请求",
            en="A request was refused",
            subject="user",
            personal=NAMED_IN_ADDRESSES,
        ),
        EventType(
            name="audit.bidder_refused",
            zh="拒绝了投标人的一项请求",
            en="A bidder's request was refused",
            subject="user",
            sealed=True,
            personal=NAMED_IN_ADDRESSES,
        ),
        EventType(
            name="audit.supervisor_read",
            zh="监督人员查阅了非公开内容",
            en="A supervisor read what is not public",
            subject="user",
            personal=NAMED_IN_ADDRESSES,
        ),
        EventType(
            name="audit.searched",
            zh="查询了审计日志",
            en="The audit log was searched",
            subject="log",
            personal=frozenset({"person"}),
        ),
        EventType(
            name="audit.exported",
            zh="导出了审计日志",
            en="The audit log was exported",
            subject="log",
            personal=frozenset({"person"}),
        ),
        EventType(
            name="audit.erased",
            zh="已删除个人信息",
            en="Personal data erased",
            subject="leaf",
            personal=SECOND,
        ),
        EventType(
            name="module.upgraded_at_risk",
            zh="在临近截止或开标期间升级",
            en="Upgraded near a deadline or during an opening",
            subject="platform",
            personal=frozenset({"operators"}),
        ),
        EventType(
            name="module.dropped",
            zh="已删除外部模块的数据表",
            en="External module's tables dropped",
            subject="module",
        ),
    ),
    acts=[
        Act(
            name="audit.erase",
            text="Erase personal data from the log",
            warning="This cannot be undone: the content of the entry is dropped for good, in the second place too. "
            "Its leaf stays, so the log can still be checked.",
            permission="audit.erase",
            second="audit.erase",
            content=Nothing,
            labels={
                "entry": "Entry",
                "event": "Event",
                "time": "Time",
                "subject": "Object of the act",
                "leaf": "Leaf hash",
            },
            typed="entry",
            facts=what_goes,
            run=erase_together,
            back="/audit/entries/{object_id}",
        ),
    ],
    schedule={
        "audit.integrate": Sweep(task="audit.integrate", every=0.5),
        "audit.cosign": Sweep(task="audit.cosign", every=0.5),
        "audit.copy": Sweep(task="audit.copy", every=5.0),
        "outbox.deliver": Sweep(task="outbox.deliver", every=1.0),
    },
    task_packages=("govcore.audit.tasks",),
    wrapped=[
        WrappedColumn(attribute=VaultKey.wrapped, purpose="vault", context=lambda _, row: str(row.purpose)),
    ],
)
