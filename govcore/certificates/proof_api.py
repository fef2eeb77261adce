"""Prove a certificate: the question, signing in, outside certificates on one's account; JSON."""

from __future__ import annotations

import secrets

from cryptography.hazmat.primitives.serialization import Encoding
from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from govcore import clock
from govcore.certificates import outside, proving, queries
from govcore.certificates.authority import sha256_of
from govcore.certificates.proving import Answer, Proved, Purpose
from govcore.certificates.schemas import (
    Asked,
    Bound,
    CertificateIssued,
    CertificateRequest,
    NewChallenge,
    OutsideShown,
    Proof,
    SignedIn,
)
from govcore.errors import NotSignedIn, Problem
from govcore.identity.policy import Actor
from govcore.identity.queries import actor_of_user
from govcore.platform import Platform
from govcore.web import signing_in
from govcore.web.origins import origin_of
from govcore.web.rendering import AnyRequest


@post("/api/challenges", permission="public", sync_to_thread=True, status_code=201)
def ask(
    request: AnyRequest,
    data: JSONBody[NewChallenge],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Asked:
    """A question to be signed within two minutes; nothing is stored for it."""
    if data.purpose == "bind" and not actor.signed_in:
        raise NotSignedIn
    origin = origin_of(platform.settings, request)
    with platform.db.read() as tx:
        at = clock.now(tx)
    asked = proving.ask(
        platform.keys, data.purpose, origin=origin, nonce=secrets.token_urlsafe(24), actor=actor, at=at
    )
    return Asked(challenge=asked, origin=origin, payload_type=proving.PAYLOAD_TYPE)


@post("/api/session/certificate", permission="public", sync_to_thread=True, status_code=201)
def sign_in(
    request: AnyRequest, data: JSONBody[Proof], platform: NamedDependency[Platform]
) -> Response[SignedIn]:
    """Start a strong session for the holder of a certificate; its token comes back as a cookie only."""
    answer = _answer(data)
    try:
        with platform.db.transaction() as tx:
            proved = _prove(platform, request, "sign-in", answer)
            user_id = proving.sign_in(tx, proved, at=clock.now(tx))
            token = signing_in.begin(tx, platform, request, user_id=user_id, strong=True)
            name = actor_of_user(tx, user_id).name
    except Problem as problem:
        _log(platform, "sign-in", answer, problem, Actor())
        raise
    response = Response(SignedIn(name), status_code=201)
    signing_in.give(response, platform, token)
    return response


@post(
    "/api/outside-certificates",
    permission="certificate.request",
    fresh=True,
    sync_to_thread=True,
    status_code=201,
)
def bind(
    request: AnyRequest,
    data: JSONBody[Proof],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Bound:
    """Add the certificate of an outside authority to the caller's account."""
    answer = _answer(data)
    try:
        with platform.db.transaction() as tx:
            proved = _prove(platform, request, "bind", answer)
            return Bound(proving.bind(tx, proved, actor=actor, at=clock.now(tx)))
    except Problem as problem:
        _log(platform, "bind", answer, problem, actor)
        raise


@get("/api/outside-certificates", permission="certificate.read", sync_to_thread=True)
def list_bound(platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> list[OutsideShown]:
    """The outside certificates on the caller's account."""
    with platform.db.read() as tx:
        return queries.outside_certificates(tx, actor=actor)


@delete(
    "/api/outside-certificates/{sha256:str}",
    permission="certificate.read",
    sync_to_thread=True,
    status_code=204,
)
def give_up(
    sha256: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> None:
    """Use an outside certificate here no more; what was issued on its proof is revoked."""
    with platform.db.transaction() as tx:
        outside.give_up(tx, platform.wrapper, sha256, actor=actor, at=clock.now(tx))


@post(
    "/api/outside-certificates/{sha256:str}/registration",
    permission="certificate.request",
    fresh=True,
    sync_to_thread=True,
    status_code=201,
)
def certify(
    sha256: FromPath[str],
    data: JSONBody[CertificateRequest],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> CertificateIssued:
    """Certify the key of an outside certificate for sealing, as long as that one lasts."""
    with platform.db.transaction() as tx:
        made = outside.certify(
            tx,
            platform.wrapper,
            sha256,
            request_pem=data.csr.encode(),
            actor=actor,
            at=clock.now(tx),
            site=platform.settings.site_url,
        )
        authority = queries.authority_pem(tx)
    return CertificateIssued(
        sha256=sha256_of(made), pem=made.public_bytes(Encoding.PEM).decode(), authority_pem=authority
    )


def _prove(platform: Platform, request: AnyRequest, purpose: Purpose, answer: Answer) -> Proved:
    with platform.db.read() as tx:
        at = clock.now(tx)
    return proving.prove(platform.keys, purpose, answer, origin=origin_of(platform.settings, request), at=at)


def _answer(data: Proof) -> Answer:
    return Answer(challenge=data.challenge, certificate=data.certificate.encode(), signature=data.signature)


def _log(platform: Platform, purpose: Purpose, answer: Answer, problem: Problem, actor: Actor) -> None:
    """In a transaction of its own: the refused one is rolled back."""
    with platform.db.transaction() as tx:
        proving.log_refusal(tx, purpose, answer, problem, actor=actor, at=clock.now(tx))


ROUTES = [ask, sign_in, bind, list_bound, give_up, certify]
