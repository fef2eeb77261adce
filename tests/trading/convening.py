"""A committee that meets: its session open, everybody signed in and bound by the promise, the first one leads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from govcore import clock
from govcore.db import Database, Tx
from govcore.identity.queries import actor_of_user
from trading.committee import leading, meeting
from trading.committee.policy import PROMISE_VERSION, promise_digest

REASON = "项目技术特别复杂，专家库随机抽取的专家难以胜任"
"""Why a committee is appointed without a draw."""

LONG = timedelta(days=3650)
"""So long a session lasts in tests that are not about its end: their legal time runs ahead of the machine's."""

PROMISED = "本人承诺独立、公正评审。"


def convene(
    database: Database,
    lot_id: str,
    members: Sequence[str],
    *,
    clerk: str = "centre",
    at: datetime | None = None,
) -> None:
    """Open the session of a seated committee and bring all its members in."""
    with database.transaction() as tx:
        moment = at or clock.now(tx)
        meeting.open_session(
            tx, lot_id, room_id=None, ends_at=moment + LONG, actor=actor_of_user(tx, clerk), at=moment
        )
        for user_id in members:
            come_in(tx, lot_id, user_id, at=moment)
        for user_id in members[: len(members) // 2 + 1]:
            leading.vote(tx, lot_id, choice=1, actor=actor_of_user(tx, user_id), at=moment)


def come_in(tx: Tx, lot_id: str, user_id: str, *, at: datetime) -> None:
    """Sign in to the open window and promise."""
    actor = actor_of_user(tx, user_id)
    meeting.sign_in(tx, lot_id, actor=actor, at=at)
    meeting.promise(
        tx,
        lot_id,
        text=PROMISED,
        version=PROMISE_VERSION,
        sha256=promise_digest(PROMISED),
        actor=actor,
        at=at,
    )
