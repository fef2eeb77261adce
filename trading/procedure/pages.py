"""Rule sets for everybody: what they say, what differs between them, and why a day is the day it is."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from govcore.calendar.queries import calendar_of
from govcore.errors import Detail, Problem
from govcore.platform import Platform
from govcore.web import page
from govcore.web.rendering import AnyRequest, language
from trading.procedure import words
from trading.procedure.comparing import Comparison, compare
from trading.procedure.deadlines import reckon
from trading.procedure.explaining import Explanation, explain, moment_of
from trading.procedure.policy import PERIODS, Parameter, RuleSet
from trading.procedure.rules import rule_set, rule_sets
from trading.procedure.spans import Span, union

_MOST_SPANS = 50
"""More suspensions than any procedure had; a made-up address with thousands is not worked off."""


@get("/rules", permission="public", sync_to_thread=True)
def sets_page(request: AnyRequest) -> Response[str]:
    """Every rule set, with what of it was verified."""
    rows = [
        {
            "set": one,
            "regime": words.REGIME_NAMES[one.regime],
            "verified": sum(rule.verified for rule in one.rules.values()),
            "total": len(one.rules),
        }
        for one in sorted(rule_sets().values(), key=lambda one: (not one.lawful, one.id))
    ]
    return page(request, "procedure/sets.html", rows=rows)


@get("/rules/compare", permission="public", sync_to_thread=True)
def compare_page(
    request: AnyRequest,
    first: FromQuery[str] = "tb-2026",
    second: FromQuery[str] = "gp-2026",
) -> Response[str]:
    """Two rule sets beside each other, their differences first."""
    found = compare(rule_set(first), rule_set(second))
    rows = _compared(request, found)
    return page(request, "procedure/compare.html", found=found, rows=rows, sets=_named_sets(request))


@get("/rules/explain", permission="public", sync_to_thread=True)
def explain_page(
    request: AnyRequest,
    platform: NamedDependency[Platform],
    rule_set_id: FromQuery[str] = "tb-2026",
    rule: FromQuery[str] = "",
    start: FromQuery[str] = "",
    left_out: FromQuery[list[str] | None] = None,
) -> Response[str]:
    """Why a period ends when it does: from its start, its length and the days that are left out."""
    _ = platform.catalogue.translator(language(request))
    rules = rule_set(rule_set_id)
    found, problem = None, None
    if rule and start:
        try:
            found = _explained(platform, rules, rule, start, left_out or [])
        except Problem as refusal:
            problem = refusal
    periods = [
        (one.id, f"{one.id} · {words.name_of(one, language(request))}")
        for one in rules.rules.values()
        if one.kind in PERIODS
    ]
    return page(
        request,
        "procedure/explain.html",
        status=problem.status if problem else 200,
        rules=rules,
        found=found,
        shown=_row(request, found.parameter) if found else None,
        periods=periods,
        sets=_named_sets(request),
        entered={"rule": rule, "start": start},
        errors=[{"field": "start", "text": _(problem.text, **problem.data)}] if problem else [],
    )


@get("/rules/{name:str}", permission="public", sync_to_thread=True)
def set_page(request: AnyRequest, name: FromPath[str]) -> Response[str]:
    """One rule set: every parameter with its article and how sure it is."""
    rules = rule_set(name)
    rows = [_row(request, one) for one in rules.rules.values()]
    others = [one for one in sorted(rule_sets()) if one != name]
    return page(
        request,
        "procedure/set.html",
        rules=rules,
        rows=rows,
        others=others,
        regime=words.REGIME_NAMES[rules.regime],
    )


def _named_sets(request: AnyRequest) -> list[tuple[str, str]]:
    """The rule sets to choose from, in the reader's words."""
    _ = request.app.state.platform.catalogue.translator(language(request))
    return [(one, _(rule_set(one).name)) for one in sorted(rule_sets())]


def _explained(platform: Platform, rules: RuleSet, rule: str, start: str, left_out: list[str]) -> Explanation:
    with platform.db.read() as tx:
        calendar = calendar_of(tx)
    spans = union(_span(one) for one in left_out[:_MOST_SPANS])
    limit = reckon(rules, rule, moment_of(start), calendar=calendar, spans=spans)
    return explain(rules, limit, calendar=calendar)


def _span(text: str) -> Span:
    begin, _, end = text.partition("/")
    return moment_of(begin), moment_of(end)


def _row(request: AnyRequest, one: Parameter) -> dict[str, Any]:
    """A parameter as a line of a table, in the reader's words."""
    said: list[Detail] = [words.value_of(one), words.article_of(one)]
    _ = request.app.state.platform.catalogue.translator(language(request))
    value, article = (_(detail.text, **detail.data) for detail in said)
    return {
        "id": one.id,
        "own": not one.id[1:3].isdigit(),
        "name": words.name_of(one, language(request)),
        "value": value,
        "kind": words.KIND_NAMES[one.kind],
        "article": article,
        "scope": words.SCOPE_NAMES[one.scope],
        "verified": one.verified,
        "since": one.effective_from,
        "until": one.effective_until,
        "freezes": one.freezes,
    }


def _compared(request: AnyRequest, found: Comparison) -> list[dict[str, Any]]:
    def side(one: Parameter | None) -> dict[str, Any] | None:
        return _row(request, one) if one else None

    return [{"id": one.rule, "first": side(one.first), "second": side(one.second)} for one in found.different]


PAGES = [sets_page, compare_page, explain_page, set_page]
