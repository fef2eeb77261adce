"""Seals (印章): their kinds, what may become of them, and what a use of one is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class SealKind(StrEnum):
    OFFICIAL = "official"
    APPROVAL = "approval"
    CONTRACT = "contract"
    BUSINESS = "business"
    DEPARTMENT = "department"


class SealState(StrEnum):
    IN_USE = "in_use"
    SUSPENDED = "suspended"
    SEALED_AWAY = "sealed_away"
    DESTROYED = "destroyed"
    REVOKED = "revoked"


class SealMove(StrEnum):
    SUSPEND = "suspend"
    RESUME = "resume"
    SEAL_AWAY = "seal_away"
    REVOKE = "revoke"
    DESTROY = "destroy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One move of a seal: from where, to where, by whom, and as what it is logged.

    `witnessed` moves name the person who watched (监交、监销); `final` ones end the seal's certificate.
    """

    sources: frozenset[SealState]
    target: SealState
    event: str
    permission: str = "seals.manage"
    witnessed: bool = False
    final: bool = False


SEAL_RULES: Mapping[SealMove, Rule] = {
    SealMove.SUSPEND: Rule(
        sources=frozenset({SealState.IN_USE}), target=SealState.SUSPENDED, event="seals.suspended"
    ),
    SealMove.RESUME: Rule(
        sources=frozenset({SealState.SUSPENDED}), target=SealState.IN_USE, event="seals.resumed"
    ),
    SealMove.SEAL_AWAY: Rule(
        sources=frozenset({SealState.IN_USE, SealState.SUSPENDED}),
        target=SealState.SEALED_AWAY,
        event="seals.sealed_away",
        witnessed=True,
        final=True,
    ),
    SealMove.REVOKE: Rule(
        sources=frozenset({SealState.IN_USE, SealState.SUSPENDED}),
        target=SealState.REVOKED,
        event="seals.revoked",
        final=True,
    ),
    SealMove.DESTROY: Rule(
        sources=frozenset({SealState.SEALED_AWAY, SealState.REVOKED}),
        target=SealState.DESTROYED,
        event="seals.destroyed",
        witnessed=True,
        final=True,
    ),
}

USABLE = SealState.IN_USE


class UseState(StrEnum):
    """A use is recorded before anything is signed; it ends with the sealed paper, or void."""

    RECORDED = "recorded"
    SEALED = "sealed"
    VOID = "void"


class Stamp(StrEnum):
    """Whether a time stamp of an outside authority is in the signature."""

    NONE = "none"
    STAMPED = "stamped"
    FAILED = "failed"


KIND_NAMES = {
    SealKind.OFFICIAL: "Official seal",
    SealKind.APPROVAL: "Approval seal",
    SealKind.CONTRACT: "Contract seal",
    SealKind.BUSINESS: "Business seal",
    SealKind.DEPARTMENT: "Department's approval seal",
}
STATE_WORDS = {
    SealState.IN_USE: "in use",
    SealState.SUSPENDED: "suspended",
    SealState.SEALED_AWAY: "sealed away",
    SealState.DESTROYED: "destroyed",
    SealState.REVOKED: "void",
}
STATE_KINDS = {
    SealState.IN_USE: "success",
    SealState.SUSPENDED: "warning",
    SealState.SEALED_AWAY: "neutral",
    SealState.DESTROYED: "neutral",
    SealState.REVOKED: "danger",
}
MOVE_WORDS = {
    SealMove.SUSPEND: "Suspend",
    SealMove.RESUME: "Take into use again",
    SealMove.SEAL_AWAY: "Seal away",
    SealMove.REVOKE: "Revoke",
    SealMove.DESTROY: "Record the destruction",
}
USE_WORDS = {UseState.RECORDED: "not finished", UseState.SEALED: "bears the seal", UseState.VOID: "void"}
STAMP_WORDS = {
    Stamp.NONE: "none configured",
    Stamp.STAMPED: "by the time stamp authority",
    Stamp.FAILED: "the authority did not answer",
}
REGISTERED = "register"
REGISTERED_WORDS = "Registered"

BY_HAND = "seals.by_hand"
"""The purpose of a use that a keeper of the seal orders for a file of its own."""

USE_SERIES = "印"
UNFINISHED_FOR = timedelta(hours=1)
"""After this a recorded use that led to no paper is void; its number stays with the reason."""

CODE_LENGTH = 16
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE = re.compile(f"[{_ALPHABET}]{{{CODE_LENGTH}}}")
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def moves_from(state: str) -> list[SealMove]:
    """What may become of a seal in this state."""
    return [move for move, rule in SEAL_RULES.items() if state in rule.sources]


def code_of(secret: str) -> str:
    """The check code that a paper bears, 80 bits of a keyed tag in hexadecimal: `7K2M-9QPX-41AB-CDEF`."""
    number = int(secret[:20], 16)
    digits = "".join(_ALPHABET[number >> shift & 31] for shift in range(75, -1, -5))
    return "-".join(digits[at : at + 4] for at in range(0, CODE_LENGTH, 4))


def read_code(text: str) -> str | None:
    """What somebody typed as the code it stands for, look-alike letters forgiven; nothing when it is none."""
    plain = text.upper().translate(_MISREAD)
    return plain if _CODE.fullmatch(plain) else None


def code_sha256(code: str) -> str:
    """How a code is kept; raises `ValueError` for what is no code."""
    plain = read_code(code)
    if plain is None:
        raise ValueError("no check code")
    return hashlib.sha256(plain.encode()).hexdigest()


def move_words(move: str) -> str:
    """What a line of the history says happened."""
    return REGISTERED_WORDS if move == REGISTERED else MOVE_WORDS[SealMove(move)]
