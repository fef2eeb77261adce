"""Awards, as a module."""

from pathlib import Path

from govcore.identity.policy import Duty, Role
from govcore.module import Act, EventType, Module, NavItem, Permission, SealedPaper, Sweep
from trading.award.api import ROUTES
from trading.award.exclusions import Finding, exclude, exclusion
from trading.award.failing import FailureDecided, fail, failure
from trading.award.pages import PAGES
from trading.award.policy import LETTER_PAPER
from trading.award.result_pages import PAGES as RESULT_PAGES

HERE = Path(__file__).parent
OWN_SIDE = frozenset({Role.TENDERER, Role.AGENCY})

MODULE = Module(
    name="award",
    prefixes=("award",),
    requires=(
        "identity",
        "audit",
        "notify",
        "tender",
        "opening",
        "billcheck",
        "evaluation",
        "authority",
        "seals",
    ),
    routes=[*ROUTES, *PAGES, *RESULT_PAGES],
    nav=[
        NavItem(href="/award", text="Awards", icon="award", permission="award.publicise"),
        NavItem(href="/award/mine", text="My results", icon="award", permission="award.mine"),
        NavItem(
            href="/award/reports", text="Reports on awards", icon="award", permission="award.acknowledge"
        ),
    ],
    templates=HERE / "templates",
    locale=[HERE / "locale"],
    permissions=[
        Permission(name="award.publicise", zh="公示中标候选人", en="Publish candidates", roles=OWN_SIDE),
        Permission(
            name="award.decide", zh="确定中标人", en="Decide the award", roles=frozenset({Role.TENDERER})
        ),
        Permission(
            name="award.hand_over",
            zh="送交评标报告",
            en="Give the purchaser the report",
            roles=OWN_SIDE,
        ),
        Permission(
            name="award.exclude",
            zh="认定候选人不能中标",
            en="Record causes against candidates",
            roles=OWN_SIDE,
        ),
        Permission(
            name="award.fail", zh="宣布招标失败、废标", en="End lots without a winner", roles=OWN_SIDE
        ),
        Permission(
            name="award.second",
            zh="作为第二人确认定标操作",
            en="Confirm acts on an award as second person",
            roles=OWN_SIDE,
        ),
        Permission(
            name="award.mine",
            zh="查看本单位中标结果",
            en="See one's own results",
            roles=frozenset({Role.BIDDER}),
        ),
        Permission(
            name="award.give_up",
            zh="放弃中标",
            en="Give up as candidate",
            roles=frozenset({Role.BIDDER}),
            duty=Duty.SUBMIT,
        ),
        Permission(
            name="award.acknowledge",
            zh="接收招标投标情况报告",
            en="Receive reports on awards",
            roles=frozenset({Role.REGULATOR}),
        ),
        Permission(
            name="award.letter",
            zh="查看中标通知书",
            en="Read award letters",
            roles=OWN_SIDE | {Role.BIDDER, Role.CENTRE, Role.REGULATOR},
        ),
    ],
    audit_events=[
        EventType(
            name="award.candidates_published",
            zh="中标候选人公示",
            en="Candidates published",
            subject="lot",
            public=True,
        ),
        EventType(name="award.decided", zh="确定中标人", en="Award decided", subject="lot", public=True),
        EventType(
            name="award.report_received",
            zh="采购人收到评标报告",
            en="Purchaser received the report",
            subject="lot",
        ),
        EventType(
            name="award.deemed",
            zh="视同确定排名第一的候选人",
            en="First candidate deemed chosen",
            subject="lot",
        ),
        EventType(
            name="award.candidate_out",
            zh="候选人不能中标",
            en="Candidate out",
            subject="lot",
            public=True,
        ),
        EventType(
            name="award.failed", zh="招标失败、废标", en="Ended without a winner", subject="lot", public=True
        ),
        EventType(name="award.reported", zh="提交书面报告", en="Award reported", subject="lot"),
        EventType(
            name="award.report_acknowledged", zh="监督部门已接收报告", en="Report received", subject="lot"
        ),
    ],
    acts=[
        Act(
            name="award.exclude",
            text="Record that a candidate is out",
            warning="This cannot be undone: the candidate can no longer be awarded, and an award to it is closed.",
            permission="award.exclude",
            second="award.second",
            content=Finding,
            labels={
                "lot": "Lot",
                "title": "Tender",
                "bidder": "Bidder",
                "rank": "Rank",
                "cause": "Cause",
                "text": "What happened",
                "evidence": "Evidence",
            },
            typed="lot",
            facts=exclusion,
            run=exclude,
            back="/award/{object_id}",
        ),
        Act(
            name="award.fail",
            text="End a lot without a winner",
            warning="This cannot be undone: the notice is published at once and every bidder is told.",
            permission="award.fail",
            second="award.second",
            content=FailureDecided,
            labels={
                "lot": "Lot",
                "title": "Tender",
                "cause": "Cause",
                "basis": "Legal basis",
                "text": "What happened",
            },
            typed="lot",
            facts=failure,
            run=fail,
            back="/award/{object_id}",
        ),
    ],
    schedule={"award.note_silences": Sweep(task="award.note_silences", every=30.0)},
    task_packages=["trading.award.tasks"],
    sealed_papers=[SealedPaper(name=LETTER_PAPER, zh="中标通知书", en="Award letters")],
)
