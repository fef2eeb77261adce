"""A project's room: over all its tenders, rounds and lots what comes next, what is new, how each lot stands."""

from __future__ import annotations

from itertools import groupby

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from govcore import clock
from govcore.calendar.queries import calendar_of
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page
from govcore.web.rendering import AnyRequest
from trading.clarification import queries as clarifications
from trading.desk import queries
from trading.desk.facts import facts_of
from trading.desk.timeline import timeline_of
from trading.desk.words import LOT_WORDS, lot_kind
from trading.desk.work import tasks_in
from trading.notices.queries import newest_of
from trading.project.queries import project_view

NEWEST = 10


@get("/projects/{project_id:str}/room", permission="project.read", sync_to_thread=True)
def room_page(
    request: AnyRequest,
    project_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """The room of those who run, serve or supervise the project."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        project = project_view(tx, project_id, actor=actor)
        lots = queries.lots_of_project(tx, project_id, actor=actor, at=at)
        tenders = list(dict.fromkeys(lot.tender_id for lot in lots))
        tasks = tasks_in(tx, platform, lots, actor=actor, at=at)
        facts = facts_of(tx, [lot.lot_id for lot in lots])
        clarified = clarifications.released_in(tx, tenders)
        calendar = calendar_of(tx)
        lines = {
            lot.lot_id: timeline_of(
                lot, facts[lot.lot_id], clarified[lot.tender_id], calendar=calendar, at=at
            )
            for lot in lots
        }
        news = newest_of(tx, tenders, limit=NEWEST)
    return page(
        request,
        "desk/room.html",
        project=project.line,
        tasks=tasks,
        rounds=[(key, list(group)) for key, group in groupby(lots, key=lambda lot: lot.tender_id)],
        lines=lines,
        news=news,
        lot_words=LOT_WORDS,
        lot_kind=lot_kind,
    )


PAGES = [room_page]
