"""Deposits and guarantee letters, as a module; none of its events is public."""

from pathlib import Path

from govcore.identity.policy import Duty, Role
from govcore.module import EventType, Module, Permission, WrappedColumn
from guarantees.api import ROUTES
from guarantees.models import SubAccount

MODULE = Module(
    name="guarantees",
    prefixes=("guarantee", "deposit"),
    requires=("identity", "audit"),
    routes=ROUTES,
    wrapped=[
        WrappedColumn(
            attribute=SubAccount.wrapped, purpose="sub-account", context=lambda _, row: str(row.id)
        ),
    ],
    locale=[Path(__file__).parent / "locale"],
    permissions=[
        Permission(
            name="deposit.request",
            zh="获取保证金子账户",
            en="Ask for a deposit account",
            roles=frozenset({Role.BIDDER}),
            duty=Duty.PREPARE,
        ),
        Permission(
            name="deposit.advise",
            zh="报送到账和退款信息",
            en="Report credits and refunds",
            roles=frozenset({Role.BANK}),
        ),
        Permission(
            name="deposit.read",
            zh="查看本单位有关的保证金和保函",
            en="Read one's own deposits and letters",
            roles=frozenset({Role.BIDDER, Role.TENDERER, Role.DEPOSITS, Role.REGULATOR}),
        ),
        Permission(
            name="deposit.read_all",
            zh="查看全部保证金和保函",
            en="Read all deposits and letters",
            roles=frozenset({Role.DEPOSITS, Role.REGULATOR}),
        ),
    ],
    audit_events=[
        EventType(
            name="deposit.cash_accepted", zh="开通现金保证金", en="Cash deposits accepted", subject="lot"
        ),
        EventType(
            name="deposit.sub_account_issued",
            zh="发放保证金子账户",
            en="Deposit account issued",
            subject="sub_account",
            sealed=True,
        ),
        EventType(
            name="deposit.advice_received",
            zh="收到加密到账信息",
            en="Bank advice received",
            subject="advice",
            sealed=True,
        ),
        EventType(
            name="deposit.advice_unreadable",
            zh="到账信息无法解密",
            en="Bank advice cannot be read",
            subject="advice",
        ),
        EventType(
            name="deposit.advice_opened", zh="到账信息已解密", en="Bank advice opened", subject="deposit"
        ),
        EventType(name="deposit.locked", zh="保证金已锁定", en="Deposit locked", subject="deposit"),
        EventType(name="deposit.refund_ordered", zh="通知退还保证金", en="Refund ordered", subject="deposit"),
        EventType(name="deposit.refunded", zh="保证金已退还", en="Deposit refunded", subject="deposit"),
        EventType(name="guarantee.registered", zh="登记保函", en="Letter registered", subject="letter"),
        EventType(name="guarantee.verified", zh="保函核验通过", en="Letter verified", subject="letter"),
        EventType(name="guarantee.rejected", zh="保函存在瑕疵", en="Letter defective", subject="letter"),
        EventType(name="guarantee.released", zh="保函已解除", en="Letter released", subject="letter"),
    ],
)
