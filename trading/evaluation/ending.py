"""The end of signing: nobody signs any more, and report and bundle are kept with what was signed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from govcore.audit.service import record
from govcore.db import Tx
from trading.committee import queries as committees
from trading.committee.policy import SeatKind
from trading.evaluation.bundle_queries import is_noticed
from trading.evaluation.bundles import Document
from trading.evaluation.facts import followed_at
from trading.evaluation.models import EvaluationRound
from trading.evaluation.sheet_queries import locked_sheets
from trading.evaluation.signature_pages import SignaturePages
from trading.evaluation.signatures import SigningEnded, hold_open, signatures_of
from trading.evaluation.signed_document import signatures_document
from trading.tender.queries import lot_context


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What is kept of a round whose signing is over: its report's place, its signatures as pages and as data."""

    report_key: str
    pages: SignaturePages
    signatures: Document


def due_to_end(tx: Tx) -> list[tuple[str, int]]:
    """Lots and numbers of the evaluations whose signing is over.

    All have signed, a notice has published the result before that, or the lot is evaluated again.
    """
    query = select(EvaluationRound).where(
        EvaluationRound.completed_at.is_not(None), EvaluationRound.signing_ended_at.is_(None)
    )
    rows = tx.scalars(query.order_by(EvaluationRound.lot_id, EvaluationRound.number))
    return [(row.lot_id, row.number) for row in rows if _is_due(tx, row)]


def _is_due(tx: Tx, row: EvaluationRound) -> bool:
    if followed_at(tx, row) is not None or is_noticed(tx, row):
        return True
    sheets = locked_sheets(tx, row.lot_id, row.number)
    return len(signatures_of(tx, row.lot_id, row.number)) == len(sheets)


def ended(tx: Tx, lot_id: str, number: int) -> Ended | None:
    """What would be kept if signing ended now; nothing once it has ended.

    Who is silent agrees with a result that was published (实施条例 art. 53), with none that was taken back before.
    """
    row = tx.get(EvaluationRound, (lot_id, number))
    if row is None or row.completed_at is None or row.signing_ended_at is not None:
        return None
    context, said = lot_context(tx, lot_id), signatures_of(tx, lot_id, row.number)
    sheets = locked_sheets(tx, lot_id, row.number)
    sat = {seat.seat: seat for seat in committees.seats(tx, lot_id)}
    roles = {
        SeatKind.EXPERT: context.words.expert,
        SeatKind.REPRESENTATIVE: f"{context.words.tenderer}代表",
    }
    seats = [(one.seat, roles[sat[one.seat].kind], sat[one.seat].leader) for one in sheets]
    report_sha256 = row.report_sha256 or ""
    return Ended(
        report_key=row.report_key or "",
        pages=SignaturePages(
            context=context,
            number=row.number,
            report_sha256=report_sha256,
            seats=seats,
            said=said,
            followed_at=None if is_noticed(tx, row) else followed_at(tx, row),
        ),
        signatures=signatures_document(tx, sheets, said, report_sha256=report_sha256),
    )


def end_signing(tx: Tx, found: Ended, *, report: bytes, bundle: bytes, at: datetime) -> bool:
    """Record what is kept; false when another was first, or when somebody signed meanwhile."""
    pages = found.pages
    lot_id, number = pages.context.lot_id, pages.number
    try:
        hold_open(tx, lot_id, number)
    except SigningEnded:
        return False
    if len(signatures_of(tx, lot_id, number)) != len(pages.said):
        return False
    report_sha256, bundle_sha256 = (hashlib.sha256(one).hexdigest() for one in (report, bundle))
    row = update(EvaluationRound).where(EvaluationRound.lot_id == lot_id, EvaluationRound.number == number)
    tx.execute(
        row.values(
            signing_ended_at=at, signed_report_sha256=report_sha256, signed_bundle_sha256=bundle_sha256
        )
    )
    data = {
        "number": number,
        "report_sha256": report_sha256,
        "bundle_sha256": bundle_sha256,
        "signed": [one.seat for one in pages.said if not one.dissent],
        "dissenting": [one.seat for one in pages.said if one.dissent],
        "silent": pages.silent,
        "held_to_agree": pages.followed_at is None,
    }
    record(tx, "evaluation.signing_ended", subject=lot_id, actor="system", at=at, data=data)
    return True
