"""One page for each lot with the graver acts that its reader may propose, and what suspends it."""

from __future__ import annotations

from dataclasses import dataclass

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor
from govcore.module import Act
from govcore.platform import Platform
from govcore.web import page
from govcore.web.rendering import AnyRequest
from trading.tender import queries
from trading.tender.acts import ACTS, Said
from trading.tender.defects import DEFECT_ACTS
from trading.tender.pages import band
from trading.tender.suspensions import holds_of

LOT_ACTS = [act for act in (*ACTS, *DEFECT_ACTS) if act.typed == "lot"]


@dataclass(frozen=True, slots=True)
class Offered:
    """An act that the reader may propose, or why not now; one that is none of the reader's is left out."""

    act: Act
    refusal: Problem | None


@get("/lots/{lot_id:str}/acts", permission="tender.act", fresh=True, sync_to_thread=True)
def acts_page(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Suspend, resume, terminate, cancel: what the reader may set going in this lot."""
    with platform.db.read() as tx:
        lot = queries.published_lot(tx, lot_id)
        offered = []
        for act in LOT_ACTS:
            if not actor.may(act.permission):
                continue
            try:
                act.facts(tx, lot_id, Said(notice="-"), actor)
                offered.append(Offered(act, None))
            except NotFound:
                continue
            except Problem as refusal:
                offered.append(Offered(act, refusal))
        holds = holds_of(tx, lot_id)
    if not offered:
        raise NotFound
    return page(request, "tender/acts.html", lot=lot, offered=offered, holds=holds, band=band(lot.rule_set))


PAGES = [acts_page]
