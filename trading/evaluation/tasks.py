"""The sweep that completes evaluations: compute, render, store, record."""

from __future__ import annotations

import hashlib

import structlog
from celery import shared_task

from govcore import clock
from govcore.errors import Problem
from govcore.platform import Platform, current
from govcore.storage import AlreadyStored, Store
from trading.evaluation import queries, service
from trading.evaluation.report import report
from trading.tender.policy import Step
from trading.tender.suspensions import held_lots

_log = structlog.get_logger()


class ReportDiffers(Problem):
    """The locked sheets and the code give another paper than the one stored: people must look."""

    code = "E_REPORT_DIFFERS"
    status = 500
    text = "The stored report differs from the one computed now; nothing was recorded."


@shared_task(name="evaluation.complete_due")
def complete_due(**_: object) -> None:
    """Complete every evaluation whose members have all locked; one that cannot does not stop the others."""
    platform = current()
    with platform.db.read() as tx:
        due = queries.due_to_complete(tx)
        held = held_lots(tx, due, Step.EVALUATION, clock.now(tx))
    for lot_id in [one for one in due if one not in held]:
        try:
            complete_one(platform, lot_id)
        except Problem as problem:
            _log.error("evaluation.not_completed", lot=lot_id, problem=str(problem))


def complete_one(platform: Platform, lot_id: str) -> bool:
    """Complete one evaluation; false when another was first. Every step can be repeated after a crash.

    The report depends on locked sheets alone, its date is the last lock's: rendered again it has the same bytes.
    """
    with platform.db.read() as tx:
        found = queries.ready(tx, lot_id)
    if found is None:
        return False
    content = report(found)
    again = "" if found.number == 1 else f"-{found.number}"
    key = f"evaluation/{lot_id}/report{again}.pdf"
    store_once(platform.store, key, content)
    with platform.db.transaction() as tx:
        return service.complete(
            tx,
            lot_id,
            number=found.number,
            result=found.result,
            report_key=key,
            report_sha256=hashlib.sha256(content).hexdigest(),
            at=clock.now(tx),
        )


def store_once(store: Store, key: str, content: bytes) -> None:
    """Store, or find the same bytes stored by a run that died; raise `ReportDiffers` for other bytes."""
    try:
        store.put_new(key, content)
    except AlreadyStored as error:
        if store.get(key) != content:
            raise ReportDiffers from error
