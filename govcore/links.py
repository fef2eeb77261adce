"""Links to other servers: encrypted, unless they stay on this machine or in a network that the site vouches for."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from urllib.parse import SplitResult, parse_qs, urlsplit

ENCRYPTED = frozenset({"https", "rediss", "amqps", "smtps"})
ON_THIS_MACHINE = frozenset({"file", "sqlite", "filesystem", "memory", "redis+socket", "unix"})
ENCRYPTING_MODES = frozenset({"require", "verify-ca", "verify-full"})


def plain_hosts(links: Mapping[str, str], *, allowed: frozenset[str]) -> list[tuple[str, str]]:
    """The variables whose address leads to another machine without TLS, each with the host; `allowed` hosts may be."""
    return [
        (variable, host)
        for variable, address in links.items()
        for host in _unprotected(address)
        if host not in allowed and not _is_here(host)
    ]


def _unprotected(address: str) -> Iterator[str]:
    """The hosts that are reached in clear by this address."""
    parts = urlsplit(address)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    scheme = (
        parts.scheme.partition("+")[0] if parts.scheme.startswith(("postgresql", "sqlite")) else parts.scheme
    )
    if not address or scheme in ENCRYPTED | ON_THIS_MACHINE:
        return
    if scheme == "s3":
        for name in ("endpoint", "public"):
            yield from _unprotected(options.get(name, ""))
    elif scheme == "postgresql":
        if options.get("sslmode") not in ENCRYPTING_MODES:
            yield from _hosts_of_database(parts, options.get("host", ""))
    elif not (scheme == "smtp" and options.get("starttls") == "1"):
        yield parts.hostname or ""


def _hosts_of_database(parts: SplitResult, named: str) -> Iterator[str]:
    """Every host that the driver may turn to; one that begins with a slash, or none, is a socket of this machine."""
    for place in [*parts.netloc.rpartition("@")[2].split(","), *named.split(",")]:
        host = urlsplit(f"//{place}").hostname or ""
        if host and not place.startswith("/"):
            yield host


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
