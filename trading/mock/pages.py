"""Pages of mock openings: the centre makes, watches and ends them, custodians take part with their browsers."""

from __future__ import annotations

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from bidding_docs.kept_keys import MIN_PASSPHRASE
from govcore import clock
from govcore.identity.policy import Actor, Role
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest, language
from trading.mock import queries, service
from trading.mock.policy import Step
from trading.mock.words import MOCK_WORDS

STEP_WORDS = {
    Step.KEYS: "Custodians make test keys",
    Step.SEALING: "Test envelopes are being sealed",
    Step.RELEASE: "Custodians release test shares",
    Step.READING: "Test envelopes are being opened",
    Step.READ_OUT: "Opened and read out",
}
BAND = "Mock opening: test keys, test envelopes, invented bidders. Nothing here belongs to the tender."


class LotForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lot: str = ""


@get("/mock-openings", permission="mock.see", sync_to_thread=True)
def list_page(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The mock openings under way; the centre begins one here or in its calendar."""
    with platform.db.read() as tx:
        at, found = clock.now(tx), queries.running(tx, actor=actor)
        makes = Role.CENTRE in actor.roles
        lots = queries.lots_to_rehearse(tx, at=at) if makes else []
    return page(
        request, "mock/list.html", found=found, lots=lots, makes=makes, step_words=STEP_WORDS, band=BAND
    )


@post("/mock-openings", permission="mock.make", sync_to_thread=True)
def make(
    data: URLEncodedBody[LotForm], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    """Begin a mock opening of a lot."""
    with platform.db.transaction() as tx:
        mock_id = service.make(tx, data.lot, actor=actor, at=clock.now(tx))
    return redirect(f"/mock-openings/{mock_id}")


@get("/mock-openings/{mock_id:str}", permission="mock.see", sync_to_thread=True)
def show(
    request: AnyRequest,
    mock_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """What the mock opening waits for, and what its test bids said."""
    with platform.db.read() as tx:
        found = queries.one(tx, mock_id, actor=actor)
    translate = platform.catalogue.translator(language(request))
    return page(
        request,
        "mock/show.html",
        found=found,
        act=_act(found),
        makes=Role.CENTRE in actor.roles,
        step_words=STEP_WORDS,
        words={key: translate(text) for key, text in MOCK_WORDS.items()},
        minimum=MIN_PASSPHRASE,
        band=BAND,
    )


@post("/mock-openings/{mock_id:str}/end", permission="mock.make", sync_to_thread=True)
def end(
    mock_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    """End a mock opening; nothing of it stays."""
    with platform.db.transaction() as tx:
        service.end(tx, mock_id, actor=actor, at=clock.now(tx))
    return redirect("/mock-openings")


def _act(found: queries.Shown) -> str:
    """What the reader's own seat can do now."""
    if found.own is None:
        return ""
    if found.step is Step.KEYS and not found.own.key_given:
        return "mock-key"
    if found.sealed_at is not None and found.own.released_at is None:
        return "mock-release"
    return ""


PAGES = [list_page, make, show, end]
