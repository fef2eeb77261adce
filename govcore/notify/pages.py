"""The inbox, and where notices reach a person outside the site."""

from __future__ import annotations

from typing import Literal

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.errors import Malformed
from govcore.identity.policy import Actor
from govcore.notify import following, queries, service
from govcore.notify.queries import Reach
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import OTHER, AnyRequest, language

FAULTS = {
    "mail": "Write a mail address as in name@example.cn, or leave the field empty.",
    "mobile": "Write the eleven digits of a mobile number in mainland China, or leave the field empty.",
}


LANGUAGE_NAMES = [(one["code"], one["name"]) for one in OTHER.values()]


class ReachForm(msgspec.Struct):
    mail: str = ""
    mobile: str = ""
    language: Literal["zh_CN", "en"] = "zh_CN"


@get("/inbox", permission="notify.read", sync_to_thread=True)
def inbox(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    with platform.db.read() as tx:
        messages = queries.inbox(tx, platform.keys, actor=actor)
    return page(request, "inbox.html", messages=messages)


@post("/inbox/read", permission="notify.read", sync_to_thread=True)
def mark_read(platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> Redirect:
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        service.mark_read(tx, actor=actor, at=at)
        following.mark_read(tx, platform.keys, actor=actor, at=at)
    return redirect("/inbox")


@get("/account/reach", permission="notify.read", sync_to_thread=True)
def reach_page(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """Where notices of followed tenders go besides the inbox, and whether the last ones arrived."""
    with platform.db.read() as tx:
        reach = queries.reach_of(tx, platform.wrapper, actor.user_id)
    return _reach(request, platform, actor, values=msgspec.to_builtins(reach), errors=[])


@post("/account/reach", permission="notify.read", sync_to_thread=True)
def set_reach(
    request: AnyRequest,
    data: URLEncodedBody[ReachForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    given = Reach(data.mail.strip(), data.mobile.strip(), data.language)
    try:
        with platform.db.transaction() as tx:
            following.set_reach(tx, platform.wrapper, given, actor=actor)
    except Malformed as problem:
        _ = platform.catalogue.translator(language(request))
        name = str(problem.data["detail"])
        errors = [{"field": name, "text": _(FAULTS[name])}]
        return _reach(request, platform, actor, values=msgspec.to_builtins(given), errors=errors, status=422)
    return redirect("/account/reach")


def _reach(
    request: AnyRequest,
    platform: Platform,
    actor: Actor,
    *,
    values: dict[str, str],
    errors: list[dict[str, str]],
    status: int = 200,
) -> Response[str]:
    with platform.db.read() as tx:
        sent = queries.my_deliveries(tx, platform.keys, actor=actor)
    settings = platform.settings
    channels = {"mail": bool(settings.smtp_url), "sms": bool(settings.sms_url)}
    context = {"values": values, "errors": errors, "sent": sent, "channels": channels}
    return page(request, "reach.html", status=status, languages=LANGUAGE_NAMES, **context)


PAGES = [inbox, mark_read, reach_page, set_reach]
