"""How long certificates last, what state they are in, and when people are warned."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from govcore.identity.policy import Role

CERTIFICATE_LIFETIME = timedelta(days=365)
REQUESTERS = frozenset({Role.BIDDER, Role.CUSTODIAN, Role.TENDERER, Role.AGENCY, Role.BANK, Role.EXPERT})
"""Who signs, and so may have keys certified."""


def is_personal(roles: Collection[str]) -> bool:
    """Whether somebody signs in the own name alone: experts answer for themselves, not for their employers."""
    return REQUESTERS.intersection(roles) == {Role.EXPERT}


LIST_LIFETIME = timedelta(days=7)
"""A revocation list says so long that it may be relied on; a new one comes with every revocation and every day."""
LIST_AGE = timedelta(days=1)
WARNED_DAYS = (30, 14, 3)
"""So many days before its end a certificate is warned of, whoever holds it and whatever it was used for."""

POLICY_OID = "2.25.329800735698586629295641978511506172918.1"
"""Names the policy of the registration CA in its certificates; an arc made from a UUID needs no register."""


class Reason(StrEnum):
    """Why a certificate is revoked; the values are those of RFC 5280, as OpenSSL spells them."""

    KEY_COMPROMISE = "keyCompromise"
    AFFILIATION_CHANGED = "affiliationChanged"
    SUPERSEDED = "superseded"
    CESSATION = "cessationOfOperation"
    WITHDRAWN = "privilegeWithdrawn"


class Standing(StrEnum):
    VALID = "valid"
    ENDS_SOON = "ends_soon"
    ENDED = "ended"
    REVOKED = "revoked"


def standing(*, not_after: datetime, revoked_at: datetime | None, at: datetime) -> Standing:
    """What a certificate is worth at this time."""
    if revoked_at is not None and revoked_at <= at:
        return Standing.REVOKED
    if not_after <= at:
        return Standing.ENDED
    soon = not_after - at <= timedelta(days=WARNED_DAYS[0])
    return Standing.ENDS_SOON if soon else Standing.VALID


def warning_due(*, not_after: datetime, at: datetime, days: Sequence[int] = WARNED_DAYS) -> int | None:
    """The smallest number of days that was reached: who could not be warned in time is warned once, not thrice."""
    reached = [one for one in days if at < not_after <= at + timedelta(days=one)]
    return min(reached, default=None)
