"""Messages of the organisations' API."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec

from govcore.identifiers import IdKind
from govcore.identity.policy import Duty, Role


class Strict(msgspec.Struct, forbid_unknown_fields=True):
    """Unknown fields are refused: nobody sets by mass assignment what is not named."""


class Duties(Strict):
    duties: list[Duty]


class NewInvitation(Strict):
    name: str
    address: str
    duties: list[Duty]


class Code(Strict):
    code: str
    leave_present: bool = False

    def __repr__(self) -> str:
        return "Code()"


class Invited(msgspec.Struct):
    """`code` is told only where no channel to the address is set up: hand it over yourself."""

    id: str
    code: str | None = None

    def __repr__(self) -> str:
        return f"Invited({self.id!r})"


class NewClaim(Strict):
    """`licence` is the scan in Base64 (PDF, JPEG or PNG): of the business licence, the identity card or the register.

    `uscc` is a value of the `id_kind`: credit code, resident identity number, or a foreign firm's `COUNTRY-number`.
    """

    uscc: str
    name: str
    statement: str
    licence: bytes
    id_kind: IdKind = IdKind.CREDIT_CODE

    def __repr__(self) -> str:
        return "NewClaim()"


class Acceptance(Strict):
    """Of a natural person `card` is the number that the clerk reads on the scan of the identity card."""

    role: Role
    card: str = ""

    def __repr__(self) -> str:
        return "Acceptance()"


class Rejection(Strict):
    reason: str


class NewDelegation(Strict):
    """`objects` are ids of the only tenders or lots that it covers; empty covers all."""

    username: str
    name: str
    duties: list[Duty]
    ends_at: Annotated[datetime, msgspec.Meta(tz=True)]
    objects: list[str] = []


class Acting(Strict):
    """The delegation to act by; nothing to act for oneself."""

    delegation_id: str | None


class NewUnit(Strict):
    name: str
    begins: date
    parent_id: str | None = None


class UnitChange(Strict):
    name: str
    begins: date
    parent_id: str | None = None


class Merger(Strict):
    into: str
    begins: date


class Abolition(Strict):
    begins: date


class NewPlacement(Strict):
    begins: date
    unit_id: str | None = None


class Created(msgspec.Struct):
    id: str


class MemberShown(msgspec.Struct):
    user_id: str
    name: str
    username: str
    duties: list[str]
    active: bool
    joined_at: datetime | None


class FormerShown(msgspec.Struct):
    name: str
    joined_at: datetime | None
    left_at: datetime
    left_by: str
    ending: str


class MyOrganisation(msgspec.Struct):
    """Empty for who is a member of none."""

    organisation: str
    uscc: str | None
    members: list[MemberShown]
    former: list[FormerShown]


class AccountSwitch(Strict):
    active: bool
