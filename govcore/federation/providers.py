"""The identity providers of a site, from a file that holds their secrets."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from govcore.federation.policy import ALGORITHMS

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class ProvidersError(ValueError):
    """The file cannot be used; the process must not start."""


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One provider; `hosts` are further hosts on which its addresses may lie besides the issuer's own."""

    id: str
    name_zh: str
    name_en: str
    issuer: str
    client_id: str
    client_secret: str
    scopes: tuple[str, ...] = ("openid", "profile")
    algorithms: tuple[str, ...] = ("ES256",)
    hosts: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Provider({self.id!r})"

    def name(self, language: str) -> str:
        return self.name_en if language == "en" else self.name_zh

    def admits(self, address: str) -> bool:
        """Whether we may talk to this address on the provider's word."""
        parts, own = urlsplit(address), urlsplit(self.issuer)
        if parts.scheme != own.scheme or parts.username is not None or parts.fragment:
            return False
        return parts.netloc == own.netloc or (parts.netloc in self.hosts and parts.scheme == "https")


def read_providers(path: Path, *, demo: bool) -> tuple[Provider, ...]:
    """The providers in a JSON file; `ProvidersError` says in one sentence what is wrong with it.

    Plain HTTP is for a provider on this machine in the demo only.
    """
    try:
        found = msgspec.json.decode(path.read_bytes(), type=tuple[Provider, ...])
    except (OSError, msgspec.MsgspecError) as error:
        raise ProvidersError(f"{path} cannot be read: {error}") from error
    for one in found:
        parts = urlsplit(one.issuer)
        local = demo and parts.scheme == "http" and parts.hostname in LOOPBACK
        if not (parts.scheme == "https" or local) or parts.query or parts.fragment:
            raise ProvidersError(f"the issuer of {one.id} must be an https address")
        if not one.algorithms or not set(one.algorithms) <= ALGORITHMS:
            raise ProvidersError(f"{one.id} may sign with {', '.join(sorted(ALGORITHMS))} only")
        if not one.id.isascii() or not one.id.isalnum():
            raise ProvidersError("a provider's id has letters and digits only")
    if len({one.id for one in found}) != len(found):
        raise ProvidersError("two providers have the same id")
    return found
