"""What supervision notes by form: an outage of the platform during an opening."""

from __future__ import annotations

from datetime import datetime

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest, language
from trading.opening import judging, queries
from trading.tender.pages import band

REASON_MAX = 2000

Entered = dict[str, str]


@get("/lots/{lot_id:str}/opening/outage", permission="opening.judge", fresh=True, sync_to_thread=True)
def outage_page(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """What an outage of the platform changes for the bidders, what was noted, and the form to note one."""
    return _outage(request, platform, lot_id, actor, {}, {})


@post("/lots/{lot_id:str}/opening/outage", permission="opening.judge", fresh=True, sync_to_thread=True)
def note_outage(
    request: AnyRequest,
    lot_id: FromPath[str],
    data: URLEncodedBody[Entered],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Note an outage; what was typed wrong is shown again beside its field."""
    began, ended = _moment(data.get("began", "")), _moment(data.get("ended", ""))
    reason = data.get("reason", "").strip()
    wrong = {}
    if began is None:
        wrong["began"] = "Enter the date and time when it began."
    if ended is None:
        wrong["ended"] = "Enter the date and time when it ended."
    if began is not None and ended is not None and ended <= began:
        wrong["ended"] = "An outage ends after it began."
    if not 0 < len(reason) <= REASON_MAX:
        wrong["reason"] = "Say in at most 2,000 characters what was out, and how you know."
    if wrong or began is None or ended is None:
        return _outage(request, platform, lot_id, actor, wrong, data)
    with platform.db.transaction() as tx:
        judging.note_outage(tx, lot_id, began=began, ended=ended, reason=reason, actor=actor)
    return redirect(f"/lots/{lot_id}/opening/outage")


def _moment(typed: str) -> datetime | None:
    """Beijing time as a date-and-time field sends it; nothing for anything else."""
    try:
        return datetime.fromisoformat(typed.strip()).replace(tzinfo=clock.BEIJING)
    except ValueError:
        return None


def _outage(
    request: AnyRequest, platform: Platform, lot_id: str, actor: Actor, wrong: Entered, entered: Entered
) -> Response[str]:
    with platform.db.read() as tx:
        hall, noted = queries.hall(tx, lot_id), queries.noted_outage(tx, lot_id)
    if hall.lot.regulator.id != actor.org_id:
        raise NotFound
    _ = platform.catalogue.translator(language(request))
    return page(
        request,
        "opening/outage.html",
        status=422 if wrong else 200,
        hall=hall,
        lot=hall.lot,
        noted=noted,
        errors=[{"field": name, "text": _(text)} for name, text in wrong.items()],
        entered={name: entered.get(name, "") for name in ("began", "ended", "reason")},
        reason_max=REASON_MAX,
        band=band(hall.lot.rule_set),
    )


PAGES = [outage_page, note_outage]
