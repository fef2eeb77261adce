"""Reads of proposals, each for an actor who may see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from govcore.authority.models import Proposal
from govcore.authority.policy import ProposalState, shown_state
from govcore.db import Tx
from govcore.errors import Malformed, NotFound, Problem
from govcore.identity.models import User
from govcore.identity.policy import Actor, require
from govcore.module import Act, Registry

RECENT = 50


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A proposal as its two people see it."""

    id: str
    act: Act
    object_id: str
    payload: bytes
    sha256: str
    reason: str
    state: str
    proposer: str
    proposed_at: datetime
    expires_at: datetime
    decider: str | None
    decided_at: datetime | None
    answer: str | None
    mine: bool

    @property
    def facts(self) -> Mapping[str, str | int]:
        """What will happen, by the keys of the act's labels."""
        facts: Mapping[str, str | int] = msgspec.json.decode(self.payload)["facts"]
        return facts

    @property
    def back(self) -> str:
        return self.act.back.format(object_id=self.object_id)

    @property
    def waits(self) -> bool:
        return self.state == ProposalState.WAITING


def waiting(tx: Tx, *, actor: Actor, at: datetime) -> list[ProposalView]:
    """What waits for a second person and concerns the actor: proposed by it, or for it to confirm."""
    rows = tx.execute(_ALL.where(Proposal.state == ProposalState.WAITING, Proposal.expires_at > at))
    found = [(row, _view(tx, row, actor, at)) for row in rows]
    return [view for row, view in found if view.mine or _may_second(tx, row.Proposal, view.act, actor)]


def recent(tx: Tx, *, actor: Actor, at: datetime) -> list[ProposalView]:
    """The newest proposals that the actor made or decided, and that wait no more."""
    over = or_(Proposal.state != ProposalState.WAITING, Proposal.expires_at <= at)
    own = or_(Proposal.proposed_by == actor.user_id, Proposal.decided_by == actor.user_id)
    rows = tx.execute(_ALL.where(over, own).order_by(Proposal.proposed_at.desc()).limit(RECENT))
    return [_view(tx, row, actor, at) for row in rows]


def proposal(tx: Tx, proposal_id: str, *, actor: Actor, at: datetime) -> ProposalView:
    """One proposal, for its two people and whoever may be the second one; `NotFound` for anybody else."""
    row = tx.execute(_ALL.where(Proposal.id == proposal_id)).one_or_none()
    if row is None:
        raise NotFound
    view = _view(tx, row, actor, at)
    decided = row.Proposal.decided_by == actor.user_id
    if not (view.mine or decided or _may_second(tx, row.Proposal, view.act, actor)):
        raise NotFound
    return view


def act_of(tx: Tx, name: str) -> Act:
    """The registered act of this name; `NotFound` for another."""
    registry: Registry = tx.info["registry"]
    if name not in registry.acts:
        raise NotFound
    return registry.acts[name]


def what_would_happen(
    tx: Tx, name: str, object_id: str, *, content: Mapping[str, object], actor: Actor
) -> tuple[Act, Mapping[str, str | int]]:
    """The act and its facts for somebody who may propose it."""
    act = act_of(tx, name)
    require(actor, act.permission)
    return act, act.facts(tx, object_id, content_of(act, content), actor)


def content_of(act: Act, content: Mapping[str, object]) -> Any:
    """What the proposer decides, of the act's own type; raise `Malformed`."""
    try:
        return msgspec.convert(content, act.content, strict=False)
    except msgspec.ValidationError as error:
        raise Malformed(detail=str(error)) from error


def proposed_content(act: Act, made: Proposal) -> Any:
    return content_of(act, msgspec.json.decode(made.payload)["content"])


_DECIDER = aliased(User)
_ALL = (
    select(Proposal, User.name.label("proposer"), _DECIDER.name.label("decider"))
    .join(User, User.id == Proposal.proposed_by)
    .outerjoin(_DECIDER, _DECIDER.id == Proposal.decided_by)
    .order_by(Proposal.expires_at)
)


def _view(tx: Tx, row: Any, actor: Actor, at: datetime) -> ProposalView:
    registry: Registry = tx.info["registry"]
    made: Proposal = row.Proposal
    return ProposalView(
        id=made.id,
        act=registry.acts[made.act],
        object_id=made.object_id,
        payload=made.payload,
        sha256=made.sha256,
        reason=made.reason,
        state=shown_state(made.state, made.expires_at, at),
        proposer=row.proposer,
        proposed_at=made.proposed_at,
        expires_at=made.expires_at,
        decider=row.decider,
        decided_at=made.decided_at,
        answer=made.answer,
        mine=made.proposed_by == actor.user_id,
    )


def _may_second(tx: Tx, made: Proposal, act: Act, actor: Actor) -> bool:
    """True when the actor holds the right and may see the object as it is now."""
    if not actor.may(act.second):
        return False
    try:
        act.facts(tx, made.object_id, proposed_content(act, made), actor)
    except NotFound:
        return False
    except Problem:
        return True  # the object has moved on: whoever confirms is told so
    return True
