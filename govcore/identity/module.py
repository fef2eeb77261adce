"""Identity, as a module."""

from pathlib import Path

from govcore.identity import account_pages, factors, pages, recovery_pages
from govcore.identity.api import ROUTES
from govcore.identity.models import Totp
from govcore.identity.policy import APPROVE_RESET, EVERYONE, Role
from govcore.module import EventType, Module, NavItem, Permission, WrappedColumn

MODULE = Module(
    name="identity",
    prefixes=("identity",),
    routes=[*ROUTES, *pages.PAGES, *recovery_pages.PAGES, *account_pages.PAGES],
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
        Permission(
            name=APPROVE_RESET,
            zh="同意重设密码",
            en="Approve the reset of a password",
            roles=frozenset({Role.SECURITY_ADMIN}),
            administrative=True,
        ),
    ],
    nav=[
        NavItem(href="/administration/resets", text="Password resets", icon="key", permission=APPROVE_RESET)
    ],
    wrapped=[
        WrappedColumn(
            attribute=Totp.wrapped, purpose=factors.PURPOSE, context=lambda _, row: str(row.user_id)
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
        EventType(
            name="identity.refused", zh="拒绝登录或验证", en="Sign-in or proof refused", subject="account"
        ),
        EventType(name="identity.slowed", zh="限制尝试次数", en="Guessing slowed", subject="account"),
        EventType(name="identity.password_changed", zh="修改密码", en="Password changed", subject="user"),
        EventType(
            name="identity.reset_approved", zh="同意重设密码", en="Password reset approved", subject="user"
        ),
        EventType(name="identity.factor_added", zh="启用动态口令", en="Authenticator added", subject="user"),
        EventType(
            name="identity.factor_removed", zh="停用动态口令", en="Authenticator removed", subject="user"
        ),
        EventType(
            name="identity.recovery_codes_made", zh="生成恢复码", en="Recovery codes made", subject="user"
        ),
        EventType(
            name="identity.recovery_code_used", zh="使用恢复码", en="Recovery code used", subject="user"
        ),
        EventType(name="identity.passkey_added", zh="添加通行密钥", en="Passkey added", subject="user"),
        EventType(name="identity.passkey_removed", zh="移除通行密钥", en="Passkey removed", subject="user"),
        EventType(name="identity.token_made", zh="生成接口令牌", en="API token made", subject="user"),
        EventType(name="identity.token_revoked", zh="撤销接口令牌", en="API token revoked", subject="user"),
        EventType(
            name="identity.first_administrator",
            zh="设立首位管理员",
            en="First administrator appointed",
            subject="user",
        ),
        EventType(name="identity.signed_out", zh="退出", en="Signed out", subject="user"),
    ],
)
