"""Withdrawing one's bid in the browser: it signs the message with the key it keeps (招标投标法 art. 29)."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest, language
from trading.bidding.standing import MyPart, my_part
from trading.tender import queries as tenders
from trading.tender.pages import band
from trading.tender.queries import LotContext

WITHDRAW_WORDS = {
    "code-wrong": "This is not the lot's code; copy it from above.",
    "signing": "Signing and withdrawing …",
    "unexpected": "That did not work: {detail}",
}
"""Sentences of the page's program, by the keys that `frontend/src/sealing/withdraw.ts` uses."""


@get("/lots/{lot_id:str}/bid/withdraw", permission="bid.submit", sync_to_thread=True)
def withdraw_page(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """What withdrawing means, and the form; where there is nothing to withdraw, back to one's bid."""
    with platform.db.read() as tx:
        lot = tenders.published_lot(tx, lot_id)
        mine = my_part(tx, lot, platform, actor=actor, at=clock.now(tx))
    if not may_withdraw_here(lot, mine):
        return redirect(f"/lots/{lot_id}/bid")
    translate = platform.catalogue.translator(language(request))
    return page(
        request,
        "bidding/withdraw.html",
        lot=lot,
        mine=mine,
        message={
            "tender_id": lot.tender_id,
            "lot_id": lot.lot_id,
            "round": lot.round,
            "key_manifest_sha256": lot.key_manifest_sha256,
            "bidder_id": actor.uscc,
            "seq": mine.seq + 1,
            "withdraws": mine.manifest_sha256,
        },
        words={key: translate(text) for key, text in WITHDRAW_WORDS.items()},
        band=band(lot.rule_set),
    )


def may_withdraw_here(lot: LotContext, mine: MyPart) -> bool:
    """True while a submitted bid can be withdrawn with the kind of key that a browser keeps."""
    return mine.open and mine.state == "submitted" and lot.content.suite == "bs1"


PAGES = [withdraw_page]
