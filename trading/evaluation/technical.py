"""Two envelopes: the committee fixes who passed the technical evaluation; only then can a price be opened."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from bidding_docs import manifests as m
from bidding_docs.codes import BadCertificate, BadSchema, ManifestSignature
from bidding_docs.encoding import encode
from bidding_docs.opening import TECHNICAL_FIXED_EVENT
from govcore import dsse
from govcore.audit.entries import event_bytes
from govcore.db import Tx
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.identity.policy import Actor, require
from trading.committee import queries as committees
from trading.evaluation.agreement import findings
from trading.evaluation.criteria import leaves
from trading.evaluation.entries import open_fields
from trading.evaluation.facts import seats
from trading.evaluation.files import technical_points
from trading.evaluation.models import TechnicalResult
from trading.evaluation.sheet_queries import LockedSheet, locked_sheets
from trading.opening.hall import announce
from trading.opening.models import Opening
from trading.opening.queries import OpenedBid, opened_bids
from trading.opening.stages import begin_second_stage
from trading.review.queries import bids_left
from trading.tender import queries as tenders
from trading.tender.certificates import holder_of, key_of
from trading.tender.policy import Step
from trading.tender.queries import LotContext
from trading.tender.suspensions import keep_running


class SheetsOpen(Problem):
    code = "E_SHEETS_OPEN"
    text = "The technical result can be fixed once every member has locked the sheet."


@dataclass(frozen=True, slots=True)
class Line:
    """One opened bid: its technical points, in hundredths and rounded for readers, and whether they are enough."""

    bid: OpenedBid
    points: int
    passed: bool


Judged = list[tuple[OpenedBid, Fraction, bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicalView:
    """What a member sees before the leader signs; without lines while a sheet is still open."""

    context: LotContext
    lines: tuple[Line, ...]
    leader: bool
    fixed_at: datetime | None


def technical_view(tx: Tx, lot_id: str, *, actor: Actor) -> TechnicalView:
    """The technical result with names and points, for the committee alone; `NotFound` as for `technical_result`."""
    context, _ = _members_only(tx, lot_id, actor)
    given = tx.get(TechnicalResult, lot_id)
    return TechnicalView(
        context=context,
        lines=tuple(
            Line(bid, round(points * 100), passed)
            for bid, points, passed in _judged(tx, lot_id, context) or ()
        ),
        leader=seats(tx, lot_id)[actor.user_id] == committees.leader(tx, lot_id),
        fixed_at=given.fixed_at if given else None,
    )


def technical_result(tx: Tx, lot_id: str, *, actor: Actor) -> m.TechnicalResult:
    """What the committee signs: the bids that reach the documents' least technical points, and the others.

    It follows from the locked sheets alone. `NotFound` for everybody who is no member, and without a second envelope.
    """
    context, opening = _members_only(tx, lot_id, actor)
    given = tx.get(TechnicalResult, lot_id)
    if given is not None:
        return _document(given)
    judged = _judged(tx, lot_id, context)
    if judged is None:
        raise SheetsOpen
    manifest = tenders.key_manifest(tx, lot_id)
    return m.TechnicalResult(
        tender_id=context.tender_id,
        lot_id=lot_id,
        round=context.round,
        key_manifest_sha256=manifest.sha256,
        tender_closed_sha256=m.digest(opening.closed_payload),
        passed=tuple(sorted(bid.manifest_sha256 for bid, _, passed in judged if passed)),
        failed=tuple(sorted(bid.manifest_sha256 for bid, _, passed in judged if not passed)),
    )


def _document(given: TechnicalResult) -> m.TechnicalResult:
    """What was signed; it passed its checks when it was taken."""
    return m.parse(dsse.Envelope.decode(given.envelope).payload, m.TechnicalResult)


def _members_only(tx: Tx, lot_id: str, actor: Actor) -> tuple[LotContext, Opening]:
    require(actor, "evaluation.score")
    context = tenders.lot_context(tx, lot_id)
    opening = tx.get(Opening, lot_id)
    member = actor.user_id in seats(tx, lot_id)
    if not member or opening is None or m.TECHNICAL_FIXED not in context.content.stages():
        raise NotFound
    return context, opening


def _judged(tx: Tx, lot_id: str, context: LotContext) -> Judged | None:
    """Every opened bid with its technical points and whether they are enough; nothing while a sheet is open.

    Once it is fixed the result stays as it was signed: what the prices put out afterwards passed all the same.
    """
    sheets, given = locked_sheets(tx, lot_id), tx.get(TechnicalResult, lot_id)
    if sheets and given is not None:
        return _fixed(context, sheets, opened_bids(tx, lot_id), passed=_document(given).passed)
    if not sheets or not findings(tx, context, sheets).settled:
        return None
    points = technical_points(context, sheets, bids_left(tx, lot_id))
    least = context.content.technical_min or 0
    return [
        (bid, points.get(bid.bid_id, Fraction(0)), points.get(bid.bid_id, -1) >= least)
        for bid in opened_bids(tx, lot_id)
    ]


def _fixed(
    context: LotContext, sheets: list[LockedSheet], bids: list[OpenedBid], *, passed: Collection[str]
) -> Judged:
    """The points of the bids that all sheets hold whole, and what was signed about each."""
    asked = leaves(context)
    whole = [bid for bid in bids if not any(open_fields(asked, [bid.bid_id], one.marks) for one in sheets)]
    points = technical_points(context, sheets, whole)
    return [(bid, points.get(bid.bid_id, Fraction(0)), bid.manifest_sha256 in passed) for bid in bids]


def fix_technical(tx: Tx, lot_id: str, raw: bytes, *, actor: Actor, at: datetime) -> None:
    """Take the signed technical result and begin the second stage; taking the same again changes nothing.

    The leader signs, or every member. The log names bids and no person: the committee's names stay secret until the
    award (招标投标法 art. 37, 44).
    """
    expected = technical_result(tx, lot_id, actor=actor)
    payload = _verified(tx, lot_id, raw, at=at)
    if payload != encode(expected):
        raise BadSchema(detail="it is not the result that the locked sheets give")
    digest = m.digest(payload)
    given = tx.get(TechnicalResult, lot_id)
    if given is not None:
        if given.sha256 == digest:
            return
        raise MoveNotAllowed(move="evaluation.fix_technical", state="fixed")
    keep_running(tx, lot_id, Step.EVALUATION, at)
    tx.add(TechnicalResult(lot_id=lot_id, sha256=digest, envelope=raw, fixed_at=at))
    data = {
        "tender_id": expected.tender_id,
        "lot_id": lot_id,
        "round": expected.round,
        "tender_closed_sha256": expected.tender_closed_sha256,
        "passed": list(expected.passed),
        "failed": list(expected.failed),
        "result_sha256": digest,
    }
    announce(tx, TECHNICAL_FIXED_EVENT, lot_id=lot_id, at=at, data=data)
    event = event_bytes(type=TECHNICAL_FIXED_EVENT, subject=lot_id, actor="system", at=at, data=data)
    begin_second_stage(tx, lot_id, event=event, document=raw, at=at)


def _verified(tx: Tx, lot_id: str, raw: bytes, *, at: datetime) -> bytes:
    """The signed bytes, when the committee's leader signed them, or all its members."""
    envelope = dsse.Envelope.decode(raw)
    sitting = seats(tx, lot_id)
    holders = {one.keyid: holder_of(tx, one.keyid, at=at) for one in envelope.signatures}
    signed = {sitting.get(holder.user_id, 0) for holder in holders.values()}
    if 0 in signed:
        raise BadCertificate(detail="it is no member's of this committee")
    if committees.leader(tx, lot_id) not in signed and signed != set(sitting.values()):
        raise ManifestSignature(detail="the committee's leader signs, or every member")
    keys = {keyid: key_of(holder.der) for keyid, holder in holders.items()}
    return dsse.verify(envelope, m.media_type(m.TechnicalResult), keys)
