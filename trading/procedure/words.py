"""Articles and lengths in words: keys of the catalogue with what fills them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from itertools import groupby
from typing import Any

from govcore.errors import Detail
from trading.procedure.competition import CONSULTED, GROUND_NAMES
from trading.procedure.policy import PERIODS, Article, Kind, Parameter, Regime, Scope, Unit

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


def cited(parameter: Parameter) -> str:
    """The same as Chinese papers cite it."""
    laws = groupby(parameter.basis, key=lambda one: one.law)
    return "，".join(f"{law}{'、'.join(f'第{one.number}条' for one in of if one.number)}" for law, of in laws)


COUNTING: Mapping[str, Any] = {"stages": CONSULTED, "grounds": GROUND_NAMES, "article_of": article_of}
"""What `procedure/competition.html` says things with."""


def named(parameter: Parameter) -> dict[str, object]:
    """A rule that counts, as refusals and pages name it."""
    return {"rule": parameter.id, "article": article_of(parameter), "least": parameter.number}


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


KIND_NAMES = {
    Kind.GAP: "least distance of two days",
    Kind.WINDOW: "time something stays open",
    Kind.LAST_DAY: "last day before a deadline",
    Kind.DUE: "to be done within",
    Kind.CAP: "longest time",
    Kind.TERM: "validity",
    Kind.SHARE: "share",
    Kind.AMOUNT: "amount",
    Kind.COUNT: "number",
    Kind.RATE: "rate",
    Kind.CHOICE: "fixed rule or choice",
}
SCOPE_NAMES = {
    Scope.ALL: "every project",
    Scope.MANDATORY: "tenders required by law; elsewhere chosen by the tenderer",
    Scope.STATE_FUNDED: "projects with controlling state funds; elsewhere chosen by the tenderer",
}
REGIME_NAMES = {Regime.TB: "Tendering law", Regime.GP: "Government procurement law"}
CHOICE_NAMES = {
    "YES": "yes",
    "NO": "no",
    "ON": "on",
    "OFF": "off",
    "NONE": "none",
    "NON_WORKING_DAY": "weekends and holidays",
    "STATUTORY_HOLIDAY_ONLY": "statutory holidays only",
    "START_EXCLUDED": "the first day is not counted",
    "START_INCLUDED": "the first day is counted",
    "AS_DOCUMENTS": "as the documents say",
    "FINAL": "the final score only",
    "EACH_ITEM": "every item",
    "DEVIATION_RATE": "the deviation rate, then the final score",
    "BANK": "the bank's table",
    "ACT_360": "days over 360",
    "ACT_365": "days over 365",
    "ON_THE_SPOT": "on the spot",
    "AT_DEADLINE": "at the deadline",
    "BASIC_ACCOUNT": "the bidder's basic account",
    "PROMPTLY": "promptly",
    "MAY_BE_KEPT": "may be kept",
    "FIRST_TO_RECEIVE": "the first to receive it",
    "DISCLOSED": "disclosed; no lowest price",
    "REFERENCE_ONLY": "for reference only",
    "FIRST_RANKED": "the first-ranked candidate",
    "STOP_AND_RETENDER": "stop and tender again",
    "CONTINUE_TO_COMMITTEE": "go on to the committee",
    "CONTRACT": "signature of the contract",
    "AWARD_NOTICE": "award notice",
    "CERTIFICATE": "by certificate",
    "CERTIFICATE_OR_PROOF": "by certificate; by a fresh proof of identity where a member holds none",
    "DROP_HIGH_LOW": "without the highest and the lowest",
    "MEAN": "mean",
    "SECTION": "each section",
    "ITEM": "each item",
    "TOTAL": "the total",
    "LOWEST_VALID": "lowest valid price",
    "TRIM_MEAN_HL": "mean without the highest and the lowest",
    "TRIM_PCT": "mean without a share at both ends",
    "ITERATIVE": "mean without outliers, step by step",
    "ABC": "ABC method",
    "MIX_CONTROL": "mixed with the maximum price",
    "DRAW_K": "with a drawn coefficient",
    "AFTER_PRELIM_REVIEW": "bids that passed the preliminary review",
    "AT_OPENING_ALL_VALID": "all valid bids at the opening",
    "LPR": "loan prime rate",
    "PBOC": "benchmark rate of the central bank",
    "PURCHASER_AFTER_OPENING": "the purchaser, after the opening",
    "NOT_AT_OPENING": "not at the opening",
    "AUDIO_AND_VIDEO": "sound and picture, all of it",
    "END_OF_NOTICE_OR_STAGE": "receipt of documents, end of the stage or of the notice",
}


def value_of(parameter: Parameter) -> Detail:
    """What a parameter says, with its unit."""
    value = parameter.value
    if value is None:
        return Detail("off")
    if parameter.kind in PERIODS or parameter.unit is Unit.YEAR:
        return length_of(parameter)
    if parameter.kind is Kind.CHOICE:
        return Detail(CHOICE_NAMES.get(str(value), str(value)))
    if parameter.unit is Unit.YUAN:
        return Detail("{n} yuan", n=f"{parameter.number:,}")
    if parameter.unit is Unit.PERCENT:
        return Detail("{n} %", n=value)
    return Detail("{n}", n=value)


def name_of(parameter: Parameter, language: str) -> str:
    """What a rule is called; a rule set brings both languages with it."""
    return parameter.zh if language == "zh_CN" else parameter.en
