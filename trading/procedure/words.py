"""Articles and lengths in words: keys of the catalogue with what fills them."""

from __future__ import annotations

from functools import reduce

from govcore.errors import Detail
from trading.procedure.policy import Article, Parameter, Unit

ONE_NAMES = {
    Unit.DAY: "1 calendar day",
    Unit.WORKING_DAY: "1 working day",
    Unit.HOUR: "1 hour",
    Unit.MINUTE: "1 minute",
    Unit.SECOND: "1 second",
    Unit.YEAR: "1 year",
}
LENGTH_NAMES = {
    Unit.DAY: "{n} calendar days",
    Unit.WORKING_DAY: "{n} working days",
    Unit.HOUR: "{n} hours",
    Unit.MINUTE: "{n} minutes",
    Unit.SECOND: "{n} seconds",
    Unit.YEAR: "{n} years",
}


def article_of(parameter: Parameter) -> Detail:
    """Where the rule is written: all its articles in one phrase."""
    return reduce(_and, map(_article, parameter.basis))


def length_of(parameter: Parameter) -> Detail:
    """How long a period is, with its unit."""
    n = parameter.number
    return Detail(ONE_NAMES[parameter.unit]) if n == 1 else Detail(LENGTH_NAMES[parameter.unit], n=n)


def _article(article: Article) -> Detail:
    if not article.law:
        return Detail("the platform's own term")
    if not article.number:
        return Detail("{law}", law=article.law)
    return Detail("{law} art. {number}", law=article.law, number=article.number)


def _and(first: Detail, second: Detail) -> Detail:
    return Detail("{first}, {second}", first=first, second=second)
