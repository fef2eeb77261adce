"""Vote at gates, change a vote, close a gate for good."""

from __future__ import annotations

from datetime import datetime

from govcore.audit.service import record
from govcore.db import Tx, new_id, upsert
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.identity.policy import Actor, require
from trading.review import queries
from trading.review.models import Change, Gate, Vote
from trading.review.moves import move_gate
from trading.review.policy import (
    GATE_RULES,
    PURCHASER,
    QUALIFICATION,
    REASON_MAX,
    GateMove,
    GateState,
    Side,
    Verdict,
    fails,
)
from trading.tender.policy import LotState, Step
from trading.tender.suspensions import keep_running


class VerdictReason(Problem):
    code = "E_VERDICT_REASON"
    status = 422
    text = "Say in at most {most} characters which requirement is not met, and why."


class ChangeReason(Problem):
    code = "E_CHANGE_REASON"
    status = 422
    text = "Something else was said before: say in at most {most} characters why it changes. Both are kept."


class VerdictsMissing(Problem):
    code = "E_VERDICTS_MISSING"
    text = "{missing} verdicts are still missing; a gate closes when all are there."


def judge_qualification(
    tx: Tx, lot_id: str, *, bid_id: str, passed: bool, reason: str, actor: Actor, at: datetime, why: str = ""
) -> None:
    """Say whether a bidder is qualified; who is not must be told why. It can be changed until the review ends."""
    require(actor, "review.qualify")
    found = _open_qualification(tx, lot_id, actor, at=at)
    if bid_id not in {one.bid.bid_id for one in found.bids}:
        raise NotFound
    _gate(tx, lot_id, QUALIFICATION, Side.PURCHASER)
    verdict = checked(PURCHASER, passed, reason)
    cast(tx, lot_id, QUALIFICATION, bid_id, verdict, why=why, actor=actor, at=at)


def close_qualification(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> None:
    """End the review for good once every bid was judged; with fewer than three qualified nothing is evaluated."""
    require(actor, "review.qualify")
    found = _open_qualification(tx, lot_id, actor, at=at)
    if found.missing:
        raise VerdictsMissing(missing=found.missing)
    close(tx, _gate(tx, lot_id, QUALIFICATION, Side.PURCHASER), actor=actor, at=at)


def checked(voter: str, passed: bool, reason: str) -> Verdict:
    """The verdict as it is kept; raise `VerdictReason` for a no without its reason."""
    reason = reason.strip()
    if (not passed and not reason) or len(reason) > REASON_MAX:
        raise VerdictReason(most=REASON_MAX)
    return Verdict(voter, passed, "" if passed else reason)


def cast(
    tx: Tx, lot_id: str, node: str, bid_id: str, verdict: Verdict, *, why: str, actor: Actor, at: datetime
) -> None:
    """Keep a vote; saying something else than before needs its reason, and what was said before is kept too."""
    key = {"lot_id": lot_id, "node": node, "bid_id": bid_id, "voter": verdict.voter}
    before = tx.get(Vote, tuple(key.values()))
    fresh = {"passed": verdict.passed, "reason": verdict.reason, "by": actor.user_id, "at": at}
    if before is not None:
        old = Verdict(before.voter, before.passed, before.reason)
        if old == verdict:
            return
        note_change(
            tx,
            lot_id,
            bid_id=bid_id,
            about=f"gate:{node}",
            old=_said(old),
            new=_said(verdict),
            why=why,
            actor=actor,
            at=at,
        )
    insert = upsert(tx, Vote).values(**key, **fresh)
    tx.execute(insert.on_conflict_do_update(index_elements=list(key), set_=fresh))
    tx.expire_all()


def note_change(
    tx: Tx,
    lot_id: str,
    *,
    bid_id: str,
    about: str,
    old: str,
    new: str,
    why: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Keep and log that something else was said before; raise `ChangeReason` without a reason."""
    why = why.strip()
    if not why or len(why) > REASON_MAX:
        raise ChangeReason(most=REASON_MAX)
    told = {"bid_id": bid_id, "about": about, "old": old, "new": new, "why": why}
    tx.add(Change(id=new_id(), lot_id=lot_id, by=actor.user_id, at=at, **told))
    record(tx, "review.changed", subject=lot_id, actor=actor.user_id, at=at, data=told)


def close(tx: Tx, row: Gate, *, actor: Actor, at: datetime) -> None:
    """Close a gate; what was found is logged, and who said what is kept."""
    move_gate(tx, row, GateMove.CLOSE)
    row.closed_by, row.closed_at = actor.user_id, at
    tx.flush()
    verdicts = [
        {"bid": bid_id, "passed": not fails(found)}
        for (node, bid_id), found in sorted(queries.votes(tx, row.lot_id).items())
        if node == row.node
    ]
    data = {"gate": row.node, "side": row.side, "verdicts": verdicts}
    record(tx, GATE_RULES[GateMove.CLOSE].event, subject=row.lot_id, actor=actor.user_id, at=at, data=data)


def _gate(tx: Tx, lot_id: str, node: str, side: Side) -> Gate:
    """The gate's row, locked; made now where it is the first time that somebody says something there."""
    new = {"lot_id": lot_id, "node": node, "side": side, "state": GateState.OPEN}
    tx.execute(upsert(tx, Gate).values(**new).on_conflict_do_nothing())
    return tx.get_one(Gate, (lot_id, node), with_for_update=True)


def _open_qualification(tx: Tx, lot_id: str, actor: Actor, *, at: datetime) -> queries.Qualification:
    found = queries.qualification(tx, lot_id, actor=actor)
    if found.context.state != LotState.OPENED:
        raise MoveNotAllowed(move="review.qualify", state=found.context.state)
    keep_running(tx, lot_id, Step.EVALUATION, at)
    if found.closed_at is not None:
        raise MoveNotAllowed(move="review.qualify", state=GateState.CLOSED)
    return found


def _said(verdict: Verdict) -> str:
    return "pass" if verdict.passed else f"fail: {verdict.reason}"
