"""Messages of the identity API."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    """`code`: of the authenticator or a recovery code, for who has a second factor (`E_SECOND_FACTOR`)."""

    username: str
    password: str
    code: str = ""

    def __repr__(self) -> str:
        return f"SignIn({self.username!r})"


class Proof(msgspec.Struct, forbid_unknown_fields=True):
    """The caller's own password once more, or a code of the second factor."""

    password: str = ""
    code: str = ""

    def __repr__(self) -> str:
        return "Proof()"


class NewToken(msgspec.Struct, forbid_unknown_fields=True):
    """`scopes` are names of permissions that the caller has."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    scopes: list[str]
    days: int


class TokenMade(msgspec.Struct):
    """The token is shown this once."""

    id: str
    token: str

    def __repr__(self) -> str:
        return f"TokenMade({self.id!r})"


class Signed(msgspec.Struct, forbid_unknown_fields=True):
    """What the browser's `navigator.credentials` gave, as JSON (WebAuthn level 3)."""

    credential: dict[str, Any]


class NewPasskey(msgspec.Struct, forbid_unknown_fields=True):
    credential: dict[str, Any]
    name: Annotated[str, msgspec.Meta(max_length=80)] = ""


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
