"""A custodian's one-time key as it is kept: one age file under a passphrase, the same on every machine.

With the key travels what its custodian signed: at the opening nothing is released for another key manifest, or for a
log that does not continue the one seen at signing. Whoever stores the file can neither read nor change that.
"""

from __future__ import annotations

from typing import Literal

from bidding_docs import age, suites
from bidding_docs.codes import BadSchema
from bidding_docs.encoding import Count, Digest, Id, Positive, Recipient, Strict, decode, encode

MIN_PASSPHRASE = 16
"""Characters; the file may lie with people who have time to guess."""


class Pinned(Strict, frozen=True, kw_only=True):
    """The key manifest that was signed, and the log as it was then."""

    key_manifest_sha256: Digest
    log_size: Count
    log_root: Digest


class KeptKey(Strict, frozen=True, kw_only=True):
    v: Literal[1] = 1
    lot_id: Id
    round: Positive
    opens: Id
    recipient: Recipient
    identity: str
    pinned: Pinned | None = None

    def __repr__(self) -> str:
        """Name the lot, never the key."""
        return f"KeptKey({self.lot_id}, {self.opens})"

    def secret(self) -> bytes:
        """Return the bytes of the identity; E_SCHEMA unless it is the recipient's."""
        suite = suites.of_recipient(self.recipient)
        try:
            secret = suite.parse_identity(self.identity)
        except ValueError as error:
            raise BadSchema(detail=str(error)) from None
        if suite.recipient_of(secret) != self.recipient:
            raise BadSchema(detail="the identity is not the recipient's")
        return secret


class WrongPassphrase(ValueError):
    """The passphrase does not open the file."""


def lock(key: KeptKey, passphrase: str) -> bytes:
    """Return the age file."""
    return age.encrypt_bytes_with_passphrase(encode(key), passphrase)


def unlock(blob: bytes, passphrase: str) -> KeptKey:
    """Return the key; `WrongPassphrase`, or E_SCHEMA when the file holds something else."""
    try:
        plain = age.decrypt_bytes_with_passphrase(blob, passphrase)
    except age.NoMatch as error:
        raise WrongPassphrase from error
    except age.AgeError as error:
        raise BadSchema(detail=str(error)) from None
    return decode(plain, KeptKey)
