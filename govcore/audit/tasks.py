"""The log's doorbells: an instant may be due, a witness may be behind, a subscriber may be owed a task."""

from __future__ import annotations

import os
import time
from datetime import timedelta

import structlog
from celery import current_app, shared_task

from govcore import clock, platform
from govcore.audit import copying, cosigning, policy, queries, service
from govcore.audit.policy import ClockReading
from govcore.platform import Platform
from govcore.storage import Store

_log = structlog.get_logger()
_BATCH = 100


@shared_task(name="audit.integrate")
def integrate(**_: object) -> None:
    """Grow and sign the log when an instant is due."""
    here = platform.current()
    settings = here.settings
    interval = timedelta(seconds=settings.log_interval)
    _watch_clock(here)
    with here.db.read() as tx:
        now = clock.now(tx)
        latest = queries.latest_checkpoint(tx)
        waiting_since = queries.oldest_waiting(tx)
    if latest is not None:
        here.history.keep(latest)
    if latest is not None and policy.clock_went_back(latest.instant, now=now):
        _log.error("log.clock_set_back", instant=str(latest.instant), clock=str(now))
        with here.db.transaction() as tx:
            service.note_clock_set_back(tx, at=clock.now(tx))
        return
    if latest is not None and latest.instant >= policy.instant_before(now, interval=interval):
        return
    if policy.alarm_due(waiting_since, now=now, interval=interval):
        _log.error("log.promise_at_risk", waiting_since=str(waiting_since))
    with here.db.transaction() as tx:
        service.integrate(
            tx,
            at=clock.now(tx),
            signer=here.keys.log_signer,
            origin=settings.log_origin,
            bucket=settings.log_bucket,
            interval=interval,
        )


_read: dict[int, ClockReading] = {}
"""What this process read last; under its number, because a fork has read nothing."""


def _watch_clock(here: Platform) -> None:
    """Log a clock that was set forward while this process ran; the demo's is set by its visitors."""
    if here.settings.demo:
        return
    asked = time.monotonic()
    with here.db.read() as tx:
        now = clock.now(tx)
    reading = ClockReading(now, asked, time.monotonic())
    earlier, _read[os.getpid()] = _read.get(os.getpid()), reading
    ahead = reading.ahead_of(earlier) if earlier else None
    if ahead is not None:
        _log.error("log.clock_set_forward", seconds=round(ahead.total_seconds(), 1), clock=str(now))
        with here.db.transaction() as tx:
            service.note_clock_set_forward(tx, ahead=ahead, at=now)


@shared_task(name="audit.cosign")
def cosign(**_: object) -> None:
    """Show the witnesses what they have not cosigned yet."""
    cosigning.cosign(platform.current())


@shared_task(name="audit.copy")
def copy(**_: object) -> None:
    """Bring the second place up to the log, where there is one."""
    here = platform.current()
    if here.settings.log_copy_url:
        copying.copy(here, Store(here.settings.log_copy_url))


@shared_task(name="outbox.deliver")
def deliver(**_: object) -> None:
    """Ring for every owed task; one that is not done when its lease ends is rung for again."""
    here = platform.current()
    with here.db.read() as tx:
        if not queries.due_deliveries(tx, at=clock.now(tx), limit=1):
            return
    with here.db.transaction() as tx:
        due = service.lease_deliveries(tx, at=clock.now(tx), limit=_BATCH)
    for delivery_id in due:
        current_app.send_task("outbox.run", kwargs={"delivery": delivery_id})


@shared_task(name="outbox.run")
def run(*, delivery: int, **_: object) -> None:
    """Do an owed task here and note that it is done: a crash in between repeats it, nothing loses it."""
    here = platform.current()
    with here.db.read() as tx:
        owed = queries.open_delivery(tx, delivery)
    if owed is None:
        return
    if owed.task not in current_app.tasks:
        _log.warning("outbox.nobody_does_this", task=owed.task)  # owed until its module is back or dropped
        return
    current_app.tasks[owed.task](subject=owed.subject)
    with here.db.transaction() as tx:
        service.settle(tx, owed.id, at=clock.now(tx))
