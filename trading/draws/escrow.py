"""The escrow of a contributor's value: shares for the lot's custodians, any k of which give it back.

A capsule says of which draw, contributor and custodian it is, so that a custodian's key opens nothing it was not asked
for. Whether recovered bytes are the value is judged by the commitment alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from bidding_docs import suites
from bidding_docs.codes import BadSchema, CapsuleUnreadable, ContextMismatch, Unreadable
from bidding_docs.encoding import (
    Base64,
    Digest,
    Id,
    Positive,
    Recipient,
    Strict,
    Time,
    b64decode,
    b64encode,
    decode,
    encode,
)
from govcore.dsse import BadEnvelope, BadSignature, Envelope, PublicKey, Signer, sign, verify
from trading.draws import replay

MEDIA_TYPE = "application/vnd.bidseal.draw-key+json"
VALUE_SIZE = 32
MAX_CAPSULE = 4096
SUITE = suites.get("bs1")

Random = Callable[[int], bytes]


class DrawKey(Strict, frozen=True, kw_only=True):
    """A custodian's statement: values escrowed for it are encrypted to this recipient, from this moment on."""

    type: Literal["draw-key"] = "draw-key"
    cert_sha256: Digest
    recipient: Recipient
    since: Time


class Share(Strict, frozen=True, kw_only=True):
    """What a capsule holds."""

    v: Literal[1] = 1
    type: Literal["draw-share"] = "draw-share"
    draw_id: Id
    name: Id
    custodian: Positive
    share: Base64

    def __repr__(self) -> str:
        return f"Share({self.draw_id}, {self.name}, {self.custodian})"


def sign_key(key: DrawKey, signer: Signer) -> bytes:
    """The envelope that a custodian hands in."""
    return sign(MEDIA_TYPE, encode(key), [signer]).encode()


def signer_of(raw: bytes) -> str:
    """Which certificate claims to have signed a custodian's key, to learn whose; E_SCHEMA when it says nothing."""
    try:
        envelope = Envelope.decode(raw)
    except BadEnvelope:
        raise BadSchema(detail="not a custodian's key for draws") from None
    return decode(envelope.payload, DrawKey).cert_sha256


def read_key(raw: bytes, keyid: str, key: PublicKey) -> DrawKey:
    """The key that this certificate signed; E_SCHEMA unless it did, or the recipient is none."""
    try:
        payload = verify(Envelope.decode(raw), MEDIA_TYPE, {keyid: key})
    except (BadEnvelope, BadSignature):
        raise BadSchema(detail="not a custodian's key for draws, or not signed by its certificate") from None
    found = decode(payload, DrawKey)
    try:
        SUITE.check_recipient(found.recipient)
    except ValueError:
        raise BadSchema(detail="the recipient is none") from None
    if found.cert_sha256 != keyid:
        raise BadSchema(detail="the key names another certificate")
    return found


def seal(
    value: str, *, draw_id: str, name: str, recipients: Mapping[int, str], k: int, token_bytes: Random
) -> dict[int, bytes]:
    """One capsule for each custodian, any k of which give the value (64 hex digits) back."""
    shares = SUITE.share_field.split(bytes.fromhex(value), k=k, n=len(recipients), token_bytes=token_bytes)
    capsules = {}
    for (custodian, recipient), share in zip(sorted(recipients.items()), shares, strict=True):
        body = encode(Share(draw_id=draw_id, name=name, custodian=custodian, share=b64encode(share)))
        capsules[custodian] = SUITE.wrap_share(body, recipient, token_bytes=token_bytes)
    return capsules


@dataclass(frozen=True, slots=True, kw_only=True)
class Committing:
    """What a contributor hands in: the hash of its value, and a sealed share of it for each custodian."""

    commitment: str
    capsules: Mapping[int, bytes]


def committing(
    value: str, *, draw_id: str, name: str, recipients: Mapping[int, str], k: int, token_bytes: Random
) -> Committing:
    """The commitment to a value, and its escrow."""
    return Committing(
        commitment=replay.commitment(draw_id, name, value),
        capsules=seal(value, draw_id=draw_id, name=name, recipients=recipients, k=k, token_bytes=token_bytes),
    )


def prove(sealed: bytes, identity: bytes, *, draw_id: str, name: str, custodian: int) -> bytes:
    """What shows the share in this one capsule to anybody, and opens nothing else.

    E_CAPSULE_UNREADABLE, E_SCHEMA, or E_CTX_MISMATCH for another draw's or custodian's: that one stays closed.
    """
    try:
        body = SUITE.unwrap_share(sealed, identity)
    except Unreadable:
        raise CapsuleUnreadable(holder=f"custodian:{custodian}") from None
    _share(body, draw_id=draw_id, name=name, custodian=custodian)
    return SUITE.prove_share(sealed, identity)


def proven(sealed: bytes, proof: bytes, *, draw_id: str, name: str, custodian: int) -> bytes:
    """The share that a custodian's proof shows; E_CAPSULE_UNREADABLE when it opens nothing, else as `prove`."""
    try:
        body = SUITE.unwrap_proven(sealed, proof)
    except (Unreadable, ValueError):
        raise CapsuleUnreadable(holder=f"custodian:{custodian}") from None
    return _share(body, draw_id=draw_id, name=name, custodian=custodian)


def _share(body: bytes, *, draw_id: str, name: str, custodian: int) -> bytes:
    found = decode(body, Share)
    for field, expected in (("draw_id", draw_id), ("name", name), ("custodian", custodian)):
        if getattr(found, field) != expected:
            raise ContextMismatch(field=field)
    return b64decode(found.share)


def recover(shares: Mapping[int, bytes], *, draw_id: str, name: str, commitment: str, k: int) -> str | None:
    """The value that some k of the shares give and the commitment confirms; nothing where none do."""
    for chosen in combinations(sorted(shares), k):
        try:
            value = SUITE.share_field.combine([shares[one] for one in chosen]).hex()
        except ValueError:
            continue
        if replay.commitment(draw_id, name, value) == commitment:
            return value
    return None
