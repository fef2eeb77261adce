"""Sweeps and subscriptions: an outage near a deadline is told, a moved deadline gets its certificate."""

from __future__ import annotations

from celery import shared_task

from govcore import clock
from govcore.platform import Platform, current
from govcore.sweeping import each
from trading.extension import issuing, queries, reopening, service
from trading.extension.reopening import PutOff


@shared_task(name="extension.look")
def look(**_: object) -> None:
    """For every deadline that is near: tell what outages call for, and certify an extension that followed them."""
    platform = current()
    with platform.db.read() as tx:
        lots = queries.near_deadlines(tx, at=clock.now(tx))
    each(platform, lots, look_at)


def look_at(platform: Platform, lot_id: str) -> None:
    """One lot's step; nearly always there was no outage and nothing to do."""
    with platform.db.read() as tx:
        facts = queries.facts(tx, lot_id, at=clock.now(tx))
    if facts.assessment.proposed is None:
        return
    if facts.after is not None:
        issuing.certify(platform, lot_id)
    else:
        with platform.db.transaction() as tx:
            service.propose(tx, facts, at=clock.now(tx))


@shared_task(name="extension.reopen")
def reopen(**_: object) -> None:
    """For every opening that was put off: certify it, and note the end of the fault when its time has come."""
    platform = current()
    with platform.db.read() as tx:
        found = reopening.waiting(tx)
    each(platform, found, reopen_one)


def reopen_one(platform: Platform, opening: PutOff) -> None:
    """Certified first: what a late sweep finds over already was put off all the same."""
    issuing.certify_opening(platform, opening.lot_id, opening.ref)
    with platform.db.transaction() as tx:
        reopening.note_end(tx, opening.ref, opening.until)
