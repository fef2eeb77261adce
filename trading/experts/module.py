"""The expert pool, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import EventType, Module, NavItem, Permission, WrappedColumn
from trading.experts.models import CreditNote, Expert, PendingImport
from trading.experts.pages import PAGES
from trading.experts.queries import ENTRY, IMPORT, KEEP, NOTE

HERE = Path(__file__).parent


def _event(name: str, zh: str, en: str, *personal: str) -> EventType:
    return EventType(name=f"experts.{name}", zh=zh, en=en, subject="expert", personal=frozenset(personal))


MODULE = Module(
    name="experts",
    prefixes=("experts",),
    requires=("identity", "audit", "notify", "tender"),
    routes=PAGES,
    nav=[NavItem(href="/experts", text="Expert pool", icon="users", permission=KEEP)],
    templates=HERE / "templates",
    locale=[HERE / "locale"],
    permissions=[
        Permission(name=KEEP, zh="管理专家库", en="Keep the expert pool", roles=frozenset({Role.POOL_KEEPER}))
    ],
    audit_events=[
        _event("speciality_added", "增加评标专业", "Speciality added"),
        _event("entered", "专家入库", "Expert entered the pool", "user"),
        _event("changed", "变更专家信息", "Entry of an expert changed"),
        _event("noted", "记录专家信用信息", "Credit note about an expert", "lot"),
        _event("exported", "导出专家库", "Expert pool exported"),
    ],
    wrapped=[
        WrappedColumn(attribute=Expert.wrapped, purpose=ENTRY, context=lambda _, row: str(row.id)),
        WrappedColumn(attribute=CreditNote.wrapped, purpose=NOTE, context=lambda _, row: str(row.id)),
        WrappedColumn(
            attribute=PendingImport.wrapped, purpose=IMPORT, context=lambda _, row: str(row.user_id)
        ),
    ],
)
