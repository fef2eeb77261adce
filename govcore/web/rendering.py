"""Pages: one environment for all modules' templates, text from the catalogue."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, select_autoescape
from litestar import Response
from litestar.connection import Request
from litestar.response import Redirect
from markupsafe import Markup

from govcore import __version__, clock
from govcore.audit import queries as audit
from govcore.i18n.catalogue import DEFAULT, LANGUAGES, Translate
from govcore.identity.policy import VISITOR, Actor
from govcore.module import NavItem
from govcore.notify import queries as notify
from govcore.pdf.figures import money
from govcore.platform import Platform
from govcore.web.cookies import LANGUAGE

AnyRequest = Request[Any, Any, Any]
SITE_NAME = "Public resource trading centre"


def environment(platform: Platform) -> Environment:
    """Templates of the core and of every module, autoescaped, undefined names refused."""
    folders = [Path(__file__).parent / "templates"]
    folders += [module.templates for module in platform.registry.modules if module.templates is not None]
    env = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(beijing=beijing, money=money, filesize=filesize)
    return env


def page(request: AnyRequest, template: str, *, status: int = 200, **context: Any) -> Response[str]:
    """Render a template with everything `base.html` needs; call it after the transaction has ended."""
    platform: Platform = request.app.state.platform
    lang = language(request)
    _ = platform.catalogue.translator(lang)
    actor: Actor = request.scope.get("state", {}).get("actor", VISITOR)
    with platform.db.read() as tx:
        now = clock.now(tx)
        checkpoint = audit.latest_checkpoint(tx)
        unread = notify.unread_count(tx, actor=actor) if actor.signed_in else 0
    site = {
        "name": _(SITE_NAME),
        "version": __version__,
        "checkpoint_size": checkpoint.size if checkpoint else 0,
        "checkpoint_root": checkpoint.root.hex() if checkpoint else "",
        "unread": unread,
    }
    base = {
        "_": _,
        "lang": lang,
        "now": now,
        "actor": actor,
        "site": site,
        "nav": _navigation(platform, actor, request.url.path, _),
        "band": None,
        "path": request.url.path,
    }
    html = request.app.state.templates.get_template(template).render(**(base | context))
    return Response(html, status_code=status, media_type="text/html; charset=utf-8")


def redirect(path: str) -> Redirect:
    """After a successful form post: see the result, and a reload repeats nothing."""
    return Redirect(path, status_code=303)


def language(request: AnyRequest) -> str:
    """The language in the address, else the chosen one, else Chinese."""
    wanted = request.query_params.get("lang") or request.cookies.get(LANGUAGE) or DEFAULT
    return wanted if wanted in LANGUAGES else DEFAULT


def _navigation(platform: Platform, actor: Actor, path: str, _: Translate) -> list[dict[str, object]]:
    items: list[NavItem] = [item for module in platform.registry.modules for item in module.nav]
    return [
        {"href": item.href, "text": _(item.text), "icon": item.icon, "current": path.startswith(item.href)}
        for item in items
        if actor.may(item.permission)
    ]


def beijing(moment: datetime) -> str:
    """Beijing time as tables show it, to the second."""
    return moment.astimezone(clock.BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def filesize(size: int) -> Markup:
    """A size for people: 12,345,678 bytes are `11.8 MB`."""
    value = float(size)
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1024 or unit == "GB":
            return Markup(f"{value:,.0f} {unit}" if unit == "B" else f"{value:,.1f} {unit}")
        value /= 1024
    raise AssertionError("unreachable")
