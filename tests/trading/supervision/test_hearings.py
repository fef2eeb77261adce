"""A new holiday notice moves the hearings that are still open, and no others."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import update
from supervision_factories import Floor

from govcore.calendar import service as calendar
from govcore.calendar import vendored
from govcore.calendar.notices import read_notice
from govcore.clock import BEIJING
from govcore.identity.policy import Actor
from trading.procedure.deadlines import due
from trading.procedure.rules import rule_set
from trading.procedure.stored import from_plain, plain
from trading.supervision import service
from trading.supervision.models import MisconductRecord

NOTICE = read_notice((Path(__file__).parents[2] / "govcore" / "holiday_notice_2027.json").read_bytes())
RECORDED = datetime(2026, 12, 30, 2, tzinfo=UTC)


def recorded(floor: Floor) -> str:
    """A record whose subject may answer within three working days of 30 December."""
    limit = due(rule_set("tb-2026"), "misconduct.hearing", RECORDED, calendar=vendored())
    with floor.platform.db.transaction() as tx:
        row = service.record_misconduct(tx, floor.misconduct(), actor=floor.actor("recorder"), at=floor.at)
        kept = {"reply_until": limit.at, "reckoning": plain(limit)}
        tx.execute(update(MisconductRecord).where(MisconductRecord.id == row.id).values(kept))
    return row.id


def until(floor: Floor, record_id: str) -> tuple[datetime, bool, str]:
    with floor.platform.db.read() as tx:
        row = tx.get_one(MisconductRecord, record_id)
        limit = from_plain(row.reckoning or {})
    assert row.reply_until == limit.at
    return row.reply_until, limit.provisional, limit.calendar


def load(floor: Floor, at: datetime = RECORDED) -> calendar.Preview:
    actor = Actor(user_id=floor.actor("recorder").user_id, permissions=frozenset({"calendar.load"}))
    with floor.platform.db.transaction() as tx:
        return calendar.load(tx, NOTICE, actor=actor, at=at)


def test_an_open_hearing_moves_with_the_notice(floor: Floor) -> None:
    record_id = recorded(floor)
    before = until(floor, record_id)

    done = load(floor)

    after = until(floor, record_id)
    assert before == (datetime(2027, 1, 5, tzinfo=BEIJING), True, vendored().version)
    assert after == (datetime(2027, 1, 6, tzinfo=BEIJING), False, done.calendar.version)
    assert [(due.subject, due.before, due.after) for due in done.dues] == [(record_id, before[0], after[0])]


def test_what_was_answered_or_is_over_stays(floor: Floor) -> None:
    answered, over = recorded(floor), recorded(floor)
    with floor.platform.db.transaction() as tx:
        service.give_statement(tx, answered, text="说明", actor=floor.actor("agent"), at=floor.at)
    before = until(floor, answered), until(floor, over)

    done = load(floor, at=datetime(2027, 1, 5, 1, tzinfo=BEIJING))

    assert done.dues == ()
    assert (until(floor, answered), until(floor, over)) == before
