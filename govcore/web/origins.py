"""The address at which people reach this site, as what they sign or are sent back to names it."""

from __future__ import annotations

from govcore.errors import Problem
from govcore.settings import Settings
from govcore.web.rendering import AnyRequest


class AddressUnknown(Problem):
    """A request's own word for our address could be anybody's: outside the demo the setting alone counts."""

    code = "E_SITE_URL"
    status = 503
    text = "This way of signing in is not set up here: the site does not know its own address."


def origin_of(settings: Settings, request: AnyRequest) -> str:
    """`https://host` without a path; `AddressUnknown` when it is not configured, in the demo the request's own."""
    if settings.site_url:
        return settings.site_url
    if settings.demo:
        return str(request.base_url).rstrip("/")
    raise AddressUnknown
