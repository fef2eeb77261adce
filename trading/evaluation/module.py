"""Evaluations, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import SECOND, Act, EventType, Module, NavItem, Permission, Sweep
from trading.evaluation.again import Repeat, repeat, repetition
from trading.evaluation.agreement_pages import PAGES as AGREEMENT_PAGES
from trading.evaluation.api import ROUTES
from trading.evaluation.pages import PAGES
from trading.evaluation.reopening import Item, reopen, reopening
from trading.evaluation.result_pages import PAGES as RESULT_PAGES
from trading.evaluation.sheet_pages import PAGES as SHEET_PAGES

HERE = Path(__file__).parent

MODULE = Module(
    name="evaluation",
    prefixes=("evaluation",),
    requires=(
        "identity",
        "authority",
        "audit",
        "certificates",
        "tender",
        "opening",
        "draws",
        "committee",
        "review",
    ),
    routes=[*ROUTES, *SHEET_PAGES, *AGREEMENT_PAGES, *RESULT_PAGES, *PAGES],
    nav=[
        NavItem(href="/evaluation", text="Evaluations", icon="checklist", permission="evaluation.view"),
        NavItem(
            href="/evaluation-bundles",
            text="Bundles to audit",
            icon="checklist",
            permission="evaluation.audit",
        ),
    ],
    templates=HERE / "templates",
    locale=[HERE / "locale"],
    permissions=[
        Permission(
            name="evaluation.score",
            zh="评标打分",
            en="Score bids",
            roles=frozenset({Role.EXPERT, Role.TENDERER}),
        ),
        Permission(
            name="evaluation.second",
            zh="作为第二人批准重新打开评分表",
            en="Approve reopening sheets as second person",
            roles=frozenset({Role.CENTRE}),
        ),
        Permission(
            name="evaluation.repeat",
            zh="申请重新评审",
            en="Propose to evaluate again",
            roles=frozenset({Role.TENDERER, Role.AGENCY}),
        ),
        Permission(
            name="evaluation.order",
            zh="批准重新评审",
            en="Approve evaluating again",
            roles=frozenset({Role.REGULATOR}),
        ),
        Permission(
            name="evaluation.audit",
            zh="审计评标数据包",
            en="Audit bundles of evaluations",
            roles=frozenset({Role.AUDITOR}),
            administrative=True,
        ),
        Permission(
            name="evaluation.view",
            zh="查看评标结果",
            en="See evaluations",
            roles=frozenset({Role.EXPERT, Role.TENDERER, Role.AGENCY, Role.CENTRE, Role.REGULATOR}),
        ),
    ],
    acts=[
        Act(
            name="evaluation.repeat",
            text="Evaluate a lot again",
            warning="The committee scores again; the result before is kept. A changed ranking is published anew.",
            permission="evaluation.repeat",
            second="evaluation.order",
            content=Repeat,
            labels={
                "lot": "Lot",
                "title": "Tender",
                "number": "Evaluation number",
                "cause": "Cause",
                "basis": "Legal basis",
                "text": "What happened",
            },
            typed="lot",
            facts=repetition,
            run=repeat,
            back="/evaluation/{object_id}/result",
        ),
        Act(
            name="evaluation.reopen",
            text="Reopen a locked score sheet for one item",
            warning="The member corrects this item and no other, and locks again; both values stay in the report.",
            permission="evaluation.score",
            second="evaluation.second",
            content=Item,
            labels={
                "lot": "Lot",
                "title": "Tender",
                "seat": "Seat",
                "bid": "Bidder",
                "item": "Item",
                "cause": "Cause",
                "basis": "Legal basis",
                "text": "Why",
            },
            typed="lot",
            facts=reopening,
            run=reopen,
            back="/evaluation/{object_id}",
        ),
    ],
    audit_events=[
        EventType(
            name="evaluation.round_begun", zh="重新评审", en="Evaluated again", subject="lot", personal=SECOND
        ),
        EventType(
            name="evaluation.sheet_locked", zh="评委锁定评分表", en="Score sheet locked", subject="lot"
        ),
        EventType(
            name="evaluation.reopened",
            zh="评分表重新打开",
            en="Score sheet reopened",
            subject="lot",
            personal=SECOND,
        ),
        EventType(name="evaluation.report_signed", zh="评委签署评标报告", en="Report signed", subject="lot"),
        EventType(
            name="evaluation.signing_ended",
            zh="评标报告签署结束",
            en="Signing of the report ended",
            subject="lot",
        ),
        EventType(name="evaluation.explained", zh="评委说明评分", en="Points explained", subject="lot"),
        EventType(
            name="evaluation.technical_fixed",
            zh="技术评审结果已确定",
            en="Technical result fixed",
            subject="lot",
            public=True,
        ),
        EventType(
            name="evaluation.published",
            zh="评标数据包（公开版）已发布",
            en="Public evaluation bundle published",
            subject="lot",
            public=True,
        ),
        EventType(
            name="evaluation.bundle_taken",
            zh="审计取得评标数据包完整版",
            en="Full bundle taken for an audit",
            subject="lot",
        ),
        EventType(name="evaluation.completed", zh="评标完成", en="Evaluation completed", subject="lot"),
    ],
    schedule={
        "evaluation.complete_due": Sweep(task="evaluation.complete_due", every=1.0),
        "evaluation.end_signing_due": Sweep(task="evaluation.end_signing_due", every=2.0),
        "evaluation.publish_due": Sweep(task="evaluation.publish_due", every=5.0),
    },
    task_packages=["trading.evaluation.tasks"],
)
