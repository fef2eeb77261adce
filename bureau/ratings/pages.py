"""Pages for the person served (no account, no script) and for everybody: the public figures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from bureau.ratings import figures, handling, policy, queries, service
from bureau.ratings.desk import DESK
from bureau.ratings.forms import FAULT_WORDS, AnswerForm, CodeForm, RatingForm, read
from bureau.ratings.links import PRIVATE
from bureau.ratings.policy import Channel, typed
from bureau.ratings.schemas import Addition, Answer, OwnRating
from govcore import clock
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.sheets import MEDIA_TYPE, xlsx
from govcore.web import AnyRequest, page, redirect
from govcore.web.downloads import disposition
from govcore.web.rendering import language


@get("/rate", permission="public", sync_to_thread=True)
def enter(request: AnyRequest) -> Response[str]:
    """Where somebody types the code of a slip."""
    return page(request, "ratings/enter.html", unknown=False)


@post("/rate", permission="public", sync_to_thread=True)
def entered(
    request: AnyRequest, data: URLEncodedBody[CodeForm], platform: NamedDependency[Platform]
) -> Response[Any]:
    """Go to the service on the slip; an unknown code shows the form again."""
    code = typed(data.code)
    try:
        with platform.db.read() as tx:
            queries.service_by_code(tx, service.hash_of(code))
    except NotFound:
        return page(request, "ratings/enter.html", status=422, unknown=True)
    return redirect(f"/rate/{code}")


@get("/rate/{code:str}", permission="public", sync_to_thread=True)
def rate_page(
    request: AnyRequest, code: FromPath[str], platform: NamedDependency[Platform], via: FromQuery[str] = ""
) -> Response[str]:
    """Rate the service on the slip, or see what became of the rating."""
    values = RatingForm(channel=via or Channel.WEB)
    return _own(request, platform, code, values=values, faults=[])


@post("/rate/{code:str}", permission="public", sync_to_thread=True)
def rate(
    request: AnyRequest,
    code: FromPath[str],
    data: URLEncodedBody[RatingForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Take the rating; what is missing or too long is said beside its field, and the rest is kept."""
    given, faults = read(data.given(), OwnRating)
    if given is None:
        return _own(request, platform, code, values=data, faults=faults, status=422)
    with platform.db.transaction() as tx:
        service.rate(tx, platform.wrapper, typed(code), given, actor=actor, at=clock.now(tx))
    return redirect(f"/rate/{typed(code)}")


@post("/rate/{code:str}/words", permission="public", sync_to_thread=True)
def add_words(
    code: FromPath[str],
    data: URLEncodedBody[Addition],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    with platform.db.transaction() as tx:
        service.add_words(tx, typed(code), data, actor=actor, at=clock.now(tx))
    return redirect(f"/rate/{typed(code)}")


@post("/rate/{code:str}/answer", permission="public", sync_to_thread=True)
def answer(
    code: FromPath[str],
    data: URLEncodedBody[AnswerForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    """Without a choice nothing is said: the page asks again."""
    if data.satisfied in ("yes", "no"):
        given = Answer(satisfied=data.satisfied == "yes", words=data.words)
        with platform.db.transaction() as tx:
            handling.answer(tx, typed(code), given, actor=actor, at=clock.now(tx))
    return redirect(f"/rate/{typed(code)}")


@get("/ratings", permission="public", sync_to_thread=True)
def figures_page(
    request: AnyRequest,
    platform: NamedDependency[Platform],
    year: FromQuery[str] = "",
    month: FromQuery[str] = "",
    organ: FromQuery[str] = "",
    channel: FromQuery[str] = "",
) -> Response[str]:
    """The public figures of a period, an organ, a channel: a chart and its table."""
    with platform.db.read() as tx:
        wanted = _filter(year, month, organ, channel, at=clock.now(tx))
        found = figures.figures(tx, wanted)
        years, organs = figures.years(tx, at=clock.now(tx)), figures.organs(tx)
    return page(
        request,
        "ratings/figures.html",
        figures=found,
        wanted=wanted,
        years=years,
        organs=organs,
        policy=policy,
        query=request.url.query,
    )


@get("/ratings/figures.xlsx", permission="public", sync_to_thread=True)
def export(
    request: AnyRequest,
    platform: NamedDependency[Platform],
    year: FromQuery[str] = "",
    month: FromQuery[str] = "",
    organ: FromQuery[str] = "",
    channel: FromQuery[str] = "",
) -> Response[bytes]:
    """The table of the same figures for a spreadsheet."""
    with platform.db.read() as tx:
        wanted = _filter(year, month, organ, channel, at=clock.now(tx))
        found = figures.figures(tx, wanted)
    _ = platform.catalogue.translator(language(request))
    columns = [_("Channel"), *(_(name) for name in policy.LEVEL_NAMES.values()), _("All")]
    rows: list[list[str | int | None]] = [
        [_(policy.CHANNEL_NAMES[row.channel]), *row.levels, row.total] for row in found.by_channel
    ]
    rows.append([_("All"), *found.levels, found.total])
    if found.few:
        told = _("Fewer than {n} ratings in this period", n=policy.FEWEST)
        rows = [[told, *[None] * (len(found.levels) + 1)]]
    rows += [[one.source, *[None] * len(found.levels), one.total] for one in found.reported]
    title = f"{_('Service ratings')} {wanted.first_day} {wanted.last_day}"
    headers = {"content-disposition": disposition(f"ratings-{wanted.first_day}-{wanted.last_day}.xlsx")}
    return Response(xlsx(title, columns, rows), media_type=MEDIA_TYPE, headers=headers)


def _filter(year: str, month: str, organ: str, channel: str, *, at: datetime) -> figures.Filter:
    """What an address asks for; what cannot be read is left out, the year is the present one."""
    return figures.Filter(
        year=_number(year, policy.FIRST_YEAR, policy.LAST_YEAR) or policy.day_of(at).year,
        month=_number(month, 1, 12),
        org_id=organ if organ.isalnum() else "",
        channel=channel if channel in policy.CHANNEL_NAMES else "",
    )


def _number(text: str, least: int, most: int) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and least <= int(text) <= most else None


def _own(
    request: AnyRequest,
    platform: Platform,
    code: str,
    *,
    values: RatingForm,
    faults: list[str],
    status: int = 200,
) -> Response[str]:
    with platform.db.read() as tx:
        view = queries.own_view(tx, service.hash_of(typed(code)), at=clock.now(tx))
    _ = platform.catalogue.translator(language(request))
    errors = [{"field": name, "text": _(FAULT_WORDS[name])} for name in faults]
    answered = page(
        request,
        "ratings/rate.html",
        status=status,
        view=view,
        code=typed(code),
        values=values,
        errors=errors,
        policy=policy,
    )
    answered.headers.update(PRIVATE)
    return answered


PAGES = [
    enter,
    entered,
    rate_page,
    rate,
    add_words,
    answer,
    figures_page,
    export,
    *DESK,
]
