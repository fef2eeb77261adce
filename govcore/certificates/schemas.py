"""Messages of the certificates API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from govcore.certificates.policy import Reason


class CertificateRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A PKCS#10 request in PEM; its names are ignored, the register's are certified."""

    csr: str


class Revocation(msgspec.Struct, forbid_unknown_fields=True):
    reason: Reason


class CertificateState(msgspec.Struct):
    sha256: str
    standing: str
    issued_at: datetime
    not_after: datetime
    revoked_at: datetime | None
    reason: str | None


class CertificateIssued(msgspec.Struct):
    sha256: str
    pem: str
    authority_pem: str


class NewChallenge(msgspec.Struct, forbid_unknown_fields=True):
    purpose: Literal["sign-in", "bind", "claim"]


class Asked(msgspec.Struct):
    """What to sign: DSSE's encoding of `payload_type` and the challenge's text. Sign only for the site at `origin`."""

    challenge: str
    origin: str
    payload_type: str


class Proof(msgspec.Struct, forbid_unknown_fields=True):
    """The challenge, the certificate and what is above it in PEM, and the signature (DER, or RSA's bytes)."""

    challenge: Annotated[str, msgspec.Meta(max_length=4000)]
    certificate: Annotated[str, msgspec.Meta(max_length=40_000)]
    signature: Annotated[bytes, msgspec.Meta(max_length=1024)]


class SignedIn(msgspec.Struct):
    name: str


class Bound(msgspec.Struct):
    sha256: str


class OutsideShown(msgspec.Struct):
    """An outside certificate on an account."""

    sha256: str
    authority: str
    not_after: datetime
    bound_at: datetime
    revoked_at: datetime | None
    may_seal: bool


class TrustedShown(msgspec.Struct):
    """An authority on the trust list."""

    sha256: str
    name: str
    may_sign_in: bool
    may_seal: bool
    code_field: str
    until: datetime
    crl_at: datetime | None
    crl_until: datetime | None
    revoked: int
