"""The committee's leader (评标委员会负责人): elected by more than half of its members, or named by the tenderer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from govcore.audit.service import record
from govcore.db import Tx, upsert
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, require
from trading.committee import queries
from trading.committee.models import Vote
from trading.committee.policy import SeatKind, elected, may_lead
from trading.committee.queries import Formed
from trading.committee.service import held, keep_in_session
from trading.tender.policy import LotState, Step
from trading.tender.queries import lot_context
from trading.tender.suspensions import keep_running

NAMEABLE = frozenset({LotState.CLOSED, LotState.OPENED})
"""A leader is named until the evaluation is over."""


class LeaderElected(Problem):
    code = "E_LEADER_ELECTED"
    text = "The committee has its leader already."


class NotEligible(Problem):
    code = "E_LEADER_SEAT"
    status = 422
    text = "Choose a member who sits on this committee now."


class RepresentativeLeads(Problem):
    """政府采购货物和服务招标投标管理办法 art. 45."""

    code = "E_LEADER_REPRESENTATIVE"
    status = 422
    text = "The purchaser's representative cannot lead the committee (G13 · 87号令 art. 45)."


class LeaderIsNamed(Problem):
    """评标委员会和评标方法暂行规定 art. 9."""

    code = "E_LEADER_NAMED"
    text = (
        "The tenderer names this committee's leader; its members elect none "
        "(T14 · 评标委员会和评标方法暂行规定 art. 9)."
    )


class MembersElect(Problem):
    """评标委员会和评标方法暂行规定 art. 9, 政府采购货物和服务招标投标管理办法 art. 45."""

    code = "E_LEADER_ELECTS"
    text = (
        "This committee elects its leader: the tender documents do not leave that to the tenderer "
        "(T14 · 评标委员会和评标方法暂行规定 art. 9)."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """How the tenderer's naming stands: who leads by seat, and whom the actor can name now."""

    leader: int | None
    leader_at: datetime | None
    candidates: tuple[tuple[int, SeatKind, str], ...]
    """Seats with a name for the tenderer's own people only; those drawn stay secret (招标投标法 art. 37)."""


def vote(tx: Tx, lot_id: str, *, choice: int, actor: Actor, at: datetime) -> None:
    """Vote for a seat as leader, one's own too; a vote can be changed until more than half of all agree on one."""
    require(actor, "committee.sit")
    committee = held(tx, lot_id)
    voter = keep_in_session(tx, lot_id, actor=actor, at=at)
    if queries.names_leader(tx, lot_id):
        raise LeaderIsNamed
    if committee.leader is not None:
        raise LeaderElected
    candidates = {seat.seat: seat for seat in queries.active_seats(tx, lot_id)}
    if choice not in candidates:
        raise NotEligible
    context = lot_context(tx, lot_id)
    if not may_lead(candidates[choice].kind, context.rule_set.regime):
        raise RepresentativeLeads
    given = upsert(tx, Vote).values(lot_id=lot_id, seat=voter.seat, choice=choice)
    tx.execute(given.on_conflict_do_update(index_elements=["lot_id", "seat"], set_={"choice": choice}))
    votes = queries.votes(tx, lot_id)
    leader = elected(votes, candidates)
    if leader is not None:
        committee.leader, committee.leader_at = leader, at
        data = {"lot": context.lot_code, "seat": leader, "votes": {str(k): v for k, v in votes.items()}}
        record(tx, "committee.leader_elected", subject=lot_id, actor=actor.user_id, at=at, data=data)


def name_leader(tx: Tx, lot_id: str, *, seat: int, actor: Actor, at: datetime) -> None:
    """Name, as the tenderer, who leads, where the documents say so: once, and anew only when that seat became void."""
    require(actor, "committee.name_leader")
    context = lot_context(tx, lot_id)
    if actor.org_id != context.tenderer.id:
        raise NotFound
    committee = held(tx, lot_id)
    if not queries.names_leader(tx, lot_id):
        raise MembersElect
    if committee.leader is not None:
        raise LeaderElected
    if context.state not in NAMEABLE:
        raise MoveNotAllowed(move="committee.name_leader", state=context.state)
    keep_running(tx, lot_id, Step.EVALUATION, at)
    if seat not in {one.seat for one in queries.active_seats(tx, lot_id)}:
        raise NotEligible(field="seat")
    committee.leader, committee.leader_at = seat, at
    data = {"lot": context.lot_code, "seat": seat}
    record(tx, "committee.leader_named", subject=lot_id, actor=actor.user_id, at=at, data=data)


def naming(tx: Tx, lot_id: str, *, actor: Actor) -> Naming | None:
    """How the naming stands, for who has seen that the actor may know the seats; nothing where members elect."""
    found = queries.formed(tx, lot_id)
    if found is None or not queries.names_leader(tx, lot_id):
        return None
    tenderer = actor.may("committee.name_leader") and actor.org_id == found.context.tenderer.id
    free = queries.active_seats(tx, lot_id) if awaited(found) and tenderer else ()
    names = identity.user_names(tx, [one.user_id for one in free if one.kind is SeatKind.REPRESENTATIVE])
    return Naming(
        leader=found.leader,
        leader_at=found.leader_at,
        candidates=tuple((one.seat, one.kind, names.get(one.user_id, "")) for one in free),
    )


def waits_for_name(tx: Tx, lot_id: str) -> bool:
    """Whether the tenderer has to name who leads a lot's committee."""
    found = queries.formed(tx, lot_id)
    return found is not None and awaited(found) and queries.names_leader(tx, lot_id)


def awaited(found: Formed) -> bool:
    """Whether nobody leads and the evaluation is not over."""
    return found.leader is None and found.context.state in NAMEABLE
