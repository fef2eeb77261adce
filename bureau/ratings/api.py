"""Service ratings: JSON."""

from __future__ import annotations

from typing import Annotated

from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from bureau.ratings import figures, handling, queries, service
from bureau.ratings.links import PRIVATE, address_of
from bureau.ratings.policy import FIRST_YEAR, LAST_YEAR, Channel, printed, typed
from bureau.ratings.schemas import (
    Addition,
    Answer,
    BadShown,
    CollectedRating,
    Figures,
    Handling,
    Link,
    NewReported,
    NewService,
    NewTerms,
    OwnRating,
    OwnView,
    Rectification,
    Revisit,
)
from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import AnyRequest

Year = Annotated[int, QueryParameter(ge=FIRST_YEAR, le=LAST_YEAR)]
Organ = Annotated[str, QueryParameter(pattern=r"^[a-z0-9-]{0,64}$")]
Month = Annotated[int | None, QueryParameter(ge=1, le=12)]


@post("/api/ratings/services", permission="ratings.serve", sync_to_thread=True, status_code=201)
def serve(
    request: AnyRequest,
    data: JSONBody[NewService],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Link:
    """Record a service; the link goes to the person served, on paper or in a message."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        code = service.serve(tx, platform.keys, data, actor=actor, at=at)
        last = queries.own_view(tx, service.hash_of(code), at=at).rate_until
    return Link(printed(code), address_of(request, platform, code, via=Channel.WEB), last)


@get("/api/ratings/services/{code:str}", permission="public", sync_to_thread=True)
def own_view(code: FromPath[str], platform: NamedDependency[Platform]) -> Response[OwnView]:
    """What the holder of a code sees: the service, the rating, and what became of it."""
    with platform.db.read() as tx:
        view = queries.own_view(tx, service.hash_of(typed(code)), at=clock.now(tx))
    return Response(view, headers=PRIVATE)


@post("/api/ratings/services/{code:str}/rating", permission="public", sync_to_thread=True, status_code=201)
def rate(
    code: FromPath[str],
    data: JSONBody[OwnRating],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[OwnView]:
    """Rate a service, once; the same rating again is answered as the first time."""
    with platform.db.transaction() as tx:
        service.rate(tx, platform.wrapper, typed(code), data, actor=actor, at=clock.now(tx))
    return own(platform, code)


@post("/api/ratings/services/{code:str}/words", permission="public", sync_to_thread=True, status_code=201)
def add_words(
    code: FromPath[str],
    data: JSONBody[Addition],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[OwnView]:
    """Add words to one's own rating, once."""
    with platform.db.transaction() as tx:
        service.add_words(tx, typed(code), data, actor=actor, at=clock.now(tx))
    return own(platform, code)


@post("/api/ratings/services/{code:str}/answer", permission="public", sync_to_thread=True, status_code=201)
def answer(
    code: FromPath[str],
    data: JSONBody[Answer],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[OwnView]:
    """Say whether a bad rating's matter was put right; this closes it."""
    with platform.db.transaction() as tx:
        handling.answer(tx, typed(code), data, actor=actor, at=clock.now(tx))
    return own(platform, code)


@post("/api/ratings/collected", permission="ratings.collect", sync_to_thread=True, status_code=201)
def collect(
    data: JSONBody[CollectedRating], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> None:
    """Hand in what somebody said at a device, on a card, by phone, or as a social supervisor."""
    with platform.db.transaction() as tx:
        service.collect(tx, platform.wrapper, data, actor=actor, at=clock.now(tx))


@get("/api/ratings/figures", permission="public", sync_to_thread=True)
def show_figures(
    platform: NamedDependency[Platform],
    year: FromQuery[Year],
    month: FromQuery[Month] = None,
    organ: FromQuery[Organ] = "",
    channel: FromQuery[Channel | None] = None,
) -> Figures:
    """The public figures of a year or a month; `reported` are those that sources of earlier years printed."""
    wanted = figures.Filter(year, month, organ, channel or "")
    with platform.db.read() as tx:
        return figures.figures(tx, wanted)


@post("/api/ratings/reported", permission="ratings.govern", sync_to_thread=True, status_code=201)
def report(
    data: JSONBody[NewReported], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> None:
    """Load the caller's organ's figures of a time before this system, as a source prints them."""
    with platform.db.transaction() as tx:
        service.report(tx, data, actor=actor, at=clock.now(tx))


@put("/api/ratings/terms", permission="ratings.govern", sync_to_thread=True, status_code=204)
def set_terms(
    data: JSONBody[NewTerms], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> None:
    """Set the working days of the steps that begin from now on in the caller's organ."""
    with platform.db.transaction() as tx:
        service.set_terms(tx, data, actor=actor, at=clock.now(tx))


@get("/api/bad-ratings", permission="ratings.handle", sync_to_thread=True)
def list_bad(
    platform: NamedDependency[Platform], actor: NamedDependency[Actor], open: FromQuery[bool] = True
) -> list[BadShown]:
    """The bad ratings of the caller's organ: open ones by their last day, or ended ones."""
    with platform.db.read() as tx:
        return queries.bad_ratings(tx, actor=actor, at=clock.now(tx), is_open=open)


@get("/api/bad-ratings/{rating_id:str}", permission="ratings.handle", sync_to_thread=True)
def show_bad(
    rating_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[BadShown]:
    return shown(platform, rating_id, actor)


@post(
    "/api/bad-ratings/{rating_id:str}/steps",
    permission="ratings.handle",
    sync_to_thread=True,
    status_code=201,
)
def handle(
    rating_id: FromPath[str],
    data: JSONBody[Handling],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[BadShown]:
    """Confirm the rating or dispute it; or, as a second person, uphold or reject a dispute."""
    with platform.db.transaction() as tx:
        handling.handle(tx, rating_id, data, actor=actor, at=clock.now(tx))
    return shown(platform, rating_id, actor)


@post(
    "/api/bad-ratings/{rating_id:str}/rectify",
    permission="ratings.handle",
    sync_to_thread=True,
    status_code=201,
)
def rectify(
    rating_id: FromPath[str],
    data: JSONBody[Rectification],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[BadShown]:
    """Say how it was put right; the person served reads the feedback."""
    with platform.db.transaction() as tx:
        handling.rectify(tx, rating_id, data, actor=actor, at=clock.now(tx))
    return shown(platform, rating_id, actor)


@post(
    "/api/bad-ratings/{rating_id:str}/revisit",
    permission="ratings.handle",
    sync_to_thread=True,
    status_code=201,
)
def revisit(
    rating_id: FromPath[str],
    data: JSONBody[Revisit],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[BadShown]:
    """Close with what the person said when asked."""
    with platform.db.transaction() as tx:
        handling.revisit(tx, rating_id, data, actor=actor, at=clock.now(tx))
    return shown(platform, rating_id, actor)


def own(platform: Platform, code: str) -> Response[OwnView]:
    with platform.db.read() as tx:
        view = queries.own_view(tx, service.hash_of(typed(code)), at=clock.now(tx))
    return Response(view, headers=PRIVATE)


def shown(platform: Platform, rating_id: str, actor: Actor) -> Response[BadShown]:
    with platform.db.read() as tx:
        one = queries.bad_rating(tx, platform.wrapper, rating_id, actor=actor, at=clock.now(tx))
    return Response(one, headers=PRIVATE)


ROUTES = [
    serve,
    own_view,
    rate,
    add_words,
    answer,
    collect,
    show_figures,
    report,
    set_terms,
    list_bad,
    show_bad,
    handle,
    rectify,
    revisit,
]
