"""Messages of acts that need two people."""

from __future__ import annotations

from datetime import date, datetime

import msgspec


class Nothing(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The content of an act whose proposer decides only whether."""


class NewProposal(msgspec.Struct, forbid_unknown_fields=True):
    """What is proposed: the act's own content as an object, and why."""

    reason: str
    content: dict[str, str | int | bool | None] = msgspec.field(default_factory=dict)


class Confirmation(msgspec.Struct, forbid_unknown_fields=True):
    """What the second person saw: the act, its object and the hash of the payload."""

    act: str
    object_id: str
    sha256: str


class Answer(msgspec.Struct, forbid_unknown_fields=True):
    reason: str


class ProposalShown(msgspec.Struct):
    """A proposal with exactly what will happen; `payload` is the text whose SHA-256 is confirmed."""

    id: str
    act: str
    object_id: str
    state: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    answer: str | None
    payload: str
    sha256: str
    mine: bool


class Appointment(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which administrator somebody becomes, and on which day that ends by itself."""

    role: str
    until: date | None = None


class NewRole(msgspec.Struct, forbid_unknown_fields=True):
    """A role cut from one of the modules': its kind, its names, and the part of the permissions that it holds."""

    key: str
    kind: str
    zh: str
    en: str
    permissions: list[str]
    reason: str


class PermissionChange(msgspec.Struct, forbid_unknown_fields=True):
    held: bool
    reason: str


class RoleGiven(msgspec.Struct, forbid_unknown_fields=True):
    role: str
    reason: str
    since: datetime | None = None
    until: datetime | None = None


class RoleShown(msgspec.Struct):
    """A role with what it may do, what it could be given besides, and who holds it now."""

    key: str
    kind: str
    zh: str
    en: str
    permissions: list[str]
    not_given: list[str]
    holders: list[str]
