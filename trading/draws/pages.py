"""Pages of draws: what is to be done for them, each one step by step, and how to compute it again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from bidding_docs.kept_keys import MIN_PASSPHRASE
from govcore import clock
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest, language
from trading.draws import queries, service, views, words
from trading.draws.ending import check_endable
from trading.draws.models import Draw
from trading.draws.policy import DrawState, Purpose
from trading.draws.replay_lines import lines
from trading.draws.views import Turn
from trading.tender.pages import band

KINDS = {DrawState.DRAWN: "success", DrawState.VOID: "danger"}


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value as a person types or keeps it; spaces around it do not count."""

    value: Annotated[str, msgspec.Meta(max_length=100)]

    @property
    def digits(self) -> str:
        return self.value.strip().lower()


@get("/draws", permission="draw.follow", sync_to_thread=True)
def draws_page(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The draws that one's organisation takes part in, what is to be done first."""
    with platform.db.read() as tx:
        found = views.mine(tx, actor=actor, at=clock.now(tx))
        key = queries.own_key(tx, actor=actor)
    todo = (Turn.COMMIT, Turn.REVEAL, Turn.OPEN)
    return page(
        request,
        "draws/draws.html",
        key=key,
        todo=[one for one in found if one.turn in todo],
        others=[one for one in found if one.turn not in todo],
        words=words,
        kinds=KINDS,
    )


@get("/draws/{draw_id:str}", permission="public", sync_to_thread=True)
def draw_page(
    request: AnyRequest,
    draw_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """One draw: how far it is, what the reader does in it, what came out, and how to check it."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        found = views.view(tx, draw_id, actor=actor, at=at)
    response = page(
        request,
        "draws/draw.html",
        view=found,
        draw=found.draw,
        lot=found.lot,
        words=words,
        kinds=KINDS,
        program_words=_program_words(request, platform),
        lines=lines(found.document) if found.document else [],
        endable=actor.may("draw.end") and _endable(found.draw, at=at),
        opening=found.draw.purpose == Purpose.OPENING,
        band=band(found.lot.rule_set),
    )
    response.headers["cache-control"] = "no-store"
    return response


@get("/draws/{draw_id:str}/open", permission="draw.escrow", fresh=True, sync_to_thread=True)
def open_page(
    request: AnyRequest,
    draw_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """A custodian's browser shows its shares of withheld values; the key stays in it."""
    with platform.db.read() as tx:
        found = views.view(tx, draw_id, actor=actor, at=clock.now(tx))
    return page(
        request,
        "draws/open.html",
        view=found,
        draw=found.draw,
        lot=found.lot,
        words=words,
        program_words=_program_words(request, platform),
    )


@get("/draws/key", permission="draw.escrow", fresh=True, sync_to_thread=True)
def key_page(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """A custodian's browser makes its standing key for draws; the site gets the public half and a locked file."""
    with platform.db.read() as tx:
        key = queries.own_key(tx, actor=actor)
    return page(
        request,
        "draws/key.html",
        key=key,
        minimum=MIN_PASSPHRASE,
        program_words=_program_words(request, platform),
    )


def _program_words(request: AnyRequest, platform: Platform) -> dict[str, str]:
    translate = platform.catalogue.translator(language(request))
    return {key: translate(text) for key, text in words.PROGRAM_WORDS.items()}


def _endable(draw: Draw, *, at: datetime) -> bool:
    try:
        check_endable(draw, at=at)
    except Problem:
        return False
    return True


@post("/draws/{draw_id:str}/reveal", permission="draw.contribute", sync_to_thread=True)
def reveal_here(
    draw_id: FromPath[str],
    data: URLEncodedBody[Given],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    """Reveal the value that one committed to."""
    with platform.db.transaction() as tx:
        service.reveal(tx, draw_id, data.digits, actor=actor, at=clock.now(tx))
    return redirect(f"/draws/{draw_id}")


PAGES = [draws_page, draw_page, open_page, key_page, reveal_here]
