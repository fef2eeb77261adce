"""Pages for everybody: the home, a tender."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from govcore import clock
from govcore.calendar.queries import calendar_of
from govcore.clock import BEIJING
from govcore.identity import first
from govcore.identity.policy import Actor
from govcore.notify import queries as following
from govcore.pdf.figures import money
from govcore.platform import Platform
from govcore.web import page
from govcore.web.rendering import AnyRequest, language
from trading.bidding.standing import my_parts
from trading.clarification import queries as clarifications
from trading.clarification.forms import WORDS as CLARIFICATION_WORDS
from trading.desk import queries
from trading.desk.facts import facts_of
from trading.desk.timeline import timeline_of
from trading.desk.words import LOT_WORDS, SEAT_WORDS, lot_kind
from trading.documents import queries as documents
from trading.documents.words import FILE_NAMES
from trading.draws.queries import published_draws
from trading.draws.words import PURPOSE_WORDS
from trading.evaluation.bundle_queries import published_of
from trading.notices.pages import row
from trading.notices.queries import NoticeFilter, notices, notices_of
from trading.procedure.words import COUNTING
from trading.project.policy import CATEGORY_NAMES, Category
from trading.tender import reminders
from trading.tender.pages import band
from trading.tender.policy import LotState
from trading.tender.views import tender_view

NEWEST = 5
"""Notices of each category on the home page."""


@get("/", permission="public", sync_to_thread=True)
def home(request: AnyRequest, platform: NamedDependency[Platform]) -> Response[str]:
    """The newest notices by category, today's openings, this year's figures, and how to check."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        newest = {
            category: notices(tx, NoticeFilter(category=category), limit=NEWEST)
            for category in CATEGORY_NAMES
        }
        openings = queries.openings_on(tx, at.astimezone(BEIJING).date(), at=at)
        year = queries.year_figures(tx, at=at)
        is_new = not any(lines for lines, _ in newest.values()) and first.is_new(tx)
    _ = platform.catalogue.translator(language(request))
    groups = [
        {
            "name": _(CATEGORY_NAMES[category]),
            "href": f"/notices?category={category}",
            "total": total,
            "notices": [row(line, _) for line in lines],
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
    return page(request, "home.html", groups=groups, openings=today, figures=figures, is_new=is_new)


RESULTS = (LotState.PUBLICITY, LotState.AWARDED, LotState.CONTRACTED)
"""Lots in these states may have a published evaluation."""


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
        published = notices_of(tx, tender_id)
        versions = documents.visible_versions(tx, tender_id, actor=actor)
        followed = following.follows(tx, platform.keys, reminders.topic(tender_id), actor=actor)
        clarified = clarifications.released(tx, tender_id)
        facts, calendar = facts_of(tx, [lot.id for lot in found.lots]), calendar_of(tx)
        lines = {
            lot.lot_id: timeline_of(lot, facts[lot.lot_id], clarified, calendar=calendar, at=at)
            for lot in queries.lots_of_tender(tx, tender_id, actor=actor, at=at)
        }
        checks = {
            "bundles": published_of(tx, [lot.id for lot in found.lots if lot.state in RESULTS]),
            "draws": published_draws(tx, [lot.id for lot in found.lots]),
        }
        mine = my_parts(tx, [lot.id for lot in found.lots], platform, actor=actor, at=at)
    return page(
        request,
        "desk/tender.html",
        tender=found,
        lines=lines,
        notices=published,
        versions=versions,
        followed=followed,
        mine=mine,
        checks=checks,
        draw_words=PURPOSE_WORDS,
        clarifications=clarified,
        words=CLARIFICATION_WORDS,
        band=band(found.rules),
        counting=COUNTING,
        category=CATEGORY_NAMES[Category(found.category)],
        lot_words=LOT_WORDS,
        lot_kind=lot_kind,
        seat_words=SEAT_WORDS,
        document_words=FILE_NAMES,
    )


PAGES = [home, tender]
