"""How many suppliers a procedure needs: one table by its stage, and in a consultation by its ground.

Everybody who counts asks `fewest`: key manifest and opening, review, consultation, evaluation file and award.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from trading.procedure.policy import Parameter, Regime, RuleSet


class Stage(StrEnum):
    """Where suppliers are counted, in the order of a procedure."""

    INVITED = "invited"
    PASSED = "passed"
    """A prequalification."""
    RECEIVED = "received"
    """Bids or first responses that came in time; counted again when they are open (domain: I8)."""
    QUALIFIED = "qualified"
    REMAINING = "remaining"
    """After the review and the talks of a consultation."""
    FINAL = "final"
    """Final offers that came in time; counted again when they are open."""
    RESPONSIVE = "responsive"
    """What is left to be ranked and recommended."""


class Ground(StrEnum):
    """Why one may buy by competitive consultation: the numbers (1) to (5) of 财库〔2014〕214号 art. 3."""

    SERVICES = "services"
    COMPLEX = "complex"
    UNPRICED = "unpriced"
    RESEARCH = "research"
    WORKS = "works"


GROUND_TEXTS: Mapping[Ground, str] = {
    Ground.SERVICES: "属于政府购买服务项目（含政府和社会资本合作项目，财库〔2014〕214号第3条第1项）",
    Ground.COMPLEX: "技术复杂或者性质特殊，不能确定详细规格或者具体要求（财库〔2014〕214号第3条第2项）",
    Ground.UNPRICED: "事先不能计算出价格总额（财库〔2014〕214号第3条第3项）",
    Ground.RESEARCH: "属于市场竞争不充分的科研项目或者需要扶持的科技成果转化项目（财库〔2014〕214号第3条第4项）",
    Ground.WORKS: "属于依法必须招标以外的工程建设项目（财库〔2014〕214号第3条第5项）",
}
"""The grounds as Chinese papers name them."""

GROUND_NAMES: Mapping[str, str] = {
    Ground.SERVICES: "(1) Services that the government buys, public-private partnerships included",
    Ground.COMPLEX: "(2) Too complex or special to fix exact specifications or requirements",
    Ground.UNPRICED: "(3) No total can be reckoned beforehand: art, patents, know-how, services of unknown extent",
    Ground.RESEARCH: "(4) Research with too little competition, or research results whose use needs support",
    Ground.WORKS: "(5) Works that the law does not oblige to tender",
}
"""The same as pages name them; keys of the catalogue."""

CONSULTED: Mapping[Stage, str] = {
    Stage.RECEIVED: "First responses",
    Stage.REMAINING: "Remaining after the talks",
    Stage.FINAL: "Final offers",
    Stage.RESPONSIVE: "Valid final offers",
}
"""The stages at which a consultation counts, as pages name them."""

_CONSULTATION = "G11.consultation"
_TENDER: Mapping[Regime, Mapping[Stage, str]] = {
    Regime.TB: {Stage.INVITED: "T12", Stage.PASSED: "T11"},
    Regime.GP: {Stage.QUALIFIED: "G11.qualified", Stage.RESPONSIVE: "G11.responsive"},
}
_OTHERWISE = {Regime.TB: "T10", Regime.GP: "G11"}
_BY_GROUND: Mapping[Ground, Mapping[Stage, str]] = {
    Ground.RESEARCH: dict.fromkeys(
        (Stage.RECEIVED, Stage.REMAINING, Stage.FINAL, Stage.RESPONSIVE), "G11.consultation.research"
    ),
    Ground.SERVICES: {
        Stage.RECEIVED: "G11.consultation.services.responses",
        **dict.fromkeys((Stage.REMAINING, Stage.FINAL, Stage.RESPONSIVE), "G11.consultation.services"),
    },
}
"""Where the law lets two be enough: 214号 art. 21, 34 for research, 财库〔2015〕124号 once services are under way."""


def fewest(rules: RuleSet, stage: Stage, *, procedure: str, ground: Ground | None = None) -> Parameter:
    """The rule that says with how many suppliers a stage may go on; a consultation is always a purchase."""
    if procedure == "consultation" and rules.regime is Regime.GP:
        own = _BY_GROUND.get(ground, {}) if ground else {}
        return rules[own.get(stage, _CONSULTATION)]
    return rules[_TENDER[rules.regime].get(stage, _OTHERWISE[rules.regime])]


def needs(rules: RuleSet, ground: Ground | None) -> dict[Stage, Parameter]:
    """What each stage of a consultation on this ground needs."""
    return {stage: fewest(rules, stage, procedure="consultation", ground=ground) for stage in CONSULTED}
