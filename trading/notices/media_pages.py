"""The centre's page: what the media have published, what they have not, and where they differ from us."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest
from trading.notices import dispatching, media_queries
from trading.notices.policy import ATTEMPTS_MAX


@get("/notices/media", permission="notice.media", sync_to_thread=True)
def media_page(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The media with their counts, the notices that are not there yet, and the comparisons."""
    with platform.db.read() as tx:
        media = media_queries.media(tx, actor=actor)
        waiting = media_queries.on_the_way(tx, actor=actor)
        compared = media_queries.compared(tx, actor=actor)
    return page(
        request,
        "notices/media.html",
        media=media,
        names={one.id: one.name for one in media},
        waiting=waiting,
        compared=compared,
        attempts_max=ATTEMPTS_MAX,
        days=media_queries.DAYS,
    )


@post("/notices/{notice_id:str}/media/{medium:str}/again", permission="notice.media", sync_to_thread=True)
def send_again(
    notice_id: FromPath[str],
    medium: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    """Send a notice once more; the medium sees the same message under the same key."""
    with platform.db.transaction() as tx:
        dispatching.send_again(tx, notice_id, medium, actor=actor, at=clock.now(tx))
    return redirect("/notices/media")


PAGES = [media_page, send_again]
