"""Revoking: who may, that it acts at once, and that OpenSSL finds it in our list."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from certificate_factories import AT, WRAPPER, actor_named, add_user, request_for
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from govcore.certificates import authority, queries, refusals, service
from govcore.certificates.policy import LIST_LIFETIME, POLICY_OID, Reason, Standing
from govcore.db import Database
from govcore.errors import NotFound
from govcore.identity.policy import Actor, Role
from govcore.identity.service import register_organisation

SITE = "https://trade.example"


def certify(
    database: Database, actor: Actor, key: ec.EllipticCurvePrivateKey | None = None
) -> x509.Certificate:
    request = request_for(key or ec.generate_private_key(ec.SECP256R1()))
    with database.transaction() as tx:
        return service.certify(tx, WRAPPER, request_pem=request, actor=actor, at=AT, site=SITE)


def revoke(database: Database, certificate: x509.Certificate, actor: Actor) -> None:
    with database.transaction() as tx:
        service.revoke(
            tx,
            WRAPPER,
            authority.sha256_of(certificate),
            reason=Reason.KEY_COMPROMISE,
            actor=actor,
            at=AT + timedelta(days=1),
        )


@pytest.fixture
def strangers(database: Database, wang: Actor) -> dict[str, Actor]:
    """A colleague, somebody of another company, and the three administrators."""
    with database.transaction() as tx:
        other = register_organisation(tx, uscc="91371500MA00000011", name="别家公司", actor="system", at=AT)
        assert wang.org_id
        add_user(tx, "colleague", wang.org_id)
        add_user(tx, "rival", other.id)
        for role in (Role.SECURITY_ADMIN, Role.SYSTEM_ADMIN, Role.AUDITOR):
            add_user(tx, role, other.id, role)
    names = ("colleague", "rival", Role.SECURITY_ADMIN, Role.SYSTEM_ADMIN, Role.AUDITOR)
    return {name: actor_named(database, name) for name in names}


def test_holder_and_security_administrator_may_revoke_and_nobody_else(
    database: Database, wang: Actor, strangers: dict[str, Actor]
) -> None:
    mine, other = certify(database, wang), certify(database, wang)

    for name in ("colleague", "rival", "system_admin", "auditor"):
        with pytest.raises(NotFound):
            revoke(database, mine, strangers[name])
    revoke(database, mine, wang)
    revoke(database, other, strangers["security_admin"])

    with database.read() as tx:
        shown = queries.own_certificates(tx, actor=wang, at=AT + timedelta(days=1))
    assert [(one.standing, one.reason) for one in shown] == [(Standing.REVOKED, "keyCompromise")] * 2
    with pytest.raises(service.AlreadyRevoked):
        revoke(database, mine, wang)


def test_openssl_reads_the_list_and_refuses_what_is_on_it(
    database: Database, wang: Actor, tmp_path: Path
) -> None:
    good, bad = certify(database, wang), certify(database, wang)
    with database.transaction() as tx:
        service.renew_list(tx, WRAPPER, at=AT)
    revoke(database, bad, wang)
    with database.read() as tx:
        current = queries.current_list(tx)
        issuer = x509.load_der_x509_certificate(queries.authority_der(tx))
    crl = x509.load_der_x509_crl(current.der)
    (tmp_path / "ca.pem").write_bytes(issuer.public_bytes(Encoding.PEM))
    (tmp_path / "crl.pem").write_bytes(crl.public_bytes(Encoding.PEM))
    for name, certificate in {"good": good, "bad": bad}.items():
        (tmp_path / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    verify = ["openssl", "verify", "-crl_check", "-CAfile", "ca.pem", "-CRLfile", "crl.pem"]
    verify += ["-attime", str(int((AT + timedelta(days=2)).timestamp()))]

    found = {
        name: subprocess.run(
            [*verify, f"{name}.pem"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        for name in ("good", "bad")
    }
    read = subprocess.run(
        ["openssl", "crl", "-in", "crl.pem", "-noout", "-crlnumber", "-CAfile", "ca.pem"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert (found["good"].returncode, found["good"].stdout) == (0, "good.pem: OK\n")
    assert "certificate revoked" in found["bad"].stderr
    assert (read.stdout.strip(), read.stderr.strip()) == ("crlNumber=0x02", "verify OK")
    assert crl.next_update_utc == AT + timedelta(days=1) + LIST_LIFETIME


def test_numbers_rise_with_every_list_and_a_list_is_renewed_once_a_day(
    database: Database, wang: Actor
) -> None:
    numbers = []
    for hours in (0, 23, 25):
        with database.transaction() as tx:
            service.renew_list(tx, WRAPPER, at=AT + timedelta(hours=hours))
        with database.read() as tx:
            numbers.append(queries.current_list(tx).number)

    assert numbers == [1, 1, 2]


def test_a_certificate_names_its_policy_and_where_the_list_is(database: Database, wang: Actor) -> None:
    extensions = certify(database, wang).extensions
    policies = extensions.get_extension_for_class(x509.CertificatePolicies).value
    points = extensions.get_extension_for_class(x509.CRLDistributionPoints).value

    assert [(one.policy_identifier.dotted_string, one.policy_qualifiers) for one in policies] == [
        (POLICY_OID, [f"{SITE}/authority"])
    ]
    assert [name.value for point in points for name in point.full_name or []] == [
        f"{SITE}/authority/revoked.crl"
    ]


def test_a_key_speaks_for_one_person_only(
    database: Database, wang: Actor, strangers: dict[str, Actor]
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certify(database, wang, key)

    for name in ("colleague", "rival"):
        with pytest.raises(refusals.Reused) as refusal:
            certify(database, strangers[name], key)
        assert refusal.value.code == "E_CERT_REUSED"
    assert certify(database, wang, key)


def test_nobody_sees_another_organisations_certificates(
    database: Database, wang: Actor, strangers: dict[str, Actor]
) -> None:
    mine = authority.sha256_of(certify(database, wang))

    with database.read() as tx:
        seen = {
            name: [one.sha256 for one in queries.own_certificates(tx, actor=actor, at=AT)]
            for name, actor in strangers.items()
        }
        for name in ("rival", "system_admin", "auditor"):
            with pytest.raises(NotFound):
                queries.certificate(tx, mine, actor=strangers[name], at=AT)
            with pytest.raises(NotFound):
                queries.all_certificates(tx, search="", actor=strangers[name], at=AT)
        found = queries.all_certificates(tx, search="晨光", actor=strangers["security_admin"], at=AT)
        newest = queries.all_certificates(tx, search=" ", actor=strangers["security_admin"], at=AT)

    assert seen == {
        "colleague": [mine],
        "rival": [],
        "security_admin": [],
        "system_admin": [],
        "auditor": [],
    }
    assert ([one.sha256 for one in found], newest) == ([mine], [])
