"""The register of document numbers: page and table to keep."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from govcore.identity.policy import Actor
from govcore.numbering import queries
from govcore.platform import Platform
from govcore.web import page
from govcore.web.downloads import spreadsheet
from govcore.web.rendering import AnyRequest, language


@get("/numbers", permission="numbering.read", sync_to_thread=True)
def numbers_page(
    request: AnyRequest,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    series: FromQuery[str] = "",
) -> Response[str]:
    """One series, the newest by default, with the cancelled numbers and their reasons."""
    with platform.db.read() as tx:
        known = {one.key: one for one in queries.series_seen(tx, actor=actor)}
        shown = known.get(series) or next(iter(known.values()), None)
        numbers = queries.register(tx, actor=actor, year=shown.year, organ=shown.organ) if shown else []
    return page(request, "numbering/numbers.html", numbers=numbers, shown=shown, known=known.values())


@get("/numbers.xlsx", permission="numbering.read", fresh=True, sync_to_thread=True)
def numbers_table(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """Every number that the reader may see."""
    _ = platform.catalogue.translator(language(request))
    with platform.db.read() as tx:
        found = queries.register(tx, actor=actor)
    head = [_("Number"), _("Document"), _("Organisation"), _("Taken at"), _("Cancelled at"), _("Reason")]
    rows = [
        [
            one.number,
            one.title,
            one.office,
            one.taken_at,
            one.cancelled_at,
            one.reason,
        ]
        for one in found
    ]
    return spreadsheet("document-numbers", head, rows)


PAGES = [numbers_page, numbers_table]
