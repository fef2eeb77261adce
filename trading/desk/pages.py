"""Everybody's first page after signing in: what to do, until when, what is new."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency

from govcore import clock
from govcore.identity.policy import Actor, Role
from govcore.notify import queries as notify
from govcore.platform import Platform
from govcore.web import page
from govcore.web.rendering import AnyRequest
from trading.desk import openings, oversight, projects, public, rooms, verify, verify_results
from trading.desk.queries import lots_shown
from trading.desk.words import LOT_WORDS, lot_kind
from trading.desk.work import tasks_of

NEWEST = 5

HINTS = {
    Role.BANK: "Your bank's system reports deposit payments encrypted; they are read only after the deadline. "
    "Refund orders appear after the opening.",
    Role.AUDITOR: "You may read the log with the content of its entries. Check it with trading audit verify "
    "and keep each checkpoint you saw.",
    Role.SYSTEM_ADMIN: "You run the system and have no part in any tender; of tenders you see what everybody sees.",
    Role.SECURITY_ADMIN: "You decide who holds which role and have no part in any tender; "
    "of tenders you see what everybody sees.",
    Role.DEPOSITS: "You see every deposit and letter once the lot is closed, and no bid.",
    Role.EXPERT: "Rooms appear here when you are appointed to a committee. Until then you see what is public.",
}
"""What a role should know that has no task; keys of the catalogue."""


@get("/desk", permission="desk.read", sync_to_thread=True)
def desk(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The actor's tasks of all roles, unread messages, and the lots that concern it."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        tasks = tasks_of(tx, platform, actor=actor, at=at)
        lots = lots_shown(tx, actor=actor, at=at, limit=50)
        messages = notify.inbox(tx, platform.keys, actor=actor, limit=NEWEST)
    return page(
        request,
        "desk/desk.html",
        tasks=tasks,
        lots=lots,
        messages=[message for message in messages if message.unread],
        hints=[HINTS[role] for role in HINTS if role in actor.roles and not (role == Role.EXPERT and tasks)],
        lot_words=LOT_WORDS,
        lot_kind=lot_kind,
    )


PAGES = [
    desk,
    *projects.PAGES,
    *rooms.PAGES,
    *oversight.PAGES,
    *public.PAGES,
    *openings.PAGES,
    *verify.PAGES,
    *verify_results.PAGES,
]
