"""The sweep that reminds assessors of the last day, and of days that have passed."""

from __future__ import annotations

from celery import shared_task

from bureau.ratings import queries, service
from bureau.ratings.policy import day_of, due
from govcore import clock
from govcore.calendar.queries import calendar_of
from govcore.platform import current


@shared_task(name="ratings.remind")
def remind(**_: object) -> None:
    """Tell the assessors of each organ, once each, that a step ends today and that it is overdue."""
    platform = current()
    with platform.db.read() as tx:
        today = day_of(clock.now(tx))
        calendar = calendar_of(tx)
        waiting = [
            (one, org, due(since, days, calendar=calendar).day)
            for one, org, since, days in queries.to_remind(tx)
        ]
    for rating_id, org_id, last in waiting:
        if last > today:
            continue
        news = "today" if last == today else "overdue"
        with platform.db.transaction() as tx:
            service.tell_assessors(tx, org_id, rating_id, news, at=clock.now(tx), day=str(last))
