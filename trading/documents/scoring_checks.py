"""What the law says about how bids are scored: the weight of the price, the ranges of policies, lawful methods.

Whether the rules hold together is asked before, by the scoring itself (`trading/tender/drafting.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from govcore.errors import Detail
from trading.documents.findings import Finding
from trading.documents.limits import Limits
from trading.procedure.policy import Regime
from trading.procedure.thresholds import Subject
from trading.tender.criteria import PricePolicy
from trading.tender.schemas import TenderContent

_GP = "政府采购货物和服务招标投标管理办法"
_SME = "政府采购促进中小企业发展管理办法 art. 9"
_CONSULTATION = "政府采购竞争性磋商采购方式管理暂行办法 art. 24"

BENCHMARKS = ("benchmark_mean", "bilateral", "highway")
"""The methods that measure prices by a benchmark."""


def scoring_findings(content: TenderContent, limits: Limits) -> Iterator[Finding]:
    """All findings about criteria, price rule and policies; applications for a prequalification have none of them."""
    if content.prequalifies:
        return
    yield from _weight(content, limits)
    yield from _method(content, limits)
    for policy in content.price_policies:
        yield from _policy(policy, content, limits)


def _weight(content: TenderContent, limits: Limits) -> Iterator[Finding]:
    """The price's share of the points; a fixed price has none."""
    if not content.priced or limits.regime is not Regime.GP:
        return
    points = next((one.max_points for one in content.criteria if one.kind == "price"), 0)
    place = ("content", "criteria", "price")
    what = Detail("The price has {points} of 100 points.", points=points)
    if points < limits.price_points_least:
        mend = Detail("Give it at least {least} points.", least=limits.price_points_least)
        yield Finding(rule="G20", basis=f"{_GP} art. 55", severity="error", place=place, what=what, mend=mend)
    if content.procedure == "consultation" and limits.subject is not Subject.WORKS:
        rule = f"G20.consultation_{limits.subject.value}"
        most = int(limits.rules.share(rule) * 100)
        if points > most:
            yield Finding(
                rule=rule,
                basis=_CONSULTATION,
                severity="error",
                place=place,
                what=what,
                mend=Detail("Give it at most {most} points.", most=most),
                verified=limits.rules[rule].verified,
            )


def _method(content: TenderContent, limits: Limits) -> Iterator[Finding]:
    """In a purchase the lowest price sets the points, and no price is left out; above costs more than below."""
    price = content.price
    place = ("content", "price", "method")
    if limits.regime is Regime.GP and price.method in BENCHMARKS:
        yield Finding(
            rule="M87-55",
            basis=f"{_GP} art. 55",
            severity="error",
            place=place,
            what=Detail("A purchase measures prices by a benchmark other than the lowest price."),
            mend=Detail("Give the lowest price full points; leave out neither the highest nor the lowest."),
        )
    if price.method in BENCHMARKS and Fraction(price.e1) <= Fraction(price.e2):
        yield Finding(
            rule="price.e1",
            basis="评标委员会和评标方法暂行规定 art. 35",
            severity="warning",
            place=("content", "price", "e1"),
            what=Detail("A price above the benchmark loses no more points than one below it."),
            mend=Detail("Take off more points for each percent above than below."),
            verified=False,
        )


def _range(policy: PricePolicy, limits: Limits) -> tuple[str, str] | None:
    """The rules that hold the least and the highest rate of a policy; nothing for one without a range."""
    works = limits.subject is Subject.WORKS
    if policy.kind == "domestic" and limits.regime is Regime.GP:
        return "domestic.rate", "domestic.rate"
    if policy.kind == "sme":
        name = "sme.works" if works else "sme.goods_services"
    elif policy.kind == "sme_consortium":
        name = "sme.works_consortium" if works else "sme.consortium"
    else:
        return None
    return f"{name}_least", f"{name}_most"


def _policy(policy: PricePolicy, content: TenderContent, limits: Limits) -> Iterator[Finding]:
    place = ("content", "price_policies", policy.id)
    adds = content.price.method in BENCHMARKS
    if (policy.how == "ADD_ON") != adds:
        yield Finding(
            rule="policy-effect",
            basis=_SME,
            severity="error",
            place=(*place, "how"),
            what=Detail("The policy does not fit the way prices are compared."),
            mend=Detail(
                "Where a benchmark measures prices it adds to their points, else it lowers the price."
            ),
            words=policy.label,
            verified=False,
        )
    rules = _range(policy, limits)
    if rules is None or any(name not in limits.rules.rules for name in rules):
        return
    least, most = (limits.rules.share(name) for name in rules)
    if not least <= Fraction(policy.rate) <= most:
        yield Finding(
            rule=rules[0].removesuffix("_least"),
            basis=_SME if policy.kind != "domestic" else "国办发〔2025〕34号",
            severity="error",
            place=(*place, "rate"),
            what=Detail("The rate of the policy is {rate} %.", rate=_percent(Fraction(policy.rate))),
            mend=Detail("It lies from {least} to {most} %.", least=_percent(least), most=_percent(most)),
            words=policy.label,
            verified=all(limits.rules[name].verified for name in rules),
        )


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):g}"
