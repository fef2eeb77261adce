"""The tenderer moves a deadline in the browser: one person signs, another looks at it, signs too and hands it in."""

from __future__ import annotations

from datetime import datetime

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from govcore import clock
from govcore.clock import BEIJING
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page
from govcore.web.rendering import AnyRequest, language
from trading.tender import queries
from trading.tender.pages import band
from trading.tender.policy import bidding_open

DEADLINE_WORDS = {
    "no-time": "Enter date and time.",
    "not-later": "The new deadline must be later than the present one.",
    "signed": "Signed, and saved as a file. Pass it on to a second person of yours; nothing has changed yet.",
    "no-schedule": "This is not a signed schedule.",
    "other-lot": "This schedule is of another lot.",
    "not-next": "This schedule does not follow the present one, or moves the deadline to an earlier time.",
    "own-signature": "You have signed this schedule already: it needs another person.",
    "code-wrong": "This is not the lot's code; copy it from above.",
    "unexpected": "That did not work: {detail}",
}
"""Sentences of the page's program, by the keys that `frontend/src/deadline` uses."""


@get("/lots/{lot_id:str}/deadline", permission="schedule.sign", fresh=True, sync_to_thread=True)
def deadline_page(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    proposed: FromQuery[str] = "",
) -> Response[str]:
    """Move a published lot's deadline; only the tenderer's own people, and only before it has passed."""
    with platform.db.read() as tx:
        lot = queries.published_lot(tx, lot_id)
        movable = bidding_open(lot.state, lot.deadline_at, clock.now(tx))
    if lot.tenderer.id != actor.org_id:
        raise NotFound
    return sign_page(
        request,
        platform,
        lot,
        movable=movable,
        to=f"/api/lots/{lot_id}/schedules",
        back=f"/lots/{lot_id}/deadline",
        suggested=_moment(proposed),
    )


def _moment(typed: str) -> datetime | None:
    """A Beijing time as the link of a proposal gives it; nothing for anything else."""
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=BEIJING)
    except ValueError:
        return None


def sign_page(
    request: AnyRequest,
    platform: Platform,
    lot: queries.LotContext,
    *,
    movable: bool,
    to: str,
    back: str,
    staged: bool = False,
    suggested: datetime | None = None,
) -> Response[str]:
    """The page on which two people sign a new deadline; the signed schedule is handed in at the address `to`.

    A `staged` one counts only later, with the release of a clarification.
    """
    translate = platform.catalogue.translator(language(request))
    return page(
        request,
        "tender/deadline.html",
        lot=lot,
        movable=movable,
        suggested=suggested.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M:%S") if suggested else "",
        to=to,
        back=back,
        staged=staged,
        words={key: translate(text) for key, text in DEADLINE_WORDS.items()},
        band=band(lot.rule_set),
    )


PAGES = [deadline_page]
