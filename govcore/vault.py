"""The platform's own keys: made once at migration, stored wrapped, never leaving the process."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import LargeBinary, select
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, Tx
from govcore.keys import KeyWrapper

PURPOSES = ("log", "receipt", "gate", "tag")


class VaultKey(Base):
    """One secret of the platform; `public` is empty for the key of the look-up tags."""

    __tablename__ = "vault_key"

    purpose: Mapped[str] = mapped_column(primary_key=True)
    public: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True, slots=True)
class Ed25519Signer:
    """Signs with a key of the platform; `keyid` is the SHA-256 of the raw public key."""

    public_bytes: bytes
    _key: Ed25519PrivateKey = field(repr=False)

    @property
    def keyid(self) -> str:
        return hashlib.sha256(self.public_bytes).hexdigest()

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


class Vault:
    """The unwrapped keys of this process."""

    def __init__(self, secrets_by_purpose: Mapping[str, bytes]) -> None:
        self._tag = secrets_by_purpose["tag"]
        self.log_signer = _signer(secrets_by_purpose["log"])
        self.receipt_signer = _signer(secrets_by_purpose["receipt"])
        self.gate_signer = _signer(secrets_by_purpose["gate"])

    def __repr__(self) -> str:
        return "Vault()"

    @classmethod
    def load(cls, tx: Tx, wrapper: KeyWrapper) -> Vault:
        rows = tx.scalars(select(VaultKey)).all()
        return cls({row.purpose: wrapper.unwrap("vault", row.purpose, row.wrapped) for row in rows})

    def tag(self, *parts: str) -> str:
        """A keyed look-up tag: who holds the database alone learns neither the parts nor equal guesses."""
        return hmac.new(self._tag, "\n".join(parts).encode(), hashlib.sha256).hexdigest()


def create_missing(tx: Tx, wrapper: KeyWrapper) -> None:
    """Make the platform's keys that do not exist yet."""
    present = set(tx.scalars(select(VaultKey.purpose)))
    for purpose in PURPOSES:
        if purpose in present:
            continue
        secret = secrets.token_bytes(32)
        public = b"" if purpose == "tag" else _signer(secret).public_bytes
        tx.add(VaultKey(purpose=purpose, public=public, wrapped=wrapper.wrap("vault", purpose, secret)))


def _signer(secret: bytes) -> Ed25519Signer:
    key = Ed25519PrivateKey.from_private_bytes(secret)
    return Ed25519Signer(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw), key)
