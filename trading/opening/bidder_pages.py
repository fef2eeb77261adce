"""A bidder's own keys at the opening, handed in from its browser: its share, or the keys when custodians fail."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from govcore import clock
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page
from govcore.web.rendering import AnyRequest, language
from trading.opening.own_key_words import OWN_KEY_WORDS
from trading.opening.own_keys import own_keys
from trading.opening.policy import OwnKeyStep
from trading.tender.pages import band


@get("/lots/{lot_id:str}/opening/share", permission="opening.give_share", sync_to_thread=True)
def share_page(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Give one's share of the present stage, in its window; 404 where the tender asks for none."""
    return _act(request, platform, actor, lot_id, "share")


@get("/lots/{lot_id:str}/opening/recovery", permission="opening.recover", fresh=True, sync_to_thread=True)
def recovery_page(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Hand in the keys of one's own bid when too few custodians released theirs."""
    return _act(request, platform, actor, lot_id, "recovery")


def _act(request: AnyRequest, platform: Platform, actor: Actor, lot_id: str, act: str) -> Response[str]:
    with platform.db.read() as tx:
        own = own_keys(tx, lot_id, actor=actor, at=clock.now(tx))
    if own.step(act) == OwnKeyStep.NOT_ASKED:
        raise NotFound
    translate = platform.catalogue.translator(language(request))
    return page(
        request,
        "opening/own_keys.html",
        act=act,
        own=own,
        lot=own.lot,
        words={key: translate(text) for key, text in OWN_KEY_WORDS.items()},
        band=band(own.lot.rule_set),
    )


PAGES = [share_page, recovery_page]
