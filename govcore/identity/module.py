"""Identity, as a module."""

from govcore.identity.api import ROUTES
from govcore.identity.models import Authority
from govcore.identity.pages import PAGES
from govcore.identity.policy import EVERYONE, Role
from govcore.module import EventType, Module, Permission, WrappedColumn

MODULE = Module(
    name="identity",
    prefixes=("identity", "certificate"),
    routes=[*ROUTES, *PAGES],
    permissions=[
        Permission(name="identity.sign_out", zh="退出登录", en="Sign out", roles=EVERYONE),
        Permission(
            name="certificate.request",
            zh="申领签名证书",
            en="Request a signing certificate",
            roles=frozenset(
                {Role.BIDDER, Role.CUSTODIAN, Role.TENDERER, Role.AGENCY, Role.BANK, Role.EXPERT}
            ),
        ),
    ],
    wrapped=[
        WrappedColumn(
            attribute=Authority.wrapped, purpose="authority", context=lambda _, row: str(row.sha256)
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
        EventType(
            name="identity.certificate_issued",
            zh="签发签名证书",
            en="Signing certificate issued",
            subject="certificate",
        ),
    ],
)
