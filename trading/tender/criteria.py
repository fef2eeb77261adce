"""What documents say about the evaluation: criteria, gates, the price rule with its benchmark, policies, rounding.

The names are those of docs/guide/evaluation-files.md, which says what each means. All decimals are text.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Points = Annotated[int, msgspec.Meta(gt=0, le=100)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Slug = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,64}$")]
Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Number = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,15}(\.[0-9]{1,12})?$")]
Signed = Annotated[str, msgspec.Meta(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,12})?$")]
Share = Annotated[str, msgspec.Meta(pattern=r"^(0(\.[0-9]{1,12})?|1(\.0{1,12})?)$")]
"""A fraction of 1: `0.02` is 2 %."""

Count = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
Cut = Annotated[int, msgspec.Meta(ge=0, le=1000)]


class Closed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Part of a tender's content."""


class Band(Closed, frozen=True):
    """An interval of an item's points, ends included (优、良、一般)."""

    id: Id
    label: Name
    low: Number
    high: Number


class Step(Closed, frozen=True):
    """Something that earns, or costs, `points` each time it holds, at most `most` times."""

    id: Id
    label: Name
    points: Number
    most: Count = 1


class Item(Closed, frozen=True):
    """What members score; `rule` says what earns how many points.

    By bands a member picks one and points inside it; by steps it counts, from 0 upwards (additive) or down from the
    full points (deduction). Of an objective item all members must find the same points (87号令 art. 64).
    """

    id: Slug
    label: Name
    max_points: Points
    rule: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    kind: Literal["MANUAL", "BAND", "ADDITIVE", "DEDUCTION"] = "MANUAL"
    objective: bool = False
    bands: Annotated[list[Band], msgspec.Meta(max_length=20)] = []
    steps: Annotated[list[Step], msgspec.Meta(max_length=50)] = []


class Criterion(Closed, frozen=True):
    """A section of the evaluation; `items` are what members score, and are empty for the price."""

    id: Slug
    label: Name
    kind: Literal["manual", "price"]
    max_points: Points
    items: list[Item] = []


class Gate(Closed, frozen=True):
    """Something a bid passes or fails, never points: who fails is rejected by this article of law or documents."""

    id: Slug
    label: Name
    article: Name
    kind: Literal["qualification", "conformity"] = "conformity"


class Drawn(Closed, frozen=True):
    """A number that is drawn at the opening, under the id of a draw."""

    draw: Id


DrawnNumber = Number | Drawn


class Draw(Closed, frozen=True):
    """A draw at the opening: one of the candidates comes out."""

    id: Id
    candidates: Annotated[list[Number], msgspec.Meta(min_length=1, max_length=100)]


class Family(Closed, frozen=True, tag_field="family"):
    """How the benchmark price is made from the bids' prices (评标基准价)."""


class Mean(Family, frozen=True, tag="MEAN"):
    """The mean of all."""


class TrimMean(Family, frozen=True, tag="TRIM_MEAN_HL", rename={"trim_from": "from"}):
    """From `trim_from` bids on without the highest and lowest ones."""

    trim_from: Count = 5
    high: Cut = 1
    low: Cut = 1


class TrimShare(Family, frozen=True, tag="TRIM_PCT"):
    """Of seven bids or more a share less at each end; of fewer the highest, or all but the second lowest."""

    share: Share = "0.2"


class Iterative(Family, frozen=True, tag="ITERATIVE"):
    """The one farthest from the mean goes while it is farther than the limit; then times a factor."""

    limit: Share = "0.3"
    factor: DrawnNumber = "1"
    least: Count = 2


class Range(Closed, frozen=True):
    """A price between mean and maximum: (mean x a + maximum x b) x factor."""

    mean: Number
    max: Number
    factor: Number


class Size(Closed, frozen=True):
    """How many bids are drawn from a pool of up to `to`; the last row has none."""

    to: Count | None
    share: Share
    least: Count


Simple = Mean | TrimMean | TrimShare | Iterative


class DrawSubset(Family, frozen=True, tag="DRAW_SUBSET", rename={"pool": "range"}):
    """The benchmark of bids drawn from those in a range, mixed with the maximum price."""

    pool: Range | None
    sizes: Annotated[list[Size], msgspec.Meta(min_length=1, max_length=10)]
    inner: Simple
    max_share: DrawnNumber = "0"


Inner = Simple | DrawSubset


class DrawK(Family, frozen=True, tag="DRAW_K"):
    """Another family's value, lowered by a share or times a coefficient, which is mostly drawn."""

    inner: Inner
    form: Literal["ONE_MINUS_K", "TIMES_K"]
    k: DrawnNumber


class MixControl(Family, frozen=True, tag="MIX_CONTROL"):
    """Another family's value mixed with the maximum price."""

    inner: Inner
    k1: DrawnNumber
    k2: DrawnNumber
    q1: DrawnNumber


class Abc(Family, frozen=True, tag="ABC"):
    """The lowered maximum price, a drawn bid and the lowest bid above a limit, weighted."""

    delta: DrawnNumber
    k: DrawnNumber
    weights: Annotated[list[Share], msgspec.Meta(min_length=3, max_length=3)]
    limit: Range
    a_share: Share


Benchmark = Simple | DrawSubset | DrawK | MixControl | Abc


class PriceRule(Closed, frozen=True):
    """How prices decide.

    `low_price_first`: the lowest has full points; `bilateral` and `highway`: points by the deviation from a benchmark,
    e1 and e2 for each percent above and below; `benchmark_mean`: bilateral from the plain mean; `fixed`: no points, the
    price is set; `lowest_evaluated`: there are no points at all, the least evaluated price comes first.
    What is left out the rule set decides.
    """

    method: Literal["low_price_first", "benchmark_mean", "bilateral", "highway", "fixed", "lowest_evaluated"]
    e1: Number = "1.0"
    e2: Number = "0.5"
    floor: Number | None = None
    full_from: Signed = "0"
    full_to: Signed = "0"
    basis: Literal["CORRECTED", "BID"] = "CORRECTED"
    benchmark: Benchmark | None = None
    benchmark_basis: Literal["AFTER_PRELIM_REVIEW", "AT_OPENING_ALL_VALID"] | None = None


class PricePolicy(Closed, frozen=True):
    """A procurement policy that moves prices or their points; `kind` names the range that its rate must lie in."""

    id: Slug
    label: Name
    kind: Literal["sme", "sme_consortium", "domestic", "other"]
    rate: Share
    how: Literal["DISCOUNT", "ADD_ON"] = "DISCOUNT"


class Adjustment(Closed, frozen=True):
    """What a deviation in commercial terms costs by unit: a share of the price or a sum in yuan (12号令 art. 30-33)."""

    id: Slug
    label: Name
    unit: Name
    rate: Signed | None = None
    amount: Signed | None = None


class Scoring(Closed, frozen=True):
    """How points become ranks, where the documents say it; what they leave out the rule set decides."""

    trim: Literal["MEAN", "DROP_HIGH_LOW"] | None = None
    trim_from: Annotated[int, msgspec.Meta(ge=3, le=99)] | None = None
    level: Literal["SECTION", "ITEM", "TOTAL"] | None = None
    stage: Literal["FINAL", "EACH_ITEM", "DEVIATION_RATE"] | None = None
    scale: Annotated[int, msgspec.Meta(ge=0, le=6)] | None = None
    alarm: Share | None = None
    corrections: Literal["TB", "GP", "NONE"] | None = None
    keep_replaced_total: bool | None = None
    ties: list[Slug] | None = None
    candidates: Annotated[int, msgspec.Meta(ge=1, le=1000)] | None = None
    least_valid: Annotated[int, msgspec.Meta(ge=1, le=1000)] | None = None
