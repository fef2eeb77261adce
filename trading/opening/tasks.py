"""Sweeps of the opening: each looks what is due, does one step for it, and may be late, doubled or lost."""

from __future__ import annotations

from celery import shared_task

from govcore import clock
from govcore.platform import Platform, current
from trading.opening import closing, deposits, queries, reading, records, release, verification
from trading.opening.leases import leased
from trading.opening.policy import OpeningState
from trading.tender import queries as tenders


@shared_task(name="opening.close_due")
def close_due(**_: object) -> None:
    """Close every lot whose deadline has passed, and let the log show it at once."""
    platform = current()
    with platform.db.read() as tx:
        due = tenders.due_to_close(tx, at=clock.now(tx))
    for lot_id in due:
        close_one(platform, lot_id)


def close_one(platform: Platform, lot_id: str) -> None:
    with platform.db.transaction() as tx:
        closed = closing.close(tx, platform, lot_id)
    if closed is not None:
        with platform.db.transaction() as tx:
            closing.drain_log(tx, platform, at=clock.now(tx))


@shared_task(name="opening.advance")
def advance(**_: object) -> None:
    """Take every opening one step on: stores hashed, gate released, bids read, record written."""
    platform = current()
    with platform.db.read() as tx:
        to_verify = queries.to_verify(tx)
        sealed = queries.in_state(tx, OpeningState.SEALED)
        released = queries.in_state(tx, OpeningState.RELEASED)
        read_out = queries.in_state(tx, OpeningState.READ_OUT)
        with_advices = queries.with_sealed_advices(tx)
    for lot_id in to_verify:
        if leased(platform.db, lot_id):
            verification.verify_store(platform, lot_id)
    for lot_id in sealed:
        with platform.db.transaction() as tx:
            release.open_gate(tx, platform, lot_id)
    for lot_id in released:
        if leased(platform.db, lot_id):
            reading.read_bids(platform, lot_id)
    for lot_id in read_out:
        records.write_record(platform, lot_id)
    for lot_id in with_advices:
        deposits.open_advices(platform, lot_id)


@shared_task(name="opening.check_parts")
def check_parts(**_: object) -> None:
    """Decrypt the large parts of opened bids, for the committee to know what does not open."""
    platform = current()
    with platform.db.read() as tx:
        bids = queries.with_unchecked_parts(tx)
    for bid_id in bids:
        reading.check_parts(platform, bid_id)
