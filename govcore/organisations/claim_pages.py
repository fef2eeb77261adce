"""Claims on an organisation: the claimant's page, the members' objection, the clerk's desk."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, MultipartBody, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.authority.registers import ROLE_NAMES
from govcore.errors import Malformed, NotFound, Problem
from govcore.identifiers import (
    ForeignIdInvalid,
    Identifier,
    IdKind,
    ResidentIdCheckWrong,
    ResidentIdImpossible,
    ResidentIdMalformed,
    UsccCheckWrong,
    UsccMalformed,
)
from govcore.identity.policy import Actor, Role
from govcore.organisations import claim_queries, claims
from govcore.organisations.policy import (
    CLAIM_WORDS,
    ID_KIND_WORDS,
    LICENCE_LIMIT,
    REASON_WORDS,
    given_roles,
    licence_kind,
)
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.downloads import disposition
from govcore.web.rendering import AnyRequest, language

FIELDS = ("id_kind", "uscc", "name", "statement")
MISSING_WORDS = {
    "id_kind": "Say by what the party is identified.",
    "name": "Write the organisation's name as its licence has it.",
    "statement": "Say who you are and why you may act for the organisation.",
}


WRONG_IDS = (
    UsccMalformed,
    UsccCheckWrong,
    ResidentIdMalformed,
    ResidentIdCheckWrong,
    ResidentIdImpossible,
    ForeignIdInvalid,
)


class AcceptForm(msgspec.Struct):
    role: Role = Role.BIDDER
    card: str = ""

    def __repr__(self) -> str:
        return "AcceptForm()"


class RejectForm(msgspec.Struct):
    reason: str = ""


@get("/my-claims", permission="organisation.claim", sync_to_thread=True)
def my_claims(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    return _my_claims(request, platform, actor)


def _my_claims(
    request: AnyRequest,
    platform: Platform,
    actor: Actor,
    *,
    errors: list[dict[str, str]] | None = None,
    values: dict[str, str] | None = None,
    status: int = 200,
) -> Response[str]:
    with platform.db.read() as tx:
        own = claim_queries.own_claims(tx, actor=actor)
    return page(
        request,
        "organisations/my_claims.html",
        status=status,
        claims=own,
        errors=errors or [],
        values=values or {"id_kind": "", "uscc": "", "name": "", "statement": ""},
        id_kinds=ID_KIND_WORDS,
        claim_words=CLAIM_WORDS,
        reason_words=REASON_WORDS,
        limit=LICENCE_LIMIT,
    )


@post(
    "/my-claims",
    permission="organisation.claim",
    sync_to_thread=True,
    request_max_body_size=LICENCE_LIMIT + (64 << 10),
)
def claim(
    request: AnyRequest,
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Hand a claim in; a wrong field shows the form again, what was typed kept."""
    values = {name: str(data.get(name) or "").strip() for name in FIELDS}
    file = data.get("licence")
    licence = file.file.read(LICENCE_LIMIT + 1) if isinstance(file, UploadFile) else b""
    try:
        with platform.db.transaction() as tx:
            claims.claim(
                tx,
                platform.keys,
                platform.wrapper,
                party=_party(values),
                name=values["name"],
                proof=claims.Proof(values["statement"], licence),
                actor=actor,
                at=clock.now(tx),
            )
    except (*WRONG_IDS, Malformed, claims.NoScan, claims.OneClaimAtATime) as problem:
        errors = [{"field": _field(problem), "text": _fault(request, platform, problem)}]
        return _my_claims(request, platform, actor, errors=errors, values=values, status=problem.status)
    return redirect("/my-claims")


def _party(values: dict[str, str]) -> Identifier:
    kind = values["id_kind"] or IdKind.CREDIT_CODE
    if kind not in ID_KIND_WORDS:
        raise Malformed(detail="id_kind")
    return Identifier(IdKind(kind), values["uscc"].upper())


def _field(problem: Problem) -> str:
    if isinstance(problem, Malformed):
        return str(problem.data["detail"])
    return "licence" if isinstance(problem, claims.NoScan) else "uscc"


def _fault(request: AnyRequest, platform: Platform, problem: Problem) -> str:
    _ = platform.catalogue.translator(language(request))
    if isinstance(problem, Malformed):
        return _(MISSING_WORDS[str(problem.data["detail"])])
    return _(problem.text, **problem.data)


@post("/my-claims/{claim_id:str}/withdraw", permission="organisation.claim", sync_to_thread=True)
def withdraw(
    claim_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        claims.withdraw(tx, claim_id, actor=actor, at=clock.now(tx))
    return redirect("/my-claims")


@post("/organisation/claims/{claim_id:str}/object", permission="organisation.view", sync_to_thread=True)
def contest(
    claim_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        claims.contest(tx, claim_id, actor=actor, at=clock.now(tx))
    return redirect("/organisation")


@get("/claims", permission="organisation.decide", sync_to_thread=True)
def desk(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """Claims for the centre's clerks, the pending ones first."""
    with platform.db.read() as tx:
        found = claim_queries.claims_to_decide(tx, actor=actor)
    return page(request, "organisations/claims.html", claims=found, claim_words=CLAIM_WORDS)


@get("/claims/{claim_id:str}", permission="organisation.decide", sync_to_thread=True)
def claim_page(
    request: AnyRequest,
    claim_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """One claim with its proof and what the register holds."""
    return _claim_page(request, platform, actor, claim_id)


def _claim_page(
    request: AnyRequest, platform: Platform, actor: Actor, claim_id: str, *, problem: Problem | None = None
) -> Response[str]:
    with platform.db.read() as tx:
        found = claim_queries.claim_to_decide(tx, claim_id, actor=actor)
        statement, _ = claim_queries.proof(tx, platform.wrapper, claim_id, actor=actor)
    return page(
        request,
        "organisations/claim.html",
        status=problem.status if problem else 200,
        errors=[{"field": "card", "text": _fault(request, platform, problem)}] if problem else [],
        claim=found,
        id_kinds=ID_KIND_WORDS,
        statement=statement,
        claim_words=CLAIM_WORDS,
        reason_words=REASON_WORDS,
        role_words={role: ROLE_NAMES[role] for role in sorted(given_roles(found.id_kind))},
    )


@get("/claims/{claim_id:str}/licence", permission="organisation.decide", sync_to_thread=True)
def licence(
    claim_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The scan, always as an attachment of the kind that its bytes say."""
    with platform.db.read() as tx:
        _, scan = claim_queries.proof(tx, platform.wrapper, claim_id, actor=actor)
    kind = licence_kind(scan)
    if kind is None:
        raise NotFound
    headers = {
        "content-disposition": disposition(f"licence-{claim_id[:8]}.{kind.name.lower()}"),
        "cache-control": "private, no-store",
    }
    return Response(scan, media_type=kind.value, headers=headers)


@post("/claims/{claim_id:str}/accept", permission="organisation.decide", sync_to_thread=True)
def accept(
    request: AnyRequest,
    claim_id: FromPath[str],
    data: URLEncodedBody[AcceptForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Let the claimant in; a number that is not the claimant's shows the claim again, without it."""
    card = data.card.strip().upper()
    try:
        with platform.db.transaction() as tx:
            claims.accept(
                tx, platform.keys, claim_id, role=data.role, card=card, actor=actor, at=clock.now(tx)
            )
    except (*WRONG_IDS, claims.CardDiffers) as problem:
        return _claim_page(request, platform, actor, claim_id, problem=problem)
    return redirect(f"/claims/{claim_id}")


@post("/claims/{claim_id:str}/reject", permission="organisation.decide", sync_to_thread=True)
def reject(
    claim_id: FromPath[str],
    data: URLEncodedBody[RejectForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    with platform.db.transaction() as tx:
        claims.reject(tx, claim_id, reason=data.reason, actor=actor, at=clock.now(tx))
    return redirect(f"/claims/{claim_id}")


PAGES = [my_claims, claim, withdraw, contest, desk, claim_page, licence, accept, reject]
