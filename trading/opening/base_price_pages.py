"""The tenderer's base price: sealed by form or program before the deadline, read out at the opening."""

from __future__ import annotations

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, URLEncodedBody
from litestar.response import Redirect

from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest, language
from trading.opening import base_prices
from trading.opening.schemas import BasePriceGiven, BasePriceShown
from trading.project.policy import fen_of
from trading.tender.pages import band

SEAL = "opening.seal_base_price"


@get("/lots/{lot_id:str}/base-price", permission=SEAL, sync_to_thread=True)
def base_price_page(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Whether and when the lot's base price was sealed, and the form to seal it; 404 for all but its tenderer."""
    return _page(request, platform, actor, lot_id)


@post("/lots/{lot_id:str}/base-price", permission=SEAL, fresh=True, sync_to_thread=True)
def seal_base_price(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[dict[str, str]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Seal what was typed; an amount that is none is shown again beside its field."""
    entered = data.get("amount", "")
    fen = fen_of(entered)
    if fen is None:
        return _page(
            request, platform, actor, lot_id, entered=entered, wrong="Enter an amount such as 1,250,000.00."
        )
    try:
        with platform.db.transaction() as tx:
            base_prices.seal(tx, lot_id, fen, actor=actor)
    except base_prices.BasePriceTooHigh as problem:
        return _page(request, platform, actor, lot_id, entered=entered, wrong=problem.text)
    return redirect(f"/lots/{lot_id}/base-price")


@get("/api/lots/{lot_id:str}/base-price", permission=SEAL, sync_to_thread=True)
def show_base_price(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> BasePriceShown:
    """When the lot's base price was sealed; the amount from the read-out on."""
    with platform.db.read() as tx:
        return msgspec.convert(
            base_prices.shown(tx, lot_id, actor=actor), BasePriceShown, from_attributes=True
        )


@post("/api/lots/{lot_id:str}/base-price", permission=SEAL, fresh=True, sync_to_thread=True)
def give_base_price(
    lot_id: FromPath[str],
    data: JSONBody[BasePriceGiven],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> BasePriceShown:
    """Seal a base price in the place of an earlier one, until the deadline."""
    with platform.db.transaction() as tx:
        base_prices.seal(tx, lot_id, data.fen, actor=actor)
    with platform.db.read() as tx:
        return msgspec.convert(
            base_prices.shown(tx, lot_id, actor=actor), BasePriceShown, from_attributes=True
        )


def _page(
    request: AnyRequest,
    platform: Platform,
    actor: Actor,
    lot_id: str,
    *,
    entered: str = "",
    wrong: str = "",
) -> Response[str]:
    with platform.db.read() as tx:
        shown = base_prices.shown(tx, lot_id, actor=actor)
    _ = platform.catalogue.translator(language(request))
    return page(
        request,
        "opening/base_price.html",
        status=422 if wrong else 200,
        lot=shown.lot,
        shown=shown,
        entered=entered,
        errors=[{"field": "amount", "text": _(wrong)}] if wrong else [],
        band=band(shown.lot.rule_set),
    )


PAGES = [base_price_page, seal_base_price, show_base_price, give_base_price]
