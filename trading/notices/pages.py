"""Pages of notices: the list with its tables and its Atom feed, and each notice with its papers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from govcore import clock
from govcore.clock import BEIJING
from govcore.divisions import division_text
from govcore.errors import NotFound
from govcore.i18n import Translate
from govcore.platform import Platform
from govcore.sheets import MEDIA_TYPE, xlsx
from govcore.web import page
from govcore.web.rendering import AnyRequest, language
from trading.notices import atom, queries
from trading.notices.policy import CONTENTS
from trading.notices.queries import NoticeLine, Paper
from trading.notices.searching import search
from trading.notices.service import content_bytes
from trading.notices.showing import shown
from trading.project.policy import CATEGORY_NAMES, Category

TABLE_MAX = 10_000
"""Rows of a table that is saved; more are found by narrower filters, or through `/api/feed`."""


@get("/notices", permission="public", sync_to_thread=True)
def notice_list(request: AnyRequest, platform: NamedDependency[Platform]) -> Response[str]:
    """All notices, filtered; the filters stay in the address and a wrong one is left out and said."""
    found = search(dict(request.query_params.multi_items()))
    with platform.db.read() as tx:
        lines, total = queries.notices(tx, found.wanted, page=found.page)
        regions = queries.regions(tx)
    _ = platform.catalogue.translator(language(request))
    text = _("Write the date as in 2026-11-22; it was left out of the search.")
    return page(
        request,
        "notices/list.html",
        rows=[row(line, _) for line in lines],
        total=total,
        number=found.page,
        pages=_pages(total),
        search=found,
        address=found.address("/notices"),
        table_max=TABLE_MAX,
        errors=[{"field": name, "text": text} for name in found.wrong],
        categories=[("", _("All")), *((key, _(name)) for key, name in CATEGORY_NAMES.items())],
        kinds=[("", _("All")), *((kind, _(rule.word)) for kind, rule in CONTENTS.items())],
        regions=[("", _("All")), *((code, division_text(code)) for code in regions)],
    )


def row(line: NoticeLine, _: Translate) -> dict[str, object]:
    """A notice as the list shows it."""
    word = f"{_(line.word)} ({_('Superseded')})" if line.superseded else _(line.word)
    return {
        "href": line.href,
        "title": line.title,
        "word": word,
        "region": division_text(line.region),
        "at": line.at,
    }


@get("/notices.xlsx", permission="public", sync_to_thread=True)
def notice_sheet(request: AnyRequest, platform: NamedDependency[Platform]) -> Response[bytes]:
    """The notices that fit, as a table for spreadsheets."""
    _ = platform.catalogue.translator(language(request))
    found = search(dict(request.query_params.multi_items()))
    with platform.db.read() as tx:
        lines = queries.all_notices(tx, found.wanted, limit=TABLE_MAX)
        body = xlsx(
            _("Notices"), _columns(_), (_cells(line, _, platform.settings.site_url) for line in lines)
        )
    headers = {"content-disposition": 'attachment; filename="notices.xlsx"'}
    return Response(body, media_type=MEDIA_TYPE, headers=headers)


@get("/notices.csv", permission="public", sync_to_thread=True)
def notice_csv(request: AnyRequest, platform: NamedDependency[Platform]) -> Response[bytes]:
    """The notices that fit, as comma-separated text in UTF-8 with a mark that spreadsheets know it by."""
    _ = platform.catalogue.translator(language(request))
    found = search(dict(request.query_params.multi_items()))
    with platform.db.read() as tx:
        lines = queries.all_notices(tx, found.wanted, limit=TABLE_MAX)
        body = _csv(_columns(_), (_cells(line, _, platform.settings.site_url) for line in lines))
    headers = {"content-disposition": 'attachment; filename="notices.csv"'}
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


@get(atom.PATH, permission="public", sync_to_thread=True)
def notice_atom(request: AnyRequest, platform: NamedDependency[Platform]) -> Response[bytes]:
    """The notices that fit, for feed readers; each filter is a feed of its own."""
    _ = platform.catalogue.translator(language(request))
    found = search(dict(request.query_params.multi_items()))
    with platform.db.read() as tx:
        lines, total = queries.notices(tx, found.wanted, page=found.page)
        now = clock.now(tx)
    body = atom.atom(
        lines,
        found,
        site=platform.settings.site_url.rstrip("/") or str(request.base_url).rstrip("/"),
        title=f"{platform.settings.centre or _('Public resource trading centre')} · {_('Notices')}",
        pages=_pages(total),
        now=now,
        _=_,
    )
    return Response(body, media_type=atom.MEDIA_TYPE)


@get("/notices/{notice_id:str}", permission="public", sync_to_thread=True)
def notice_page(
    request: AnyRequest, notice_id: FromPath[str], platform: NamedDependency[Platform]
) -> Response[str]:
    """A notice: its fields, its papers and hashes, what it superseded and what superseded it."""
    with platform.db.read() as tx:
        found = queries.notice(tx, notice_id)
    return page(
        request,
        "notices/notice.html",
        notice=found,
        rule=CONTENTS[found.line.kind],
        category=CATEGORY_NAMES[Category(found.line.category)],
        fields=list(shown(found.fields, regime=found.regime)),
    )


@get("/notices/{notice_id:str}/paper.pdf", permission="public", sync_to_thread=True)
def notice_paper(notice_id: FromPath[str], platform: NamedDependency[Platform]) -> Response[bytes]:
    """The notice as it was issued on paper."""
    with platform.db.read() as tx:
        found = queries.notice(tx, notice_id)
    return _pdf(platform, found.paper, f"{found.line.kind}-{notice_id[:8]}.pdf")


@get("/notices/{notice_id:str}/sealed.pdf", permission="public", sync_to_thread=True)
def sealed_paper(notice_id: FromPath[str], platform: NamedDependency[Platform]) -> Response[bytes]:
    """The same paper with the publisher's seal."""
    with platform.db.read() as tx:
        found = queries.notice(tx, notice_id)
    return _pdf(platform, found.sealed, f"{found.line.kind}-{notice_id[:8]}-sealed.pdf")


@get("/notices/{notice_id:str}/content.json", permission="public", sync_to_thread=True)
def notice_content(notice_id: FromPath[str], platform: NamedDependency[Platform]) -> Response[bytes]:
    """The exact bytes that the notice's SHA-256 is of; the log names the same."""
    with platform.db.read() as tx:
        body = content_bytes(queries.notice_row(tx, notice_id))
    return Response(body, media_type="application/json")


def _pdf(platform: Platform, paper: Paper | None, name: str) -> Response[bytes]:
    if paper is None:
        raise NotFound
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(platform.store.get(paper.key), media_type="application/pdf", headers=headers)


def _pages(total: int) -> int:
    return max(1, -(-total // queries.PAGE))


def _columns(_: Translate) -> list[str]:
    return [
        _("Published"),
        _("Kind of notice"),
        _("Title"),
        _("Category"),
        _("Region"),
        _("Address"),
        "SHA-256",
    ]


def _cells(line: NoticeLine, _: Translate, site: str) -> list[str]:
    return [
        f"{line.at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}",
        _(line.word),
        line.title,
        _(CATEGORY_NAMES[Category(line.category)]),
        line.region,
        site + line.href,
        line.sha256,
    ]


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A cell that a spreadsheet would take for a formula gets an apostrophe in front."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(columns)
    table.writerows(
        [f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell for cell in one] for one in rows
    )
    return written.getvalue().encode("utf-8-sig")


PAGES = [
    notice_list,
    notice_sheet,
    notice_csv,
    notice_atom,
    notice_page,
    notice_paper,
    sealed_paper,
    notice_content,
]
