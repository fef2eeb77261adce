"""Approve and publish."""

from __future__ import annotations

from datetime import datetime

from bidding_docs.manifests import ADVICE
from govcore.audit.service import record
from govcore.calendar.queries import calendar_of
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, require
from guarantees.intake import accept_cash
from trading.procedure.deadlines import PeriodTooShort
from trading.procedure.rules import check_in_force, rule_set
from trading.project.models import Project
from trading.project.policy import Trust
from trading.project.service import check_entrusted
from trading.tender import gates, queries
from trading.tender.announcing import publish_tender_notice
from trading.tender.keys import manifest_is_signed
from trading.tender.models import Lot
from trading.tender.moves import move_lot, move_tender
from trading.tender.periods import check_time_to_deadline
from trading.tender.policy import LotMove, Move
from trading.tender.rounds import check_admitted


class KeysMissing(Problem):
    code = "E_KEYS_MISSING"
    text = "Lot {lot} cannot be published: its key manifest is not signed by the tenderer and all custodians."


class ScheduleMissing(Problem):
    code = "E_SCHEDULE"
    text = "Lot {lot} cannot be published: it has no signed schedule."


class TooShort(Problem):
    code = "E_PERIOD"
    text = (
        "Lot {lot} cannot be published ({rule} · {article}): at least {period} must lie between now and the deadline,"
        " which may be {earliest} at the earliest."
    )


def approve(tx: Tx, tender_id: str, *, actor: Actor, at: datetime) -> None:
    """The tenderer approves its agency's draft; from then on it does not change."""
    require(actor, "tender.approve")
    tender = queries.visible_tender(tx, tender_id, actor=actor)
    if tx.get_one(Project, tender.project_id).tenderer_id != actor.org_id:
        raise NotFound
    move_tender(tx, tender.id, Move.APPROVE)
    tender.approved_by = actor.user_id
    record(tx, "tender.approved", subject=tender.id, actor=actor.user_id, at=at, data={"code": tender.code})


def publish(
    tx: Tx, tender_id: str, *, actor: Actor, at: datetime, budget_fen: int | None = None
) -> list[Lot]:
    """Publish an approved tender whose keys and schedules are signed; every lot opens for bids at once.

    The budget is what the documents say of it; the notice of a government purchase must tell it.
    """
    require(actor, "tender.publish")
    tender = queries.visible_tender(tx, tender_id, actor=actor)
    project = tx.get_one(Project, tender.project_id)
    if project.agency_id != actor.org_id:
        raise NotFound
    check_entrusted(tx, project, Trust.NOTICE, at=at)
    lots = queries.lots_of(tx, tender.id)
    rules, calendar = rule_set(tender.rule_set), calendar_of(tx)
    check_in_force(rules, at)
    prequalifies = queries.content_of(tender).prequalifies
    check_admitted(tx, tender, rules)
    for lot in lots:
        if not manifest_is_signed(tx, lot):
            raise KeysMissing(lot=lot.number)
        if lot.deadline_at is None:
            raise ScheduleMissing(lot=lot.number)
        try:
            check_time_to_deadline(tx, tender, at, lot.deadline_at, calendar=calendar)
        except PeriodTooShort as short:
            if prequalifies:
                raise
            raise TooShort(lot=lot.number, **short.data) from short
    move_tender(tx, tender.id, Move.PUBLISH)
    tender.published_at = at
    files = {document.name: document.sha256 for document in queries.documents_of(tx, tender.id)}
    data = {
        "code": tender.code,
        "round": tender.round,
        "rule_set": rules.id,
        "rule_set_version": rules.version,
        "documents": files,
    }
    record(tx, "tender.published", subject=tender.id, actor="system", at=at, data=data)
    for lot in lots:
        _open_lot(tx, lot, at=at)
    publish_tender_notice(tx, tender, lots, budget_fen=budget_fen, at=at)
    return lots


def _open_lot(tx: Tx, lot: Lot, *, at: datetime) -> None:
    move_lot(tx, lot.id, LotMove.PUBLISH, at=at)
    manifest = queries.key_manifest(tx, lot.id)
    lot.key_manifest_sha256 = manifest.sha256
    schedule = queries.present_schedule(tx, lot.id)
    keys = {"lot": lot.code, "round": lot.round, "key_manifest_sha256": manifest.sha256}
    record(tx, "keys.published", subject=lot.id, actor="system", at=at, data=keys)
    accept_cash(tx, lot.id, recipient=gates.recipients_of(tx, lot.id)[ADVICE], actor="system", at=at)
    data = {"lot": lot.code, "n": schedule.n, "schedule_sha256": schedule.sha256}
    record(tx, "schedule.changed", subject=lot.id, actor="system", at=at, data=data)
    record(tx, "tender.lot_opened", subject=lot.id, actor="system", at=at, data={"lot": lot.code})
