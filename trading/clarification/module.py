"""Questions, clarifications, changes, site visits and samples, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import EventType, Module, Permission, WrappedColumn
from trading.clarification.act_pages import PAGES as ACT_PAGES
from trading.clarification.api import ROUTES
from trading.clarification.desk_pages import PAGES as DESK_PAGES
from trading.clarification.models import Question, Sample
from trading.clarification.pages import PAGES
from trading.clarification.release_pages import PAGES as RELEASE_PAGES

_HERE = Path(__file__).parent

MODULE = Module(
    name="clarification",
    prefixes=("clarification",),
    requires=("documents", "notices"),
    routes=[*ROUTES, *PAGES, *DESK_PAGES, *ACT_PAGES, *RELEASE_PAGES],
    wrapped=[
        WrappedColumn(attribute=Question.wrapped, purpose="question", context=lambda _, row: str(row.id)),
        WrappedColumn(attribute=Sample.wrapped, purpose="sample", context=lambda _, row: str(row.id)),
    ],
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    permissions=[
        Permission(
            name="clarification.read",
            zh="查看提问和澄清稿",
            en="Read questions and clarifications in preparation",
            roles=frozenset({Role.AGENCY, Role.TENDERER}),
        ),
        Permission(
            name="clarification.prepare",
            zh="编制澄清和修改",
            en="Prepare clarifications and changes",
            roles=frozenset({Role.AGENCY}),
        ),
        Permission(
            name="clarification.release",
            zh="发布或退回澄清和修改",
            en="Release or give back clarifications and changes",
            roles=frozenset({Role.TENDERER}),
        ),
        Permission(
            name="clarification.take_sample",
            zh="接收样品",
            en="Take samples in",
            roles=frozenset({Role.AGENCY}),
        ),
    ],
    audit_events=[
        EventType(
            name="clarification.asked",
            zh="收到对招标文件的提问",
            en="Question asked",
            subject="question",
            sealed=True,
        ),
        EventType(
            name="clarification.prepared",
            zh="澄清稿已编辑",
            en="Clarification edited",
            subject="clarification",
            sealed=True,
        ),
        EventType(
            name="clarification.handed_over",
            zh="澄清稿已提交招标人",
            en="Clarification handed to the tenderer",
            subject="clarification",
        ),
        EventType(
            name="clarification.returned",
            zh="招标人已退回澄清稿",
            en="Clarification given back by the tenderer",
            subject="clarification",
        ),
        EventType(
            name="clarification.released",
            zh="澄清和修改已发布",
            en="Clarification released",
            subject="clarification",
            public=True,
        ),
        EventType(
            name="clarification.sample_taken",
            zh="收到样品",
            en="Sample taken in",
            subject="sample",
            sealed=True,
        ),
    ],
)
