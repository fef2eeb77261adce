"""Notices, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import EventType, Module, NavItem, Permission, SealedPaper, Sweep
from trading.notices.api import ROUTES
from trading.notices.media_pages import PAGES as MEDIA_PAGES
from trading.notices.pages import PAGES
from trading.notices.policy import NOTICE_PAPER

_HERE = Path(__file__).parent

MODULE = Module(
    name="notices",
    prefixes=("notice", "notices"),
    requires=("identity", "audit", "notify", "seals"),
    routes=[*ROUTES, *PAGES, *MEDIA_PAGES],
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    nav=[NavItem(href="/notices/media", text="Media", icon="send", permission="notice.media")],
    permissions=[
        Permission(
            name="notice.media",
            zh="查看公告推送情况并重新推送",
            en="Watch what the media publish, and send again",
            roles=frozenset({Role.CENTRE}),
        ),
    ],
    schedule={
        "notices.number": Sweep(task="notices.number", every=1.0),
        "notices.finish": Sweep(task="notices.finish", every=2.0),
        "notices.push": Sweep(task="notices.push", every=5.0),
        "notices.compare": Sweep(task="notices.compare", every=60.0),
    },
    task_packages=("trading.notices.tasks",),
    audit_events=[
        EventType(
            name="notice.published", zh="公告已发布", en="Notice published", subject="notice", public=True
        ),
        EventType(
            name="notice.acknowledged",
            zh="媒介已刊发公告",
            en="Notice published by a medium",
            subject="notice",
        ),
        EventType(
            name="notice.refused", zh="媒介拒收公告", en="Notice refused by a medium", subject="notice"
        ),
        EventType(
            name="notice.given_up",
            zh="公告推送多次未成",
            en="Notice given up after many attempts",
            subject="notice",
        ),
        EventType(name="notice.sent_again", zh="公告重新推送", en="Notice sent again", subject="notice"),
    ],
    sealed_papers=[SealedPaper(name=NOTICE_PAPER, zh="公告", en="Public notices")],
)
