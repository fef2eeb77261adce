"""What the forms of the pages send, and what is wrong with it, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from bureau.ratings.policy import OWN_CHANNELS, Channel, Level, typed
from bureau.ratings.schemas import Words

T = TypeVar("T", bound=msgspec.Struct)

FAULT_WORDS = {
    "case_no": "Write the case's number, at most 64 characters.",
    "node": "Choose the step at which the person was served.",
    "item": "Write what it was about, at most 200 characters.",
    "code": "No slip has this code.",
    "channel": "Choose how the rating came to you.",
    "level": "Choose how satisfied the person is; nothing is chosen for anybody.",
    "words": "Write at most 1,000 characters.",
    "name": "Write at most 50 characters.",
    "phone": "Write a phone number with digits, or leave the field empty.",
}


class CodeForm(msgspec.Struct):
    code: str = ""


class AnswerForm(msgspec.Struct):
    satisfied: str = ""
    words: Words = ""


class RatingForm(msgspec.Struct):
    """What the person served sends; no level is chosen beforehand."""

    level: str = ""
    words: str = ""
    name: str = ""
    phone: str = ""
    channel: str = Channel.WEB

    def __repr__(self) -> str:
        return f"RatingForm({self.level!r})"

    def given(self) -> dict[str, Any]:
        channel = self.channel if self.channel in OWN_CHANNELS else Channel.WEB
        return {**msgspec.structs.asdict(self), "level": _level(self.level), "channel": channel}


class CollectForm(RatingForm):
    """What staff enter for the person served."""

    code: str = ""
    channel: str = ""

    __repr__ = RatingForm.__repr__

    def given(self) -> dict[str, Any]:
        return {**msgspec.structs.asdict(self), "level": _level(self.level), "code": typed(self.code)}


class ServiceForm(msgspec.Struct):
    case_no: str = ""
    node: str = ""
    item: str = ""

    def given(self) -> dict[str, Any]:
        return {name: text.strip() for name, text in msgspec.structs.asdict(self).items()}


def read(given: Mapping[str, Any], kind: type[T]) -> tuple[T | None, list[str]]:
    """The message that a form means, or the names of all fields that are wrong."""
    fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
    wrong = [name for name, value in given.items() if not _fits(value, fields[name])]
    return (None, wrong) if wrong else (msgspec.convert(given, kind), [])


def _fits(value: object, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def _level(text: str) -> int | str:
    return int(text) if text in {str(int(level)) for level in Level} else ""
