"""Rules of membership, of codes that invite, of claims, of units and of delegations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from govcore.identifiers import IdKind
from govcore.identity.policy import Duty, Role

GIVEN_ROLES = frozenset({Role.BIDDER, Role.TENDERER, Role.AGENCY, Role.BANK})
"""Roles that come with an organisation; staff's, custodians' and experts' are given to persons, elsewhere."""

INVITATION_LIFETIME = timedelta(days=7)
OPEN_INVITATIONS_MAX = 50
LONGEST_DELEGATION = timedelta(days=366)
DELEGATED_OBJECTS_MAX = 20
LICENCE_LIMIT = 4 << 20
PAGE_SIZE = 50

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without I, L, O and U: what is read aloud or copied by hand stays itself (Crockford)."""

CODE_BYTES = 13
CODE_LENGTH = 20


def invitation_code(chance: bytes) -> str:
    """The code made of 13 random bytes: 20 letters, 100 bits, in groups of five."""
    number = int.from_bytes(chance)
    letters = [LETTERS[number >> 5 * place & 31] for place in range(CODE_LENGTH)]
    return "-".join("".join(letters[start : start + 5]) for start in range(0, CODE_LENGTH, 5))


def plain_code(typed: str) -> str:
    """A code as it was meant, whatever case, spaces and lookalikes it was typed with."""
    letters = re.sub(r"[\s\-－—]", "", typed).upper()
    return letters.translate(str.maketrans("OIL", "011"))


def account_name(chance: bytes) -> str:
    """A user name that the platform gives out: nobody can try which names exist."""
    return f"{int.from_bytes(chance[:8]) % 10**10:010d}"


def managers_besides(members: Iterable[tuple[str, frozenset[str]]], user_id: str) -> bool:
    """Whether somebody else of these (id, duties) administers the organisation."""
    return any(Duty.MANAGE in duties for other, duties in members if other != user_id)


class Ending(StrEnum):
    """How somebody stopped being a member."""

    LEFT = "left"
    REMOVED = "removed"
    MOVED = "moved"


ENDING_WORDS = {Ending.LEFT: "left", Ending.REMOVED: "removed", Ending.MOVED: "went to another organisation"}

DUTY_WORDS = {
    Duty.PREPARE: "Prepare",
    Duty.SIGN: "Sign",
    Duty.SUBMIT: "Submit",
    Duty.READ_AUDIT: "Read the records",
    Duty.MANAGE: "Administer",
}


def given_roles(id_kind: str) -> frozenset[Role]:
    """As what a party of this kind may take part: without a credit code as a bidder only.

    A tenderer is a legal person or another organisation (招标投标法 art. 8).
    """
    return GIVEN_ROLES if id_kind == IdKind.CREDIT_CODE else frozenset({Role.BIDDER})


ID_KIND_WORDS = {
    IdKind.CREDIT_CODE: "Unified social credit code",
    IdKind.RESIDENT_ID: "Resident identity number",
    IdKind.FOREIGN: "Country and foreign register number",
}


class ClaimState(StrEnum):
    PENDING = "pending"
    PROVEN = "proven"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class ClaimMove(StrEnum):
    ACCEPT = "accept"
    REJECT = "reject"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    source: ClaimState
    target: ClaimState
    permission: str
    event: str


CLAIM_RULES: Mapping[ClaimMove, Rule] = {
    ClaimMove.ACCEPT: Rule(
        source=ClaimState.PENDING,
        target=ClaimState.PROVEN,
        permission="organisation.decide",
        event="organisation.claim_proven",
    ),
    ClaimMove.REJECT: Rule(
        source=ClaimState.PENDING,
        target=ClaimState.REJECTED,
        permission="organisation.decide",
        event="organisation.claim_rejected",
    ),
    ClaimMove.WITHDRAW: Rule(
        source=ClaimState.PENDING,
        target=ClaimState.WITHDRAWN,
        permission="organisation.claim",
        event="organisation.claim_withdrawn",
    ),
}

CLAIM_WORDS = {
    ClaimState.PENDING: "being checked",
    ClaimState.PROVEN: "proven",
    ClaimState.REJECTED: "not proven",
    ClaimState.WITHDRAWN: "withdrawn",
}

REASON_WORDS = {
    "unreadable": "The scan of the proof cannot be read.",
    "different": "The proof does not fit the code and the name that were given.",
    "not_entitled": "The statement does not show that the person may act for the organisation.",
}
"""Why a claim is not proven, as the claimant is told: the words say nothing of what is registered."""


class Licence(StrEnum):
    """Kinds of file that a scan may be."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"


_MAGIC = {Licence.PDF: b"%PDF-", Licence.JPEG: b"\xff\xd8\xff", Licence.PNG: b"\x89PNG\r\n\x1a\n"}


def licence_kind(data: bytes) -> Licence | None:
    """What a file is by its first bytes, whatever it is called; nothing when it is no scan that we take."""
    return next((kind for kind, magic in _MAGIC.items() if data.startswith(magic)), None)


class UnitEnd(StrEnum):
    """Why a unit's present form ended."""

    CHANGED = "changed"
    MERGED = "merged"
    ABOLISHED = "abolished"


def in_force(begins: date, ends: date | None, on: date) -> bool:
    """Whether something that holds from `begins` until the day before `ends` holds on a day."""
    return begins <= on and (ends is None or on < ends)


def below(parents: Mapping[str, str | None], unit: str) -> frozenset[str]:
    """A unit and everything under it, by each unit's parent."""
    found = {unit}
    while more := {one for one, parent in parents.items() if parent in found and one not in found}:
        found |= more
    return frozenset(found)


def delegation_holds(ends_at: datetime, revoked_at: datetime | None, now: datetime) -> bool:
    return revoked_at is None and now < ends_at
