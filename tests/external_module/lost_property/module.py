from pathlib import Path

from govcore.module import EventType, Module, NavItem, Permission
from lost_property.pages import give_back, keep, shelf

HERE = Path(__file__).parent

MODULE = Module(
    name="lost_property",
    prefixes=("lost",),
    requires=("identity", "audit", "web"),
    routes=[shelf, keep, give_back],
    nav=[NavItem(href="/lost-property", text="Lost property", icon="search", permission="public")],
    permissions=[Permission(name="lost.keep", zh="保管失物", en="Keep things", roles=frozenset({"clerk"}))],
    audit_events=[
        EventType(name="lost.kept", zh="登记失物", en="Lost thing kept", subject="thing"),
        EventType(name="lost.returned", zh="归还失物", en="Lost thing returned", subject="thing"),
    ],
    templates=HERE / "templates",
    locale=[HERE / "locale"],
    migrations=HERE / "migrations",
)
