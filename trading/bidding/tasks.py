"""Sweeps of the intake."""

from __future__ import annotations

from celery import shared_task

from govcore import clock
from govcore.platform import Platform, current
from trading.bidding import consents, staging, sweeping, uploads


@shared_task(name="bid.sweep_uploads")
def sweep_uploads(**_: object) -> None:
    """Delete the bytes of unfinished uploads and of forgotten staged pieces."""
    sweep(current())


@shared_task(name="bid.tell_certificate")
def tell_certificate(*, subject: str, **_: object) -> None:
    """Tell all bidding members of an organisation that it has a new certificate: it may sign for them."""
    with current().db.transaction() as tx:
        consents.tell_certificate(tx, subject, at=clock.now(tx))


def sweep(platform: Platform) -> None:
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        sweeping.give_up_stale(tx, at=at)
        due = sweeping.due_to_clear(tx, at=at)
    for upload_id in due:
        platform.store.delete_below(uploads.upload_prefix(upload_id))
        with platform.db.transaction() as tx:
            sweeping.note_cleared(tx, upload_id, at=at)
    staging.clear_staging(platform.store)
