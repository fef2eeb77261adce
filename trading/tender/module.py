"""Tenders, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import EventType, Module, Permission, Sweep
from trading.gate.at_rest import WRAPPED
from trading.tender.act_pages import PAGES as ACT_PAGES
from trading.tender.acts import ACTS
from trading.tender.announcing import note_public
from trading.tender.api import ROUTES
from trading.tender.deadline_pages import PAGES as DEADLINE_PAGES
from trading.tender.defects import DEFECT_ACTS
from trading.tender.pages import PAGES
from trading.tender.queries import secret_since, undisturbed

_HERE = Path(__file__).parent
_ROOT = _HERE.parent.parent

MODULE = Module(
    name="tender",
    prefixes=("tender", "keys", "schedule"),
    requires=("procedure", "project", "notices", "notify", "authority"),
    routes=[*ROUTES, *PAGES, *DEADLINE_PAGES, *ACT_PAGES],
    wrapped=WRAPPED,
    undisturbed=undisturbed,
    templates=_HERE / "templates",
    locale=[_HERE / "locale", _ROOT / "bidding_docs" / "locale", _HERE.parent / "gate" / "locale"],
    permissions=[
        Permission(name="tender.draft", zh="编制招标", en="Draft a tender", roles=frozenset({Role.AGENCY})),
        Permission(
            name="tender.approve", zh="审定招标文件", en="Approve a tender", roles=frozenset({Role.TENDERER})
        ),
        Permission(
            name="tender.publish", zh="发布招标", en="Publish a tender", roles=frozenset({Role.AGENCY})
        ),
        Permission(
            name="keys.provide", zh="提供开标密钥", en="Provide keys", roles=frozenset({Role.CUSTODIAN})
        ),
        Permission(
            name="keys.rehearse",
            zh="封装演练密封件",
            en="Make rehearsal capsules",
            roles=frozenset({Role.TENDERER}),
        ),
        Permission(
            name="keys.sign",
            zh="签署密钥清单",
            en="Sign a key manifest",
            roles=frozenset({Role.CUSTODIAN, Role.TENDERER}),
        ),
        Permission(
            name="tender.act",
            zh="办理标段的暂停与终止",
            en="Suspend and end lots",
            roles=frozenset({Role.TENDERER, Role.REGULATOR, Role.CENTRE}),
        ),
        Permission(
            name="tender.suspend",
            zh="暂停、恢复标段",
            en="Suspend and resume lots",
            roles=frozenset({Role.REGULATOR, Role.CENTRE}),
        ),
        Permission(
            name="tender.order",
            zh="责令取消标段、确认突破规则",
            en="Order lots to be cancelled, confirm rules set aside",
            roles=frozenset({Role.REGULATOR}),
        ),
        Permission(
            name="tender.terminate", zh="终止标段", en="Terminate lots", roles=frozenset({Role.TENDERER})
        ),
        Permission(
            name="tender.override",
            zh="提出突破规则",
            en="Propose to set a rule aside",
            roles=frozenset({Role.TENDERER}),
        ),
        Permission(
            name="schedule.sign", zh="签署时间安排", en="Sign a schedule", roles=frozenset({Role.TENDERER})
        ),
    ],
    acts=[*ACTS, *DEFECT_ACTS],
    schedule={"tender.remind": Sweep(task="tender.remind", every=5.0)},
    subscriptions={"schedule.changed": "tender.tell_schedule"},
    task_packages=("trading.tender.tasks",),
    sealed_since=secret_since,
    public_events=note_public,
    audit_events=[
        EventType(name="tender.drafted", zh="招标文件已编制", en="Tender drafted", subject="tender"),
        EventType(name="tender.approved", zh="招标人已审定", en="Tender approved", subject="tender"),
        EventType(name="tender.abandoned", zh="放弃未发布的招标轮次", en="Draft abandoned", subject="tender"),
        EventType(
            name="tender.published", zh="招标公告已发布", en="Tender published", subject="tender", public=True
        ),
        EventType(
            name="tender.lot_opened",
            zh="标段开始接收投标",
            en="Lot opened for bids",
            subject="lot",
            public=True,
        ),
        EventType(name="tender.closed", zh="投标截止", en="Bidding closed", subject="lot", public=True),
        EventType(name="tender.failed", zh="招标失败", en="Tender failed", subject="lot", public=True),
        EventType(name="tender.terminated", zh="终止", en="Terminated", subject="lot", public=True),
        EventType(
            name="tender.cancelled", zh="责令取消", en="Cancelled by order", subject="lot", public=True
        ),
        EventType(
            name="tender.overridden", zh="突破规则", en="Rule set aside", subject="tender", public=True
        ),
        EventType(name="tender.suspended", zh="暂停", en="Suspended", subject="lot", public=True),
        EventType(name="tender.resumed", zh="恢复", en="Resumed", subject="lot", public=True),
        EventType(name="keys.provided", zh="保管人已提供密钥", en="Custodian gave keys", subject="lot"),
        EventType(name="keys.rehearsal_made", zh="演练密封件已封装", en="Rehearsal made", subject="lot"),
        EventType(
            name="keys.rehearsed", zh="保管人已通过密钥演练", en="Custodian's keys rehearsed", subject="lot"
        ),
        EventType(name="keys.signed", zh="密钥清单已签署", en="Key manifest signed", subject="lot"),
        EventType(
            name="keys.published", zh="密钥清单已公布", en="Keys published", subject="lot", public=True
        ),
        EventType(name="keys.destroyed", zh="密钥已销毁", en="Keys destroyed", subject="lot", public=True),
        EventType(name="schedule.signed", zh="时间安排已签署", en="Schedule signed", subject="lot"),
        EventType(
            name="schedule.changed", zh="时间安排已公布", en="Schedule published", subject="lot", public=True
        ),
    ],
)
