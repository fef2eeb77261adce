"""Bids, as a module."""

from pathlib import Path

from govcore.identity.policy import Duty, Role
from govcore.module import EventType, Module, Permission, Sweep, WrappedColumn
from trading.bidding.api import ROUTES
from trading.bidding.consent_pages import PAGES as CONSENT_PAGES
from trading.bidding.ledger_pages import PAGES as LEDGER
from trading.bidding.models import Attempt, Bid
from trading.bidding.pages import PAGES
from trading.bidding.standing import unsubmitted_bands
from trading.bidding.trace import WRAPPED
from trading.bidding.upload_api import ROUTES as UPLOADS
from trading.bidding.withdrawal_pages import PAGES as WITHDRAWAL_PAGES

_HERE = Path(__file__).parent

MODULE = Module(
    name="bidding",
    prefixes=("bid",),
    requires=("tender",),
    routes=[*UPLOADS, *ROUTES, *PAGES, *CONSENT_PAGES, *WITHDRAWAL_PAGES, *LEDGER],
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
        Permission(
            name="bid.read",
            zh="查看本单位投标",
            en="Read own bids",
            roles=frozenset({Role.BIDDER}),
            unlimited=True,
        ),
        Permission(
            name="bid.prepare",
            zh="编制、上传投标文件",
            en="Prepare and upload bids",
            roles=frozenset({Role.BIDDER}),
            unlimited=True,
            duty=Duty.PREPARE,
        ),
        Permission(
            name="bid.sign",
            zh="确认签名证书",
            en="Consent to a signing certificate",
            roles=frozenset({Role.BIDDER}),
            unlimited=True,
            duty=Duty.SIGN,
        ),
        Permission(
            name="bid.submit",
            zh="递交、替换、撤回投标文件",
            en="Submit, replace and withdraw bids",
            roles=frozenset({Role.BIDDER}),
            unlimited=True,
            duty=Duty.SUBMIT,
        ),
        Permission(
            name="bid.audit",
            zh="查阅本单位投标操作记录",
            en="Read the trace of own bids",
            roles=frozenset({Role.BIDDER}),
            duty=Duty.READ_AUDIT,
        ),
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
        EventType(name="bid.ledger_read", zh="查阅拒收与送达台账", en="Ledger read", subject="lot"),
        EventType(name="bid.trace_read", zh="查阅投标操作记录", en="Bidder's trace read", subject="lot"),
        EventType(name="bid.refused", zh="拒收投标文件", en="Bid refused", subject="lot", sealed=True),
    ],
)
