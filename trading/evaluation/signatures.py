"""Members sign the report or dissent in writing; who does neither is held to agree (实施条例 art. 53, GPR art. 41)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, require
from trading.evaluation.facts import present_number, present_round, seats
from trading.evaluation.models import EvaluationRound, ReportSignature
from trading.evaluation.policy import REPORT_TYPE
from trading.evaluation.signature_rule import Kind, check_signed, kind_of, must_sign
from trading.tender.queries import LotContext, lot_context

DISSENT_MAX = 1000


class OtherReport(Problem):
    code = "E_REPORT_OTHER"
    text = "What you signed is not the report of this evaluation: the hashes differ."


class SignedBefore(Problem):
    code = "E_REPORT_SIGNED"
    text = "You have signed this report already."


class SigningEnded(Problem):
    """招标投标法实施条例 art. 53."""

    code = "E_REPORT_CLOSED"
    text = "The report was closed with its signatures; who had not signed it is held to agree (实施条例 art. 53)."


class DissentTooLong(Problem):
    code = "E_DISSENT"
    status = 422
    text = "Write your dissent and its reasons in at most {most} characters."


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What a seat said to the report; nothing said is nothing of it. The envelope is kept from most readers."""

    seat: int
    signed_at: datetime
    dissent: str
    envelope: bytes | None

    @property
    def kind(self) -> Kind:
        return kind_of(self.envelope)

    @property
    def sha256(self) -> str:
        """What names a signature without letting its key be computed from it; empty for a proof."""
        return "" if self.envelope is None else hashlib.sha256(self.envelope).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSign:
    """The report before a member, what that member said, and whether it signs by certificate."""

    context: LotContext
    number: int
    seat: int
    sha256: str
    documents: Mapping[str, str]
    own: Signed | None
    ended_at: datetime | None
    by_certificate: bool


def to_sign(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> ToSign:
    """The report of a complete evaluation, for those who sat in it; `NotFound` for everybody else."""
    found, seat = _own(tx, lot_id, actor)
    context = lot_context(tx, lot_id)
    signed = {one.seat: one for one in signatures_of(tx, lot_id, found.number)}
    return ToSign(
        context=context,
        number=found.number,
        seat=seat,
        sha256=found.report_sha256 or "",
        documents=found.documents or {},
        own=signed.get(seat),
        ended_at=found.signing_ended_at,
        by_certificate=must_sign(tx, context, actor=actor, at=at),
    )


def statement(found: ToSign, dissent: str) -> bytes:
    """What the member signs, as JSON with sorted members and no blanks: which report it means, of which result."""
    said = {
        "type": "report-signature",
        "lot_id": found.context.lot_id,
        "evaluation": found.number,
        "seat": found.seat,
        "report_sha256": found.sha256,
        "documents": dict(found.documents),
        "dissent": checked(dissent),
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def checked(dissent: str) -> str:
    dissent = dissent.strip()
    if len(dissent) > DISSENT_MAX:
        raise DissentTooLong(most=DISSENT_MAX)
    return dissent


def sign(
    tx: Tx,
    lot_id: str,
    *,
    sha256: str,
    dissent: str,
    envelope: bytes | None = None,
    actor: Actor,
    at: datetime,
) -> None:
    """Sign exactly this report, with a dissent or without one, once; the caller has asked for a fresh proof."""
    require(actor, "evaluation.score")
    found = to_sign(tx, lot_id, actor=actor, at=at)
    payload = statement(found, dissent)
    if found.sha256 != sha256:
        raise OtherReport
    hold_open(tx, lot_id, found.number)
    if found.own is not None:
        raise SignedBefore
    check_signed(tx, found.context, envelope, payload_type=REPORT_TYPE, payload=payload, actor=actor, at=at)
    whose = {"lot_id": lot_id, "number": found.number, "user_id": actor.user_id}
    said = {"sha256": sha256, "dissent": checked(dissent), "envelope": envelope, "signed_at": at}
    tx.add(ReportSignature(**whose, **said))
    try:
        tx.flush()
    except IntegrityError as error:
        raise SignedBefore from error
    data = {
        "number": found.number,
        "seat": found.seat,
        "report_sha256": sha256,
        "dissents": bool(said["dissent"]),
        "signed": envelope is not None,
        "statement_sha256": hashlib.sha256(payload).hexdigest(),
    }
    record(tx, "evaluation.report_signed", subject=lot_id, actor=actor.user_id, at=at, data=data)


def hold_open(tx: Tx, lot_id: str, number: int) -> None:
    """Hold a round's row until this transaction ends: nobody signs while the signing is being ended, nor after it."""
    row = update(EvaluationRound).where(EvaluationRound.lot_id == lot_id, EvaluationRound.number == number)
    still = row.where(EvaluationRound.signing_ended_at.is_(None)).values(signing_ended_at=None)
    if tx.execute(still.returning(EvaluationRound.number)).one_or_none() is None:
        raise SigningEnded


@dataclass(frozen=True, slots=True)
class Word:
    """A seat and what it said of the report, if anything."""

    seat: int
    said: Signed | None


def words_of(tx: Tx, lot_id: str, seats: Iterable[int]) -> list[Word]:
    """What each of these seats said of the newest report, for who may see their sheets."""
    said = {one.seat: one for one in signatures_of(tx, lot_id, present_number(tx, lot_id))}
    return [Word(seat, said.get(seat)) for seat in seats]


def signatures_of(tx: Tx, lot_id: str, number: int) -> list[Signed]:
    """What the seats of a round said to its report, by their numbers."""
    found = tx.get(EvaluationRound, (lot_id, number))
    sat = seats(tx, lot_id, then=found.completed_at if found else None)
    query = select(ReportSignature).where(ReportSignature.lot_id == lot_id, ReportSignature.number == number)
    said = [
        Signed(seat=sat[row.user_id], signed_at=row.signed_at, dissent=row.dissent, envelope=row.envelope)
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
