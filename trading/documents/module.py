"""Tender documents, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import EventType, Module, NavItem, Permission
from trading.documents.api import ROUTES
from trading.documents.draft_pages import PAGES as DRAFT_PAGES
from trading.documents.pages import PAGES
from trading.documents.release_pages import PAGES as RELEASE_PAGES
from trading.documents.round_pages import PAGES as ROUND_PAGES
from trading.documents.work_pages import PAGES as WORK_PAGES

_HERE = Path(__file__).parent

MODULE = Module(
    name="documents",
    prefixes=("documents",),
    requires=("tender",),
    nav=[
        NavItem(href="/drafts", text="Drafts of tenders", icon="file-description", permission="tender.draft")
    ],
    routes=[*ROUTES, *PAGES, *DRAFT_PAGES, *RELEASE_PAGES, *ROUND_PAGES, *WORK_PAGES],
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    permissions=[
        Permission(
            name="documents.review",
            zh="查看招标文件检查报告",
            en="Read the report of the checks",
            roles=frozenset({Role.AGENCY, Role.TENDERER}),
        ),
    ],
    audit_events=[
        EventType(name="documents.draft_begun", zh="开始起草招标", en="Draft begun", subject="draft"),
        EventType(
            name="documents.prepared", zh="招标文件版本已编制", en="Documents prepared", subject="tender"
        ),
        EventType(name="documents.file_added", zh="招标文件附件已加入", en="File added", subject="tender"),
        EventType(
            name="documents.file_removed", zh="招标文件附件已移除", en="File removed", subject="tender"
        ),
        EventType(
            name="documents.reasons_given", zh="提示事项已说明理由", en="Reasons given", subject="tender"
        ),
        EventType(
            name="documents.released", zh="招标文件版本已审定", en="Documents released", subject="tender"
        ),
        EventType(
            name="documents.published",
            zh="招标文件版本已发布",
            en="Documents published",
            subject="tender",
            public=True,
        ),
    ],
)
