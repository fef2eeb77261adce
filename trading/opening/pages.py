"""The opening hall: one shared screen, for everybody, with and without JavaScript."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from govcore import clock
from govcore.pdf.capitals import rmb_capitals
from govcore.platform import Platform
from govcore.web import page
from govcore.web.downloads import download
from govcore.web.rendering import AnyRequest
from trading.opening import queries
from trading.tender.pages import band

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
        hall = queries.hall(tx, lot_id)
        key = queries.record_key(tx, lot_id)
    name, sha256 = f"opening-{hall.lot.lot_code}.pdf", hall.record_sha256 or ""
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
