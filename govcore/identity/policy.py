"""Roles, what an actor may do, and what a norm asks of passwords and sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from govcore.errors import Forbidden, NotFresh, NotSignedIn, Problem


class Role(StrEnum):
    """What people are; a clerk serves at a window of the bureau, an assessor watches over how people are served.

    A citizen acts for nobody: registered, and not or no longer a member of an organisation.
    """

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
    CITIZEN = "citizen"


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

PASSWORD_MIN = 8

PROOF_LIFETIME = timedelta(minutes=15)
"""So long after somebody proved who they are, acts that need it (`fresh=True`) are let through."""

SEEN_EVERY = timedelta(minutes=1)
"""A session's last use is written down no more often than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a norm asks: a session ends `idle` after its last use, and `lifetime` after its beginning in any case."""

    name: str
    idle: timedelta
    lifetime: timedelta


ASVS = Profile(name="asvs", idle=timedelta(hours=1), lifetime=timedelta(hours=12))
"""OWASP ASVS 5.0."""

MLPS = Profile(name="mlps", idle=timedelta(minutes=30), lifetime=timedelta(hours=12))
"""等级保护第三级 (GB/T 22239)."""

PROFILES = {profile.name: profile for profile in (ASVS, MLPS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """How its owner recognises a session: the kind of program, and the network it came from."""

    program: str = ""
    network: str = ""


NO_DEVICE = Device()


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """The delegation (授权委托) by which a person acts for an organisation that is not its own.

    `objects` are keyed tags of the only objects it covers; empty covers all.
    """

    delegation_id: str
    home_org_id: str | None
    objects: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The person on whose behalf a request runs; `user_id` is empty for a visitor without an account.

    Organisation, roles and duties are those of the organisation acted for.
    `fresh`: proved who they are within `PROOF_LIFETIME`; `strong`: did so with a second factor or a certificate.
    """

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
    session_id: str = ""
    strong: bool = False
    fresh: bool = field(default=False, compare=False)
    """Runs out by the clock alone and makes nobody another person."""
    acting: Acting | None = None

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


def require_fresh(actor: Actor) -> None:
    """Raise `NotFresh` unless the actor proved lately who they are."""
    if not actor.fresh:
        raise NotFresh
