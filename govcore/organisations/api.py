"""One's organisation, joining, claims and delegations: JSON."""

from __future__ import annotations

from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from govcore import clock
from govcore.certificates import proofs
from govcore.certificates.schemas import Proof
from govcore.identifiers import Identifier
from govcore.identity.policy import Actor
from govcore.organisations import (
    claim_queries,
    claims,
    delegation_queries,
    delegations,
    joining,
    queries,
    service,
)
from govcore.organisations.acts import choose, send_invitation
from govcore.organisations.policy import LICENCE_LIMIT
from govcore.organisations.schemas import (
    Acceptance,
    Acting,
    Code,
    Created,
    Duties,
    FormerShown,
    Invited,
    MemberShown,
    MyOrganisation,
    NewClaim,
    NewDelegation,
    NewInvitation,
    Rejection,
)
from govcore.platform import Platform
from govcore.web.rendering import AnyRequest


@get("/api/organisation", permission="organisation.view", sync_to_thread=True)
def show_organisation(platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> MyOrganisation:
    """The caller's own organisation: who belongs to it, who did."""
    with platform.db.read() as tx:
        members = queries.members(tx, actor=actor)
        former = queries.own_history(tx, actor=actor)
    shown = [
        MemberShown(one.user_id, one.name, one.username, sorted(one.duties), one.active, one.joined_at)
        for one in members
    ]
    past = [FormerShown(one.name, one.joined_at, one.left_at, one.left_by, one.ending) for one in former]
    return MyOrganisation(actor.org_name, actor.uscc, shown, past)


@put(
    "/api/organisation/members/{user_id:str}/duties",
    permission="organisation.manage",
    sync_to_thread=True,
    status_code=204,
)
def set_duties(
    user_id: FromPath[str],
    data: JSONBody[Duties],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Entrust a member with exactly these duties."""
    with platform.db.transaction() as tx:
        service.set_duties(tx, user_id, data.duties, actor=actor, at=clock.now(tx))


@delete(
    "/api/organisation/members/{user_id:str}",
    permission="organisation.manage",
    sync_to_thread=True,
    status_code=204,
)
def remove_member(
    user_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> None:
    """End a membership."""
    with platform.db.transaction() as tx:
        service.remove(tx, user_id, actor=actor, at=clock.now(tx))


@post("/api/organisation/departure", permission="organisation.view", sync_to_thread=True, status_code=204)
def leave(platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> None:
    """Leave one's organisation."""
    with platform.db.transaction() as tx:
        service.leave(tx, actor=actor, at=clock.now(tx))


@post("/api/organisation/invitations", permission="organisation.manage", sync_to_thread=True, status_code=201)
def invite(
    data: JSONBody[NewInvitation], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Invited:
    """Send a code to an address; the answer does not depend on whom it belongs to."""
    return send_invitation(platform, data, actor)


@delete(
    "/api/organisation/invitations/{invitation_id:str}",
    permission="organisation.manage",
    sync_to_thread=True,
    status_code=204,
)
def withdraw_invitation(
    invitation_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> None:
    """Make an open code worthless."""
    with platform.db.transaction() as tx:
        joining.withdraw(tx, invitation_id, actor=actor, at=clock.now(tx))


@post("/api/organisation/joining", permission="organisation.view", sync_to_thread=True, status_code=204)
def join(data: JSONBody[Code], platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> None:
    """Become a member by a code; `leave_present` gives the present membership up."""
    with platform.db.transaction() as tx:
        joining.accept(tx, code=data.code, leaving=data.leave_present, actor=actor, at=clock.now(tx))


@post(
    "/api/claims",
    permission="organisation.claim",
    sync_to_thread=True,
    status_code=202,
    request_max_body_size=2 * LICENCE_LIMIT,
)
def make_claim(
    data: JSONBody[NewClaim], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Created:
    """Claim the party of a code; the answer is the same whether or not it is registered."""
    with platform.db.transaction() as tx:
        claim_id = claims.claim(
            tx,
            platform.keys,
            platform.wrapper,
            party=Identifier(data.id_kind, data.uscc),
            name=data.name,
            proof=claims.Proof(data.statement, data.licence),
            actor=actor,
            at=clock.now(tx),
        )
    return Created(claim_id)


@get("/api/claims", permission="organisation.claim", sync_to_thread=True)
def list_own_claims(
    platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> list[claim_queries.OwnClaim]:
    """The caller's own claims."""
    with platform.db.read() as tx:
        return claim_queries.own_claims(tx, actor=actor)


@delete("/api/claims/{claim_id:str}", permission="organisation.claim", sync_to_thread=True, status_code=204)
def withdraw_claim(
    claim_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> None:
    """Withdraw one's own pending claim."""
    with platform.db.transaction() as tx:
        claims.withdraw(tx, claim_id, actor=actor, at=clock.now(tx))


@post(
    "/api/claims/{claim_id:str}/objection",
    permission="organisation.view",
    sync_to_thread=True,
    status_code=204,
)
def contest_claim(
    claim_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> None:
    """Say that nobody of one's organisation knows the claimant."""
    with platform.db.transaction() as tx:
        claims.contest(tx, claim_id, actor=actor, at=clock.now(tx))


@post(
    "/api/claims/{claim_id:str}/certificate",
    permission="organisation.claim",
    fresh=True,
    sync_to_thread=True,
    status_code=204,
)
def prove_claim(
    request: AnyRequest,
    claim_id: FromPath[str],
    data: JSONBody[Proof],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Prove one's own claim at once by the certificate of an outside authority that names the organisation."""
    with proofs.proved(platform, request, "claim", data, actor=actor) as (tx, proved):
        claims.prove_by_certificate(tx, claim_id, proved, actor=actor, at=clock.now(tx))


@get("/api/claims-to-decide", permission="organisation.decide", sync_to_thread=True)
def list_claims(
    platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> list[claim_queries.ClaimToDecide]:
    """Claims for the centre's clerks, the pending ones first."""
    with platform.db.read() as tx:
        return claim_queries.claims_to_decide(tx, actor=actor)


@post(
    "/api/claims/{claim_id:str}/acceptance",
    permission="organisation.decide",
    sync_to_thread=True,
    status_code=204,
)
def accept_claim(
    claim_id: FromPath[str],
    data: JSONBody[Acceptance],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """The proof holds: register the organisation if need be, and let the claimant administer it."""
    with platform.db.transaction() as tx:
        claims.accept(
            tx, platform.keys, claim_id, role=data.role, card=data.card, actor=actor, at=clock.now(tx)
        )


@post(
    "/api/claims/{claim_id:str}/rejection",
    permission="organisation.decide",
    sync_to_thread=True,
    status_code=204,
)
def reject_claim(
    claim_id: FromPath[str],
    data: JSONBody[Rejection],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """The proof does not hold, for one of the set reasons."""
    with platform.db.transaction() as tx:
        claims.reject(tx, claim_id, reason=data.reason, actor=actor, at=clock.now(tx))


@get("/api/delegations", permission="delegation.hold", sync_to_thread=True)
def list_delegations(
    platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> dict[str, list[delegation_queries.Granted]]:
    """What the caller holds, and what the caller's organisation gave."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        return {
            "held": delegation_queries.held(tx, platform.wrapper, actor=actor, at=at),
            "given": delegation_queries.given(tx, platform.wrapper, actor=actor, at=at),
        }


@post("/api/delegations", permission="delegation.grant", sync_to_thread=True, status_code=201)
def grant(
    data: JSONBody[NewDelegation], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Created:
    """Let a person act for the caller's organisation until a date."""
    with platform.db.transaction() as tx:
        delegation_id = delegations.grant(
            tx,
            platform.keys,
            platform.wrapper,
            username=data.username,
            name=data.name,
            duties=data.duties,
            objects=data.objects,
            ends_at=data.ends_at,
            actor=actor,
            at=clock.now(tx),
        )
    return Created(delegation_id)


@delete(
    "/api/delegations/{delegation_id:str}",
    permission="delegation.hold",
    sync_to_thread=True,
    status_code=204,
)
def revoke(
    delegation_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> None:
    """End a delegation at once."""
    with platform.db.transaction() as tx:
        delegations.revoke(tx, delegation_id, actor=actor, at=clock.now(tx))


@put("/api/session/delegation", permission="delegation.hold", sync_to_thread=True, status_code=204)
def act(
    data: JSONBody[Acting],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Choose whom this session acts for."""
    choose(platform, data.delegation_id, actor)


ROUTES = [
    show_organisation,
    set_duties,
    remove_member,
    leave,
    invite,
    withdraw_invitation,
    join,
    make_claim,
    list_own_claims,
    withdraw_claim,
    contest_claim,
    prove_claim,
    list_claims,
    accept_claim,
    reject_claim,
    list_delegations,
    grant,
    revoke,
    act,
]
