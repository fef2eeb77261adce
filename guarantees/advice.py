"""The bank's credit advice: its form, and how it is sealed on arrival so that nobody can tell who paid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Protocol

import msgspec

from govcore.errors import Problem

PLAIN_SIZE = 4096
"""Every advice is padded to this many bytes before it is encrypted."""

Seal = Callable[[str, bytes], bytes]
"""Encrypts to a recipient: (recipient, plaintext) -> ciphertext."""
Open = Callable[[bytes], bytes]
"""Decrypts what was sealed; raises `AdviceUnreadable` when it cannot."""

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Account = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
Fen = Annotated[int, msgspec.Meta(gt=0, le=10**15)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Tag(Protocol):
    """A keyed look-up tag of its parts, in hex (the platform's vault makes them)."""

    def __call__(self, *parts: str) -> str: ...


class AdviceUnreadable(Problem):
    """The sealed advice does not open or holds something else; also for the caller's `open` to raise."""

    code = "E_ADVICE_UNREADABLE"
    text = "A sealed bank advice cannot be read."


class AdviceTooLong(Problem):
    code = "E_ADVICE_SIZE"
    status = 422
    text = "The bank advice is too long."


class Advice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One credit on a sub-account as the bank reports it; fen; `serial` is unique at that bank."""

    sub_account: Account
    payer_name: Text
    payer_account: Account
    bank: Text
    amount_fen: Fen
    credited_at: Moment
    serial: Text


class SealedAdvice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is encrypted: the advice, when it came, and for which lot it was sealed."""

    v: int
    advice_id: str
    lot_id: str
    received_at: datetime
    advice: Advice


def seal_advice(content: SealedAdvice, *, recipient: str, seal: Seal) -> bytes:
    """The advice encrypted to the lot's gate at constant length; `AdviceTooLong` when it does not fit."""
    plain = msgspec.json.encode(content)
    if len(plain) > PLAIN_SIZE:
        raise AdviceTooLong
    return seal(recipient, plain.ljust(PLAIN_SIZE))


def unseal_advice(sealed: bytes, open: Open) -> SealedAdvice:
    """The advice in clear; `AdviceUnreadable` when it is not one."""
    try:
        return msgspec.json.decode(open(sealed), type=SealedAdvice)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise AdviceUnreadable from error


def body_of(advice: Advice) -> str:
    """The advice as one text, for the tag that tells a repeated message from a different one."""
    return msgspec.json.encode(advice).decode()
