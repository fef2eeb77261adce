"""People, requests and keys for the tests of certificates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from sqlalchemy import select
from wrappers import file_wrapper

from govcore.db import Database, Tx
from govcore.identity.models import User
from govcore.identity.policy import Actor, Role
from govcore.identity.queries import actor_of_user
from govcore.identity.service import register_user

AT = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
USCC = "91330100MA2KEXAMPD"
PASSWORD = "correct horse battery"
WRAPPER = file_wrapper()


def add_user(tx: Tx, username: str, org_id: str | None, *roles: Role) -> str:
    """A person with the roles, a bidder unless told otherwise; returns the id."""
    user = register_user(
        tx,
        username=username,
        name=username.title(),
        password=PASSWORD,
        org_id=org_id,
        roles=roles or [Role.BIDDER],
        actor="system",
        at=AT,
    )
    return user.id


def actor_named(database: Database, username: str) -> Actor:
    with database.read() as tx:
        return actor_of_user(tx, tx.scalars(select(User.id).where(User.username == username)).one())


def request_for(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    """A request that claims to be somebody else: the names in it must not count."""
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, "91330000000000000X")])
    signed = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return signed.public_bytes(Encoding.PEM)


@dataclass(frozen=True, slots=True)
class OutsideAuthority:
    """An authority that is not ours, with the certificates that stand above what it issues."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    above: tuple[x509.Certificate, ...] = ()

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def issue(
        self,
        key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
        *,
        at: datetime,
        name: str = "晨光水务",
        code: str = USCC,
        begins: timedelta = timedelta(days=-1),
        ends: timedelta = timedelta(days=90),
        ca: bool = False,
        signs: bool = True,
    ) -> list[x509.Certificate]:
        """A certificate for the key, and what is above it except a root."""
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, name),
                x509.NameAttribute(NameOID.SERIAL_NUMBER, f"USCC:{code}"),
            ]
        )
        made = _certificate(subject, self, key, at + begins, at + ends, ca=ca, signs=signs)
        return [made, *([self.certificate, *self.above] if self.above else [])]

    def under(self, name: str, *, at: datetime, path_length: int | None = 0) -> OutsideAuthority:
        """An authority that this one certified."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        begins, ends = at - timedelta(days=100), at + timedelta(days=1000)
        made = _certificate(subject, self, key, begins, ends, ca=True, path_length=path_length)
        return OutsideAuthority(made, key, (self.certificate,))

    def revoking(self, *certificates: x509.Certificate, at: datetime) -> bytes:
        """A revocation list in DER that names these."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        builder = builder.last_update(at).next_update(at + timedelta(days=7))
        for one in certificates:
            entry = x509.RevokedCertificateBuilder().serial_number(one.serial_number).revocation_date(at)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)


def outside_authority(name: str, *, at: datetime, path_length: int | None = None) -> OutsideAuthority:
    """A root that is not ours."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins, ends = at - timedelta(days=100), at + timedelta(days=2000)
    return OutsideAuthority(
        _certificate(subject, None, key, begins, ends, ca=True, path_length=path_length), key
    )


def _certificate(
    subject: x509.Name,
    issuer: OutsideAuthority | None,
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    begins: datetime,
    ends: datetime,
    *,
    ca: bool = False,
    path_length: int | None = None,
    signs: bool = True,
) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=signs and not ca,
        content_commitment=False,
        key_encipherment=not signs,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
    by = issuer.key if issuer else key
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=path_length), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        .sign(by, hashes.SHA256())
    )
