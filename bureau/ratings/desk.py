"""Pages of clerks, who hand out slips and enter cards, and of assessors, who handle bad ratings."""

from __future__ import annotations

from typing import Any

import segno
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from bureau.ratings import handling, policy, queries, service
from bureau.ratings.forms import FAULT_WORDS, CollectForm, ServiceForm, read
from bureau.ratings.links import PRIVATE, address_of, site_of
from bureau.ratings.policy import Channel, printed
from bureau.ratings.schemas import (
    BadShown,
    CollectedRating,
    Handling,
    NewService,
    NewTerms,
    Rectification,
    Revisit,
)
from govcore import clock
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.sheets import MEDIA_TYPE, xlsx
from govcore.web import AnyRequest, page, redirect
from govcore.web.downloads import disposition
from govcore.web.rendering import language


@get("/rating-slips", permission="ratings.serve", sync_to_thread=True)
def slip_form(request: AnyRequest) -> Response[str]:
    return _slip_form(request, ServiceForm(), [])


@post("/rating-slips", permission="ratings.serve", sync_to_thread=True)
def make_slip(
    request: AnyRequest,
    data: URLEncodedBody[ServiceForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Record the service and show the slip for the person served."""
    wanted, faults = read(data.given(), NewService)
    if wanted is None:
        return _slip_form(request, data, faults)
    with platform.db.transaction() as tx:
        code = service.serve(tx, platform.keys, wanted, actor=actor, at=clock.now(tx))
    return redirect(f"/rating-slips/{code}")


@get("/rating-slips/{code:str}", permission="ratings.serve", sync_to_thread=True)
def slip(
    request: AnyRequest,
    code: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """The slip to print: QR code, code and address; for the organ that served."""
    with platform.db.read() as tx:
        row = queries.service_by_code(tx, service.hash_of(code))
        if row.org_id != actor.org_id:
            raise NotFound
        view = queries.own_view(tx, service.hash_of(code), at=clock.now(tx))
    address = address_of(request, platform, code, via=Channel.QR)
    qr = segno.make(address, error="m")
    answered = page(
        request,
        "ratings/slip.html",
        view=view,
        case_no=row.case_no,
        code=printed(code),
        address=f"{site_of(request, platform)}/rate",
        qr={"path": _modules(qr), "size": qr.symbol_size(border=4)[0]},
        policy=policy,
    )
    answered.headers.update(PRIVATE)
    return answered


@get("/collected-ratings", permission="ratings.collect", sync_to_thread=True)
def collect_form(request: AnyRequest, done: FromQuery[str] = "") -> Response[str]:
    return _collect_form(request, CollectForm(), [], done=done == "1")


@post("/collected-ratings", permission="ratings.collect", sync_to_thread=True)
def collect(
    request: AnyRequest,
    data: URLEncodedBody[CollectForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Enter what somebody wrote on a card or said."""
    wanted, faults = read(data.given(), CollectedRating)
    if wanted is None:
        return _collect_form(request, data, faults)
    try:
        with platform.db.transaction() as tx:
            service.collect(tx, platform.wrapper, wanted, actor=actor, at=clock.now(tx))
    except NotFound:
        return _collect_form(request, data, ["code"])
    return redirect("/collected-ratings?done=1")


@get("/bad-ratings", permission="ratings.handle", sync_to_thread=True)
def bad_ratings(
    request: AnyRequest,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    ended: FromQuery[str] = "",
) -> Response[str]:
    """What is due, the oldest day first; or what has come to its end."""
    with platform.db.read() as tx:
        found = queries.bad_ratings(tx, actor=actor, at=clock.now(tx), is_open=ended != "1")
        terms = queries.terms_of(tx, actor.org_id or "")
    return page(
        request, "ratings/bad_ratings.html", found=found, ended=ended == "1", terms=terms, policy=policy
    )


@get("/bad-ratings.xlsx", permission="ratings.handle", fresh=True, sync_to_thread=True)
def export_bad(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """All bad ratings of the organ for a spreadsheet, without who gave them."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        found = [
            one
            for is_open in (True, False)
            for one in queries.bad_ratings(tx, actor=actor, at=at, is_open=is_open)
        ]
    _ = platform.catalogue.translator(language(request))
    columns = [
        _("Case"),
        _("Step of the case"),
        _("About"),
        _("Rated at"),
        _("Channel"),
        _("Level"),
        _("What was said"),
    ]
    columns += [_("State"), _("Last day"), _("Answer of the organ")]
    rows = [
        [
            one.case_no,
            _(policy.NODE_NAMES[policy.Node(one.node)]),
            one.item,
            one.rated_at,
            _(policy.CHANNEL_NAMES[policy.Channel(one.channel)]),
            _(policy.LEVEL_NAMES[policy.Level(one.level)]),
            "\n".join(words for words in (one.words, one.added) if words),
            _(policy.STATE_NAMES[policy.State(one.state)]),
            one.due.isoformat() if one.due else None,
            one.feedback,
        ]
        for one in found
    ]
    headers = {"content-disposition": disposition("bad-ratings.xlsx"), **PRIVATE}
    return Response(xlsx(_("Bad ratings"), columns, rows), media_type=MEDIA_TYPE, headers=headers)


@get("/bad-ratings/{rating_id:str}", permission="ratings.handle", sync_to_thread=True)
def bad_rating(
    request: AnyRequest,
    rating_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """One bad rating, with what the reader may do about it now."""
    with platform.db.read() as tx:
        one = queries.bad_rating(tx, platform.wrapper, rating_id, actor=actor, at=clock.now(tx))
    return _bad(request, one, actor)


@post("/bad-ratings/{rating_id:str}/steps", permission="ratings.handle", sync_to_thread=True)
def handle(
    rating_id: FromPath[str],
    data: URLEncodedBody[Handling],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    with platform.db.transaction() as tx:
        handling.handle(tx, rating_id, data, actor=actor, at=clock.now(tx))
    return redirect(f"/bad-ratings/{rating_id}")


@post("/bad-ratings/{rating_id:str}/rectify", permission="ratings.handle", sync_to_thread=True)
def rectify(
    rating_id: FromPath[str],
    data: URLEncodedBody[Rectification],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    with platform.db.transaction() as tx:
        handling.rectify(tx, rating_id, data, actor=actor, at=clock.now(tx))
    return redirect(f"/bad-ratings/{rating_id}")


@post("/bad-ratings/{rating_id:str}/revisit", permission="ratings.handle", sync_to_thread=True)
def revisit(
    rating_id: FromPath[str],
    data: URLEncodedBody[Revisit],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    with platform.db.transaction() as tx:
        handling.revisit(tx, rating_id, data, actor=actor, at=clock.now(tx))
    return redirect(f"/bad-ratings/{rating_id}")


@post("/bad-ratings/terms", permission="ratings.govern", sync_to_thread=True)
def set_terms(
    data: URLEncodedBody[NewTerms], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        service.set_terms(tx, data, actor=actor, at=clock.now(tx))
    return redirect("/bad-ratings")


def _modules(qr: segno.QRCode) -> str:
    """The dark modules of a QR code as one path of an SVG, with the quiet zone around them."""
    return "".join(
        f"M{x} {y}h1v1h-1z"
        for y, row in enumerate(qr.matrix_iter(border=4))
        for x, dark in enumerate(row)
        if dark
    )


def _slip_form(request: AnyRequest, values: ServiceForm, faults: list[str]) -> Response[str]:
    return _form(request, "ratings/slip_form.html", values, faults)


def _collect_form(
    request: AnyRequest, values: CollectForm, faults: list[str], *, done: bool = False
) -> Response[str]:
    return _form(request, "ratings/collect.html", values, faults, done=done)


def _form(
    request: AnyRequest, template: str, values: object, faults: list[str], **more: Any
) -> Response[str]:
    """A form with what was entered, and what is wrong with it said at each field."""
    platform: Platform = request.app.state.platform
    _ = platform.catalogue.translator(language(request))
    errors = [{"field": name, "text": _(FAULT_WORDS[name])} for name in faults]
    status = 422 if faults else 200
    return page(request, template, status=status, values=values, errors=errors, policy=policy, **more)


def _bad(request: AnyRequest, one: BadShown, actor: Actor) -> Response[str]:
    moves = policy.moves_from(one.state, actor.permissions)
    own = one.disputed_by == actor.user_id
    answered = page(request, "ratings/bad_rating.html", one=one, moves=moves, own=own, policy=policy)
    answered.headers.update(PRIVATE)
    return answered


DESK = [
    slip_form,
    make_slip,
    slip,
    collect_form,
    collect,
    bad_ratings,
    export_bad,
    set_terms,
    bad_rating,
    handle,
    rectify,
    revisit,
]
