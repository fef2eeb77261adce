"""The ledger of refusals and deliveries: one's own at any time, the whole one for supervision after the closing."""

from __future__ import annotations

from collections.abc import Callable

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from govcore import clock, sheets
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page
from govcore.web.downloads import disposition
from govcore.web.rendering import AnyRequest, language
from trading.bidding import ledger, trace
from trading.bidding.ledger import ACT_WORDS, Ledger, LedgerLine
from trading.bidding.schemas import TraceLine
from trading.tender import queries as tenders
from trading.tender.pages import band

COLUMNS = ("Time", "What", "Bidder", "Credit code or other id", "Bytes", "Result", "Concerns")


@get("/lots/{lot_id:str}/ledger", permission="bid.trace", sync_to_thread=True)
def lot_ledger(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Every refusal, receipt and notice of a closed lot, for the department that supervises the tender."""
    found = _read(platform, lot_id, actor)
    _ = platform.catalogue.translator(language(request))
    rows = [_row(line, _) for line in found.lines]
    return page(
        request,
        "bidding/ledger.html",
        lot=found.lot,
        rows=rows,
        refused=found.refused,
        own=False,
        band=band(found.lot.rule_set),
    )


@get("/lots/{lot_id:str}/ledger.xlsx", permission="bid.trace", fresh=True, sync_to_thread=True)
def ledger_sheet(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """The same as a spreadsheet."""
    found = _read(platform, lot_id, actor)
    _ = platform.catalogue.translator(language(request))
    rows = [
        (one.at, _(ACT_WORDS[one.act]), one.bidder, one.uscc, one.size, one.code, one.about)
        for one in found.lines
    ]
    content = sheets.xlsx(found.lot.lot_code, [_(name) for name in COLUMNS], rows)
    headers = {"content-disposition": disposition(f"ledger-{found.lot.lot_code}.xlsx")}
    return Response(content, media_type=sheets.MEDIA_TYPE, headers=headers)


@get("/lots/{lot_id:str}/my-ledger", permission="bid.audit", sync_to_thread=True)
def my_ledger(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """What the bidder's own organisation tried in a lot and what became of it, also before the deadline."""
    with platform.db.read() as tx:
        lot = tenders.published_lot(tx, lot_id)
        lines = trace.own_trace(tx, platform.keys, platform.wrapper, lot_id, actor=actor).lines
    _ = platform.catalogue.translator(language(request))
    return page(
        request,
        "bidding/ledger.html",
        lot=lot,
        rows=[_row(line, _) for line in lines],
        refused=sum(line.code != trace.OK for line in lines),
        own=True,
        band=band(lot.rule_set),
    )


def _read(platform: Platform, lot_id: str, actor: Actor) -> Ledger:
    with platform.db.transaction() as tx:
        return ledger.ledger(tx, platform.keys, platform.wrapper, lot_id, actor=actor, at=clock.now(tx))


def _row(line: LedgerLine | TraceLine, say: Callable[[str], str]) -> dict[str, object]:
    others = {"bidder": line.bidder, "uscc": line.uscc} if isinstance(line, LedgerLine) else {}
    return {
        "at": line.at,
        "act": say(ACT_WORDS[line.act]),
        "notice": line.act == "notice",
        "size": line.size or None,
        "code": line.code,
        "about": line.about,
        **others,
    }


PAGES = [lot_ledger, ledger_sheet, my_ledger]
