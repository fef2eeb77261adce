"""A supervising department's view: its lots by category, what stands still, complaints and their clocks, reports."""

from __future__ import annotations

from itertools import groupby

from litestar import Response, get
from litestar.di import NamedDependency

from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page
from govcore.web.rendering import AnyRequest
from trading.challenge.queries import visible_cases
from trading.desk.facts import facts_of
from trading.desk.queries import lots_supervised
from trading.desk.words import LOT_WORDS, lot_kind
from trading.project.policy import CATEGORY_NAMES, Category
from trading.tender.policy import Step


@get("/oversight", permission="desk.oversee", sync_to_thread=True)
def oversight_page(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """Every published lot that the actor's department supervises, by category."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        lots = lots_supervised(tx, actor=actor, at=at)
        facts = facts_of(tx, [lot.lot_id for lot in lots])
        cases = [one for one in visible_cases(tx, platform, actor=actor, at=at) if one.clock is not None]
    groups = groupby(lots, key=lambda lot: lot.category)
    return page(
        request,
        "desk/oversight.html",
        groups=[(CATEGORY_NAMES[Category(category)], list(found)) for category, found in groups],
        held={lot_id: one.stopping(Step.CONTRACT, at) for lot_id, one in facts.items()},
        awards={lot_id: one.award for lot_id, one in facts.items()},
        cases=cases,
        lot_words=LOT_WORDS,
        lot_kind=lot_kind,
    )


PAGES = [oversight_page]
