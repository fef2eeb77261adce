"""The application: routes of the enabled modules behind one guard, one error form, one set of headers."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from litestar import Litestar, Request
from litestar.concurrency import set_asyncio_executor, sync_to_thread
from litestar.config.compression import CompressionConfig
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.handlers import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import SwaggerRenderPlugin
from litestar.static_files import create_static_files_router
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from govcore import __version__, clock, logs
from govcore.identity import queries
from govcore.identity.policy import VISITOR, Actor, require
from govcore.identity.service import token_hash
from govcore.platform import Platform
from govcore.settings import Settings
from govcore.web.cookies import session_token
from govcore.web.problems import HANDLERS, OtherSite
from govcore.web.rendering import environment

STATIC = Path(__file__).parent / "static"
THREADS = 24

HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'; object-src 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
_RAW_HEADERS = [(name.encode(), value.encode()) for name, value in HEADERS.items()]


def create_app(platform: Platform) -> Litestar:
    """Build the application; refuse a route without a registered permission."""
    app = Litestar(
        route_handlers=[
            *[route for module in platform.registry.modules for route in module.routes],
            create_static_files_router(path="/static", directories=[STATIC], opt={"permission": "public"}),
        ],
        dependencies={
            "platform": Provide(lambda: platform, sync_to_thread=False),
            "actor": Provide(_actor_of, sync_to_thread=False),
        },
        guards=[_permission_guard],
        middleware=[Harden(), Identify()],
        exception_handlers=HANDLERS,
        compression_config=CompressionConfig(backend="gzip", exclude=["/log/", "/api/"]),
        openapi_config=OpenAPIConfig(
            title="Public resource trading",
            version=__version__,
            path="/schema",
            render_plugins=[
                SwaggerRenderPlugin(
                    js_url="/static/vendor/swagger-ui-bundle.js",
                    css_url="/static/vendor/swagger-ui.css",
                    standalone_preset_js_url="/static/vendor/swagger-ui-standalone-preset.js",
                )
            ],
        ),
        state=State({"platform": platform, "templates": environment(platform)}),
        on_startup=[_size_thread_pool],
        request_max_body_size=1 << 20,
    )
    _check_permissions(app, platform)
    return app


def create() -> Litestar:
    """The application of a server process, from the environment."""
    logs.configure()
    return create_app(Platform.open(Settings.from_environ(os.environ)))


def _size_thread_pool() -> None:
    set_asyncio_executor(ThreadPoolExecutor(THREADS))


def _check_permissions(app: Litestar, platform: Platform) -> None:
    for route in app.routes:
        for handler in getattr(route, "route_handlers", [getattr(route, "route_handler", None)]):
            name = handler.opt.get("permission") if handler else None
            known = name == "public" or name in platform.registry.permissions
            if not known and not route.path.startswith("/schema"):
                raise RuntimeError(f"the route {route.path} declares no registered permission")


def _actor_of(request: Request[Any, Any, Any]) -> Actor:
    actor: Actor = request.scope["state"]["actor"]
    return actor


def _permission_guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The one place where a route's permission is held against the actor's."""
    name = handler.opt.get("permission", "public")
    if name != "public":
        require(connection.scope["state"]["actor"], name)


class Identify(ASGIMiddleware):
    """Find the actor behind the session cookie, and refuse what a browser sends from another site."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
        if scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            _refuse_other_sites(connection)
        token = session_token(connection.cookies)
        actor = VISITOR
        if token:
            actor = await sync_to_thread(_look_up, scope["litestar_app"].state.platform, token_hash(token))
        scope["state"]["actor"] = actor
        await next_app(scope, receive, send)


class Harden(ASGIMiddleware):
    """The headers that every answer carries."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        async def send_hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_RAW_HEADERS]
            await send(message)

        await next_app(scope, receive, send_hardened)


def _look_up(platform: Platform, token_sha256: str) -> Actor:
    with platform.db.read() as tx:
        return queries.actor_of_session(tx, token_sha256, at=clock.now(tx))


def _refuse_other_sites(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Browsers name the origin of every unsafe request; a caller that names none is no browser."""
    site = connection.headers.get("sec-fetch-site")
    if site in ("same-origin", "none"):
        return
    origin = connection.headers.get("origin")
    if site is not None or (origin is not None and urlsplit(origin).netloc != connection.headers.get("host")):
        raise OtherSite
