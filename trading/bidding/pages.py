"""A bidder's own part in a lot: submitted or not, the receipt, and how to seal."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page
from govcore.web.rendering import AnyRequest
from trading.bidding import receipts
from trading.bidding.standing import my_part
from trading.tender import queries as tenders
from trading.tender.pages import band


@get("/lots/{lot_id:str}/bid", permission="bid.submit", sync_to_thread=True)
def my_bid(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """The bidder's own state in a lot."""
    with platform.db.read() as tx:
        lot = tenders.published_lot(tx, lot_id)
        mine = my_part(tx, lot, platform, actor=actor, at=clock.now(tx))
    return page(request, "bidding/my_bid.html", lot=lot, mine=mine, band=band(lot.rule_set))


@get("/lots/{lot_id:str}/bid/receipt.pdf", permission="bid.submit", sync_to_thread=True)
def my_receipt(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """The receipt of the bidder's own last message, on paper."""
    with platform.db.read() as tx:
        lot = tenders.published_lot(tx, lot_id)
        pdf = receipts.receipt_pdf(tx, platform, lot, actor=actor)
    headers = {"content-disposition": f'attachment; filename="receipt-{lot.lot_code}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


PAGES = [my_bid, my_receipt]
