"""Identity, as a module."""

from pathlib import Path

from govcore.identity import account_pages, pages
from govcore.identity.api import ROUTES
from govcore.identity.policy import EVERYONE
from govcore.module import EventType, Module, Permission

MODULE = Module(
    name="identity",
    prefixes=("identity",),
    routes=[*ROUTES, *pages.PAGES, *account_pages.PAGES],
    templates=Path(__file__).parent / "templates",
    permissions=[
        Permission(
            name="identity.sign_out", zh="退出登录", en="Sign out", roles=EVERYONE, administrative=True
        ),
        Permission(
            name="identity.keep_account",
            zh="管理自己的账号",
            en="Keep one's own account",
            roles=EVERYONE,
            administrative=True,
        ),
    ],
    audit_events=[
        EventType(
            name="identity.organisation_registered",
            zh="登记单位",
            en="Organisation registered",
            subject="organisation",
        ),
        EventType(name="identity.user_registered", zh="登记用户", en="User registered", subject="user"),
        EventType(name="identity.signed_in", zh="登录", en="Signed in", subject="user"),
        EventType(name="identity.proved", zh="再次证明身份", en="Proved who they are again", subject="user"),
        EventType(name="identity.sessions_ended", zh="终止已登录的设备", en="Sessions ended", subject="user"),
        EventType(name="identity.disabled", zh="停用账号", en="Account disabled", subject="user"),
        EventType(name="identity.enabled", zh="恢复账号", en="Account enabled again", subject="user"),
        EventType(name="identity.signed_out", zh="退出", en="Signed out", subject="user"),
    ],
)
