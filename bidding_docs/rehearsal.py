"""Rehearsals: a custodian shows that it can open what is encrypted to its key, before the key manifest is signed.

The tenderer's client makes the capsule and keeps the nonce. The custodian gives back a hash of the nonce, never the
nonce: what a rehearsal opens is worth nothing elsewhere, and a bid's capsule is not of this form. The platform is told
only a hash of the right answer, so it can hold an answer against it and cannot make one up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Literal

from bidding_docs import suites
from bidding_docs.codes import BadSchema, CapsuleUnreadable, ContextMismatch, ManifestSignature, Unreadable
from bidding_docs.encoding import (
    Base64,
    Digest,
    Id,
    Positive,
    Recipient,
    Strict,
    b64decode,
    b64encode,
    decode,
    encode,
    sha256_hex,
)
from govcore.dsse import BadEnvelope, BadSignature, Envelope, PublicKey, Signer, sign, verify

MEDIA_TYPE = "application/vnd.bidseal.rehearsal-answer+json"
NONCE_SIZE = 32
_DOMAIN = b"bidseal/v1/rehearsal\n"


class Scope(Strict, frozen=True, kw_only=True):
    """Whose key is rehearsed, and for which opening."""

    tender_id: Id
    lot_id: Id
    round: Positive
    custodian: Positive
    opens: Id
    recipient: Recipient


class Rehearsal(Strict, frozen=True, kw_only=True):
    """What the capsule holds."""

    v: Literal[1] = 1
    type: Literal["rehearsal"] = "rehearsal"
    scope: Scope
    nonce: Base64


class Answer(Strict, frozen=True, kw_only=True):
    scope: Scope
    answer: Digest


class RehearsalAnswer(Strict, frozen=True, kw_only=True):
    """A custodian's signed answers for all its keys of one lot."""

    type: Literal["rehearsal-answer"] = "rehearsal-answer"
    answers: tuple[Answer, ...]


def make(scope: Scope, *, token_bytes: Callable[[int], bytes]) -> tuple[bytes, bytes]:
    """Return the capsule for the scope's recipient, and the nonce that its maker keeps."""
    nonce = token_bytes(NONCE_SIZE)
    body = encode(Rehearsal(scope=scope, nonce=b64encode(nonce)))
    suite = suites.of_recipient(scope.recipient)
    return suite.wrap_share(body, scope.recipient, token_bytes=token_bytes), nonce


def answer_of(nonce: bytes) -> str:
    """Return the answer that shows that the nonce was read."""
    return hashlib.sha256(_DOMAIN + nonce).hexdigest()


def check_of(answer: str) -> str:
    """Return what the platform holds an answer against."""
    return sha256_hex(answer.encode())


def open_rehearsal(capsule: bytes, identity: bytes, scope: Scope) -> Answer:
    """Return the answer; E_CAPSULE_UNREADABLE, E_SCHEMA for anything but a rehearsal, E_CTX_MISMATCH for another's."""
    try:
        body = suites.of_recipient(scope.recipient).unwrap_share(capsule, identity)
    except Unreadable:
        raise CapsuleUnreadable(holder=f"custodian:{scope.custodian}") from None
    found = decode(body, Rehearsal)
    for name in Scope.__struct_fields__:
        if getattr(found.scope, name) != getattr(scope, name):
            raise ContextMismatch(field=name)
    nonce = b64decode(found.nonce)
    if len(nonce) != NONCE_SIZE:
        raise BadSchema(detail="the nonce has the wrong length")
    return Answer(scope=scope, answer=answer_of(nonce))


def sign_answers(answers: tuple[Answer, ...], signer: Signer) -> bytes:
    """Return the envelope that a custodian hands in."""
    return sign(MEDIA_TYPE, encode(RehearsalAnswer(answers=answers)), [signer]).encode()


def read_answers(raw: bytes, keyid: str, key: PublicKey) -> tuple[Answer, ...]:
    """Return the answers that this certificate signed; E_SCHEMA or E_MANIFEST_SIG."""
    try:
        payload = verify(Envelope.decode(raw), MEDIA_TYPE, {keyid: key})
    except BadEnvelope:
        raise BadSchema(detail="not a custodian's answer to a rehearsal") from None
    except BadSignature:
        raise ManifestSignature(detail="it is missing or not over these bytes") from None
    return decode(payload, RehearsalAnswer).answers
