"""Messages of the certificates API."""

from __future__ import annotations

import msgspec


class CertificateRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A PKCS#10 request in PEM; its names are ignored, the register's are certified."""

    csr: str


class CertificateIssued(msgspec.Struct):
    sha256: str
    pem: str
    authority_pem: str
