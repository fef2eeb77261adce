"""Signed JSON with exact bytes: declared member order, no spaces, integers only, UTC seconds.

Documents are stored and verified as the bytes that were signed. Decoding therefore refuses everything that does not
encode back to the same bytes: spaces, other member order, duplicates, floats, escapes that JSON does not need.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import msgspec

from bidding_docs.codes import BadSchema

Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,64}\Z")]
BidderId = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z-]{1,64}\Z")]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
Time = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")]
Recipient = Annotated[str, msgspec.Meta(pattern=r"^(?:age|sm2)1[0-9a-z]{8,2048}\Z")]
Base64 = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9+/]*={0,2}\Z")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
Positive = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]

_TIME = "%Y-%m-%dT%H:%M:%SZ"
_S = TypeVar("_S", bound=msgspec.Struct)


class Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A signed structure; its members are printed in the order in which they are declared."""


def encode(value: msgspec.Struct) -> bytes:
    """Return the exact bytes that are signed and hashed."""
    return msgspec.json.encode(value)


def decode(data: bytes, kind: type[_S]) -> _S:
    """Return the structure whose exact bytes are `data`; E_SCHEMA for anything else."""
    try:
        value = msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadSchema(detail=str(error)) from None
    if encode(value) != data:
        raise BadSchema(detail="the bytes are not in the one documented spelling")
    return value


def sha256_hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def b64encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def b64decode(text: str) -> bytes:
    """Return the bytes of canonical padded base64; E_SCHEMA otherwise."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadSchema(detail="base64 is malformed") from None
    if b64encode(data) != text:
        raise BadSchema(detail="base64 is not canonical")
    return data


def format_time(at: datetime) -> str:
    """Return an aware instant as `2026-12-01T01:00:00Z`, fractions of a second cut off."""
    if at.tzinfo is None:
        raise ValueError("naive datetime")
    return at.astimezone(UTC).strftime(_TIME)


def parse_time(text: str) -> datetime:
    """Return the aware UTC instant of `2026-12-01T01:00:00Z`; E_SCHEMA otherwise."""
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    except ValueError:
        raise BadSchema(detail="a time is not written as 2026-12-01T01:00:00Z") from None
