"""Notices and the feed of changes: JSON."""

from __future__ import annotations

from typing import Annotated, Literal

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from govcore.platform import Platform
from govcore.web.rendering import AnyRequest
from trading.notices import feed, queries
from trading.notices.queries import NoticeLine, Paper
from trading.notices.schemas import Change, Feed, NoticeInFull, NoticeInList, Notices, PaperShown
from trading.notices.searching import search


@get("/api/notices", permission="public", sync_to_thread=True)
def list_notices(request: AnyRequest, platform: NamedDependency[Platform]) -> Notices:
    """The notices that fit the same filters as the page `/notices`, 50 at a time."""
    found = search(dict(request.query_params.multi_items()))
    with platform.db.read() as tx:
        lines, total = queries.notices(tx, found.wanted, page=found.page)
    pages = max(1, -(-total // queries.PAGE))
    return Notices(total=total, page=found.page, pages=pages, notices=[_line(line) for line in lines])


@get("/api/notices/{notice_id:str}", permission="public", sync_to_thread=True)
def show_notice(notice_id: FromPath[str], platform: NamedDependency[Platform]) -> NoticeInFull:
    """One notice."""
    with platform.db.read() as tx:
        found = queries.notice(tx, notice_id)
    return NoticeInFull(
        notice=_line(found.line),
        regime=found.regime,
        round=found.round,
        lot_ids=list(found.lot_ids),
        fields=found.fields,
        paper=_paper(found.line, found.paper, "paper.pdf"),
        sealed=_paper(found.line, found.sealed, "sealed.pdf"),
        supersedes=found.supersedes.id if found.supersedes else None,
        superseded_by=found.superseded_by.id if found.superseded_by else None,
        content=f"{found.line.href}/content.json",
    )


@get("/api/feed", permission="public", sync_to_thread=True)
def changes(
    platform: NamedDependency[Platform],
    after: Annotated[str, QueryParameter(pattern=r"^[0-9]{1,18}$")] = "0",
    before: Annotated[str | None, QueryParameter(pattern=r"^[0-9]{1,18}$")] = None,
    order: FromQuery[Literal["ascending", "descending"]] = "ascending",
    limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 100,
) -> Feed:
    """Public changes of notices, tenders and lots. Every item is in it once, and none is ever passed by.

    Ascending: follow `next` for ever. Descending: from the newest (or `before` a token) back to the beginning.
    """
    with platform.db.read() as tx:
        if order == "descending":
            items = feed.backwards(tx, before=None if before is None else int(before), limit=limit)
            last = str(items[-1].seq) if items else before or "0"
            address = f"/api/feed?order=descending&before={last}&limit={limit}"
        else:
            items = feed.forwards(tx, after=int(after), limit=limit)
            last = str(items[-1].seq) if items else after
            address = f"/api/feed?after={last}&limit={limit}"
    shown = [
        Change(
            seq=item.seq,
            at=item.numbered_at,
            subject=item.subject,
            id=item.subject_id,
            tender_id=item.tender_id,
            change=item.change,
            href=_HREFS[item.subject].format(item.subject_id),
        )
        for item in items
    ]
    return Feed(changes=shown, next=address, end=len(items) < limit)


_HREFS = {"notice": "/api/notices/{}", "tender": "/tenders/{}", "lot": "/api/lots/{}/tender"}


def _line(line: NoticeLine) -> NoticeInList:
    return NoticeInList(
        id=line.id,
        kind=line.kind,
        title=line.title,
        category=line.category,
        region=line.region,
        tender_id=line.tender_id,
        published_at=line.at,
        sha256=line.sha256,
        href=line.href,
    )


def _paper(line: NoticeLine, paper: Paper | None, name: str) -> PaperShown | None:
    if paper is None:
        return None
    return PaperShown(href=f"{line.href}/{name}", sha256=paper.sha256, size=paper.size)


ROUTES = [list_notices, show_notice, changes]
