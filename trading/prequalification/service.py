"""The review of applications: judge each, end the review, admit who passed to the round that follows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from govcore.audit.service import record
from govcore.db import Tx, upsert
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, require
from govcore.notify.service import tell
from trading.opening.announcing import publish_failure
from trading.opening.queries import OpenedBid
from trading.prequalification import inviting, queries
from trading.prequalification.models import Following, Review, Verdict
from trading.prequalification.policy import COMMITTEE_RULE, REASON_MAX, committee_is_lawful, reason_fits
from trading.prequalification.queries import Reviewed
from trading.procedure.competition import Stage
from trading.procedure.policy import Regime
from trading.procedure.words import article_of, named
from trading.tender.models import Lot
from trading.tender.moves import OutOfOrder, move_lot
from trading.tender.policy import LotMove, LotState, Method
from trading.tender.queries import lot_context

TOO_FEW = "通过资格预审的申请人少于 {needed} 个，依法重新组织资格预审或者招标。"
NEXT = "招标人分析原因后，依法重新进行资格预审或者招标。"


class ReasonMissing(Problem):
    """实施条例 art. 18."""

    code = "E_PREQUALIFICATION_REASON"
    status = 422
    text = "Who does not pass is told the ground and what is missing, in at most {most} characters."


class VerdictMissing(Problem):
    code = "E_VERDICT_MISSING"
    text = "{missing} applications have not been judged yet."


class ReviewCommittee(Problem):
    """With state money the review is a committee's, composed like an evaluation's (实施条例 art. 18)."""

    code = "E_REVIEW_COMMITTEE"
    status = 422
    text = "{rule} · {article}, 实施条例 art. 18: name the review committee, an odd number of at least {least} people."


class NotPrequalified(Problem):
    """实施条例 art. 19."""

    code = "E_NOT_PREQUALIFIED"
    text = "{rule} · {article}: the prequalification has not ended with at least {least} who passed."


class NotForPassers(Problem):
    code = "E_NOT_FOR_PASSERS"
    status = 422
    text = "Only a draft of the same project that takes bids of prequalified bidders can follow a prequalification."


def judge(
    tx: Tx, lot_id: str, *, bid_id: str, passed: bool, ground: str, reason: str, actor: Actor, at: datetime
) -> None:
    """Say whether an application passes, and why not; it can be corrected until the review ends."""
    require(actor, "prequalification.judge")
    found = _open(tx, lot_id, actor)
    if bid_id not in {one.bid.bid_id for one in found.applications}:
        raise NotFound
    ground, reason = ("", "") if passed else (ground, reason.strip())
    if not reason_fits(passed=passed, ground=ground, reason=reason):
        raise ReasonMissing(most=REASON_MAX)
    fresh = {
        "passed": passed,
        "ground": ground,
        "reason": reason,
        "judged_by": actor.user_id,
        "judged_at": at,
    }
    insert = upsert(tx, Verdict).values(lot_id=lot_id, bid_id=bid_id, **fresh)
    tx.execute(insert.on_conflict_do_update(index_elements=["lot_id", "bid_id"], set_=fresh))


def note_reading(tx: Tx, lot_id: str, *, bid_id: str, part: str, actor: Actor, at: datetime) -> None:
    """Log that a reviewer reads a part of an application; `NotFound` for everybody else."""
    require(actor, "prequalification.judge")
    found = queries.review(tx, lot_id, actor=actor)
    if bid_id not in {one.bid.bid_id for one in found.applications}:
        raise NotFound
    data = {"lot_id": lot_id, "part": part}
    record(tx, "prequalification.document_read", subject=bid_id, actor=actor.user_id, at=at, data=data)


def close(tx: Tx, lot_id: str, *, members: Sequence[str], actor: Actor, at: datetime) -> None:
    """End the review for good: with enough who passed the tender can follow, with fewer the round has failed (T11).

    Every applicant is told its own result and nobody else's; how many passed is told to nobody.
    """
    require(actor, "prequalification.close")
    found = _open(tx, lot_id, actor)
    if found.context.tenderer.id != actor.org_id:
        raise NotFound
    if found.missing:
        raise VerdictMissing(missing=found.missing)
    _check_committee(found, members)
    move_lot(tx, lot_id, LotMove.PREQUALIFY if found.enough else LotMove.TOO_FEW_PASSED, at=at)
    tx.add(Review(lot_id=lot_id, members=list(members), closed_by=actor.user_id, closed_at=at))
    data = {"lot": found.context.lot_code, "round": found.context.round}
    record(tx, "prequalification.closed", subject=lot_id, actor=actor.user_id, at=at, data=data)
    if not found.enough:
        record(tx, "tender.failed", subject=lot_id, actor="system", at=at, data=data)
        least = found.context.least(Stage.PASSED)
        publish_failure(tx, found.context, count=0, reason=TOO_FEW, next_step=NEXT, least=least, at=at)
    tell(
        tx,
        queries.applicants(tx, found),
        about=f"prequalification.result/{lot_id}",
        text="The prequalification for {lot} has ended. Your own result is ready for you.",
        data={"lot": found.context.lot_name},
        href=f"/prequalification/{lot_id}/mine",
        at=at,
    )


def follow(tx: Tx, lot_id: str, tender_id: str, *, actor: Actor, at: datetime) -> None:
    """Let a drafted round of the same project follow: those who passed, and nobody else, may bid in it."""
    require(actor, "prequalification.admit")
    found = queries.review(tx, lot_id, actor=actor)
    rule = found.context.least(Stage.PASSED)
    if found.context.state != LotState.PREQUALIFIED:
        raise NotPrequalified(**named(rule))
    tender = inviting.draft_of(tx, tender_id, Method.PREQUALIFIED, actor=actor)
    same = lot_context(tx, lot_id).project_code == queries.project_code(tx, tender)
    if not same or tx.get(Following, tender_id) is not None:
        raise NotForPassers
    tx.add(Following(tender_id=tender_id, lot_id=lot_id, at=at))
    members = {one.bid.org_id: _members(one.bid) for one in found.passed}
    inviting.admit(tx, tender, list(members), members=members, at=at)
    data = {"lot": found.context.lot_code, "tender": tender.code}
    record(tx, "prequalification.admitted", subject=tender_id, actor=actor.user_id, at=at, data=data)


def _members(bid: OpenedBid) -> list[str]:
    """The codes of a consortium that passed; it may not change afterwards (实施条例 art. 37)."""
    return [one.id for one in bid.consortium.members] if bid.consortium else []


def _open(tx: Tx, lot_id: str, actor: Actor) -> Reviewed:
    tx.get(Lot, lot_id, with_for_update=True)
    found = queries.review(tx, lot_id, actor=actor)
    if found.closed_at is not None or found.context.state != LotState.OPENED:
        raise OutOfOrder.of(LotMove.PREQUALIFY, found.context.state)
    return found


def _check_committee(found: Reviewed, members: Sequence[str]) -> None:
    rules = found.context.rule_set
    if rules.regime is Regime.GP or not found.context.state_funded:
        return
    rule = rules[COMMITTEE_RULE]
    if not committee_is_lawful(members, least=rule.number):
        raise ReviewCommittee(rule=rule.id, article=article_of(rule), least=rule.number)
