"""The tender file `evaluation/1`: how bids are evaluated, frozen at the deadline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from trading.evaluation.scoring.benchmark import Family
from trading.evaluation.scoring.criteria import Criteria, read_criteria
from trading.evaluation.scoring.families import Around, read_family
from trading.evaluation.scoring.given import Code, Given, named

SCHEMA = "evaluation/1"


class Regime(StrEnum):
    TB = "TB"
    GP = "GP"


class Procedure(StrEnum):
    TENDER = "tender"
    CONSULTATION = "consultation"


class Method(StrEnum):
    COMPREHENSIVE = "COMPREHENSIVE"
    LOWEST_PRICE = "LOWEST_PRICE"


class PriceKind(StrEnum):
    TOTAL = "total"
    UNIT = "unit"
    RATE = "rate"


class Rule(StrEnum):
    """How a price becomes points."""

    LOW_PRICE_FIRST = "LOW_PRICE_FIRST"
    BILATERAL = "BILATERAL"
    HIGHWAY = "HIGHWAY"


class Basis(StrEnum):
    """Which price is scored."""

    CORRECTED = "CORRECTED"
    BID = "BID"


class BenchmarkBasis(StrEnum):
    """Whose prices make the benchmark."""

    AFTER_PRELIM_REVIEW = "AFTER_PRELIM_REVIEW"
    AT_OPENING_ALL_VALID = "AT_OPENING_ALL_VALID"


class Trim(StrEnum):
    MEAN = "MEAN"
    DROP_HIGH_LOW = "DROP_HIGH_LOW"


class Level(StrEnum):
    """What is aggregated over the members."""

    SECTION = "SECTION"
    ITEM = "ITEM"
    TOTAL = "TOTAL"


class Stage(StrEnum):
    """What is rounded on the way to the total."""

    FINAL = "FINAL"
    EACH_ITEM = "EACH_ITEM"
    DEVIATION_RATE = "DEVIATION_RATE"


class How(StrEnum):
    """What a policy does to a bid that it is granted."""

    DISCOUNT = "DISCOUNT"
    ADD_ON = "ADD_ON"


class Order(StrEnum):
    """In which order slips of arithmetic are corrected."""

    TB = "TB"
    GP = "GP"
    NONE = "NONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Points by deviation: full inside a band, less with every percentage point outside, never under a floor."""

    e1: Fraction
    e2: Fraction
    floor: Fraction
    full_from: Fraction
    full_to: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What prices are compared with, made from whose."""

    basis: BenchmarkBasis
    family: Family


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRule:
    """How prices are scored; by the lowest one there is neither benchmark nor curve."""

    rule: Rule
    basis: Basis
    target: Target | None = None
    curve: Curve | None = None


@dataclass(frozen=True, slots=True)
class Aggregation:
    rule: Trim
    trim_from: int
    level: Level


@dataclass(frozen=True, slots=True)
class Rounding:
    stage: Stage
    scale: int


@dataclass(frozen=True, slots=True)
class Policy:
    id: str
    rate: Fraction
    how: How


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What a unit of a deviation costs: a share of the price, or a sum."""

    id: str
    rate: Fraction
    amount: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderFile:
    """The whole file, checked; policies, adjustments and draws by their ids."""

    regime: Regime
    procedure: Procedure
    method: Method
    price_kind: PriceKind
    max_price: Fraction | None
    criteria: Criteria
    price: PriceRule | None
    aggregation: Aggregation
    rounding: Rounding
    deviation_alarm: Fraction
    policies: Mapping[str, Policy]
    adjustments: Mapping[str, Adjustment]
    order: Order
    keep_replaced_total: bool
    draws: Mapping[str, tuple[Fraction, ...]]
    ties: tuple[str, ...]
    candidates: int
    least_valid: int


_MEMBERS = (
    *(
        "schema",
        "regime",
        "procedure",
        "method",
        "price_kind",
        "criteria",
        "price",
        "aggregation",
        "rounding",
    ),
    *(
        "deviation_alarm",
        "policies",
        "adjustments",
        "corrections",
        "draws",
        "ties",
        "candidates",
        "least_valid",
    ),
)


def read_tender_file(document: object) -> TenderFile:
    """The file after its rules, or the refusal of its first fault."""
    m = Given(document, "tender_file").members(_MEMBERS, optional=("max_price",))
    if m["schema"].text() != SCHEMA:
        raise m["schema"].refused()
    regime, procedure = m["regime"].choice(Regime), m["procedure"].choice(Procedure)
    method, kind = m["method"].choice(Method), m["price_kind"].choice(PriceKind)
    if procedure is Procedure.CONSULTATION and (regime is Regime.TB or method is Method.LOWEST_PRICE):
        raise m["procedure"].refused()
    max_price = _max_price(m["max_price"], kind)
    draws = dict(named(m["draws"], _draw, key=lambda draw: draw[0]).values())
    price = m["price"].optional(lambda given: _price(given, regime, Around(frozenset(draws), max_price)))
    scored = method is Method.COMPREHENSIVE
    if price is not None and not scored:
        raise m["price"].refused(Code.CRITERIA)
    criteria = read_criteria(m["criteria"], scored=scored, priced=price is not None)
    aggregation = _aggregation(m["aggregation"])
    corrections = m["corrections"].members(("order", "keep_replaced_total"))
    file = TenderFile(
        regime=regime,
        procedure=procedure,
        method=method,
        price_kind=kind,
        max_price=max_price,
        criteria=criteria,
        price=price,
        aggregation=aggregation,
        rounding=_rounding(m["rounding"], aggregation),
        deviation_alarm=m["deviation_alarm"].number(),
        policies=_policies(m["policies"]),
        adjustments=named(m["adjustments"], _adjustment, key=lambda adjustment: adjustment.id),
        order=corrections["order"].choice(Order),
        keep_replaced_total=corrections["keep_replaced_total"].flag(),
        draws=draws,
        ties=_ties(m["ties"], criteria),
        candidates=m["candidates"].integer(least=1),
        least_valid=m["least_valid"].integer(least=1),
    )
    _check(file, m)
    return file


def _check(file: TenderFile, m: dict[str, Given]) -> None:
    """What two members of the file owe each other."""
    if file.adjustments and (file.regime, file.method) != (Regime.TB, Method.LOWEST_PRICE):
        raise m["adjustments"].refused()
    if file.price is None or file.price.curve is None or file.criteria.price is None:
        return
    if file.price.rule is Rule.BILATERAL and file.price.curve.floor > file.criteria.points_of(
        file.criteria.price
    ):
        raise Given(None, f"{m['price'].place}.floor").refused()


def _max_price(given: Given, kind: PriceKind) -> Fraction | None:
    value = given.optional(Given.number)
    if value is not None and (value == 0 or kind is PriceKind.RATE):
        raise given.refused()
    return value


def _draw(given: Given) -> tuple[str, tuple[Fraction, ...]]:
    m = given.members(("id", "candidates"))
    return m["id"].id(), tuple(candidate.number() for candidate in m["candidates"].items())


_CURVE = ("e1", "e2", "full_from", "full_to")


def _price(given: Given, regime: Regime, around: Around) -> PriceRule:
    rule = given.entries().get("rule", Given(None, f"{given.place}.rule")).choice(Rule)
    names: tuple[str, ...] = ("rule", "basis")
    if rule is not Rule.LOW_PRICE_FIRST:
        names += ("benchmark_basis", "benchmark", *_CURVE)
    if rule is Rule.BILATERAL:
        names += ("floor",)
    m = given.members(names)
    basis = m["basis"].choice(Basis)
    if regime is Regime.GP and (rule, basis) != (Rule.LOW_PRICE_FIRST, Basis.CORRECTED):
        raise m["rule"].refused()
    if rule is Rule.LOW_PRICE_FIRST:
        return PriceRule(rule=rule, basis=basis)
    target = Target(
        basis=m["benchmark_basis"].choice(BenchmarkBasis), family=read_family(m["benchmark"], around)
    )
    return PriceRule(rule=rule, basis=basis, target=target, curve=_curve(m))


def _curve(m: dict[str, Given]) -> Curve:
    curve = Curve(
        e1=m["e1"].number(),
        e2=m["e2"].number(),
        floor=m["floor"].number() if "floor" in m else Fraction(0),
        full_from=m["full_from"].signed(),
        full_to=m["full_to"].signed(),
    )
    if curve.full_from > curve.full_to:
        raise m["full_from"].refused()
    return curve


def _aggregation(given: Given) -> Aggregation:
    m = given.members(("rule", "from", "level"))
    return Aggregation(m["rule"].choice(Trim), m["from"].integer(least=3), m["level"].choice(Level))


def _rounding(given: Given, aggregation: Aggregation) -> Rounding:
    m = given.members(("stage", "scale"))
    rounding = Rounding(m["stage"].choice(Stage), m["scale"].integer(least=0, most=6))
    if rounding.stage is Stage.EACH_ITEM and aggregation.level is Level.TOTAL:
        raise m["stage"].refused()
    return rounding


def _policies(given: Given) -> dict[str, Policy]:
    policies = named(given, _policy, key=lambda policy: policy.id)
    discounts = sum(policy.rate for policy in policies.values() if policy.how is How.DISCOUNT)
    if discounts >= 1 or any(policy.rate >= 1 for policy in policies.values()):
        raise given.refused()
    return policies


def _policy(given: Given) -> Policy:
    m = given.members(("id", "name", "rate", "how"))
    m["name"].text()
    return Policy(m["id"].id(), m["rate"].number(), m["how"].choice(How))


def _adjustment(given: Given) -> Adjustment:
    m = given.members(("id", "name", "unit"), optional=("rate", "amount"))
    m["name"].text()
    m["unit"].text()
    rate, amount = m["rate"].optional(Given.signed), m["amount"].optional(Given.signed)
    if (rate is None) == (amount is None):
        raise given.refused()
    return Adjustment(m["id"].id(), rate or Fraction(0), amount or Fraction(0))


def _ties(given: Given, criteria: Criteria) -> tuple[str, ...]:
    sections = {section.id for section in criteria.sections}
    for tie in given.items():
        if tie.id() not in sections:
            raise tie.refused(Code.UNKNOWN)
    return tuple(named(given, Given.id, key=str))
