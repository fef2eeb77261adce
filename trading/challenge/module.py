"""Objections, challenges and complaints, as a module."""

from pathlib import Path

from govcore.identity.policy import Duty, Role
from govcore.module import EventType, Module, NavItem, Permission, Sweep, WrappedColumn
from trading.challenge.api import ROUTES
from trading.challenge.clue_pages import PAGES as CLUE_PAGES
from trading.challenge.clues import CLUE, LINE
from trading.challenge.complaint_pages import PAGES as COMPLAINT_PAGES
from trading.challenge.entries import ENTRY, FILER
from trading.challenge.evidence import PURPOSE
from trading.challenge.filing_pages import PAGES as FILING_PAGES
from trading.challenge.models import Case, Clue, ClueLine, Entry, Evidence
from trading.challenge.pages import PAGES
from trading.challenge.regulator_api import ROUTES as REGULATOR_ROUTES

_HERE = Path(__file__).parent
_TENDERER = frozenset({Role.TENDERER, Role.AGENCY})
_BIDDER, _REGULATOR = frozenset({Role.BIDDER}), frozenset({Role.REGULATOR})

MODULE = Module(
    name="challenge",
    prefixes=("challenge",),
    requires=("identity", "audit", "notify", "notices", "tender", "bidding", "opening", "award"),
    routes=[*ROUTES, *REGULATOR_ROUTES, *PAGES, *FILING_PAGES, *COMPLAINT_PAGES, *CLUE_PAGES],
    nav=[
        NavItem(
            href="/objections", text="Objections and complaints", icon="scale", permission="challenge.read"
        ),
        NavItem(href="/clues", text="Clues", icon="eye", permission="challenge.decide"),
    ],
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    wrapped=[
        WrappedColumn(attribute=Case.wrapped, purpose=FILER, context=lambda _, row: str(row.id)),
        WrappedColumn(attribute=Entry.wrapped, purpose=ENTRY, context=lambda _, row: str(row.id)),
        WrappedColumn(attribute=Evidence.wrapped, purpose=PURPOSE, context=lambda _, row: str(row.id)),
        WrappedColumn(attribute=Clue.wrapped, purpose=CLUE, context=lambda _, row: str(row.id)),
        WrappedColumn(attribute=ClueLine.wrapped, purpose=LINE, context=lambda _, row: str(row.id)),
    ],
    schedule={"challenge.lapse_orders": Sweep(task="challenge.lapse_orders", every=5.0)},
    task_packages=("trading.challenge.tasks",),
    permissions=[
        Permission(
            name="challenge.read",
            zh="查看异议、质疑和投诉",
            en="Read objections, challenges and complaints",
            roles=_BIDDER | _TENDERER | _REGULATOR,
        ),
        Permission(
            name="challenge.file",
            zh="提出异议、询问、质疑和投诉",
            en="File objections, queries, challenges and complaints",
            roles=_BIDDER,
            duty=Duty.SUBMIT,
        ),
        Permission(
            name="challenge.reply",
            zh="答复异议、询问和质疑",
            en="Reply to objections, queries and challenges",
            roles=_TENDERER,
        ),
        Permission(name="challenge.decide", zh="处理投诉", en="Handle complaints", roles=_REGULATOR),
    ],
    audit_events=[
        EventType(
            name="challenge.filed", zh="提出异议或质疑", en="Objection filed", subject="case", sealed=True
        ),
        EventType(
            name="challenge.complained", zh="提出投诉", en="Complaint filed", subject="case", sealed=True
        ),
        EventType(
            name="challenge.supplemented", zh="补充材料", en="Case supplemented", subject="case", sealed=True
        ),
        EventType(
            name="challenge.withdrawn", zh="撤回异议或投诉", en="Case withdrawn", subject="case", sealed=True
        ),
        EventType(name="challenge.replied", zh="答复异议或质疑", en="Objection answered", subject="case"),
        EventType(
            name="challenge.effect_found",
            zh="认定是否影响采购结果",
            en="Effect on the result found",
            subject="case",
        ),
        EventType(
            name="challenge.supplement_asked", zh="要求补正", en="Supplement asked for", subject="case"
        ),
        EventType(
            name="challenge.statement_given", zh="提交说明", en="Statement on a complaint", subject="case"
        ),
        EventType(name="challenge.accepted", zh="受理投诉", en="Complaint accepted", subject="case"),
        EventType(name="challenge.refused", zh="不予受理", en="Complaint not accepted", subject="case"),
        EventType(
            name="challenge.suspension_ordered", zh="责令暂停", en="Suspension ordered", subject="case"
        ),
        EventType(
            name="challenge.suspension_lifted", zh="解除暂停", en="Ordered suspension lifted", subject="case"
        ),
        EventType(
            name="challenge.clock_paused",
            zh="处理期限中止计算",
            en="Time for the decision stops",
            subject="case",
        ),
        EventType(
            name="challenge.clock_continued",
            zh="处理期限继续计算",
            en="Time for the decision runs again",
            subject="case",
        ),
        EventType(name="challenge.decided", zh="作出投诉处理决定", en="Complaint decided", subject="case"),
        EventType(name="challenge.file_read", zh="调取案卷", en="Case file taken", subject="case"),
        EventType(
            name="challenge.clue_received", zh="收到线索", en="Clue received", subject="clue", sealed=True
        ),
        EventType(name="challenge.clue_read", zh="查阅线索", en="Clue read", subject="clue"),
        EventType(name="challenge.clue_answered", zh="答复线索", en="Clue answered", subject="clue"),
        EventType(name="challenge.clue_key_made", zh="生成线索密钥", en="Key for clues made", subject="key"),
    ],
)
