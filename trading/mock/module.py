"""Mock openings, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import EventType, Module, NavItem, Permission, Sweep
from trading.mock.api import ROUTES
from trading.mock.pages import PAGES

_HERE = Path(__file__).parent
CENTRE = frozenset({Role.CENTRE})
CUSTODIAN = frozenset({Role.CUSTODIAN})

MODULE = Module(
    name="mock",
    prefixes=("mock",),
    requires=("tender", "notify", "certificates"),
    routes=[*ROUTES, *PAGES],
    nav=[NavItem(href="/mock-openings", text="Mock openings", icon="refresh", permission="mock.see")],
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    permissions=[
        Permission(name="mock.make", zh="组织模拟开标", en="Make mock openings", roles=CENTRE),
        Permission(name="mock.see", zh="查看模拟开标", en="See mock openings", roles=CENTRE | CUSTODIAN),
        Permission(
            name="mock.take_part", zh="参加模拟开标", en="Take part in mock openings", roles=CUSTODIAN
        ),
    ],
    audit_events=[
        EventType(name="mock.made", zh="开始模拟开标", en="Mock opening begun", subject="mock"),
        EventType(name="mock.key_given", zh="提交模拟密钥", en="Test key given", subject="mock"),
        EventType(name="mock.sealed", zh="模拟投标文件已加密", en="Test envelopes sealed", subject="mock"),
        EventType(name="mock.released", zh="释放模拟份额", en="Test shares released", subject="mock"),
        EventType(name="mock.read_out", zh="模拟唱标", en="Test envelopes read out", subject="mock"),
        EventType(
            name="mock.ended", zh="模拟开标已结束并清除", en="Mock opening ended and erased", subject="mock"
        ),
    ],
    schedule={"mock.advance": Sweep(task="mock.advance", every=2.0)},
    task_packages=("trading.mock.tasks",),
)
