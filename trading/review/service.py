"""Vote at gates, change a vote, raise a cause of the law, close gates."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from govcore.audit.service import record
from govcore.db import Tx, new_id, upsert
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.identity.policy import Actor, require
from trading.committee.queries import Seat
from trading.committee.service import keep_in_session
from trading.procedure.policy import Regime
from trading.review import queries
from trading.review.facts import ALL, Facts, facts
from trading.review.models import Change, Gate, Vote
from trading.review.moves import move_gate
from trading.review.policy import (
    CAUSES,
    COMPETITION,
    GATE_RULES,
    PURCHASER,
    QUALIFICATION,
    REASON_MAX,
    Cause,
    GateMove,
    GateState,
    Side,
    Verdict,
    competition_node,
    fails,
)
from trading.tender.policy import LotState, Step
from trading.tender.suspensions import keep_running


class VerdictReason(Problem):
    code = "E_VERDICT_REASON"
    status = 422
    text = "Say in at most {most} characters which requirement is not met, and why."


class WhyMissing(VerdictReason):
    text = "Say why, in at most {most} characters; it stays in the record."


class ChangeReason(Problem):
    code = "E_CHANGE_REASON"
    status = 422
    text = "Something else was said before: say in at most {most} characters why it changes. Both are kept."


class NothingChosen(Problem):
    code = "E_NOTHING_CHOSEN"
    status = 422
    text = "Choose one of the two answers; without a choice nothing is kept."


class VerdictsMissing(Problem):
    code = "E_VERDICTS_MISSING"
    text = "{missing} verdicts are still missing; a gate closes when all are there."


class NotLeader(Problem):
    code = "E_NOT_LEADER"
    status = 403
    text = "The committee's leader does this for all members."


class NotUnderReview(Problem):
    code = "E_NOT_UNDER_REVIEW"
    text = "The review of this lot is over; only a new round of the evaluation opens it again."


class GateClosed(Problem):
    code = "E_GATE_CLOSED"
    text = "This gate is closed: what was said there stays."


class NothingToClose(Problem):
    code = "E_NOTHING_TO_CLOSE"
    text = "No gate can be closed now."


class UnknownCause(Problem):
    code = "E_CAUSE"
    status = 422
    text = "The law does not know this cause for rejecting a bid; choose one of the list."


class AskFirst(Problem):
    """发改法规规〔2022〕1117号; 政府采购货物和服务招标投标管理办法 art. 60."""

    code = "E_ASK_FIRST"
    text = "Ask the bidder first: nobody is rejected for this before it could explain itself ({article})."


class AlreadyRaised(Problem):
    code = "E_CAUSE_RAISED"
    text = "This cause was raised against this bid already."


class EnoughValid(Problem):
    """评标委员会和评标方法暂行规定 art. 27."""

    code = "E_ENOUGH_VALID"
    text = "Enough valid bids are left; whether there is competition is not asked."


@dataclass(frozen=True, slots=True)
class Said:
    """What a member says at one gate."""

    node: str
    passed: bool
    reason: str = ""


def chosen(answer: str) -> bool:
    """What a form says with yes or no; silence is not taken for a no."""
    if answer not in ("yes", "no"):
        raise NothingChosen
    return answer == "yes"


def sitting(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> tuple[Facts, Seat]:
    """The review and the actor's seat, if the actor may write to it now; else the refusal that says what is missing."""
    require(actor, "review.vote")
    seat = keep_in_session(tx, lot_id, actor=actor, at=at)
    known = facts(tx, lot_id)
    queries.check_qualified(tx, known.context)
    reopened = any(gate.closed_at is None for gate in known.gates)
    if known.context.state != LotState.OPENED and not reopened:
        raise NotUnderReview
    return known, seat


def leading(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> Facts:
    """The same for what the leader does in the committee's name."""
    known, seat = sitting(tx, lot_id, actor=actor, at=at)
    if not seat.leader:
        raise NotLeader
    return known


def vote(
    tx: Tx, lot_id: str, *, bid_id: str, said: Sequence[Said], actor: Actor, at: datetime, why: str = ""
) -> None:
    """Say as a member whether a bid passes these gates; who says no says why.

    A vote changes until its gate is closed, with a reason and in the record. Where a substitute votes at a closed gate
    that its predecessor left, the gate is open again.
    """
    known, seat = sitting(tx, lot_id, actor=actor, at=at)
    for one in said:
        gate = known.gate(one.node)
        if gate is None or gate.side is not Side.COMMITTEE or bid_id not in known.asked_about(gate):
            raise NotFound
        weighed = gate is known.competition
        verdict = checked(seat.user_id, one.passed, one.reason, always=weighed)
        given = {found.voter: found for found in known.verdicts(gate, bid_id)}.get(seat.user_id)
        if given == verdict:
            continue
        row = _gate(tx, lot_id, one.node, Side.COMMITTEE)
        if row.state == GateState.CLOSED:
            if given is not None:
                raise GateClosed
            reopen(tx, row, why="substitute", actor=actor, at=at)
        cast(tx, lot_id, one.node, bid_id, verdict, why=why, actor=actor, at=at)


def raise_gate(
    tx: Tx, lot_id: str, *, bid_id: str, cause_id: str, why: str, actor: Actor, at: datetime
) -> str:
    """Ask the committee, as its member, whether a cause of the law puts a bid out; the id of the gate."""
    known, _ = sitting(tx, lot_id, actor=actor, at=at)
    bid = next((one for one in known.bids if one.bid_id == bid_id), None)
    if bid is None:
        raise NotFound
    cause = {one.id: one for one in CAUSES[known.context.rule_set.regime]}.get(cause_id)
    if cause is None:
        raise UnknownCause
    why = said_why(why)
    answered = any(
        one.bid_id == bid_id and not one.waiting and one.state != "withdrawn" for one in known.requests
    )
    if cause.ask_first and not answered:
        raise AskFirst(article=cause.article)
    return begin_gate(
        tx, lot_id, cause, f"{cause.id}-{bid.number}", bid_id=bid_id, why=why, actor=actor, at=at
    )


def ask_competition(tx: Tx, lot_id: str, *, why: str, actor: Actor, at: datetime) -> str:
    """Ask the committee whether fewer than three valid bids still compete (评标委员会和评标方法暂行规定 art. 27)."""
    known = leading(tx, lot_id, actor=actor, at=at)
    if known.context.rule_set.regime is Regime.GP:
        raise queries.TooFewValid(left=known.competing)
    if not known.too_few or not known.valid:
        raise EnoughValid
    regime = known.context.rule_set.regime
    cause, node = COMPETITION[regime], competition_node(regime, known.competing)
    return begin_gate(tx, lot_id, cause, node, bid_id=None, why=said_why(why), actor=actor, at=at)


def begin_gate(
    tx: Tx, lot_id: str, cause: Cause, node: str, *, bid_id: str | None, why: str, actor: Actor, at: datetime
) -> str:
    """Open a gate for a cause; raise `AlreadyRaised` where there is one."""
    new = {
        "lot_id": lot_id,
        "node": node,
        "side": Side.COMMITTEE,
        "state": GateState.OPEN,
        "bid_id": bid_id,
        "cause": cause.id,
        "why": why,
        "raised_by": actor.user_id,
        "raised_at": at,
    }
    made = upsert(tx, Gate).values(**new).on_conflict_do_nothing().returning(Gate.node)
    if tx.execute(made).one_or_none() is None:
        raise AlreadyRaised
    data = {"gate": node, "bid": bid_id or ALL, "cause": cause.id, "why": why}
    record(tx, "review.gate_raised", subject=lot_id, actor=actor.user_id, at=at, data=data)
    return node


def close_gates(tx: Tx, lot_id: str, *, nodes: Collection[str], actor: Actor, at: datetime) -> None:
    """Close gates, as the leader, at which every member has voted: from then on they count."""
    known = leading(tx, lot_id, actor=actor, at=at)
    ready = [gate for gate in known.gates if gate.node in nodes and gate.side is Side.COMMITTEE]
    waiting = [gate for gate in ready if not known.settled(gate)]
    if not waiting:
        raise NothingToClose
    if missing := sum(known.missing(gate) for gate in waiting):
        raise VerdictsMissing(missing=missing)
    for gate in waiting:
        close(tx, _gate(tx, lot_id, gate.node, Side.COMMITTEE), actor=actor, at=at)


def reopen(tx: Tx, row: Gate, *, why: str, actor: Actor, at: datetime) -> None:
    """Open a closed gate again; the votes stay, and change with their reasons only."""
    move_gate(tx, row, GateMove.REOPEN)
    row.closed_by = row.closed_at = None
    tx.flush()
    data = {"gate": row.node, "why": why}
    record(tx, GATE_RULES[GateMove.REOPEN].event, subject=row.lot_id, actor=actor.user_id, at=at, data=data)


def reopen_all(tx: Tx, lot_id: str, *, why: str, actor: Actor, at: datetime) -> None:
    """Open all the committee's gates again for a new round of the evaluation; the caller has found that this may be."""
    rows = tx.scalars(
        select(Gate).where(Gate.lot_id == lot_id, Gate.side == Side.COMMITTEE, Gate.state == GateState.CLOSED)
    )
    for row in rows:
        reopen(tx, row, why=why, actor=actor, at=at)


def said_why(why: str) -> str:
    """A reason as it is kept; raise `WhyMissing` without one."""
    why = why.strip()
    if not why or len(why) > REASON_MAX:
        raise WhyMissing(most=REASON_MAX)
    return why


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


def checked(voter: str, passed: bool, reason: str, *, always: bool = False) -> Verdict:
    """The verdict as it is kept; raise `VerdictReason` for a no, or with `always` for any, without its reason."""
    if always:
        return Verdict(voter, passed, said_why(reason))
    reason = "" if passed else reason.strip()
    if (not passed and not reason) or len(reason) > REASON_MAX:
        raise VerdictReason(most=REASON_MAX)
    return Verdict(voter, passed, reason)


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
    known = facts(tx, row.lot_id)
    gate = next(one for one in known.gates if one.node == row.node)
    verdicts = [
        {"bid": bid_id, "passed": not fails(known.verdicts(gate, bid_id))}
        for bid_id in known.asked_about(gate)
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
    word = "pass" if verdict.passed else "fail"
    return f"{word}: {verdict.reason}" if verdict.reason else word
