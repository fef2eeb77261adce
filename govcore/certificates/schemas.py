"""Messages of the certificates API."""

from __future__ import annotations

from datetime import datetime

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
