"""The sweeps that complete evaluations (compute, render, store, record), end signing and publish what may be."""

from __future__ import annotations

import hashlib

from celery import shared_task

from govcore import clock
from govcore.errors import Problem
from govcore.platform import Platform, current
from govcore.storage import AlreadyStored, Store
from govcore.sweeping import each
from trading.draws.service import publish as publish_draw
from trading.evaluation import queries, service
from trading.evaluation.bundle_queries import bundle_key, bundle_of, due_to_publish
from trading.evaluation.bundles import Form, canonical, public, read, signed
from trading.evaluation.computing import ready
from trading.evaluation.drawing import announce_due, decided_by
from trading.evaluation.ending import due_to_end, end_signing, ended
from trading.evaluation.policy import signed_key
from trading.evaluation.report import report, report_paper
from trading.evaluation.signature_pages import signed_report
from trading.tender.policy import Step
from trading.tender.suspensions import held_lots


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
    each(platform, [one for one in due if one not in held], step_on)


def step_on(platform: Platform, lot_id: str) -> None:
    """Complete the evaluation, or announce the draw that it waits for."""
    complete_one(platform, lot_id) or draw_one(platform, lot_id)


def draw_one(platform: Platform, lot_id: str) -> bool:
    """Announce the draw that a result waits for; false where it waits for none, or for one that is under way."""
    with platform.db.transaction() as tx:
        return announce_due(tx, lot_id, at=clock.now(tx)) is not None


def complete_one(platform: Platform, lot_id: str) -> bool:
    """Complete one evaluation; false when another was first. Every step can be repeated after a crash.

    Documents and report depend on locked sheets alone, their date is the last lock's: made again they are the same.
    """
    with platform.db.read() as tx:
        found = ready(tx, lot_id)
        paper = None if found is None else report_paper(tx, found)
        bundle = None if found is None else bundle_of(tx, found)
    if found is None or paper is None or bundle is None:
        return False
    number = found.round.number
    whole = canonical(bundle)
    store_once(platform.store, bundle_key(lot_id, number, Form.FULL), whole)
    content = report(found, paper)
    key = f"evaluation/{lot_id}/{number}/report.pdf"
    store_once(platform.store, key, content)
    with platform.db.transaction() as tx:
        return service.complete(
            tx,
            found,
            report=service.Stored(key, hashlib.sha256(content).hexdigest()),
            documents=bundle["sha256"],
            bundle_sha256=hashlib.sha256(whole).hexdigest(),
            at=clock.now(tx),
        )


@shared_task(name="evaluation.end_signing_due")
def end_signing_due(**_: object) -> None:
    """End the signing of every report that is due for it; one that cannot be ended does not stop the others."""
    platform = current()
    with platform.db.read() as tx:
        due = due_to_end(tx)
    each(platform, due, end_one)


def end_one(platform: Platform, evaluation: tuple[str, int]) -> bool:
    """Keep one report and its bundle with what was signed; false when another was first, or somebody still signed."""
    lot_id, number = evaluation
    with platform.db.read() as tx:
        found = ended(tx, lot_id, number)
    if found is None:
        return False
    whole = read(platform.store.get(bundle_key(lot_id, number, Form.FULL)))
    report = signed_report(platform.store.get(found.report_key), found.pages)
    bundle = canonical(signed(whole, found.signatures))
    for content, ending in ((report, "pdf"), (bundle, "json")):
        sha256 = hashlib.sha256(content).hexdigest()
        store_once(platform.store, signed_key(lot_id, number, sha256, ending), content)
    with platform.db.transaction() as tx:
        return end_signing(tx, found, report=report, bundle=bundle, at=clock.now(tx))


@shared_task(name="evaluation.publish_due")
def publish_due(**_: object) -> None:
    """Publish the public form of every result that a notice has published; one that cannot does not stop the others."""
    platform = current()
    with platform.db.read() as tx:
        due = due_to_publish(tx)
    each(platform, due, publish_one)


def publish_one(platform: Platform, result: tuple[str, int]) -> bool:
    """Store and log the public form; false when another was first. It follows from the full one alone."""
    lot_id, number = result
    whole = read(platform.store.get(bundle_key(lot_id, number, Form.FULL)))
    content = canonical(public(whole))
    store_once(platform.store, bundle_key(lot_id, number, Form.PUBLIC), content)
    with platform.db.transaction() as tx:
        drawn = decided_by(tx, lot_id, number)
        if drawn is not None and drawn.seed is not None:
            publish_draw(tx, drawn.id, at=clock.now(tx))
        sha256 = hashlib.sha256(content).hexdigest()
        return service.publish(tx, lot_id, number, sha256=sha256, at=clock.now(tx))


def store_once(store: Store, key: str, content: bytes) -> None:
    """Store, or find the same bytes stored by a run that died; raise `ReportDiffers` for other bytes."""
    try:
        store.put_new(key, content)
    except AlreadyStored as error:
        if store.get(key) != content:
            raise ReportDiffers from error
