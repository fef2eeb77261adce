"""Forms of the agency's that change what the next clarification says: shown, refused in place, kept."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response
from litestar.response import Redirect

from govcore import clock
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.rendering import AnyRequest, language
from trading.clarification import editing, queries, service
from trading.clarification.policy import ACT_NAMES, SUBJECT_NAMES
from trading.clarification.schemas import TEXT_MAX
from trading.procedure.words import LENGTH_NAMES
from trading.tender.pages import band
from trading.tender.queries import lot_context

WORDS = {"acts": ACT_NAMES, "subjects": SUBJECT_NAMES, "lengths": LENGTH_NAMES}
"""Keys of the catalogue that the templates look up."""

FIELDS = {
    "E_SHORTENED": "shortened",
    "E_CHANGE": "after",
    "E_CHANGE_FIXED": "about",
    "E_ACT_TIMES": "ends_at",
}
"""The field that a refusal is about; others are said above the form."""


def status_of(problem: Exception | None) -> int:
    return 200 if problem is None else getattr(problem, "status", 422)


def errors_of(request: AnyRequest, platform: Platform, problem: Exception | None) -> list[dict[str, str]]:
    _ = platform.catalogue.translator(language(request))
    if problem is None:
        return []
    if isinstance(problem, Problem):
        return [{"field": FIELDS.get(problem.code, ""), "text": _(problem.text, **problem.data)}]
    field = str(problem).rpartition("`$.")[2].strip("`")
    return [{"field": field, "text": _("Please fill this in as its hint says.")}]


def form_page(
    request: AnyRequest,
    platform: Platform,
    tender_id: str,
    actor: Actor,
    template: str,
    *,
    entered: Any,
    problem: Exception | None = None,
    **context: Any,
) -> Response[str]:
    """One form of the agency's, with what was typed and what was wrong with it."""
    with platform.db.read() as tx:
        party = queries.party(tx, tender_id, actor=actor)
        lot = lot_context(tx, party.lots[0].id)
    if lot.agency.id != actor.org_id:
        raise NotFound
    return page(
        request,
        template,
        status=status_of(problem),
        tender=lot,
        entered=entered,
        errors=errors_of(request, platform, problem),
        text_max=TEXT_MAX,
        words=WORDS,
        band=band(lot.rule_set),
        **context,
    )


REFUSALS = (Problem, msgspec.ValidationError)
"""What is said beside the form instead of on a page of its own."""


def edit(platform: Platform, tender_id: str, actor: Actor, edit: editing.Edit) -> Redirect:
    with platform.db.transaction() as tx:
        service.edit(tx, platform.wrapper, tender_id, edit, actor=actor, at=clock.now(tx))
    return redirect(f"/tenders/{tender_id}/clarification")


def stripped(form: msgspec.Struct) -> dict[str, str]:
    return {name: value.strip() for name, value in msgspec.to_builtins(form).items()}
