"""Roles, what an actor may do, and what a norm asks of passwords and sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from govcore.errors import Forbidden, NotFresh, NotSignedIn, Problem


class Role(StrEnum):
    """What people are; a clerk serves at a window of the bureau, an assessor watches over how people are served.

    A pool keeper keeps the pool of evaluation experts and has no part in any tender.

    A citizen acts for nobody: registered, and not or no longer a member of an organisation.
    """

    BIDDER = "bidder"
    TENDERER = "tenderer"
    AGENCY = "agency"
    CENTRE = "centre"
    EXPERT = "expert"
    POOL_KEEPER = "pool_keeper"
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

STRONG_ROLES = EVERYONE - {Role.BIDDER, Role.BANK, Role.CITIZEN}
"""Whose sessions must be strong where a second factor is required; bidders sign with certificates instead.

A site may ask it of the others too (`TRADING_SECOND_FACTOR_ALSO`).
"""

PROOF_LIFETIME = timedelta(minutes=15)
"""So long after somebody proved who they are, acts that need it (`fresh=True`) are let through."""

SEEN_EVERY = timedelta(minutes=1)
"""A session's last use is written down no more often than this."""


NO_PASSWORD = ""
"""Stands for the hash of a password where there is none; no password fits it."""

PASSWORD_MAX = 256
"""Characters; longer ones would only cost time."""

API_PREFIX = "prt_"
"""By this, scanners of source code recognise an API token that somebody published."""

TOKEN_DAYS = 365

PERSONAL = frozenset({"identity.keep_account", "identity.sign_out"})
"""What everybody may do with the own account, without a second factor, and no token may."""

APPROVE_RESET = "identity.approve_reset"

TOTP_STEP = 30
"""Seconds."""

RECOVERY_CODES = 10

WINDOW = timedelta(minutes=15)
"""Tries are counted in windows of this length, which begin with the first try."""

TRIES_OF_PLACE = 10
TRIES_OF_ACCOUNT = 10
TRIES_OF_CLIENT = 100

KNOWN_LIFETIME = timedelta(days=180)
"""So long a device or network from which somebody signed in to an account is known to it."""


class Purpose(StrEnum):
    """What a one-time secret is for."""

    SECOND_FACTOR = "second_factor"
    CHOOSE_ANEW = "choose_anew"
    FIRST_ADMINISTRATOR = "first_administrator"
    ADD_PASSKEY = "add_passkey"
    USE_PASSKEY = "use_passkey"


LIFETIMES = {
    Purpose.SECOND_FACTOR: timedelta(minutes=10),
    Purpose.CHOOSE_ANEW: timedelta(minutes=30),
    Purpose.FIRST_ADMINISTRATOR: timedelta(hours=1),
    Purpose.ADD_PASSKEY: timedelta(minutes=10),
    Purpose.USE_PASSKEY: timedelta(minutes=10),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Up to `tries` a window are judged of those that are counted together under `parts`."""

    kind: str
    parts: tuple[str, ...]
    tries: int


def limits_for(*, kind: str, account: str, device: str, network: str, address: str) -> tuple[Limit, ...]:
    """What a try is counted under; `device` and `network` are empty unless they are known to the account.

    From a device that signed in before: that device alone; from such a network: that network alone. Whatever strangers
    try cannot slow these down. From elsewhere: all strangers to the account together, and the client's address.
    """
    if account and device:
        return (Limit(kind="device", parts=(kind, account, device), tries=TRIES_OF_PLACE),)
    if account and network:
        return (Limit(kind="network", parts=(kind, account, network), tries=TRIES_OF_PLACE),)
    client = Limit(kind="client", parts=(kind, address), tries=TRIES_OF_CLIENT)
    if not account:
        return (client,)
    return client, Limit(kind="account", parts=(kind, account), tries=TRIES_OF_ACCOUNT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a norm asks of passwords and sessions.

    A password has at least `password_min` characters of `classes` kinds and is good for `password_lifetime`. A session
    ends `idle` after its last use, and `lifetime` after its beginning in any case.
    """

    name: str
    password_min: int
    classes: int
    password_lifetime: timedelta | None
    idle: timedelta
    lifetime: timedelta

    def password_due(self, changed_at: datetime | None, at: datetime) -> bool:
        """True when the password has to be changed before anything else."""
        if self.password_lifetime is None:
            return False
        return changed_at is None or at >= changed_at + self.password_lifetime


ASVS = Profile(
    name="asvs",
    password_min=12,
    classes=1,
    password_lifetime=None,
    idle=timedelta(hours=1),
    lifetime=timedelta(hours=12),
)
"""OWASP ASVS 5.0: length instead of composition (6.2.5), no change without a reason (6.2.10)."""

MLPS = Profile(
    name="mlps",
    password_min=10,
    classes=3,
    password_lifetime=timedelta(days=90),
    idle=timedelta(minutes=30),
    lifetime=timedelta(hours=12),
)
"""等级保护第三级 (GB/T 22239-2019, 8.1.4.1): complex passwords, changed regularly."""

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
    address: str = field(default="", compare=False)
    """The network address that this request came from, as far as a server can tell; empty outside of requests."""

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


def character_classes(password: str) -> int:
    """How many kinds of characters a password has: small, capital, digits, all others."""
    tests = (str.islower, str.isupper, str.isdigit, lambda c: not c.isascii() or not c.isalnum())
    return sum(any(test(character) for character in password) for test in tests)


def lacks_second_factor(actor: Actor, strong_roles: frozenset[str]) -> bool:
    """True for who has one of the roles that need a second factor, and signed in without one."""
    return not actor.strong and bool(actor.roles & strong_roles)


def require_fresh(actor: Actor) -> None:
    """Raise `NotFresh` unless the actor proved lately who they are."""
    if not actor.fresh:
        raise NotFresh
