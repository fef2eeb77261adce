"""People, requests and keys for the tests of certificates."""

from __future__ import annotations

from datetime import UTC, datetime

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


def add_user(tx: Tx, username: str, org_id: str, *roles: Role) -> str:
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
