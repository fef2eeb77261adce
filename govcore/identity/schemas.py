"""Messages of the identity API."""

from __future__ import annotations

import msgspec


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    username: str
    password: str

    def __repr__(self) -> str:
        return f"SignIn({self.username!r})"


class WhoAmI(msgspec.Struct):
    user_id: str
    name: str
    organisation: str
    uscc: str | None
    roles: list[str]


class CertificateRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A PKCS#10 request in PEM; its names are ignored, the register's are certified."""

    csr: str


class CertificateIssued(msgspec.Struct):
    sha256: str
    pem: str
    authority_pem: str
