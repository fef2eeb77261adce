"""What the site can be asked, read from the application itself: a new route is attacked without being listed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

FRAMEWORK = ("/static", "/schema")
"""Files and the description of the API: the same bytes for everybody."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One method of one route, the names of the places in its address, and the permission that it asks for."""

    method: str
    path: str
    places: tuple[str, ...]
    permission: str
    handler: HTTPRouteHandler

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def safe(self) -> bool:
        return self.method in ("GET", "HEAD")


def asked_of(app: Litestar) -> Iterator[Asked]:
    """Every route of the modules with each of its methods."""
    for route in app.routes:
        if not isinstance(route, HTTPRoute) or route.path.startswith(FRAMEWORK):
            continue
        places = tuple(place.name for place in route.path_parameters.values())
        for handler in route.route_handlers:
            for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                yield Asked(method, route.path_format, places, handler.opt.get("permission", ""), handler)
