"""The opening hall: one shared screen, for everybody, with and without JavaScript."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from govcore import clock
from govcore.errors import NotFound
from govcore.pdf.capitals import rmb_capitals
from govcore.platform import Platform
from govcore.web import page
from govcore.web.downloads import download
from govcore.web.rendering import AnyRequest
from trading.opening import queries
from trading.opening.models import Opening
from trading.tender.pages import band
from trading.tender.queries import published_lot

STOP = 286
"""The status that ends the asking (htmx)."""

FINAL = frozenset({"failed", "recorded"})
"""States after which nothing on the screen changes any more."""


@get("/lots/{lot_id:str}/opening", permission="public", sync_to_thread=True)
def hall_page(
    request: AnyRequest, lot_id: FromPath[str], platform: NamedDependency[Platform]
) -> Response[str]:
    """The hall of a published lot; before its deadline it says what will happen and nothing about bids."""
    return page(request, "opening/hall.html", **_hall(platform, lot_id))


@get("/lots/{lot_id:str}/opening/live", permission="public", sync_to_thread=True)
def hall_fragment(
    request: AnyRequest, lot_id: FromPath[str], platform: NamedDependency[Platform]
) -> Response[str]:
    """The part of the hall that changes; the page asks for it again and again."""
    context = _hall(platform, lot_id)
    response = page(request, "opening/live.html", status=STOP if context["final"] else 200, **context)
    response.headers["cache-control"] = "no-store"
    return response


@get("/lots/{lot_id:str}/opening/record.pdf", permission="public", sync_to_thread=True)
def record_pdf(
    request: AnyRequest, lot_id: FromPath[str], platform: NamedDependency[Platform]
) -> Response[None] | Stream:
    """The opening record as it was stored."""
    with platform.db.read() as tx:
        lot = published_lot(tx, lot_id)
        opening = tx.get(Opening, lot_id)
        if opening is None or opening.record_key is None or opening.record_sha256 is None:
            raise NotFound
        key, sha256, name = opening.record_key, opening.record_sha256, f"opening-{lot.lot_code}.pdf"
    data = platform.store.get(key)
    return download(request, lambda: iter([data]), name=name, sha256=sha256, size=len(data))


def _hall(platform: Platform, lot_id: str) -> dict[str, Any]:
    with platform.db.read() as tx:
        at = clock.now(tx)
        hall = queries.hall(tx, lot_id)
    deadline = hall.lot.deadline_at
    return {
        "lot": hall.lot,
        "hall": hall,
        "closed": deadline is not None and at >= deadline,
        "final": hall.state in FINAL,
        "capitals": rmb_capitals,
        "band": band(hall.lot.rule_set),
    }


PAGES = [hall_page, hall_fragment, record_pdf]
