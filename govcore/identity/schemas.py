"""Messages of the identity API."""

from __future__ import annotations

import msgspec


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    username: str
    password: str

    def __repr__(self) -> str:
        return f"SignIn({self.username!r})"


class Proof(msgspec.Struct, forbid_unknown_fields=True):
    """The caller's own password, once more."""

    password: str

    def __repr__(self) -> str:
        return "Proof()"


class WhoAmI(msgspec.Struct):
    """`fresh`: acts that need a proof of the last 15 minutes are let through; `strong`: by a second factor."""

    user_id: str
    name: str
    organisation: str
    uscc: str | None
    roles: list[str]
    duties: list[str]
    session_id: str
    fresh: bool
    strong: bool
