"""The registration CA, with strangers who must fail."""

from __future__ import annotations

import pytest
from certificate_factories import AT, USCC, WRAPPER, request_for
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from govcore.certificates import authority, queries, service
from govcore.certificates.policy import CERTIFICATE_LIFETIME
from govcore.db import Database
from govcore.errors import NotFound
from govcore.identity.policy import VISITOR, Actor


def test_a_certificate_names_the_register_and_not_therequest_for(database: Database, wang: Actor) -> None:
    request = request_for(ec.generate_private_key(ec.SECP256R1()))
    with database.transaction() as tx:
        certificate = service.certify(tx, WRAPPER, request_pem=request, actor=wang, at=AT)
    with database.read() as tx:
        holder = queries.certificate_holder(tx, authority.sha256_of(certificate))
        issuer = x509.load_der_x509_certificate(queries.authority_der(tx))

    certificate.verify_directly_issued_by(issuer)
    assert authority.uscc_of(certificate) == USCC
    assert holder is not None
    assert (holder.uscc, holder.org_id, holder.not_after) == (USCC, wang.org_id, AT + CERTIFICATE_LIFETIME)


@pytest.mark.parametrize(
    "request_pem",
    [
        b"",
        b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
        request_for(ec.generate_private_key(ec.SECP384R1())),
        request_for(rsa.generate_private_key(65537, 2048)),
    ],
    ids=["nothing", "rubbish", "another curve", "rsa"],
)
def test_only_a_request_for_a_p256_key_is_certified(
    database: Database, wang: Actor, request_pem: bytes
) -> None:
    with pytest.raises(authority.BadRequestForCertificate), database.transaction() as tx:
        service.certify(tx, WRAPPER, request_pem=request_pem, actor=wang, at=AT)


def test_a_request_whose_signature_was_altered_is_refused(database: Database, wang: Actor) -> None:
    pem = request_for(ec.generate_private_key(ec.SECP256R1()))
    der = bytearray(x509.load_pem_x509_csr(pem).public_bytes(Encoding.DER))
    der[-1] ^= 1
    altered = x509.load_der_x509_csr(bytes(der)).public_bytes(Encoding.PEM)

    with pytest.raises(authority.BadRequestForCertificate), database.transaction() as tx:
        service.certify(tx, WRAPPER, request_pem=altered, actor=wang, at=AT)


def test_a_visitor_gets_no_certificate(database: Database) -> None:
    request = request_for(ec.generate_private_key(ec.SECP256R1()))

    with pytest.raises(NotFound), database.transaction() as tx:
        service.certify(tx, WRAPPER, request_pem=request, actor=VISITOR, at=AT)


def test_there_is_one_authority(database: Database) -> None:
    with database.read() as tx:
        before = queries.authority_sha256(tx)
    with database.transaction() as tx:
        service.create_authority(tx, WRAPPER, name="Second CA", at=AT)

    with database.read() as tx:
        assert queries.authority_sha256(tx) == before
