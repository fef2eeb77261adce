"""Sweeps of the opening: each looks what is due, does one step for it, and may be late, doubled or lost."""

from __future__ import annotations

from celery import shared_task

from govcore import clock
from govcore.audit.cosigning import cosign
from govcore.platform import Platform, current
from govcore.sweeping import each
from trading.draws import queries as draws
from trading.opening import (
    base_prices,
    closing,
    deposits,
    drawing,
    gate,
    parts,
    pausing,
    queries,
    reading,
    records,
    recoveries,
    verification,
)
from trading.opening.leases import give_back, leased
from trading.opening.models import Opening
from trading.opening.policy import OpeningState
from trading.tender import queries as tenders
from trading.tender.policy import Step
from trading.tender.suspensions import held_lots


@shared_task(name="opening.close_due")
def close_due(**_: object) -> None:
    """Close every lot whose deadline has passed, and let the log show it at once."""
    platform = current()
    with platform.db.read() as tx:
        due = tenders.due_to_close(tx, at=clock.now(tx))
    each(platform, due, close_one)


def close_one(platform: Platform, lot_id: str) -> None:
    with platform.db.transaction() as tx:
        closed = closing.close(tx, platform, lot_id)
    if closed is not None:
        with platform.db.transaction() as tx:
            closing.drain_log(tx, platform, at=clock.now(tx))
        cosign(platform)


@shared_task(name="opening.advance")
def advance(**_: object) -> None:
    """Take every opening one step on: stores hashed, gate released, bids read, record written."""
    platform = current()
    with platform.db.read() as tx:
        to_verify = queries.to_verify(tx)
        sealed = queries.in_state(tx, OpeningState.SEALED)
        released = queries.in_state(tx, OpeningState.RELEASED)
        read_out = queries.in_state(tx, OpeningState.READ_OUT)
        given_up = queries.to_settle(tx)
        with_advices = queries.with_sealed_advices(tx)
        held = held_lots(tx, [*sealed, *released], Step.OPENING, clock.now(tx))
    sealed, released = ([one for one in lots if one not in held] for lots in (sealed, released))
    each(platform, sorted(held), _tell_overdue)
    each(platform, [*sealed, *released], _tell_outages)
    each(platform, to_verify, _verify)
    each(platform, sealed, _open_gate)
    each(platform, sealed, _go_on_without_custodians)
    each(platform, released, _read)
    each(platform, with_advices, deposits.open_advices)
    each(platform, read_out, base_prices.read_out)
    each(platform, read_out, records.write_record)
    each(platform, given_up, deposits.settle_given_up)


def _tell_overdue(platform: Platform, lot_id: str) -> None:
    with platform.db.transaction() as tx:
        pausing.tell_overdue(tx, lot_id, at=clock.now(tx))


def _tell_outages(platform: Platform, lot_id: str) -> None:
    """Look first without a lock: nearly always there is nothing to tell."""
    with platform.db.read() as tx:
        new = pausing.outages_to_tell(tx, tx.get_one(Opening, lot_id))
    if new:
        with platform.db.transaction() as tx:
            pausing.tell_outages(tx, lot_id)


def _verify(platform: Platform, lot_id: str) -> None:
    if leased(platform.db, lot_id):
        verification.verify_store(platform, lot_id)


def _open_gate(platform: Platform, lot_id: str) -> None:
    with platform.db.read() as tx:
        opens = queries.present_stage(tx, lot_id)
    gate.open_gate(platform, lot_id, opens=opens)


def _go_on_without_custodians(platform: Platform, lot_id: str) -> None:
    with platform.db.transaction() as tx:
        recoveries.note_suspension(tx, lot_id)
        recoveries.go_on_with_recovered_keys(tx, lot_id)


def _read(platform: Platform, lot_id: str) -> None:
    """No bid is opened while commitments to the draw of its opening are taken."""
    with platform.db.read() as tx:
        if draws.commitments_open(tx, lot_id, at=clock.now(tx)):
            return
    if leased(platform.db, lot_id):
        reading.read_bids(platform, lot_id)


@shared_task(name="opening.tell_suspension")
def tell_suspension(*, subject: str, **_: object) -> None:
    """Tell in the hall what suspends the lot or no longer does, or that it was given up."""
    platform = current()
    with platform.db.transaction() as tx:
        pausing.tell_holds(tx, subject, at=clock.now(tx))


@shared_task(name="opening.tell_draw")
def tell_draw(*, subject: str, **_: object) -> None:
    """Tell in the hall what has happened to the draw of an opening."""
    platform = current()
    with platform.db.transaction() as tx:
        drawing.tell_draw(tx, subject, at=clock.now(tx))


@shared_task(name="opening.destroy_keys")
def destroy_keys(**_: object) -> None:
    """Ask the gate whether it has destroyed the keys that had their use."""
    platform = current()
    with platform.db.read() as tx:
        due = queries.with_gate_keys(tx)
    each(platform, due, gate.destroy_gate_keys)


@shared_task(name="opening.check_parts")
def check_parts(**_: object) -> None:
    """Decrypt the large parts of opened bids, for the committee to know what does not open."""
    platform = current()
    with platform.db.read() as tx:
        lots = queries.with_unchecked_parts(tx)
    each(platform, lots, _check_parts)


def _check_parts(platform: Platform, lot_id: str) -> None:
    if not leased(platform.db, lot_id):
        return
    with platform.db.read() as tx:
        bids = queries.unchecked_bids(tx, lot_id)
    for bid_id in bids:
        parts.check_parts(platform, bid_id)
    give_back(platform.db, lot_id)
