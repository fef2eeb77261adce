"""The committee's leader (评标委员会负责人): elected by more than half of its members."""

from __future__ import annotations

from datetime import datetime

from govcore.audit.service import record
from govcore.db import Tx, upsert
from govcore.errors import Problem
from govcore.identity.policy import Actor, require
from trading.committee import queries
from trading.committee.models import Vote
from trading.committee.policy import elected, may_lead
from trading.committee.service import held, keep_in_session
from trading.tender.queries import lot_context


class LeaderElected(Problem):
    code = "E_LEADER_ELECTED"
    text = "The committee has its leader already."


class NotEligible(Problem):
    code = "E_LEADER_SEAT"
    status = 422
    text = "Vote for a member who sits on this committee now."


class RepresentativeLeads(Problem):
    """政府采购货物和服务招标投标管理办法 art. 45."""

    code = "E_LEADER_REPRESENTATIVE"
    status = 422
    text = "The purchaser's representative cannot lead the committee (G13 · 87号令 art. 45)."


def vote(tx: Tx, lot_id: str, *, choice: int, actor: Actor, at: datetime) -> None:
    """Vote for a seat as leader, one's own too; a vote can be changed until more than half of all agree on one."""
    require(actor, "committee.sit")
    committee = held(tx, lot_id)
    voter = keep_in_session(tx, lot_id, actor=actor, at=at)
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
