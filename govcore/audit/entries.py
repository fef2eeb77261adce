"""What a leaf holds: blinded events, and public ones in clear."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from govcore.audit.tree import leaf_hash

PRIVATE = b"\x01"
PUBLIC = b"\x02"
NONCE_SIZE = 32
ENTRY_MAX = 0xFFFF
COVER = "log.cover"
ERASED = "audit.erased"
CLOCK_SET_BACK = "log.clock_set_back"
CLOCK_SET_FORWARD = "log.clock_set_forward"
MEMBERS = ("v", "type", "subject", "at", "actor", "data")

_DOMAIN = b"bidseal/v1/leaf\n"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class EntryError(ValueError):
    """Bytes that are not an entry or an event of this log."""


def event_bytes(*, type: str, subject: str, at: datetime, actor: str, data: Mapping[str, object]) -> bytes:
    """The exact JSON that is logged: fixed member order, no spaces, integers only."""
    _check(data)
    event = {"v": 1, "type": type, "subject": subject, "at": time_text(at), "actor": actor, "data": data}
    encoded = json.dumps(event, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    if len(encoded) >= ENTRY_MAX:
        raise EntryError(f"the event {type} has {len(encoded)} bytes, a log entry holds {ENTRY_MAX - 1}")
    return encoded


def parse_event(event: bytes) -> dict[str, object]:
    """The members of an event; raises `EntryError` unless it has exactly those of version 1."""
    try:
        parsed = json.loads(event)
    except ValueError as error:
        raise EntryError("the event is not JSON") from error
    if not isinstance(parsed, dict) or tuple(parsed) != MEMBERS or parsed["v"] != 1:
        raise EntryError("the event does not have the members of version 1")
    if not all(isinstance(parsed[name], str) for name in ("type", "subject", "at", "actor")):
        raise EntryError("type, subject, at and actor of the event must be text")
    if not isinstance(parsed["data"], dict):
        raise EntryError("the event's data is not an object")
    return parsed


def entry_bytes(event: bytes, nonce: bytes | None) -> bytes:
    """The log entry: 33 blinded bytes, or the event in clear when there is no nonce."""
    if nonce is None:
        return PUBLIC + event
    if len(nonce) != NONCE_SIZE:
        raise EntryError(f"a nonce has {NONCE_SIZE} bytes")
    return PRIVATE + hashlib.sha256(_DOMAIN + nonce + event).digest()


def entry_leaf(event: bytes, nonce: bytes | None) -> bytes:
    """The RFC 6962 leaf hash of the entry."""
    return leaf_hash(entry_bytes(event, nonce))


def public_event(entry: bytes) -> bytes | None:
    """The event of a public entry, nothing for a blinded one; raises `EntryError` for other bytes."""
    if entry[:1] == PUBLIC:
        return entry[1:]
    if entry[:1] == PRIVATE and len(entry) == 33:
        return None
    raise EntryError("the bytes are neither a blinded nor a public entry")


def time_text(moment: datetime) -> str:
    """UTC with whole seconds, rounded down."""
    if moment.tzinfo is None:
        raise ValueError("a naive datetime must not reach the log")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_time(value: str) -> datetime:
    if not _TIME.fullmatch(value):
        raise EntryError(f"not a time of the log: {value}")
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise EntryError(f"not a time of the log: {value}") from error


def _check(value: object) -> None:
    """Refuse what two JSON writers may print differently."""
    if isinstance(value, Mapping):
        for key, member in value.items():
            if not isinstance(key, str):
                raise EntryError("member names must be text")
            _check(member)
    elif isinstance(value, list | tuple):
        for member in value:
            _check(member)
    elif value is not None and not isinstance(value, str | int):
        raise EntryError(f"an event holds no {type(value).__name__}")
