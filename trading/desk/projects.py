"""A project with its rounds and their lots."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page
from govcore.web.rendering import AnyRequest
from trading.desk.words import LOT_WORDS
from trading.procedure.rules import rule_set
from trading.project.pages import WORDS
from trading.project.queries import project_view
from trading.tender.policy import project_state
from trading.tender.rounds import newest_states
from trading.tender.views import tenders_of

STATE_WORDS = {
    "registered": "Registered, not tendered yet",
    "preparing": "Being prepared",
    "running": "Tendered now",
    "awarded": "Awarded",
    "lost": "Without a result",
}


@get("/projects/{project_id:str}", permission="project.read", sync_to_thread=True)
def project_page(
    request: AnyRequest,
    project_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """The registration with its versions and files, and what became of it."""
    with platform.db.read() as tx:
        project = project_view(tx, project_id, actor=actor)
        tenders = tenders_of(tx, project_id, actor=actor, at=clock.now(tx))
        state = project_state(newest_states(tx, project_id))
    return page(
        request,
        "desk/project.html",
        project=project,
        tenders=tenders,
        rule_names={one.rule_set: rule_set(one.rule_set).name for one in tenders},
        state=STATE_WORDS[state],
        own=actor.may("project.register") and actor.org_id in (project.tenderer_id, project.agency_id),
        lot_words=LOT_WORDS,
        **WORDS,
    )


PAGES = [project_page]
