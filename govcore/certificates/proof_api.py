"""Prove a certificate: the question, signing in, outside certificates on one's account; JSON."""

from __future__ import annotations

import secrets

from cryptography.hazmat.primitives.serialization import Encoding
from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from govcore import clock
from govcore.certificates import outside, proofs, proving, queries
from govcore.certificates.authority import sha256_of
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
from govcore.errors import NotSignedIn
from govcore.identity.policy import Actor
from govcore.identity.queries import actor_of_user
from govcore.identity.sessions import KeyUsed
from govcore.platform import Platform
from govcore.web import signing_in
from govcore.web.origins import origin_of
from govcore.web.rendering import AnyRequest


@post("/api/challenges", permission="public", cost=0, sync_to_thread=True, status_code=201)
def ask(
    request: AnyRequest,
    data: JSONBody[NewChallenge],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Asked:
    """A question to be signed within two minutes; nothing is stored for it."""
    if data.purpose != "sign-in" and not actor.signed_in:
        raise NotSignedIn
    origin = origin_of(platform.settings, request)
    with platform.db.read() as tx:
        at = clock.now(tx)
    asked = proving.ask(
        platform.keys, data.purpose, origin=origin, nonce=secrets.token_urlsafe(24), actor=actor, at=at
    )
    return Asked(challenge=asked, origin=origin, payload_type=proving.PAYLOAD_TYPE)


@post("/api/session/certificate", permission="public", cost=0, sync_to_thread=True, status_code=201)
def sign_in(
    request: AnyRequest, data: JSONBody[Proof], platform: NamedDependency[Platform]
) -> Response[SignedIn]:
    """Start a strong session for the holder of a certificate; its token comes back as a cookie only."""
    with proofs.proved(platform, request, "sign-in", data, actor=Actor()) as (tx, proved):
        user_id = proving.sign_in(tx, proved, at=clock.now(tx))
        leaf = proved.chain[0]
        key = KeyUsed(sha256_of(leaf), leaf.not_valid_after_utc)
        token = signing_in.begin(tx, platform, request, user_id=user_id, strong=True, key=key)
        name = actor_of_user(tx, user_id).name
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
    with proofs.proved(platform, request, "bind", data, actor=actor) as (tx, proved):
        return Bound(proving.bind(tx, proved, actor=actor, at=clock.now(tx)))


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


ROUTES = [ask, sign_in, bind, list_bound, give_up, certify]
