"""Pages: one environment for all modules' templates, text from the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, select_autoescape
from litestar import Response
from litestar.connection import Request
from litestar.response import Redirect

from govcore import __version__, clock
from govcore.audit import queries as audit
from govcore.db import Tx
from govcore.divisions import division_text
from govcore.i18n.catalogue import DEFAULT, LANGUAGES, Translate
from govcore.identity import queries as identity
from govcore.identity.policy import Actor
from govcore.identity.sessions import token_hash
from govcore.module import Band, NavItem
from govcore.notify import queries as notify
from govcore.pdf.figures import money
from govcore.platform import Platform
from govcore.web.bundles import BUNDLES
from govcore.web.cookies import LANGUAGE, session_token

AnyRequest = Request[Any, Any, Any]
SITE_NAME = "Public resource trading centre"
OTHER = {
    "zh_CN": {"code": "en", "tag": "en", "name": "English"},
    "en": {"code": "zh_CN", "tag": "zh-CN", "name": "中文"},
}
"""The language to change to, by the present one, named in its own words."""

HOME = "/desk"
"""Where a signed-in reader begins; first in the navigation, whichever module brings it."""

PUBLIC = "public"
"""The permission of doors that are open to everybody."""

DEMO_BAND = "Demonstration: a fictional city. Nothing on this site has legal effect."

ABOUT = ("lot", "tender", "outlook", "case", "notice")
"""What a page can be about that has terms of its own, by the name that its template knows it under."""

HOLDERS = ("view", "found", "room", "mine", "notice")
"""What may hold that as its `context`."""


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
    env.globals["bundles"] = BUNDLES
    env.globals["identity_providers"] = platform.settings.oidc
    env.filters.update(beijing=clock.start_text, beijing_end=clock.end_text, money=money, filesize=filesize)
    env.filters["division"] = division_text
    return env


def page(request: AnyRequest, template: str, *, status: int = 200, **context: Any) -> Response[str]:
    """Render a template with everything `base.html` needs; call it after the transaction has ended."""
    html = render(request, template, **context)
    return Response(html, status_code=status, media_type="text/html; charset=utf-8")


def render(request: AnyRequest, template: str, **context: Any) -> str:
    """The page's HTML; `band` is the sentence that lies across it, `lot` or `tender` what it is about."""
    platform: Platform = request.app.state.platform
    lang = language(request)
    _ = platform.catalogue.translator(lang)
    with platform.db.read() as tx:
        now = clock.now(tx)
        actor = _actor(request, tx)
        checkpoint = audit.latest_checkpoint(tx)
        unread = notify.unread_count(tx, platform.keys, actor=actor) if actor.signed_in else 0
        bands = _bands(tx, platform, actor, now) if actor.signed_in else []
    site = {
        "name": platform.settings.centre or _(SITE_NAME),
        "version": __version__,
        "checkpoint_size": checkpoint.size if checkpoint else 0,
        "checkpoint_root": checkpoint.root.hex() if checkpoint else "",
        "unread": unread,
    }
    base = {
        **_speaking(platform, lang, context),
        "lang": lang,
        "request_number": request.scope["state"].get("request"),
        "now": now,
        "actor": actor,
        "site": site,
        "nav": _navigation(platform, actor, request.url.path, _),
        "doors": [
            item for module in platform.registry.modules for item in module.nav if item.permission == PUBLIC
        ],
        "band": None,
        "bands": bands,
        "other": OTHER[lang],
        "path": request.url.path,
        "here": _here(request),
    }
    context["band"] = context.get("band") or (DEMO_BAND if platform.settings.demo else None)
    templates: Environment = request.app.state.templates
    return templates.get_template(template).render(**(base | context))


def _bands(tx: Tx, platform: Platform, actor: Actor, at: datetime) -> list[Band]:
    """What the modules have to say across every page of this reader."""
    told = [module.bands for module in platform.registry.modules if module.bands is not None]
    return [band for tell in told for band in tell(tx, platform, actor, at)]


def fragment(
    platform: Platform, templates: Environment, name: str, *, lang: str, now: datetime, **context: Any
) -> str:
    """A part of a page that is the same for every reader of this language, outside of any request."""
    spoken = _speaking(platform, lang, context)
    return templates.get_template(name).render(lang=lang, now=now, **spoken, **context)


def _speaking(platform: Platform, lang: str, context: Mapping[str, Any]) -> dict[str, Any]:
    """Our sentences in the terms of what a page is about, where that has its own."""
    subjects = [context.get(name) for name in ABOUT]
    subjects += [getattr(context.get(name), "context", None) for name in HOLDERS]

    def in_terms_of(subject: object) -> Translate:
        return platform.catalogue.speaking(getattr(subject, "terms", None) or {}).translator(lang)

    told = (getattr(one, "terms", None) for one in subjects)
    catalogue = platform.catalogue.speaking(next(filter(None, told), {}))
    return {"_": catalogue.translator(lang), "said": catalogue.said, "in_terms_of": in_terms_of}


def _actor(request: AnyRequest, tx: Tx) -> Actor:
    """Who asked; looked up here for an address without a route, which no middleware has seen."""
    found: Actor | None = request.scope.get("state", {}).get("actor")
    if found is not None:
        return found
    return identity.actor_of_session(tx, token_hash(session_token(request)))


def _here(request: AnyRequest) -> str:
    """Where the reader is: the address to come back to after choosing a language."""
    if request.method != "GET":
        return request.url.path
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def redirect(path: str) -> Redirect:
    """After a successful form post: see the result, and a reload repeats nothing."""
    return Redirect(path, status_code=303)


def language(request: AnyRequest) -> str:
    """The chosen language, else Chinese."""
    wanted = request.cookies.get(LANGUAGE, DEFAULT)
    return wanted if wanted in LANGUAGES else DEFAULT


def _navigation(platform: Platform, actor: Actor, path: str, _: Translate) -> list[dict[str, object]]:
    items: list[NavItem] = [item for module in platform.registry.modules for item in module.nav]
    items.sort(key=lambda item: item.href != HOME)
    return [
        {"href": item.href, "text": _(item.text), "icon": item.icon, "current": path.startswith(item.href)}
        for item in items
        if actor.may(item.permission)
    ]


def filesize(size: int) -> str:
    """A size for people: 12,345,678 bytes are `11.8 MB`."""
    value = float(size)
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1024 or unit == "GB":
            break
        value /= 1024
    return f"{value:,.0f} {unit}" if unit == "B" else f"{value:,.1f} {unit}"
