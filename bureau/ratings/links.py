"""Where a service is rated, and answers that nobody on the way may keep."""

from __future__ import annotations

from bureau.ratings.policy import Channel
from govcore.platform import Platform
from govcore.web import AnyRequest

PRIVATE = {"cache-control": "no-store"}


def address_of(request: AnyRequest, platform: Platform, code: str, *, via: Channel) -> str:
    """The page of a code, as the person served reaches the site."""
    return f"{site_of(request, platform)}/rate/{code}?via={via}"


def site_of(request: AnyRequest, platform: Platform) -> str:
    return platform.settings.site_url or str(request.base_url).rstrip("/")
