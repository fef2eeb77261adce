"""Pages for everybody: the home, the notices, a tender."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from govcore import clock
from govcore.clock import BEIJING
from govcore.identity.policy import Actor
from govcore.notify import queries as following
from govcore.pdf.figures import money
from govcore.platform import Platform
from govcore.web import page
from govcore.web.rendering import AnyRequest, language
from trading.bidding.standing import my_parts
from trading.desk import queries
from trading.desk.queries import NOTICE_WORDS, NoticeFilter
from trading.desk.timeline import steps_of
from trading.desk.words import DOCUMENT_WORDS, LOT_WORDS, SEAT_WORDS, lot_kind
from trading.project.policy import CATEGORY_NAMES, Category
from trading.tender import reminders
from trading.tender.pages import band
from trading.tender.queries import tender_view

NEWEST = 5
"""Notices of each category on the home page."""


@get("/", permission="public", sync_to_thread=True)
def home(request: AnyRequest, platform: NamedDependency[Platform]) -> Response[str]:
    """The newest notices by category, today's openings, this year's figures, and how to check."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        newest = {
            category: queries.notices(tx, NoticeFilter(category=category), page=1, limit=NEWEST)
            for category in CATEGORY_NAMES
        }
        openings = queries.openings_on(tx, at.astimezone(BEIJING).date(), at=at)
        year = queries.year_figures(tx, at=at)
    _ = platform.catalogue.translator(language(request))
    groups = [
        {
            "name": _(CATEGORY_NAMES[category]),
            "href": f"/notices?category={category}",
            "total": total,
            "notices": [_row(line, _(line.word)) for line in lines],
        }
        for category, (lines, total) in newest.items()
        if lines
    ]
    figures = [
        (_("Tenders published"), year["tenders"], "count"),
        (_("Lots awarded"), year["awarded"], "count"),
        (_("Awarded sum"), f"{money(year['awarded_fen'])} {_('yuan')}"),
        (_("Lots failed"), year["failed"], "count"),
    ]
    today = [
        {
            "href": f"/lots/{lot.lot_id}/opening",
            "title": lot.title,
            "lot": lot.lot_name,
            "at": lot.opening_at,
            "word": _(LOT_WORDS[lot.state]),
            "kind": lot_kind(lot.state),
        }
        for lot in openings
    ]
    return page(request, "home.html", groups=groups, openings=today, figures=figures)


def _row(line: queries.NoticeLine, word: str) -> dict[str, object]:
    return {"href": line.href, "title": line.title, "word": word, "region": "", "at": line.at}


@get("/notices", permission="public", sync_to_thread=True)
def notices(
    request: AnyRequest,
    platform: NamedDependency[Platform],
    category: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    words: FromQuery[str] = "",
    start: FromQuery[str] = "",
    end: FromQuery[str] = "",
) -> Response[str]:
    """All public notices, filtered; the filters stay in the address and a wrong one is left out and said."""
    wanted = NoticeFilter(
        category=category if category in CATEGORY_NAMES else "",
        kind=kind if kind in NOTICE_WORDS else "",
        words=words.strip()[:100],
        start=_day(start),
        end=_day(end),
    )
    number = _number(request.query_params.get("page", ""))
    with platform.db.read() as tx:
        lines, total = queries.notices(tx, wanted, page=number)
    _ = platform.catalogue.translator(language(request))
    errors = [
        {"field": name, "text": _("Write the date as in 2026-11-22; it was left out of the search.")}
        for name, text, day in (("start", start, wanted.start), ("end", end, wanted.end))
        if text and day is None
    ]
    kept = {
        "category": wanted.category,
        "kind": wanted.kind,
        "words": wanted.words,
        "start": start,
        "end": end,
    }
    address = urlencode({name: value for name, value in kept.items() if value})
    return page(
        request,
        "desk/notices.html",
        rows=[_row(line, _(line.word)) for line in lines],
        total=total,
        number=number,
        pages=max(1, -(-total // queries.PAGE)),
        address=f"/notices?{address}" if address else "/notices",
        values=kept,
        errors=errors,
        categories=[("", _("All")), *((key, _(name)) for key, name in CATEGORY_NAMES.items())],
        kinds=[("", _("All")), *((key, _(name)) for key, name in NOTICE_WORDS.items())],
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) < 10**6 else 1


@get("/tenders/{tender_id:str}", permission="public", sync_to_thread=True)
def tender(
    request: AnyRequest,
    tender_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """A published tender for everybody, a draft for those who prepare it."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        found = tender_view(tx, tender_id, actor=actor, at=at)
        papers = queries.papers_of(tx, tender_id)
        steps = {lot.id: steps_of(tx, found, lot) for lot in found.lots}
        followed = following.follows(tx, platform.keys, reminders.topic(tender_id), actor=actor)
        mine = my_parts(tx, [lot.id for lot in found.lots], platform, actor=actor, at=at)
    return page(
        request,
        "desk/tender.html",
        tender=found,
        steps=steps,
        papers=papers,
        followed=followed,
        mine=mine,
        band=band(found.rules),
        category=CATEGORY_NAMES[Category(found.category)],
        lot_words=LOT_WORDS,
        lot_kind=lot_kind,
        seat_words=SEAT_WORDS,
        document_words=DOCUMENT_WORDS,
    )


PAGES = [home, notices, tender]
