"""Certificates: JSON and PEM."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from govcore import clock
from govcore.certificates import queries, service
from govcore.certificates.authority import sha256_of
from govcore.certificates.schemas import CertificateIssued, CertificateRequest, CertificateState, Revocation
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from govcore.platform import Platform


@post("/api/certificates", permission="certificate.request", fresh=True, sync_to_thread=True, status_code=201)
def request_certificate(
    data: JSONBody[CertificateRequest], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> CertificateIssued:
    """Certify a P-256 key for the caller's organisation."""
    with platform.db.transaction() as tx:
        certificate = service.certify(
            tx,
            platform.wrapper,
            request_pem=data.csr.encode(),
            actor=actor,
            at=clock.now(tx),
            site=platform.settings.site_url,
        )
        authority = x509.load_der_x509_certificate(queries.authority_der(tx))
    return CertificateIssued(
        sha256=sha256_of(certificate),
        pem=certificate.public_bytes(Encoding.PEM).decode(),
        authority_pem=authority.public_bytes(Encoding.PEM).decode(),
    )


@get("/api/certificates", permission="certificate.read", sync_to_thread=True)
def list_certificates(
    platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> list[CertificateState]:
    """The certificates of the caller's organisation, newest first."""
    with platform.db.read() as tx:
        return [_state(one) for one in queries.own_certificates(tx, actor=actor, at=clock.now(tx))]


@post(
    "/api/certificates/{sha256:str}/revocation",
    permission="certificate.read",
    sync_to_thread=True,
    status_code=200,
)
def revoke_certificate(
    sha256: FromPath[str],
    data: JSONBody[Revocation],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> CertificateState:
    """Revoke a certificate of the caller's own, or as an administrator anybody's; the list is signed at once."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        service.revoke(tx, platform.wrapper, sha256, reason=data.reason, actor=actor, at=at)
        tx.expire_all()
        return _state(queries.certificate(tx, sha256, actor=actor, at=at))


def _state(one: queries.CertificateShown) -> CertificateState:
    return CertificateState(
        one.sha256, one.standing, one.issued_at, one.not_after, one.revoked_at, one.reason
    )


@get(
    "/api/certificates/{sha256:str}",
    permission="public",
    sync_to_thread=True,
    media_type="application/x-pem-file",
)
def show_certificate(sha256: FromPath[str], platform: NamedDependency[Platform]) -> str:
    """A certificate of the register in PEM; only who knows its fingerprint can ask for it."""
    with platform.db.read() as tx:
        holder = queries.certificate_holder(tx, sha256)
    if holder is None:
        raise NotFound
    return x509.load_der_x509_certificate(holder.der).public_bytes(Encoding.PEM).decode()


@get("/api/authority", permission="public", sync_to_thread=True, media_type="application/x-pem-file")
def authority_certificate(platform: NamedDependency[Platform]) -> str:
    """The registration CA's certificate in PEM."""
    with platform.db.read() as tx:
        der = queries.authority_der(tx)
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode()


ROUTES = [request_certificate, list_certificates, revoke_certificate, show_certificate, authority_certificate]
