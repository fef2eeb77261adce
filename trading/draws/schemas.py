"""Messages of the draws' API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

Hash = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
Sealed = Annotated[bytes, msgspec.Meta(max_length=4096)]


class Commitment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The hash of one's value, and a sealed share of it for each custodian by its number."""

    commitment: Hash
    capsules: Annotated[dict[str, Sealed], msgspec.Meta(max_length=64)]


class Reveal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    value: Hash


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What opens one capsule: a custodian's share of a value that was not revealed in its time."""

    name: Annotated[str, msgspec.Meta(max_length=32)]
    custodian: int
    proof: Annotated[bytes, msgspec.Meta(max_length=256)]


class SignedKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A custodian's signed key for draws as exact text, and its locked file where it leaves a copy with the site."""

    envelope: Annotated[str, msgspec.Meta(max_length=16_000)]
    locked: Sealed | None = None


class CustodianShown(msgspec.Struct, frozen=True):
    """A custodian of a draw: its key, the statement it signed for it, and the certificate."""

    custodian: int
    recipient: str
    envelope: str
    certificate: bytes


class CapsuleShown(msgspec.Struct, frozen=True):
    """A capsule that the reader is asked to open, and the locked file of its key if a copy was left here."""

    name: str
    custodian: int
    data: bytes
    locked: bytes | None


class DrawShown(msgspec.Struct, frozen=True, kw_only=True):
    """A draw for a program that takes part in it; `own` is the name it contributes under, `turn` what it does now."""

    id: str
    lot_id: str
    purpose: str
    state: str
    own: str | None
    turn: str
    k: int
    commit_until: datetime
    reveal_until: datetime | None
    custodians: list[CustodianShown]
    withheld: list[CapsuleShown]
