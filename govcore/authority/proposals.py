"""Acts of two people: proposed by one, carried out by the confirmation of another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select, update

from govcore import clock
from govcore.audit.service import record
from govcore.authority.models import Proposal
from govcore.authority.policy import (
    CONFIRM_WITHIN,
    PROPOSAL_RULES,
    ProposalMove,
    ProposalState,
    shown_state,
)
from govcore.authority.queries import act_of, content_of, proposed_content
from govcore.authority.schemas import Confirmation
from govcore.db import Database, Tx, new_id
from govcore.errors import NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, require
from govcore.module import Act, Registry
from govcore.platform import Platform

REASON_MAX = 500


class Misuse(Problem):
    """A refusal that is logged, because it tells of an attempt to go round the second person."""


class SamePerson(Misuse):
    code = "E_TWO_SAME_PERSON"
    status = 403
    text = "The person who proposed this cannot be the second person. Somebody else has to confirm it."


class ActsForTheOther(Misuse):
    code = "E_TWO_DELEGATE"
    status = 403
    text = "Who acts for the person who proposed this, or for whom that person acts, cannot be the second person."


class OtherAct(Misuse):
    code = "E_TWO_OTHER_ACT"
    text = "What you confirmed is another act or another object than the proposal's."


class OtherContent(Misuse):
    code = "E_TWO_CONTENT"
    text = "What you confirmed is not what was proposed: the hashes differ."


class AlreadyDecided(Misuse):
    code = "E_TWO_USED"
    text = "This proposal has been decided already; a confirmation counts once."


class TooLate(Misuse):
    code = "E_TWO_LATE"
    text = "Nobody confirmed this within ten minutes. It has to be proposed again."


class FactsChanged(Misuse):
    code = "E_TWO_CHANGED"
    text = "What would happen has changed since this was proposed. It has to be proposed again."


class ProposerLostRight(Misuse):
    code = "E_TWO_PROPOSER"
    status = 403
    text = "The person who proposed this no longer has the right to do so."


class ReasonMissing(Problem):
    code = "E_REASON"
    status = 422
    text = "Give a reason of at most {most} characters: the second person and the log will show it."


def propose(
    tx: Tx,
    act_name: str,
    object_id: str,
    *,
    content: Mapping[str, object],
    reason: str,
    actor: Actor,
    at: datetime,
) -> Proposal:
    """Propose an act on an object; nothing happens until another person confirms it within ten minutes."""
    act = act_of(tx, act_name)
    require(actor, act.permission)
    reason = checked_reason(reason)
    payload = _payload(tx, act, object_id, content_of(act, content), actor)
    row = Proposal(
        id=new_id(),
        act=act.name,
        object_id=object_id,
        payload=payload,
        sha256=hashlib.sha256(payload).hexdigest(),
        reason=reason,
        state=ProposalState.WAITING,
        proposed_by=actor.user_id,
        proposed_at=at,
        expires_at=at + CONFIRM_WITHIN,
    )
    tx.add(row)
    tx.flush()
    data = {"act": act.name, "object": object_id, "sha256": row.sha256, "reason": reason}
    record(tx, "authority.proposed", subject=row.id, actor=actor.user_id, at=at, data=data)
    return row


def confirm(
    tx: Tx, platform: Platform, proposal_id: str, confirmed: Confirmation, *, actor: Actor
) -> Proposal:
    """Carry out what another person proposed, once, in this transaction, if it is exactly what is confirmed."""
    row, act = _held(tx, proposal_id)
    require(actor, act.second)
    at = clock.now(tx)
    if (confirmed.act, confirmed.object_id) != (row.act, row.object_id):
        act.facts(tx, row.object_id, proposed_content(act, row), actor)  # not for who may not know of it
        raise OtherAct
    if confirmed.sha256 != row.sha256:
        raise OtherContent
    _check_second(tx, row, actor, at=at)
    _check_waits(row, at=at)
    proposer = identity.actor_of_user(tx, row.proposed_by)
    if not proposer.may(act.permission):
        raise ProposerLostRight
    content = proposed_content(act, row)
    if _payload(tx, act, row.object_id, content, actor) != row.payload:
        raise FactsChanged
    _decide(tx, row, ProposalMove.CONFIRM, actor=actor, at=at)
    act.run(tx, platform, row.object_id, content, proposer=proposer, second=actor)
    return row


def decline(tx: Tx, proposal_id: str, *, reason: str, actor: Actor, at: datetime) -> Proposal:
    """Refuse, as the second person, what another proposed."""
    row, act = _held(tx, proposal_id)
    require(actor, act.second)
    act.facts(tx, row.object_id, proposed_content(act, row), actor)
    _check_second(tx, row, actor, at=at)
    _check_waits(row, at=at)
    _decide(tx, row, ProposalMove.DECLINE, actor=actor, at=at, answer=checked_reason(reason))
    return row


def withdraw(tx: Tx, proposal_id: str, *, actor: Actor, at: datetime) -> Proposal:
    """Take one's own proposal back."""
    row, _ = _held(tx, proposal_id)
    if row.proposed_by != actor.user_id:
        raise NotFound
    _check_waits(row, at=at)
    _decide(tx, row, ProposalMove.WITHDRAW, actor=actor, at=at)
    return row


@contextmanager
def logged_refusals(database: Database, *, subject: str, actor: Actor) -> Iterator[Tx]:
    """A transaction whose misuse is logged in another one, because its own is rolled back."""
    try:
        with database.transaction() as tx:
            yield tx
    except Misuse as refusal:
        with database.transaction() as tx:
            data = {"code": refusal.code}
            record(tx, "authority.refused", subject=subject, actor=actor.user_id, at=clock.now(tx), data=data)
        raise


def checked_reason(reason: str) -> str:
    """The reason without blanks around it; raise `ReasonMissing` for none or one that is too long."""
    reason = reason.strip()
    if not 0 < len(reason) <= REASON_MAX:
        raise ReasonMissing(most=REASON_MAX)
    return reason


def _held(tx: Tx, proposal_id: str) -> tuple[Proposal, Act]:
    row = tx.scalar(select(Proposal).where(Proposal.id == proposal_id).with_for_update())
    if row is None:
        raise NotFound
    return row, act_of(tx, row.act)


def _payload(tx: Tx, act: Act, object_id: str, content: Any, actor: Actor) -> bytes:
    """The canonical bytes of what will happen: keys in order, no blanks."""
    said = {
        "act": act.name,
        "object": object_id,
        "content": content,
        "facts": dict(act.facts(tx, object_id, content, actor)),
    }
    return msgspec.json.encode(said, order="sorted")


def _check_second(tx: Tx, row: Proposal, actor: Actor, *, at: datetime) -> None:
    if row.proposed_by == actor.user_id:
        raise SamePerson
    registry: Registry = tx.info["registry"]
    for module in registry.modules:
        if module.tied is not None and row.proposed_by in module.tied(tx, actor.user_id, at):
            raise ActsForTheOther


def _check_waits(row: Proposal, *, at: datetime) -> None:
    state = shown_state(row.state, row.expires_at, at)
    if state == "lapsed":
        raise TooLate
    if state != ProposalState.WAITING:
        raise AlreadyDecided


def _decide(
    tx: Tx, row: Proposal, move: ProposalMove, *, actor: Actor, at: datetime, answer: str | None = None
) -> None:
    rule = PROPOSAL_RULES[move]
    query = update(Proposal).where(Proposal.id == row.id, Proposal.state == rule.source)
    done = query.values(state=rule.target, decided_by=actor.user_id, decided_at=at, answer=answer)
    if tx.execute(done.returning(Proposal.id)).one_or_none() is None:
        raise AlreadyDecided
    data = {"act": row.act, "object": row.object_id, "sha256": row.sha256} | (
        {"reason": answer} if answer else {}
    )
    record(tx, rule.event, subject=row.id, actor=actor.user_id, at=at, data=data)
