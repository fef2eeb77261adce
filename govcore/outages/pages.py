"""Outages for everybody to read: what was measured, by whom, and by which rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import groupby

from litestar import Response, get
from litestar.di import NamedDependency

from govcore import clock
from govcore.outages import policy, queries
from govcore.outages.policy import SHOWN
from govcore.outages.queries import Measured
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
    return page(
        request,
        "outages/outages.html",
        rows=outage_rows(found, _)[::-1],
        unknown=unknown_rows(found)[::-1],
        probers=probers,
        days=SHOWN.days,
        in_a_row=policy.IN_A_ROW,
        pause=policy.PAUSE,
    )


def outage_rows(found: Measured, say: Callable[[str], str]) -> list[dict[str, object]]:
    """The outages for a table; what was out at the same time stands on one line."""
    lines = []
    for span, outages in groupby(found.outages, lambda one: one.span):
        together = list(outages)
        lines.append(
            {
                "began": span.start,
                "ended": span.end,
                "length": words_of(span.length),
                "surface": " · ".join(say(SURFACE_WORDS[one.surface]) for one in together),
                "why": ", ".join(sorted({one.why for one in together if one.why})),
            }
        )
    return lines


def unknown_rows(found: Measured) -> list[dict[str, object]]:
    """When nobody measured, for a table."""
    return [{"began": one.start, "ended": one.end, "length": words_of(one.length)} for one in found.unknown]


def words_of(length: timedelta) -> str:
    """Hours, minutes and seconds, as a clock counts them."""
    seconds = int(length.total_seconds())
    return f"{seconds // 3600}:{seconds % 3600 // 60:02}:{seconds % 60:02}"


PAGES = [outages_page]
