"""Messages of the identity API."""

from __future__ import annotations

import msgspec


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    username: str
    password: str

    def __repr__(self) -> str:
        return f"SignIn({self.username!r})"


class WhoAmI(msgspec.Struct):
    user_id: str
    name: str
    organisation: str
    uscc: str | None
    roles: list[str]
    duties: list[str]
