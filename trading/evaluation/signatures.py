"""Members sign the report or dissent in writing; who does neither is held to agree (实施条例 art. 53, GPR art. 41)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, require
from trading.evaluation.facts import present_round, seats
from trading.evaluation.models import EvaluationRound, ReportSignature
from trading.tender.queries import LotContext, lot_context

DISSENT_MAX = 1000


class OtherReport(Problem):
    code = "E_REPORT_OTHER"
    text = "What you signed is not the report of this evaluation: the hashes differ."


class SignedBefore(Problem):
    code = "E_REPORT_SIGNED"
    text = "You have signed this report already."


class DissentTooLong(Problem):
    code = "E_DISSENT"
    status = 422
    text = "Write your dissent and its reasons in at most {most} characters."


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What a seat said to the report; nothing said is nothing of it."""

    seat: int
    signed_at: datetime
    dissent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSign:
    """The report before a member, and what that member said."""

    context: LotContext
    number: int
    seat: int
    sha256: str
    own: Signed | None


def to_sign(tx: Tx, lot_id: str, *, actor: Actor) -> ToSign:
    """The report of a complete evaluation, for those who sat in it; `NotFound` for everybody else."""
    found, seat = _own(tx, lot_id, actor)
    signed = {one.seat: one for one in signatures_of(tx, lot_id, found.number)}
    return ToSign(
        context=lot_context(tx, lot_id),
        number=found.number,
        seat=seat,
        sha256=found.report_sha256 or "",
        own=signed.get(seat),
    )


def sign(tx: Tx, lot_id: str, *, sha256: str, dissent: str, actor: Actor, at: datetime) -> None:
    """Sign exactly this report, with a dissent or without one, once; the caller has asked for a fresh proof."""
    require(actor, "evaluation.score")
    found, seat = _own(tx, lot_id, actor)
    dissent = dissent.strip()
    if len(dissent) > DISSENT_MAX:
        raise DissentTooLong(most=DISSENT_MAX)
    if found.report_sha256 != sha256:
        raise OtherReport
    whose = {"lot_id": lot_id, "number": found.number, "user_id": actor.user_id}
    tx.add(ReportSignature(**whose, sha256=sha256, dissent=dissent, signed_at=at))
    try:
        tx.flush()
    except IntegrityError as error:
        raise SignedBefore from error
    data = {"number": found.number, "seat": seat, "report_sha256": sha256, "dissents": bool(dissent)}
    record(tx, "evaluation.report_signed", subject=lot_id, actor=actor.user_id, at=at, data=data)


def signatures_of(tx: Tx, lot_id: str, number: int) -> list[Signed]:
    """What the seats of a round said to its report, by their numbers."""
    found = tx.get(EvaluationRound, (lot_id, number))
    sat = seats(tx, lot_id, then=found.completed_at if found else None)
    query = select(ReportSignature).where(ReportSignature.lot_id == lot_id, ReportSignature.number == number)
    said = [
        Signed(seat=sat[row.user_id], signed_at=row.signed_at, dissent=row.dissent)
        for row in tx.scalars(query)
        if row.user_id in sat
    ]
    return sorted(said, key=lambda one: one.seat)


def _own(tx: Tx, lot_id: str, actor: Actor) -> tuple[EvaluationRound, int]:
    found = present_round(tx, lot_id)
    if found is None or found.completed_at is None:
        raise NotFound
    seat = seats(tx, lot_id, then=found.completed_at).get(actor.user_id)
    if seat is None:
        raise NotFound
    return found, seat
