"""The summary of a bid (开标一览表): the form a tender publishes and the answers a bidder seals."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Annotated, Literal

import msgspec

from bidding_docs.codes import BadContent, BadSchema
from bidding_docs.encoding import Positive
from govcore.errors import Detail

SUMMARY_FILE = "summary.json"
SUMMARY_PART = "summary"
PRICE_PART = "price"
"""Of a tender in two envelopes: the part that holds the answers that are read out later."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_LARGEST = 2**53 - 1

Value = str | int
FieldName = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_-]{0,63}\Z")]
Kind = Literal["text", "integer", "money", "date"]


class Field(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the form; `max` is the longest text, or the largest number (money in fen)."""

    id: FieldName
    label: str
    kind: Kind
    required: bool = True
    max: Positive | None = None


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    fields: tuple[Field, ...]


def check_form(form: Form) -> None:
    """E_SCHEMA unless the form has fields, each named once."""
    ids = [field.id for field in form.fields]
    if not ids or len(set(ids)) != len(ids):
        raise BadSchema(detail="a form needs fields, each named once")


def write(form: Form, values: dict[str, Value]) -> bytes:
    """Return `summary.json` for these answers; E_CONTENT when the form does not allow them."""
    _check(form, values)
    return msgspec.json.encode({field.id: values[field.id] for field in form.fields if field.id in values})


def read(form: Form, data: bytes) -> dict[str, Value]:
    """Return the answers of a `summary.json` in the form's order; E_CONTENT for anything the form does not allow.

    The bytes must be the one spelling that `write` gives: two readers must never see two prices.
    """
    try:
        values = msgspec.json.decode(data, type=dict[str, str | int])
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadContent(detail="summary.json is not a list of answers") from None
    if write(form, values) != data:
        raise BadContent(detail="summary.json is not in the one documented spelling")
    return values


def _check(form: Form, values: dict[str, Value]) -> None:
    fields = {field.id: field for field in form.fields}
    for name in values:
        if name not in fields:
            raise BadContent(detail=Detail("the form has no field {field}", field=name))
    for field in form.fields:
        if field.id in values:
            _check_value(field, values[field.id])
        elif field.required:
            raise BadContent(detail=Detail("the field {field} is missing", field=field.id))


def _check_value(field: Field, value: Value) -> None:
    if field.kind in ("integer", "money"):
        largest = _LARGEST if field.max is None else field.max
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= largest:
            raise BadContent(
                detail=Detail(
                    "the field {field} needs a whole number up to {largest}", field=field.id, largest=largest
                )
            )
        return
    if not isinstance(value, str) or not value.strip() or len(value) > (field.max or 2000):
        raise BadContent(detail=Detail("the field {field} is empty, too long or not a text", field=field.id))
    if any(unicodedata.category(sign) == "Cc" and sign != "\n" for sign in value):
        raise BadContent(detail=Detail("the field {field} has control characters", field=field.id))
    if field.kind == "date":
        _check_date(field, value)


def _check_date(field: Field, value: str) -> None:
    try:
        known = _DATE.fullmatch(value) is not None and date.fromisoformat(value) is not None
    except ValueError:
        known = False
    if not known:
        raise BadContent(detail=Detail("the field {field} needs a date like 2026-12-01", field=field.id))
