"""The application: routes of the enabled modules behind one guard, one error form, one set of headers."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import Provide
from litestar.enums import HttpMethod
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.routes import HTTPRoute
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler, Message, Scope
from litestar.types.internal_types import PathParameterDefinition

from govcore import __version__, logs
from govcore.errors import NotFound, NotStrong
from govcore.identity.delegated import covered
from govcore.identity.policy import PERSONAL, Actor, lacks_second_factor, require, require_fresh
from govcore.platform import Platform
from govcore.settings import Settings
from govcore.vault import Vault
from govcore.web.door import Door, Identify
from govcore.web.limits import COST, Limits, limit_guard
from govcore.web.noting import NoteRequests
from govcore.web.problems import HANDLERS
from govcore.web.rendering import AnyRequest, environment, render
from govcore.web.scanning import scan_uploads

STATIC = Path(__file__).parent / "static"
THREADS = 24

HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'; object-src 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}

DELEGATED = ("lot_id", "tender_id")
"""The parts of an address that name what a delegation may be limited to."""

WORKER_POLICY = (
    b"default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; base-uri 'none'; object-src 'none'"
)
"""Workers hash gigabytes with WebAssembly; they have a policy of their own, pages allow none."""


def create_app(platform: Platform) -> Litestar:
    """Build the application; refuse a route without a registered permission."""
    app = Litestar(
        route_handlers=[
            *_routes(platform),
            create_static_files_router(
                path="/static", directories=[STATIC], opt={"permission": "public", COST: 0}
            ),
        ],
        dependencies={
            "platform": Provide(_platform_of, sync_to_thread=False),
            "actor": Provide(_actor_of, sync_to_thread=False),
        },
        guards=[limit_guard, _permission_guard],
        middleware=[Identify(), NoteRequests()],
        before_request=scan_uploads,
        before_send=[_harden],
        exception_handlers=HANDLERS,
        compression_config=CompressionConfig(
            backend="gzip", exclude=["/log/", "/api/"], exclude_opt_key="as_stored"
        ),
        openapi_config=OpenAPIConfig(
            title="Public resource trading",
            version=__version__,
            operation_id_creator=_operation_id,
            render_plugins=[SchemaPage(path="/")],
            openapi_router=Router(
                "/schema",
                route_handlers=[],
                opt={"permission": "public"},
                guards=[_described_guard],
                include_in_schema=False,
            ),
        ),
        state=State(state_of(platform)),
        on_startup=[_size_thread_pool],
        request_max_body_size=1 << 20,
    )
    _check_permissions(app, platform)
    return app


def state_of(platform: Platform) -> dict[str, object]:
    """What of an application belongs to its platform; the rest is the same for all platforms of these modules."""
    return {
        "platform": platform,
        "door": Door(platform),
        "templates": environment(platform),
        "headers": _headers(platform),
        "limits": Limits(platform.settings.requests_per_minute),
    }


def _routes(platform: Platform) -> list[ControllerRouterHandler]:
    """The modules' routes; pages stay out of the description of the JSON API."""
    routes = [route for module in platform.registry.modules for route in module.routes]
    spoken = [route for route in routes if any(path.startswith("/api/") for path in route.paths)]
    pages = [route for route in routes if route not in spoken]
    # One router each: Litestar 2.25 wraps threaded handlers twice when a path is registered bit by bit.
    return [Router("/", route_handlers=spoken), Router("/", route_handlers=pages, include_in_schema=False)]


def create() -> Litestar:
    """The application of a server process, from the environment."""
    logs.configure()
    return create_app(Platform.open(Settings.from_environ(os.environ)))


def _operation_id(
    _handler: HTTPRouteHandler, method: HttpMethod | str, path: list[str | PathParameterDefinition]
) -> str:
    """`getTendersById`: from method and path, because the names of threaded handlers are all the same."""
    words = [f"by_{part.name}" if isinstance(part, PathParameterDefinition) else part for part in path]
    name = "".join(word.title() for word in "_".join(words).replace("-", "_").split("_") if word != "api")
    return f"{HttpMethod(method).value.lower()}{name}"


def _size_thread_pool() -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))


def _check_permissions(app: Litestar, platform: Platform) -> None:
    known = {"public", *platform.registry.permissions}
    for path, permission in declared_permissions(app):
        if permission not in known:
            raise RuntimeError(f"the route {path} declares no registered permission")


def declared_permissions(app: Litestar) -> Iterator[tuple[str, str | None]]:
    """Each route's path and the permission it declares; the framework's own answers to OPTIONS declare none."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            handlers: list[BaseRouteHandler] = [
                h for h in route.route_handlers if h.http_methods != {"OPTIONS"}
            ]
        else:
            handlers = [route.route_handler]
        for handler in handlers:
            yield route.path, handler.opt.get("permission")


def _platform_of(request: AnyRequest) -> Platform:
    platform: Platform = request.app.state.platform
    return platform


def _actor_of(request: AnyRequest) -> Actor:
    actor: Actor = request.scope["state"]["actor"]
    return actor


async def _permission_guard(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """The one place where what a route asks for (`permission`, `fresh`) is held against the actor.

    Whose role needs a second factor can do nothing without one but keep the own account. The guard waits for
    nothing; but Litestar would send a `def` to a thread, for every request.
    """
    actor: Actor = connection.scope["state"]["actor"]
    name = handler.opt.get("permission", "public")
    if name != "public":
        require(actor, name)
        settings = connection.app.state.platform.settings
        if name not in PERSONAL and lacks_second_factor(actor, settings.strong_roles):
            raise NotStrong
    if handler.opt.get("fresh"):
        require_fresh(actor)
    if actor.acting is not None:
        _within_delegation(connection, actor)


async def _described_guard(
    connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler
) -> None:
    """Where the site does not describe its API, there is no description."""
    if not connection.app.state.platform.settings.api_described:
        raise NotFound


def _within_delegation(connection: ASGIConnection[Any, Any, Any, Any], actor: Actor) -> None:
    """To who acts by a delegation for some tenders or lots, every other one does not exist."""
    vault: Vault = connection.app.state.platform.keys
    named = [connection.path_params[name] for name in DELEGATED if name in connection.path_params]
    if not all(covered(vault, actor, str(one)) for one in named):
        raise NotFound


class SchemaPage(OpenAPIRenderPlugin):
    """The description of the JSON API for people, without the inline script of the ready-made page."""

    def render(self, request: AnyRequest, openapi_schema: dict[str, Any]) -> bytes:
        return render(request, "schema.html", openapi="/schema/openapi.json").encode()


def _headers(platform: Platform) -> list[tuple[bytes, bytes]]:
    """`HEADERS`, TLS for a year where people come by it, leave to send pieces of a bid to an object store apart."""
    headers = dict(HEADERS)
    if platform.settings.encrypted_site:
        headers["strict-transport-security"] = "max-age=31536000"
    if origin := platform.store.client_origin:
        headers["content-security-policy"] += f"; connect-src 'self' {origin}"
    return [(name.encode(), value.encode()) for name, value in headers.items()]


async def _harden(message: Message, scope: Scope) -> None:
    """The headers that every answer carries, the refusals and unknown addresses included."""
    if message["type"] == "http.response.start":
        headers = dict(scope["litestar_app"].state.headers)
        if scope["path"].startswith("/static/app/") and scope["path"].endswith("-worker.js"):
            headers[b"content-security-policy"] = WORKER_POLICY
        if number := scope["state"].get("request"):
            headers[b"x-request-id"] = number.encode()
        message["headers"] = [*message["headers"], *headers.items()]
