"""Work on the server that takes two people, and what may run short on it, as a module."""

from pathlib import Path

from govcore.authority.schemas import Nothing
from govcore.identity.policy import ADMINISTRATORS, Role
from govcore.module import SECOND, Act, EventType, Module, NavItem, Permission, Sweep
from govcore.upkeep.pages import PAGES
from govcore.upkeep.service import order, what_is_left

_HERE = Path(__file__).parent

MODULE = Module(
    name="upkeep",
    prefixes=("upkeep", "key", "backup"),
    requires=("authority", "audit", "certificates", "notify"),
    routes=PAGES,
    nav=[
        NavItem(href="/upkeep/keys", text="Keys of this platform", icon="key", permission="key.read"),
        NavItem(href="/upkeep/capacity", text="Capacity", icon="chart-bar", permission="upkeep.watch"),
    ],
    schedule={"upkeep.watch": Sweep(task="upkeep.watch", every=600.0)},
    task_packages=("govcore.upkeep.tasks",),
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    permissions=[
        Permission(
            name="upkeep.watch",
            zh="查看平台资源余量",
            en="See what runs short on the platform",
            roles=frozenset({Role.SYSTEM_ADMIN}),
            administrative=True,
        ),
        Permission(
            name="key.read",
            zh="查看平台密钥更换记录",
            en="See which key wraps, and new ones that were ordered",
            roles=ADMINISTRATORS,
            administrative=True,
        ),
        Permission(
            name="key.rotate",
            zh="提出更换密钥加密密钥",
            en="Propose a new key-encryption key",
            roles=frozenset({Role.SYSTEM_ADMIN}),
            administrative=True,
        ),
        Permission(
            name="key.second",
            zh="作为第二人确认更换密钥加密密钥",
            en="Confirm a new key-encryption key as second person",
            roles=frozenset({Role.SECURITY_ADMIN}),
            administrative=True,
        ),
    ],
    acts=[
        Act(
            name="key.rotate",
            text="Order a new key-encryption key",
            warning="From the confirmation the operator of the server has ten minutes to begin. "
            "Every secret is then wrapped with the new key; the old one must be kept until no backup names it.",
            permission="key.rotate",
            second="key.second",
            content=Nothing,
            labels={"key": "The key that is left"},
            typed="key",
            facts=what_is_left,
            run=order,
            back="/upkeep/keys",
        ),
    ],
    audit_events=[
        EventType(
            name="key.rotation_ordered",
            zh="双人下达更换密钥加密密钥的指令",
            en="New key-encryption key ordered by two people",
            subject="order",
            personal=SECOND,
        ),
        EventType(
            name="key.rotated", zh="已更换密钥加密密钥", en="Key-encryption key rotated", subject="key"
        ),
        EventType(name="backup.made", zh="已备份", en="Backup made", subject="backup"),
        EventType(
            name="backup.restored",
            zh="已从备份恢复",
            en="Came back from a backup",
            subject="backup",
            personal=frozenset({"operators"}),
        ),
    ],
)
