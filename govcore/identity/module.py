"""Identity, as a module."""

from govcore.identity.api import ROUTES
from govcore.identity.pages import PAGES
from govcore.identity.policy import EVERYONE
from govcore.module import EventType, Module, Permission

MODULE = Module(
    name="identity",
    prefixes=("identity",),
    routes=[*ROUTES, *PAGES],
    permissions=[
        Permission(
            name="identity.sign_out", zh="退出登录", en="Sign out", roles=EVERYONE, administrative=True
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
        EventType(name="identity.signed_out", zh="退出", en="Signed out", subject="user"),
    ],
)
