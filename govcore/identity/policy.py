"""Roles, and what an actor may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from govcore.errors import Forbidden, NotSignedIn


class Role(StrEnum):
    """What people are; a clerk serves at a window of the bureau, an assessor watches over how people are served."""

    BIDDER = "bidder"
    TENDERER = "tenderer"
    AGENCY = "agency"
    CENTRE = "centre"
    EXPERT = "expert"
    REGULATOR = "regulator"
    CUSTODIAN = "custodian"
    BANK = "bank"
    CLERK = "clerk"
    ASSESSOR = "assessor"
    DEPOSITS = "deposits"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDITOR = "auditor"


EVERYONE = frozenset(Role)

ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})
"""System, security and audit administration (GB/T 22239-2019, 8.1.5): three people, and none acts in a case."""

SESSION_LIFETIME = timedelta(hours=12)
PASSWORD_MIN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The person on whose behalf a request runs; `user_id` is empty for a visitor without an account."""

    user_id: str = ""
    name: str = ""
    org_id: str | None = None
    org_name: str = ""
    uscc: str | None = None
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()

    @property
    def signed_in(self) -> bool:
        return bool(self.user_id)

    @property
    def organisation(self) -> str:
        return self.org_name

    def may(self, permission: str) -> bool:
        return permission in self.permissions


VISITOR = Actor()


def require(actor: Actor, permission: str) -> None:
    """Raise `NotSignedIn` or `Forbidden` unless the actor has the permission."""
    if not actor.may(permission):
        raise Forbidden if actor.signed_in else NotSignedIn
