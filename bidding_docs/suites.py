"""Suites: the `suite` of a key manifest decides every algorithm that a lot's bids are sealed with.

A recipient's prefix belongs to one suite, and a manifest whose recipients are not its suite's is refused; so code that
holds a recipient need not be told the suite again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bidding_docs import age, shamir
from bidding_docs.age_stream import Readable, Writable
from bidding_docs.codes import BadCertificate, BadSchema
from bidding_docs.placed import Chunks
from bidding_docs.sm import Bs1Sm
from govcore.dsse import PublicKey
from govcore.errors import Detail
from govcore.sm2 import require

SuiteId = Literal["bs1", "bs1-sm"]
Random = Callable[[int], bytes]


class ShareField(Protocol):
    """Secret sharing over the suite's field."""

    def split(self, secret: bytes, *, k: int, n: int, token_bytes: Random) -> list[bytes]: ...

    def combine(self, shares: Sequence[bytes], /) -> bytes: ...


class Suite(Protocol):
    """What sealing needs of its algorithms.

    An identity is 32 secret bytes, a recipient its public text. Opening raises `Unreadable`; a recipient or
    identity that is none raises ValueError.
    """

    @property
    def id(self) -> SuiteId: ...

    @property
    def extension(self) -> str:
        """How the name of a sealed file ends."""

    @property
    def share_field(self) -> ShareField: ...

    def generate(self, token_bytes: Random = os.urandom) -> tuple[bytes, str]:
        """Return a new identity and its recipient."""

    def recipient_of(self, identity: bytes) -> str: ...

    def check_recipient(self, recipient: str) -> None: ...

    def encode_identity(self, identity: bytes) -> str: ...

    def parse_identity(self, text: str) -> bytes: ...

    def seal_payload(
        self, src: Readable, dst: Writable, recipient: str, *, context: bytes, token_bytes: Random
    ) -> None:
        """Seal a part; `context` is what it belongs to."""

    def open_payload(self, src: Readable, dst: Writable, identity: bytes, *, context: bytes) -> None:
        """Open a part; what was written before an error is genuine and must be thrown away."""

    def chunks(self, head: bytes, size: int, identity: bytes, *, context: bytes) -> Chunks:
        """How a part of `size` bytes is opened chunk by chunk; `head` is its first `placed.HEAD` bytes."""

    def check_payload(self, head: bytes, size: int) -> int:
        """Return the plaintext's length, without keys; E_AGE_HEADER or E_SIZE. `head` is the first 512 bytes."""

    def wrap_share(self, body: bytes, recipient: str, *, token_bytes: Random = os.urandom) -> bytes:
        """Seal a capsule or another small secret."""

    def unwrap_share(self, sealed: bytes, identity: bytes) -> bytes: ...

    def prove_share(self, sealed: bytes, identity: bytes) -> bytes:
        """Return what opens this one capsule and nothing else."""

    def unwrap_proven(self, sealed: bytes, proof: bytes) -> bytes: ...

    def signs_with(self, key: PublicKey) -> bool:
        """True when signatures of this kind of key count in the suite."""

    def hash(self, data: bytes) -> bytes:
        """Hash what commits to a share."""


class Bs1:
    """age-x25519, SHA-256, Ed25519 or P-256: everything the stock `age` and `openssl` commands can check."""

    id: SuiteId = "bs1"
    extension = "age"
    share_field: ShareField = shamir

    def generate(self, token_bytes: Random = os.urandom) -> tuple[bytes, str]:
        return age.generate(token_bytes)

    def recipient_of(self, identity: bytes) -> str:
        return age.recipient_of(identity)

    def check_recipient(self, recipient: str) -> None:
        age.parse_recipient(recipient)

    def encode_identity(self, identity: bytes) -> str:
        return age.encode_identity(identity)

    def parse_identity(self, text: str) -> bytes:
        return age.parse_identity(text)

    def seal_payload(
        self, src: Readable, dst: Writable, recipient: str, *, context: bytes, token_bytes: Random
    ) -> None:
        """The context is the archive's first member: an age file has no room for one."""
        age.encrypt(src, dst, [recipient], token_bytes=token_bytes)

    def open_payload(self, src: Readable, dst: Writable, identity: bytes, *, context: bytes) -> None:
        age.decrypt(src, dst, [identity])

    def chunks(self, head: bytes, size: int, identity: bytes, *, context: bytes) -> Chunks:
        return age.chunks_of(head, size, identity)

    def check_payload(self, head: bytes, size: int) -> int:
        return age.check_size(age.check_profile(head), size)

    def wrap_share(self, body: bytes, recipient: str, *, token_bytes: Random = os.urandom) -> bytes:
        return age.encrypt_bytes(body, [recipient], token_bytes=token_bytes)

    def unwrap_share(self, sealed: bytes, identity: bytes) -> bytes:
        return age.decrypt_bytes(sealed, [identity])

    def prove_share(self, sealed: bytes, identity: bytes) -> bytes:
        return age.file_key_of(sealed, identity)

    def unwrap_proven(self, sealed: bytes, proof: bytes) -> bytes:
        return age.decrypt_bytes_with_file_key(sealed, proof)

    def signs_with(self, key: PublicKey) -> bool:
        return isinstance(key, Ed25519PublicKey | ec.EllipticCurvePublicKey)

    def hash(self, data: bytes) -> bytes:
        return hashlib.sha256(data).digest()


_SUITES: dict[SuiteId, Suite] = {"bs1": Bs1(), "bs1-sm": Bs1Sm()}
_PREFIXES: dict[str, SuiteId] = {"age1": "bs1", "sm21": "bs1-sm"}


def get(suite: SuiteId) -> Suite:
    """Return the suite with this id; `SmMissing` names the extra that bs1-sm needs."""
    if suite == "bs1-sm":
        require()
    return _SUITES[suite]


def of_recipient(recipient: str) -> Suite:
    """Return the suite that this form of recipient belongs to; E_SCHEMA when there is none."""
    for prefix, suite in _PREFIXES.items():
        if recipient.startswith(prefix):
            return get(suite)
    raise BadSchema(detail="a recipient is of no known suite")


def check_key(suite: SuiteId, key: PublicKey) -> None:
    """E_CERT unless the suite's documents may be signed with this kind of key."""
    if not get(suite).signs_with(key):
        raise BadCertificate(detail=Detail("its key is not of the kind that {suite} signs with", suite=suite))
