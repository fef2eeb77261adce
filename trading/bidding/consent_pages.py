"""Confirming by form that a bid of one's own organisation may be signed by a fresh certificate."""

from __future__ import annotations

import re

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.identity.entrance import Entrance
from govcore.identity.passwords import WrongCredentials
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest, language
from trading.bidding import consents, queries
from trading.bidding.policy import CONSENT_LIFETIME, CONSENTS
from trading.bidding.schemas import NewConsent
from trading.tender import queries as tenders
from trading.tender.pages import band

_DIGEST = re.compile(r"[0-9a-f]{64}")

Entered = dict[str, str]


@get("/lots/{lot_id:str}/bid/consent", permission="bid.sign", sync_to_thread=True)
def consent_page(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    manifest: FromQuery[str] = "",
) -> Response[str]:
    """The form, and how many members have lately confirmed the bid that the address names."""
    return _page(request, platform, lot_id, actor, digest=manifest, wrong={})


@post("/lots/{lot_id:str}/bid/consent", permission="bid.sign", sync_to_thread=True)
def give_consent(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[Entered],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Confirm one bid by its manifest's digest and the member's password."""
    digest, password = data.get("manifest", "").strip().lower(), data.get("password", "")
    if not _DIGEST.fullmatch(digest):
        wrong = {"manifest": "Enter the 64 characters of the bid manifest's hash."}
        return _page(request, platform, lot_id, actor, digest=digest, wrong=wrong)
    given = NewConsent(manifest_sha256=digest, password=password)
    try:
        Entrance.of(request).confirm(actor, password)
    except WrongCredentials:
        wrong = {"password": "The password is not right. Nothing was confirmed."}
        return _page(request, platform, lot_id, actor, digest=digest, wrong=wrong)
    with platform.db.transaction() as tx:
        consents.give(tx, platform.keys, lot_id, given, actor=actor, at=clock.now(tx))
    return redirect(f"/lots/{lot_id}/bid/consent?manifest={digest}")


def _page(
    request: AnyRequest, platform: Platform, lot_id: str, actor: Actor, *, digest: str, wrong: Entered
) -> Response[str]:
    with platform.db.read() as tx:
        lot = tenders.published_lot(tx, lot_id)
        owner = queries.owner_tag(platform.keys, lot_id, actor.org_id)
        given = queries.consents(tx, lot_id, digest, owner, since=clock.now(tx) - CONSENT_LIFETIME)
    _ = platform.catalogue.translator(language(request))
    return page(
        request,
        "bidding/consent.html",
        status=422 if wrong else 200,
        lot=lot,
        digest=digest,
        given=given,
        needed=CONSENTS,
        errors=[{"field": name, "text": _(text)} for name, text in wrong.items()],
        band=band(lot.rule_set),
    )


PAGES = [consent_page, give_consent]
