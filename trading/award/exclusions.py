"""Why a candidate is out (T38 · 实施条例 art. 55): its own word, or two people of the tenderer's side with evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from govcore import clock
from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from govcore.notify.service import tell
from govcore.platform import Platform
from trading.award import queries
from trading.award.drafts import REASON_MAX
from trading.award.models import Evidence, Exclusion
from trading.award.policy import Cause
from trading.award.queries import PublishedCandidate, own_lot
from trading.award.service import StoredPaper
from trading.tender.policy import LotState
from trading.tender.queries import LotContext, lot_context

EVIDENCE_MAX = 20_000_000
CAUSE_WORDS = {
    Cause.GAVE_UP: "The candidate gives up",
    Cause.FORCE_MAJEURE: "Force majeure: the contract cannot be performed",
    Cause.NO_BOND: "No performance bond as the documents ask",
    Cause.ILLEGAL: "Unlawful acts that affect the result were found",
    Cause.LAPSED: "The validity of its bid ended: the bidder did not extend it",
}
FOUND = (Cause.GAVE_UP, Cause.FORCE_MAJEURE, Cause.NO_BOND, Cause.ILLEGAL)
"""The causes that two people record (T38); that a bid lapsed follows from the bidder's own answer."""
EXCLUDABLE = frozenset({LotState.EVALUATED, LotState.PUBLICITY, LotState.AWARDED})
"""Before a contract is signed, and after the candidates are known."""


class AlreadyOut(Problem):
    code = "E_CANDIDATE_OUT"
    text = "A cause against this candidate is recorded already."


class CauseNeedsEvidence(Problem):
    """实施条例 art. 55 wants an unlawful act found, and a bond asked for in vain, not claimed."""

    code = "E_CAUSE_EVIDENCE"
    status = 422
    text = (
        "Give what happened in at most {most} characters, and a file that shows it (T38 · 实施条例 art. 55)."
    )


class GivingUpNeedsReason(Problem):
    code = "E_GIVE_UP_REASON"
    status = 422
    text = "Say in at most {most} characters why you give up; the tenderer and supervision will read it."


class Finding(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which candidate is out, for what cause, and the file that shows it."""

    bid: Annotated[str, msgspec.Meta(max_length=64)]
    cause: Cause
    evidence: Annotated[str, msgspec.Meta(max_length=64)]
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=REASON_MAX)]


def add_evidence(tx: Tx, lot_id: str, *, name: str, stored: StoredPaper, actor: Actor, at: datetime) -> str:
    """Keep a file behind a cause that will be proposed; its id."""
    require(actor, "award.exclude")
    own_lot(tx, lot_id, actor)
    row = Evidence(
        id=stored.id,
        lot_id=lot_id,
        name=name[:200],
        sha256=stored.sha256,
        size=stored.size,
        store_key=stored.key,
        added_by=actor.user_id,
        added_at=at,
    )
    tx.add(row)
    return row.id


def exclusion(tx: Tx, lot_id: str, found: Finding, actor: Actor) -> dict[str, str | int]:
    """What recording the cause would mean, for two people of the tenderer's side."""
    context = own_lot(tx, lot_id, actor)
    candidate = _candidate(tx, context, found.bid)
    file = tx.get(Evidence, found.evidence)
    if found.cause not in FOUND:
        raise CauseNeedsEvidence(most=REASON_MAX)
    if not found.text.strip() or file is None or file.lot_id != lot_id:
        raise CauseNeedsEvidence(most=REASON_MAX)
    return {
        "lot": context.lot_code,
        "title": f"{context.title} · {context.lot_name}",
        "bidder": candidate.bidder_name,
        "rank": candidate.rank,
        "cause": CAUSE_WORDS[found.cause],
        "text": found.text,
        "evidence": f"{file.name} · SHA-256 {file.sha256}",
    }


def exclude(
    tx: Tx, _platform: Platform, lot_id: str, found: Finding, *, proposer: Actor, second: Actor
) -> None:
    """Record the cause: the candidate can no longer be awarded, an award to it is closed."""
    require(proposer, "award.exclude")
    exclusion(tx, lot_id, found, proposer)
    context = lot_context(tx, lot_id)
    _record(
        tx,
        context,
        _candidate(tx, context, found.bid),
        found.cause,
        found.text,
        evidence_id=found.evidence,
        by=proposer.user_id,
        second=second.user_id,
        at=clock.now(tx),
    )


def give_up(tx: Tx, lot_id: str, *, text: str, actor: Actor, at: datetime) -> None:
    """Withdraw as a candidate or winner, by the bidder's own word; `NotFound` for who is no candidate."""
    require(actor, "award.give_up")
    context = lot_context(tx, lot_id)
    mine = [one for one in queries.candidates_of(tx, lot_id) if one.org_id == actor.org_id]
    if not mine:
        raise NotFound
    text = text.strip()
    if not 0 < len(text) <= REASON_MAX:
        raise GivingUpNeedsReason(most=REASON_MAX)
    _record(
        tx,
        context,
        _candidate(tx, context, mine[0].bid_id),
        Cause.GAVE_UP,
        text,
        evidence_id=None,
        by=actor.user_id,
        second=None,
        at=at,
    )
    staff = [
        user
        for role, org in ((Role.TENDERER, context.tenderer.id), (Role.AGENCY, context.agency.id))
        for user in identity.users_with_role(tx, role, org_id=org)
    ]
    tell(
        tx,
        staff,
        about=f"award.gave_up/{lot_id}/{mine[0].bid_id}",
        text="{bidder} gives up as candidate for {lot}.",
        data={"bidder": mine[0].bidder_name, "lot": context.lot_name},
        href=f"/award/{lot_id}",
        at=at,
    )


def note_lapse(tx: Tx, lot_id: str, bid_id: str, *, by: str, at: datetime) -> None:
    """An evaluated bid that binds no longer can win no more; its deposit is not at risk (T32 · 实施条例 art. 25).

    Before the candidates are published it becomes none of them.
    """
    if bid_id in queries.outs_of(tx, lot_id):
        return
    candidate = next((one for one in queries.candidates_of(tx, lot_id) if one.bid_id == bid_id), None)
    if candidate is not None:
        context = lot_context(tx, lot_id)
        _record(tx, context, candidate, Cause.LAPSED, "", evidence_id=None, by=by, second=None, at=at)
        return
    row = {"lot_id": lot_id, "bid_id": bid_id, "cause": Cause.LAPSED, "text": "", "by": by, "at": at}
    tx.add(Exclusion(**row, evidence_id=None, second=None))


def evidence_of(tx: Tx, evidence_id: str, *, actor: Actor) -> Evidence:
    """A file behind a cause, for the lot's side, its regulator and the centre."""
    row = tx.get(Evidence, evidence_id)
    if row is None:
        raise NotFound
    context = lot_context(tx, row.lot_id)
    regulates = Role.REGULATOR in actor.roles and actor.org_id == context.regulator.id
    if not (regulates or Role.CENTRE in actor.roles or queries.is_own_side(context, actor)):
        raise NotFound
    return row


def evidence_files(tx: Tx, lot_id: str) -> list[Evidence]:
    """The files behind recorded causes, for the archive."""
    used = select(Exclusion.evidence_id).where(Exclusion.lot_id == lot_id)
    return list(tx.scalars(select(Evidence).where(Evidence.id.in_(used)).order_by(Evidence.id)))


def _candidate(tx: Tx, context: LotContext, bid_id: str) -> PublishedCandidate:
    """The candidate as long as it can still be put out; raise `NotFound`, `MoveNotAllowed`, `AlreadyOut`."""
    found = {one.bid_id: one for one in queries.candidates_of(tx, context.lot_id)}
    if bid_id not in found:
        raise NotFound
    if context.state not in EXCLUDABLE:
        raise MoveNotAllowed(move="award.exclude", state=context.state)
    if bid_id in queries.outs_of(tx, context.lot_id):
        raise AlreadyOut
    return found[bid_id]


def _record(
    tx: Tx,
    context: LotContext,
    candidate: PublishedCandidate,
    cause: Cause,
    text: str,
    *,
    evidence_id: str | None,
    by: str,
    second: str | None,
    at: datetime,
) -> None:
    tx.add(
        Exclusion(
            lot_id=context.lot_id,
            bid_id=candidate.bid_id,
            cause=cause,
            text=text,
            evidence_id=evidence_id,
            by=by,
            second=second,
            at=at,
        )
    )
    try:
        tx.flush()
    except IntegrityError as error:
        raise AlreadyOut from error
    file = tx.get(Evidence, evidence_id) if evidence_id else None
    data = {
        "lot": context.lot_code,
        "bidder": candidate.bidder_name,
        "uscc": candidate.uscc,
        "cause": cause.value,
        "own_word": second is None,
        "evidence_sha256": file.sha256 if file else "",
    }
    record(tx, "award.candidate_out", subject=context.lot_id, actor="system", at=at, data=data)
