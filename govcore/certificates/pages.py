"""Certificates: those of one's organisation, everybody's for administrators, and the authority for the public."""

from __future__ import annotations

from typing import Any

import msgspec
from cryptography import x509
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.certificates import authority as ca
from govcore.certificates import policy, queries, refusals, service
from govcore.certificates.policy import Reason, is_personal
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest, language

REASON_WORDS = {
    Reason.KEY_COMPROMISE: "The key is lost, or somebody else may have it",
    Reason.SUPERSEDED: "A newer certificate takes its place",
    Reason.AFFILIATION_CHANGED: "Its holder left, or the organisation has another name",
    Reason.CESSATION: "It is not needed any more",
    Reason.WITHDRAWN: "The organisation may not use it any more",
}
STANDING_WORDS = {
    "valid": "valid",
    "ends_soon": "ends soon",
    "ended": "ended",
    "revoked": "revoked",
}
STANDING_KINDS = {"valid": "success", "ends_soon": "warning", "ended": "neutral", "revoked": "danger"}
SCRIPT_WORDS = {
    "none": "This browser keeps no key of yours.",
    "here": "This browser keeps your key with the certificate {sha256}, valid until {until}.",
    "making": "Making the key and asking for its certificate.",
    "failed": "No certificate was issued: {detail}",
}


class CsrForm(msgspec.Struct):
    csr: str = ""


class RevokeForm(msgspec.Struct):
    reason: Reason


@get("/certificates", permission="certificate.read", sync_to_thread=True)
def own_page(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The certificates of the reader's organisation, and ways to a new one."""
    return _own(request, platform, actor)


@post("/certificates", permission="certificate.request", fresh=True, sync_to_thread=True)
def request_page(
    request: AnyRequest,
    data: URLEncodedBody[CsrForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Certify the key of a pasted request; what cannot be certified shows the form again."""
    try:
        with platform.db.transaction() as tx:
            made = service.certify(
                tx,
                platform.wrapper,
                request_pem=data.csr.encode(),
                actor=actor,
                at=clock.now(tx),
                site=platform.settings.site_url,
            )
    except (ca.BadRequestForCertificate, refusals.Reused) as problem:
        _ = platform.catalogue.translator(language(request))
        errors = [{"field": "csr", "text": _(problem.text)}]
        return _own(request, platform, actor, errors=errors, csr=data.csr, status=problem.status)
    return redirect(f"/certificates/{ca.sha256_of(made)}")


def _own(
    request: AnyRequest,
    platform: Platform,
    actor: Actor,
    *,
    errors: list[dict[str, str]] | None = None,
    csr: str = "",
    status: int = 200,
) -> Response[str]:
    with platform.db.read() as tx:
        shown = queries.own_certificates(tx, actor=actor, at=clock.now(tx))
        outside = queries.outside_certificates(tx, actor=actor)
    _ = platform.catalogue.translator(language(request))
    return page(
        request,
        "certificates/own.html",
        status=status,
        certificates=shown,
        outside=outside,
        personal=is_personal(actor.roles),
        address=platform.settings.site_url or str(request.base_url).rstrip("/"),
        script_words={key: _(word) for key, word in SCRIPT_WORDS.items()},
        errors=errors or [],
        csr=csr,
        **_words(),
    )


@get("/certificates/register", permission="certificate.revoke", sync_to_thread=True)
def register_page(
    request: AnyRequest,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    search: FromQuery[str] = "",
) -> Response[str]:
    """Everybody's certificates, for who may revoke them."""
    with platform.db.read() as tx:
        shown = queries.all_certificates(tx, search=search, actor=actor, at=clock.now(tx))
    return page(request, "certificates/register.html", certificates=shown, search=search, **_words())


@get("/certificates/{sha256:str}", permission="certificate.read", sync_to_thread=True)
def certificate_page(
    request: AnyRequest,
    sha256: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    with platform.db.read() as tx:
        shown = queries.certificate(tx, sha256, actor=actor, at=clock.now(tx))
    revocable = shown.own or actor.may("certificate.revoke")
    return page(request, "certificates/certificate.html", certificate=shown, revocable=revocable, **_words())


@post("/certificates/{sha256:str}/revoke", permission="certificate.read", sync_to_thread=True)
def revoke(
    sha256: FromPath[str],
    data: URLEncodedBody[RevokeForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    """Revoke at once; the list is signed in the same transaction."""
    with platform.db.transaction() as tx:
        service.revoke(tx, platform.wrapper, sha256, reason=data.reason, actor=actor, at=clock.now(tx))
    return redirect(f"/certificates/{sha256}")


@get(ca.POLICY_PATH, permission="public", sync_to_thread=True)
def authority_page(request: AnyRequest, platform: NamedDependency[Platform]) -> Response[str]:
    """The registration CA: its fingerprint, what it promises, and its list of revoked certificates."""
    with platform.db.read() as tx:
        der = queries.authority_der(tx)
        try:
            revoked = queries.current_list(tx)
        except NotFound:
            revoked = None
    certificate = x509.load_der_x509_certificate(der)
    return page(
        request,
        "certificates/authority.html",
        sha256=ca.sha256_of(certificate),
        until=certificate.not_valid_after_utc,
        revoked=revoked,
        count=len(x509.load_der_x509_crl(revoked.der)) if revoked else 0,
        next_at=revoked.made_at + policy.LIST_LIFETIME if revoked else None,
        address=platform.settings.site_url or str(request.base_url).rstrip("/"),
        oid=policy.POLICY_OID,
    )


@get(ca.LIST_PATH, permission="public", sync_to_thread=True, media_type="application/pkix-crl")
def revocation_list(platform: NamedDependency[Platform]) -> bytes:
    """The revocation list in force, in DER (RFC 5280)."""
    with platform.db.read() as tx:
        return queries.current_list(tx).der


def _words() -> dict[str, Any]:
    return {
        "reason_words": REASON_WORDS,
        "standing_words": STANDING_WORDS,
        "standing_kinds": STANDING_KINDS,
    }


PAGES = [
    own_page,
    request_page,
    register_page,
    certificate_page,
    revoke,
    authority_page,
    revocation_list,
]
