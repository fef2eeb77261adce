"""Roles, and what an actor may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from govcore.errors import Forbidden, NotSignedIn, Problem


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


class Duty(StrEnum):
    """What a member may do for the organisation; a role says what kind of organisation's work it is."""

    PREPARE = "prepare"
    SIGN = "sign"
    SUBMIT = "submit"
    READ_AUDIT = "read_audit"
    MANAGE = "manage"


ALL_DUTIES = frozenset(Duty)

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
    duties: frozenset[str] = frozenset()
    withheld: Mapping[str, str] = field(default_factory=dict)
    """Permissions that the roles would give, each with the duty that the person lacks for it."""

    @property
    def signed_in(self) -> bool:
        return bool(self.user_id)

    @property
    def organisation(self) -> str:
        return self.org_name

    def may(self, permission: str) -> bool:
        return permission in self.permissions


VISITOR = Actor()


class DutyMissing(Problem):
    """The actor's role would do, but the organisation gave this person other duties."""

    code = "E_DUTY"
    status = 403
    text = "Your organisation has not given you the duty for this. Ask one of its administrators."


class MayNotPrepare(DutyMissing):
    text = "Your organisation has not given you the duty to prepare bids. Ask one of its administrators."


class MayNotSign(DutyMissing):
    text = "Your organisation has not given you the duty to sign. Ask one of its administrators."


class MayNotSubmit(DutyMissing):
    text = "Your organisation has not given you the duty to submit. Ask one of its administrators."


class MayNotReadAudit(DutyMissing):
    text = "Your organisation has not given you the duty to read its records. Ask one of its administrators."


class MayNotManage(DutyMissing):
    text = "You do not administer this organisation. Ask one of its administrators."


MISSING: Mapping[str, type[DutyMissing]] = {
    Duty.PREPARE: MayNotPrepare,
    Duty.SIGN: MayNotSign,
    Duty.SUBMIT: MayNotSubmit,
    Duty.READ_AUDIT: MayNotReadAudit,
    Duty.MANAGE: MayNotManage,
}


def require(actor: Actor, permission: str) -> None:
    """Raise `NotSignedIn`, `Forbidden` or the `DutyMissing` of the duty unless the actor has the permission."""
    if actor.may(permission):
        return
    if duty := actor.withheld.get(permission):
        raise MISSING[duty](duty=duty)
    raise Forbidden if actor.signed_in else NotSignedIn
