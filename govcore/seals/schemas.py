"""Messages of the seals' API and forms."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec

from govcore.seals.policy import SealKind, SealMove

Code = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Z-]{4,32}$")]
Organ = Annotated[str, msgspec.Meta(min_length=2, max_length=40, pattern=r"\S")]
Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,64}$")]
Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
Words = Annotated[str, msgspec.Meta(max_length=12)]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=1000, pattern=r"\S")]
Person = Annotated[str, msgspec.Meta(max_length=60)]


class NewSeal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A seal to register; `org_id` is left out for a body that is not on the platform. `on` is the day it began."""

    code: Code
    kind: SealKind
    organ: Organ
    on: date
    reason: Reason
    words: Words = ""
    org_id: Id | None = None
    witness: Person = ""


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What became of a seal; sealing away and destruction name the witness."""

    move: SealMove
    on: date
    reason: Reason
    witness: Person = ""


class Keeper(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    user_id: Id


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The kind of paper that shall bear the seal; GET /api/seals/papers lists them."""

    purpose: Annotated[str, msgspec.Meta(pattern=r"^[a-z_.]{1,64}$")]


class ChangeEntry(msgspec.Struct):
    move: str
    state: str
    on: date
    reason: str
    witness: str
    recorded_by: str
    recorded_at: datetime


class SealEntry(msgspec.Struct):
    """A seal of the register; `certificate_until` is empty for one that only exists as a piece of rubber."""

    id: str
    code: str
    kind: str
    organ: str
    words: str
    org_id: str | None
    state: str
    picture: str
    certificate_until: datetime | None
    changes: list[ChangeEntry]


class UseEntry(msgspec.Struct):
    """A use; `stamp` is none, stamped or failed."""

    id: str
    number: str
    seal_id: str
    purpose: str
    title: str
    state: str
    document_sha256: str
    sealed_sha256: str | None
    sealed_at: datetime | None
    stamp: str | None
    requested_by: str


class Paper(msgspec.Struct):
    """A kind of paper that may bear a seal by standing order."""

    purpose: str
    zh: str
    en: str


class Checked(msgspec.Struct):
    """What is known of a sealed paper. `match` is whole, extended or other; nothing when no file was given.

    `extended`: the file begins with exactly the sealed paper, and something was added after it.
    """

    number: str
    organ: str
    words: str
    title: str
    sealed_at: datetime
    sealed_sha256: str
    state_then: str
    state_now: str
    stamp: str
    match: str | None


class Sealed(msgspec.Struct):
    use_id: str
    number: str
    sealed_sha256: str
    href: str
