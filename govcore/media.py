"""The media that a site pushes its public notices to, from a file that holds their secrets."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class MediaError(ValueError):
    """The file cannot be used; the process must not start."""


class Medium(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One medium: what is published from `since` on goes to `url`, signed with `secret`.

    `takes` are the kinds of procedure it publishes, nothing for all; the names are other modules' business.
    """

    id: str
    name: str
    url: str
    token: str
    secret: str
    since: date
    takes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Medium({self.id!r})"


def read_media(path: Path, *, demo: bool) -> tuple[Medium, ...]:
    """The media in a JSON file; `MediaError` says in one sentence what is wrong with it.

    Plain HTTP is for a medium on this machine in the demo only.
    """
    try:
        found = msgspec.json.decode(path.read_bytes(), type=tuple[Medium, ...])
    except (OSError, msgspec.MsgspecError) as error:
        raise MediaError(f"{path} cannot be read: {error}") from error
    for one in found:
        parts = urlsplit(one.url)
        local = demo and parts.scheme == "http" and parts.hostname in LOOPBACK
        if not (parts.scheme == "https" or local) or parts.query or parts.fragment or parts.username:
            raise MediaError(f"the address of {one.id} must be https, without user, query and fragment")
        if not (one.id.isascii() and one.id.isalnum() and len(one.id) <= 32):
            raise MediaError("a medium's id has letters and digits only, at most 32")
        if len(one.secret) < 32 or not one.token.isascii():
            raise MediaError(f"the secret of {one.id} needs 32 characters, its token ASCII")
    if len({one.id for one in found}) != len(found):
        raise MediaError("two media have the same id")
    return found
