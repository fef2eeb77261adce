"""Outages for everybody to read: what was measured, by whom, and by which rule."""

from __future__ import annotations

from datetime import timedelta

from litestar import Response, get
from litestar.di import NamedDependency

from govcore import clock
from govcore.outages import policy, queries
from govcore.outages.policy import SHOWN
from govcore.platform import Platform
from govcore.web import page
from govcore.web.rendering import AnyRequest, language

SURFACE_WORDS = {
    "site": "Pages and database",
    "upload": "Upload of files",
    "submit": "Submission of bids",
}


@get("/outages", permission="public", sync_to_thread=True)
def outages_page(request: AnyRequest, platform: NamedDependency[Platform]) -> Response[str]:
    """The outages of the last 90 days, the probers that measured them, and when nobody did."""
    known = {key.name: key for key in platform.settings.probers}
    with platform.db.read() as tx:
        until = clock.now(tx)
        found = queries.measured(tx, since=until - SHOWN, until=until)
        probers = queries.probers(tx, known, at=until)
    _ = platform.catalogue.translator(language(request))
    rows = [
        {
            "surface": _(SURFACE_WORDS[one.surface]),
            "began": one.span.start,
            "ended": one.span.end,
            "length": words_of(one.span.length),
            "why": one.why,
        }
        for one in reversed(found.outages)
    ]
    unknown = [
        {"began": one.start, "ended": one.end, "length": words_of(one.length)}
        for one in reversed(found.unknown)
    ]
    return page(
        request,
        "outages/outages.html",
        rows=rows,
        unknown=unknown,
        probers=probers,
        days=SHOWN.days,
        in_a_row=policy.IN_A_ROW,
        pause=policy.PAUSE,
    )


def words_of(length: timedelta) -> str:
    """Hours, minutes and seconds, as a clock counts them."""
    seconds = int(length.total_seconds())
    return f"{seconds // 3600}:{seconds % 3600 // 60:02}:{seconds % 60:02}"


PAGES = [outages_page]
