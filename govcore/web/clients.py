"""Who is at the other end of a connection, as far as a server can tell."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

from govcore.identity.policy import Device
from govcore.web.cookies import AnyConnection
from govcore.web.rendering import AnyRequest

_PROGRAMS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("MicroMessenger", "WeChat"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_PLAIN = re.compile(r"[\w.+-]{1,40}", re.ASCII)


def address_of(request: AnyConnection, proxies: Sequence[str]) -> str:
    """The client's address; `X-Forwarded-For` counts only as far as our own proxies wrote it."""
    address = _parsed(request.client.host if request.client else "")
    written = request.headers.get("x-forwarded-for", "").split(",")
    trusted = [ipaddress.ip_network(proxy) for proxy in proxies]
    while address and written and any(address in proxy for proxy in trusted):
        before = _parsed(written.pop().strip())
        if before is None:
            break
        address = before
    return str(address) if address else ""


def network_of(address: str) -> str:
    """The network that one client usually stays in: /24, or /48 of IPv6; empty when the address is unknown."""
    parsed = _parsed(address)
    if parsed is None:
        return ""
    return str(ipaddress.ip_network(f"{parsed}/{24 if parsed.version == 4 else 48}", strict=False))


def device_of(request: AnyRequest, proxies: Sequence[str]) -> Device:
    """What tells a person's own devices apart, and no more: never the full address."""
    agent = request.headers.get("user-agent", "")
    return Device(program=_program(agent), network=network_of(address_of(request, proxies)))


def _program(agent: str) -> str:
    browser = next((name for mark, name in _PROGRAMS if f"{mark}/" in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    if browser and system:
        return f"{browser} · {system}"
    plain = _PLAIN.match(agent)
    return plain.group() if plain else ""


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed
