"""How many requests one client may make: a bucket for each account, and for each address of visitors."""

from __future__ import annotations

import ipaddress
import math
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.module import Registry
from govcore.settings import Settings
from govcore.web.clients import address_of

REMEMBERED = 100_000
"""Buckets that one process keeps; the one that was asked for longest ago is forgotten first, and is full again."""

COST = "cost"
"""Under this name a route says how many requests it counts for; 1 unless it says so, 0 for what is never limited."""


class TooManyRequests(Problem):
    """Nothing was done; the same request is taken again after `retry_after` seconds."""

    code = "E_REQUESTS"
    status = 429
    text = (
        "Too many requests at once. Go on in {seconds} seconds. "
        "Signing in and submitting bids are never limited in this way."
    )

    def __init__(self, *, seconds: int) -> None:
        super().__init__(seconds=seconds)
        self.retry_after = seconds


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Limits:
    """Buckets that hold `per_minute` requests and fill up within a minute; who empties one waits seconds, never longer.

    They lie in this process alone: no request waits for another server, and none is refused because one is down.
    """

    def __init__(
        self, per_minute: int, *, seconds: Callable[[], float] = time.monotonic, remembered: int = REMEMBERED
    ) -> None:
        self._per_minute = per_minute
        self._seconds = seconds
        self._remembered = remembered
        self._buckets: OrderedDict[bytes, _Bucket] = OrderedDict()
        self._key = secrets.token_bytes(32)

    def take(self, client: str, cost: int) -> None:
        """Take so many requests out of the client's bucket, or raise `TooManyRequests` and take none."""
        if not (self._per_minute and cost and client):
            return
        cost = min(cost, self._per_minute)
        bucket = self._bucket_of(client)
        if bucket.left < cost:
            missing = (cost - bucket.left) * 60 / self._per_minute
            raise TooManyRequests(seconds=max(1, math.ceil(missing)))
        bucket.left -= cost

    def _bucket_of(self, client: str) -> _Bucket:
        """The bucket as full as it is now. Addresses are kept as keyed hashes only."""
        key = blake2b(client.encode(), key=self._key, digest_size=16).digest()
        now = self._seconds()
        bucket = self._buckets.setdefault(key, _Bucket(self._per_minute, now))
        self._buckets.move_to_end(key)
        bucket.left = min(self._per_minute, bucket.left + (now - bucket.at) * self._per_minute / 60)
        bucket.at = now
        if len(self._buckets) > self._remembered:
            self._buckets.popitem(last=False)
        return bucket


async def limit_guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Count a request against the account, a visitor's against the address; what bids need counts nothing."""
    state = connection.app.state
    registry: Registry = state.platform.registry
    permission = registry.permissions.get(handler.opt.get("permission", ""))
    if permission is not None and permission.unlimited:
        return
    limits: Limits = state.limits
    limits.take(_client_of(connection, state.platform.settings), handler.opt.get(COST, 1))


def _client_of(connection: ASGIConnection[Any, Any, Any, Any], settings: Settings) -> str:
    """Who a request counts for; nobody, where the address says nothing: this machine, a proxy, none at all."""
    actor: Actor = connection.scope["state"]["actor"]
    if actor.signed_in:
        return f"account {actor.user_id}"
    address = address_of(connection, settings.trusted_proxies)
    if not address:
        return ""
    parsed = ipaddress.ip_address(address)
    if parsed.is_loopback or any(parsed in ipaddress.ip_network(one) for one in settings.trusted_proxies):
        return ""
    return (
        f"address {address if parsed.version == 4 else ipaddress.ip_network(f'{address}/64', strict=False)}"
    )
