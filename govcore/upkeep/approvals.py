"""Grave work on a machine is asked for by the machine and signed by two operators: no site has to run for it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from govcore import dsse
from govcore.audit.note import VerifierKey, is_name
from govcore.dsse import BadEnvelope, Envelope, Signature
from govcore.errors import Problem
from govcore.upkeep.policy import APPROVALS

REQUEST_TYPE = "application/vnd.trading.operators-request+json"


class TooFewOperators(Problem):
    code = "E_OPERATORS"
    status = 403
    text = "Name the keys of at least two operators in {where}: this takes two of them."


class NotApproved(Problem):
    """Fewer than two of the named operators signed this request; `missing` says how many are wanting."""

    code = "E_NOT_APPROVED"
    status = 403
    text = "Signatures of {missing} more operators are missing. Those of others, and of one key twice, do not count."


class SignedAlready(Problem):
    code = "E_TWO_SAME_PERSON"
    status = 403
    text = "This key has signed the request already. Another operator has to sign it."


class RequestOver(Problem):
    code = "E_OPERATORS_REQUEST"
    text = (
        "This request was not made on this machine for this, is older than ten minutes, or was used already. "
        "Make a new one."
    )


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What two operators sign: the act, what it is done to, what they are shown of it, a number used once, the end."""

    act: str
    object: str
    shown: dict[str, str]
    nonce: str
    until: datetime

    def encode(self) -> bytes:
        return msgspec.json.encode(self, order="sorted")

    @property
    def sha256(self) -> str:
        """What two people compare by telephone."""
        return hashlib.sha256(self.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class OperatorKey:
    """An operator's Ed25519 key with its name."""

    name: str
    _key: Ed25519PrivateKey = field(repr=False)

    @property
    def public_bytes(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def keyid(self) -> str:
        return hashlib.sha256(self.public_bytes).hexdigest()

    @property
    def vkey(self) -> VerifierKey:
        return VerifierKey(self.name, self.public_bytes)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


def new_key(path: Path, *, name: str, passphrase: bytes) -> OperatorKey:
    """Make a key in a new file (mode 0400) that opens with the passphrase; `FileExistsError` for one that is there."""
    if not is_name(name):
        raise ValueError(f"an operator's name has no spaces and no plus: {name!r}")
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(descriptor, "wb") as file:
        file.write(f"{name}\n".encode() + pem)
    return OperatorKey(name, key)


def load_key(path: Path, *, passphrase: bytes) -> OperatorKey:
    """Raise ValueError when this is no operator's key or the passphrase does not open it."""
    name, _, pem = path.read_bytes().partition(b"\n")
    try:
        key = load_pem_private_key(pem, passphrase)
    except TypeError as error:
        raise ValueError("the key is not protected by a passphrase") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("no operator's key")
    return OperatorKey(name.decode(), key)


def ask(kept: Path, request: Request) -> Envelope:
    """The request without a signature; this machine keeps its hash in a file, and forgets an earlier one."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(request.sha256, encoding="ascii")
    return Envelope(request.encode(), REQUEST_TYPE, ())


def use_up(kept: Path, request: Request, *, at: datetime) -> None:
    """Forget the request, so that nobody uses it again; `RequestOver` unless it is the one that waits."""
    if at >= request.until or not kept.is_file() or kept.read_text("ascii") != request.sha256:
        raise RequestOver
    kept.unlink()


def read(envelope: Envelope) -> Request:
    """What is asked for; `BadEnvelope` unless it is a request, spelled as we spell it."""
    try:
        request = msgspec.json.decode(envelope.payload, type=Request)
    except msgspec.MsgspecError as error:
        raise BadEnvelope from error
    if envelope.payload_type != REQUEST_TYPE or request.encode() != envelope.payload:
        raise BadEnvelope
    return request


def approve(envelope: Envelope, key: OperatorKey) -> Envelope:
    """The request with one more signature; `SignedAlready` by the same key."""
    read(envelope)
    if key.keyid in {one.keyid for one in envelope.signatures}:
        raise SignedAlready
    signature = Signature(key.keyid, key.sign(dsse.pae(REQUEST_TYPE, envelope.payload)))
    return msgspec.structs.replace(envelope, signatures=(*envelope.signatures, signature))


def approvers(
    envelope: Envelope, operators: Sequence[VerifierKey], *, where: str = "TRADING_OPERATORS"
) -> list[str]:
    """The names of the operators who signed; `NotApproved` when they are fewer than two."""
    refuse_too_few(operators, where=where)
    message = dsse.pae(REQUEST_TYPE, envelope.payload)
    by_id = {hashlib.sha256(one.public).hexdigest(): one for one in operators}
    signed = {
        one.keyid: by_id[one.keyid].name
        for one in envelope.signatures
        if one.keyid in by_id
        and dsse.fits(Ed25519PublicKey.from_public_bytes(by_id[one.keyid].public), one.sig, message)
    }
    if len(signed) < APPROVALS:
        raise NotApproved(missing=APPROVALS - len(signed))
    return sorted(signed.values())


def refuse_too_few(operators: Sequence[VerifierKey], *, where: str = "TRADING_OPERATORS") -> None:
    """`where` their keys should stand."""
    if len({one.public for one in operators}) < APPROVALS:
        raise TooFewOperators(where=where)
