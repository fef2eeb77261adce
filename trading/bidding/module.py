"""Bids, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import EventType, Module, Permission, Sweep, WrappedColumn
from trading.bidding.api import ROUTES
from trading.bidding.models import Attempt, Bid
from trading.bidding.pages import PAGES
from trading.bidding.standing import unsubmitted_bands
from trading.bidding.trace import WRAPPED
from trading.bidding.upload_api import ROUTES as UPLOADS

_HERE = Path(__file__).parent

MODULE = Module(
    name="bidding",
    prefixes=("bid",),
    requires=("tender",),
    routes=[*UPLOADS, *ROUTES, *PAGES],
    wrapped=[
        WrappedColumn(attribute=Bid.wrapped, purpose="bid", context=lambda _, row: str(row.id)),
        WrappedColumn(attribute=Attempt.wrapped, purpose=WRAPPED, context=lambda _, row: str(row.id)),
    ],
    bands=unsubmitted_bands,
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    schedule={"bid.sweep_uploads": Sweep(task="bid.sweep_uploads", every=60.0)},
    subscriptions={"certificate.issued": "bid.tell_certificate"},
    task_packages=("trading.bidding.tasks",),
    permissions=[
        Permission(name="bid.submit", zh="投标", en="Submit bids", roles=frozenset({Role.BIDDER})),
        Permission(
            name="bid.trace",
            zh="查阅投标操作记录",
            en="Read a bidder's trace",
            roles=frozenset({Role.REGULATOR}),
        ),
    ],
    audit_events=[
        EventType(name="bid.submitted", zh="收到投标文件", en="Bid received", subject="bid", sealed=True),
        EventType(name="bid.withdrawn", zh="投标人撤回投标", en="Bid withdrawn", subject="bid", sealed=True),
        EventType(
            name="bid.none_stated", zh="出具未收到投标的证明", en="No bid stated", subject="lot", sealed=True
        ),
        EventType(
            name="bid.consented", zh="成员确认由新证书签名", en="Member's consent", subject="lot", sealed=True
        ),
        EventType(name="bid.trace_read", zh="查阅投标操作记录", en="Bidder's trace read", subject="lot"),
        EventType(name="bid.refused", zh="拒收投标文件", en="Bid refused", subject="lot", sealed=True),
    ],
)
