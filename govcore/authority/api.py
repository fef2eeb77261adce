"""Acts of two people: JSON."""

from __future__ import annotations

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from govcore import clock
from govcore.authority import proposals, queries
from govcore.authority.queries import ProposalView
from govcore.authority.schemas import Answer, Confirmation, NewProposal, ProposalShown
from govcore.identity.policy import Actor
from govcore.platform import Platform


@post(
    "/api/acts/{act:str}/{object_id:str}/proposals",
    permission="authority.act",
    fresh=True,
    sync_to_thread=True,
    status_code=201,
)
def propose(
    act: FromPath[str],
    object_id: FromPath[str],
    data: JSONBody[NewProposal],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> ProposalShown:
    """Propose an act that needs a second person."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        made = proposals.propose(
            tx, act, object_id, content=data.content, reason=data.reason, actor=actor, at=at
        )
    return _show(platform, made.id, actor)


@get("/api/proposals", permission="authority.act", sync_to_thread=True)
def list_waiting(platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> list[ProposalShown]:
    """What waits for a second person and concerns the caller."""
    with platform.db.read() as tx:
        return [_shown(one) for one in queries.waiting(tx, actor=actor, at=clock.now(tx))]


@get("/api/proposals/{proposal_id:str}", permission="authority.act", sync_to_thread=True)
def show(
    proposal_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> ProposalShown:
    """One proposal with exactly what will happen."""
    return _show(platform, proposal_id, actor)


@post(
    "/api/proposals/{proposal_id:str}/confirm",
    permission="authority.act",
    fresh=True,
    sync_to_thread=True,
    status_code=200,
)
def confirm(
    proposal_id: FromPath[str],
    data: JSONBody[Confirmation],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> ProposalShown:
    """Carry out, as the second person, exactly what was seen."""
    with proposals.logged_refusals(platform.db, subject=proposal_id, actor=actor) as tx:
        proposals.confirm(tx, platform, proposal_id, data, actor=actor)
    return _show(platform, proposal_id, actor)


@post(
    "/api/proposals/{proposal_id:str}/decline",
    permission="authority.act",
    sync_to_thread=True,
    status_code=200,
)
def decline(
    proposal_id: FromPath[str],
    data: JSONBody[Answer],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> ProposalShown:
    """Decline, as the second person, what another proposed."""
    with proposals.logged_refusals(platform.db, subject=proposal_id, actor=actor) as tx:
        proposals.decline(tx, proposal_id, reason=data.reason, actor=actor, at=clock.now(tx))
    return _show(platform, proposal_id, actor)


@post(
    "/api/proposals/{proposal_id:str}/withdraw",
    permission="authority.act",
    sync_to_thread=True,
    status_code=200,
)
def withdraw(
    proposal_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> ProposalShown:
    """Take one's own proposal back."""
    with proposals.logged_refusals(platform.db, subject=proposal_id, actor=actor) as tx:
        proposals.withdraw(tx, proposal_id, actor=actor, at=clock.now(tx))
    return _show(platform, proposal_id, actor)


def _show(platform: Platform, proposal_id: str, actor: Actor) -> ProposalShown:
    with platform.db.read() as tx:
        return _shown(queries.proposal(tx, proposal_id, actor=actor, at=clock.now(tx)))


def _shown(view: ProposalView) -> ProposalShown:
    return ProposalShown(
        id=view.id,
        act=view.act.name,
        object_id=view.object_id,
        state=view.state,
        reason=view.reason,
        proposed_by=view.proposer,
        proposed_at=view.proposed_at,
        expires_at=view.expires_at,
        decided_by=view.decider,
        decided_at=view.decided_at,
        answer=view.answer,
        payload=view.payload.decode(),
        sha256=view.sha256,
        mine=view.mine,
    )


ROUTES = [propose, list_waiting, show, confirm, decline, withdraw]
