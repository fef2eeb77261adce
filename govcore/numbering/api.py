"""The register of document numbers: JSON."""

from __future__ import annotations

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from govcore.identity.policy import Actor
from govcore.numbering import queries
from govcore.numbering.schemas import NumberEntry
from govcore.platform import Platform
from govcore.web.params import QueryNumberOrNone


@get("/api/document-numbers", permission="numbering.read", sync_to_thread=True)
def document_numbers(
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    year: QueryNumberOrNone = None,
    series: FromQuery[str] = "",
) -> list[NumberEntry]:
    """The numbers of the caller's organisation, newest first, cancelled ones with their reason."""
    with platform.db.read() as tx:
        found = queries.register(tx, actor=actor, year=year, organ=series)
    return [
        NumberEntry(
            number=one.number,
            series=one.organ,
            year=one.year,
            serial=one.serial,
            office=one.office,
            title=one.title,
            taken_at=one.taken_at,
            cancelled_at=one.cancelled_at,
            reason=one.reason,
        )
        for one in found
    ]


ROUTES = [document_numbers]
