"""A bidder's own part in a lot: submitted or not, the receipt, and how to seal."""

from __future__ import annotations

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from bidding_docs.consortium import MOST_MEMBERS
from govcore import clock
from govcore.certificates import queries as certificates
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page
from govcore.web.bundles import BUNDLES
from govcore.web.rendering import AnyRequest, language
from trading.bidding import receipts
from trading.bidding.limits import limits_of
from trading.bidding.schemas import Limits
from trading.bidding.seal_words import CONSORTIUM_WORDS, SEAL_WORDS
from trading.bidding.standing import my_part
from trading.tender import queries as tenders
from trading.tender.pages import band
from trading.tender.queries import LotContext


@get("/lots/{lot_id:str}/bid", permission="bid.read", sync_to_thread=True)
def my_bid(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """The bidder's own state in a lot."""
    with platform.db.read() as tx:
        lot = tenders.published_lot(tx, lot_id)
        at = clock.now(tx)
        mine = my_part(tx, lot, platform, actor=actor, at=at)
        ends = certificates.ending_before(tx, lot.opening_at, actor=actor, at=at) if lot.opening_at else []
    return page(request, "bidding/my_bid.html", lot=lot, mine=mine, ends=ends, band=band(lot.rule_set))


@get("/lots/{lot_id:str}/bid/receipt.pdf", permission="bid.read", sync_to_thread=True)
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


@get("/lots/{lot_id:str}/bid/seal", permission="bid.prepare", sync_to_thread=True)
def seal_a_bid(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Choose files, answer the summary, seal and submit; the browser does the work."""
    with platform.db.read() as tx:
        lot = tenders.published_lot(tx, lot_id)
        mine = my_part(tx, lot, platform, actor=actor, at=clock.now(tx))
        policy = tenders.key_manifest_body(tx, lot_id).policy
    limits = limits_of(lot.content)
    translate = platform.catalogue.translator(language(request))
    return page(
        request,
        "bidding/seal.html",
        lot=lot,
        mine=mine,
        limits=limits,
        bidder_share=policy.bidder == "required",
        facts=_facts(lot, limits, actor),
        words={key: translate(text) for key, text in SEAL_WORDS.items()},
        band=band(lot.rule_set),
    )


@get("/lots/{lot_id:str}/consortium", permission="bid.prepare", sync_to_thread=True)
def consortium(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Write or sign the member list of a consortium; the browser does it, and nothing of it comes here."""
    with platform.db.read() as tx:
        lot = tenders.published_lot(tx, lot_id)
    if not lot.content.consortium:
        raise NotFound
    translate = platform.catalogue.translator(language(request))
    return page(
        request,
        "bidding/consortium.html",
        lot=lot,
        most=MOST_MEMBERS,
        facts={"id": lot.lot_id, "tender_id": lot.tender_id, "user": actor.user_id},
        words={key: translate(text) for key, text in CONSORTIUM_WORDS.items()},
        band=band(lot.rule_set),
    )


def _facts(lot: LotContext, limits: Limits, actor: Actor) -> dict[str, object]:
    """What the page's program needs to know, in JSON's own types (`frontend/src/sealing/lot.ts`)."""
    return {
        "id": lot.lot_id,
        "tender_id": lot.tender_id,
        "user": actor.user_id,
        "uscc": actor.uscc,
        "opening_at": lot.opening_at.isoformat() if lot.opening_at else None,
        "parts": msgspec.to_builtins(limits.parts),
        "max_total": limits.max_total,
        "forms": [
            {"part": part, "label": lot.content.part(part).label, "fields": msgspec.to_builtins(form.fields)}
            for part, form in lot.content.forms().items()
        ],
        "workers": {"seal": BUNDLES["seal-worker.js"].url, "spool": BUNDLES["spool-worker.js"].url},
    }


PAGES = [my_bid, my_receipt, seal_a_bid, consortium]
