"""Multipart forms of cases: text fields, several lots, several files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from litestar.datastructures import UploadFile

from govcore.clock import BEIJING
from trading.challenge.evidence import Given
from trading.challenge.policy import FILE_LIMIT, FILES_MAX

BODY_LIMIT = FILES_MAX * FILE_LIMIT + (256 << 10)
RECEIPT_LIMIT = 16 << 10

Form = Mapping[str, Any]


def text(form: Form, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def several(form: Form, name: str) -> list[str]:
    """The values of a field that may be given more than once."""
    value = form.get(name)
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str) and one]


def files(form: Form) -> list[Given]:
    """The evidence chosen in a form, each file read one byte beyond what is allowed."""
    fields = [value for name, value in form.items() if name != "document_receipt"]
    chosen = [one for value in fields for one in (value if isinstance(value, list) else [value])]
    return [
        Given(one.filename, one.file.read(FILE_LIMIT + 1))
        for one in chosen
        if isinstance(one, UploadFile) and one.filename
    ]


def receipt(form: Form) -> bytes | None:
    """The signed receipt of an anonymous download, if one was chosen."""
    value = form.get("document_receipt")
    if not isinstance(value, UploadFile) or not value.filename:
        return None
    return value.file.read(RECEIPT_LIMIT)


def day(value: str) -> date | None:
    """A date as browsers send it; nothing for anything else."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def moment(value: str) -> datetime | None:
    """A Beijing date and time as browsers send it; nothing for anything else."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found.replace(tzinfo=BEIJING) if found.tzinfo is None else found


def end_of(known_on: date | None) -> datetime | None:
    """The last moment of a Beijing day: a day on which something became known counts from its end."""
    if known_on is None:
        return None
    return datetime.combine(known_on + timedelta(days=1), time(), BEIJING) - timedelta(microseconds=1)
