"""Seals, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import EventType, Module, NavItem, Permission, Sweep, WrappedColumn
from govcore.seals.api import ROUTES
from govcore.seals.models import SealAuthority, SealCertificate
from govcore.seals.pages import PAGES
from govcore.seals.sealing import VERIFY

_MANAGERS = frozenset({Role.CENTRE})
_ORGANS = frozenset({Role.CENTRE, Role.TENDERER, Role.AGENCY, Role.REGULATOR})


def _event(name: str, zh: str, en: str, *, subject: str = "seal", personal: str = "") -> EventType:
    return EventType(
        name=f"seals.{name}",
        zh=zh,
        en=en,
        subject=subject,
        personal=frozenset({personal} if personal else ()),
    )


MODULE = Module(
    name="seals",
    prefixes=("seals",),
    requires=("identity", "audit", "numbering"),
    routes=[*ROUTES, *PAGES],
    nav=[
        NavItem(href="/seals", text="Seals", icon="rubber-stamp", permission="seals.read"),
        NavItem(href=VERIFY, text="Check a document", icon="file-certificate", permission="public"),
    ],
    templates=Path(__file__).parent / "templates",
    permissions=[
        Permission(
            name="seals.read",
            zh="查看印章登记",
            en="Read the register of seals",
            roles=_ORGANS | {Role.AUDITOR},
            administrative=True,
        ),
        Permission(
            name="seals.read_all",
            zh="查看各单位的印章",
            en="Read every organisation's seals",
            roles=_MANAGERS | {Role.AUDITOR},
            administrative=True,
        ),
        Permission(
            name="seals.manage",
            zh="管理印章登记",
            en="Manage the register of seals",
            roles=_MANAGERS,
        ),
        Permission(name="seals.use", zh="用印", en="Use a seal that one keeps", roles=_ORGANS),
    ],
    audit_events=[
        _event("registered", "登记印章", "Seal registered"),
        _event("suspended", "停用印章", "Seal suspended"),
        _event("resumed", "恢复使用印章", "Seal taken into use again"),
        _event("sealed_away", "封存印章", "Seal sealed away"),
        _event("revoked", "作废印章", "Seal revoked"),
        _event("destroyed", "销毁印章", "Seal destroyed"),
        _event("certified", "签发印章证书", "Seal certified"),
        _event("keeper_named", "指定用印人", "Keeper of a seal named", personal="keeper"),
        _event("keeper_ended", "终止用印人", "Keeper of a seal ended", personal="keeper"),
        _event("papers_ordered", "设定文书用印", "Seal ordered for a kind of paper"),
        _event("order_ended", "取消文书用印", "Standing order for a seal ended"),
        _event("use_recorded", "用印登记", "Use of a seal recorded", subject="use"),
        _event("used", "用印", "Seal used", subject="use"),
        _event("use_voided", "用印登记作废", "Use of a seal voided", subject="use"),
    ],
    wrapped=[
        WrappedColumn(
            attribute=SealAuthority.wrapped,
            purpose="seal authority",
            context=lambda _, row: str(row.sha256),
        ),
        WrappedColumn(
            attribute=SealCertificate.wrapped, purpose="seal", context=lambda _, row: str(row.sha256)
        ),
    ],
    schedule={"seals.void_unfinished": Sweep(task="seals.void_unfinished", every=300)},
    task_packages=("govcore.seals.tasks",),
)
