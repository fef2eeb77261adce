"""The bidder's own way back: the keys of its parts under a passphrase, used when too few custodians are left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from bidding_docs import age, suites
from bidding_docs.codes import BadSchema, BidderKeyMismatch, Unrecoverable
from bidding_docs.encoding import Base64, BidderId, Digest, Id, Positive, Recipient, Strict, decode, encode
from bidding_docs.manifests import BidManifest


class RecoveryPart(Strict, frozen=True, kw_only=True):
    """One part's identity, and the bidder's share where the tender asks for one."""

    id: Id
    recipient: Recipient
    identity: str
    bidder_share: Base64 | None

    def __repr__(self) -> str:
        return f"RecoveryPart(id={self.id!r}, recipient={self.recipient!r})"


class Recovery(Strict, frozen=True, kw_only=True):
    v: Literal[1] = 1
    tender_id: Id
    lot_id: Id
    round: Positive
    key_manifest_sha256: Digest
    bidder_id: BidderId
    seq: Positive
    manifest_sha256: Digest
    parts: tuple[RecoveryPart, ...]


def write(
    manifest: BidManifest,
    *,
    manifest_sha256: str,
    parts: tuple[RecoveryPart, ...],
    passphrase: str,
    work_factor: int,
    token_bytes: Callable[[int], bytes],
) -> bytes:
    """Return `bid-recovery.age`, which also the stock `age -d` opens with the passphrase."""
    body = Recovery(
        tender_id=manifest.tender_id,
        lot_id=manifest.lot_id,
        round=manifest.round,
        key_manifest_sha256=manifest.key_manifest_sha256,
        bidder_id=manifest.bidder_id,
        seq=manifest.seq,
        manifest_sha256=manifest_sha256,
        parts=parts,
    )
    return age.encrypt_bytes_with_passphrase(
        encode(body), passphrase, work_factor=work_factor, token_bytes=token_bytes
    )


def read(sealed: bytes, passphrase: str) -> Recovery:
    """Return the recovery file's content; E_RECOVERY for a wrong passphrase or another kind of file."""
    try:
        return decode(age.decrypt_bytes_with_passphrase(sealed, passphrase), Recovery)
    except age.AgeError:
        raise Unrecoverable(detail="the passphrase is wrong or the file is damaged") from None
    except BadSchema:
        raise Unrecoverable(detail="it is not a recovery file of a bid") from None


def check_identity(identity: bytes, *, recipient: str, part: str) -> None:
    """E_BIDDER_KEY_MISMATCH unless the identity opens the part; no trust in who hands it in is needed."""
    try:
        fits = suites.of_recipient(recipient).recipient_of(identity) == recipient
    except ValueError:
        fits = False
    if not fits:
        raise BidderKeyMismatch(part=part)
