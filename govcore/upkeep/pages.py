"""The pages of the platform's keys and of what may run short, for administrators."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency

from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.upkeep import queries, watching
from govcore.upkeep.capacity import Level
from govcore.upkeep.service import wrapping_key
from govcore.web import page
from govcore.web.rendering import AnyRequest

STATE_WORDS = {
    "waiting": "the operator may begin",
    "lapsed": "not begun in time",
    "begun": "begun, not finished",
    "done": "done",
}
KINDS = {"waiting": "info", "lapsed": "neutral", "begun": "warning", "done": "success"}

LEVEL_WORDS = {Level.AMPLE: "ample", Level.SHORT: "little left", Level.NEARLY_OVER: "almost nothing left"}
LEVEL_KINDS = {Level.AMPLE: "success", Level.SHORT: "warning", Level.NEARLY_OVER: "danger"}


@get("/upkeep/keys", permission="key.read", sync_to_thread=True)
def keys_page(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """Which key wraps, and every new one that was ordered."""
    with platform.db.read() as tx:
        wraps, orders = wrapping_key(tx), queries.rotations(tx, actor=actor, at=clock.now(tx))
    return page(request, "upkeep/keys.html", wraps=wraps, orders=orders, words=STATE_WORDS, kinds=KINDS)


@get("/upkeep/capacity", permission="upkeep.watch", sync_to_thread=True)
def capacity_page(request: AnyRequest, platform: NamedDependency[Platform]) -> Response[str]:
    """What may run short, in steps."""
    with platform.db.read() as tx:
        measured = watching.measure(tx, platform, at=clock.now(tx))
    scanner = "" if platform.scanner is None else "answers" if platform.scanner.answers() else "silent"
    return page(
        request,
        "upkeep/capacity.html",
        measured=measured,
        words=LEVEL_WORDS,
        kinds=LEVEL_KINDS,
        scanner=scanner,
    )


PAGES = [keys_page, capacity_page]
