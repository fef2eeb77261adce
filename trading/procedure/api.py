"""Rule sets, their differences and explanations for programs."""

from __future__ import annotations

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from govcore.calendar.queries import calendar_of
from govcore.platform import Platform
from trading.procedure.comparing import compare
from trading.procedure.deadlines import reckon
from trading.procedure.explaining import explain, moment_of
from trading.procedure.rules import rule_set, rule_sets
from trading.procedure.schemas import (
    ComparedShown,
    ComparisonShown,
    ExplanationShown,
    RuleSetListed,
    RuleSetShown,
    listed,
    shown,
)


@get("/api/rule-sets", permission="public", sync_to_thread=False)
def all_sets() -> list[RuleSetListed]:
    """Every rule set that is loaded here."""
    return [listed(one) for one in rule_sets().values()]


@get("/api/rule-sets/{name:str}", permission="public", sync_to_thread=False)
def one_set(name: FromPath[str]) -> RuleSetShown:
    """A rule set with all its parameters."""
    rules = rule_set(name)
    parameters = [shown(one) for one in rules.rules.values()]
    return RuleSetShown(**msgspec.structs.asdict(listed(rules)), rules=parameters)


@get("/api/rule-sets/{name:str}/against/{other:str}", permission="public", sync_to_thread=False)
def differences(name: FromPath[str], other: FromPath[str]) -> ComparisonShown:
    """What differs between two rule sets."""
    found = compare(rule_set(name), rule_set(other))
    return ComparisonShown(
        first=listed(found.first),
        second=listed(found.second),
        different=[
            ComparedShown(
                rule=one.rule,
                first=shown(one.first) if one.first else None,
                second=shown(one.second) if one.second else None,
            )
            for one in found.different
        ],
        same=list(found.same),
    )


@get("/api/rule-sets/{name:str}/{rule:str}/explained", permission="public", sync_to_thread=True)
def explained(
    name: FromPath[str], rule: FromPath[str], start: FromQuery[str], platform: NamedDependency[Platform]
) -> ExplanationShown:
    """What a period sets that starts then, and why; a start without a zone is Beijing time."""
    rules = rule_set(name)
    with platform.db.read() as tx:
        calendar = calendar_of(tx)
    limit = reckon(rules, rule, moment_of(start), calendar=calendar)
    found = explain(rules, limit, calendar=calendar)
    chinese = platform.catalogue.translator("zh_CN")
    return ExplanationShown(
        rule=rule,
        rule_set=rules.id,
        version=rules.version,
        calendar=calendar.version,
        article=str(found.article),
        start=limit.start,
        at=limit.at,
        provisional=limit.provisional,
        zh=[chinese(line.text, **line.data) for line in found.lines],
        en=[str(line) for line in found.lines],
    )


ROUTES = [all_sets, one_set, differences, explained]
