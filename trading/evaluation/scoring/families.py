"""Reads which benchmark family a tender file names, with its parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from trading.evaluation.scoring.benchmark import (
    Abc,
    Band,
    DrawK,
    Drawn,
    DrawSubset,
    Family,
    Iterative,
    KForm,
    Mean,
    MixControl,
    Size,
    TrimMean,
    TrimShare,
)
from trading.evaluation.scoring.given import Code, Given

TRIM_SHARE_MAX = Fraction(2, 5)
"""A larger share would leave nothing of ten bids."""

SIMPLE = ("MEAN", "TRIM_MEAN_HL", "TRIM_PCT", "ITERATIVE")
INNER = (*SIMPLE, "DRAW_SUBSET")
ALL = (*INNER, "DRAW_K", "MIX_CONTROL", "ABC")


@dataclass(frozen=True, slots=True)
class Around:
    """What a family may use of the file around it."""

    draws: frozenset[str]
    max_price: Fraction | None

    def drawn(self, given: Given) -> Drawn:
        """A number, or the draw that gives it."""
        if isinstance(given.value, str):
            return Drawn(given.number(), None)
        draw = given.members(("draw",))["draw"]
        if draw.id() not in self.draws:
            raise draw.refused(Code.UNKNOWN)
        return Drawn(None, draw.id())


def read_family(given: Given, around: Around, allowed: tuple[str, ...] = ALL) -> Family:
    """The family with its parameters, of those that are allowed here."""
    name = given.entries().get("family", Given(None, f"{given.place}.family"))
    if name.text() not in allowed:
        raise name.refused()
    names, read = _FAMILIES[name.text()]
    if name.text() in ("MIX_CONTROL", "ABC", "DRAW_SUBSET") and around.max_price is None:
        raise name.refused()
    return read(given.members(("family", *names)), around)


def draws_bids(family: Family) -> bool:
    """True for a family that needs the bids' tickets."""
    inner = getattr(family, "inner", None)
    return isinstance(family, Abc | DrawSubset) or (inner is not None and draws_bids(inner))


Members = dict[str, Given]


def _mean(_: Members, __: Around) -> Family:
    return Mean()


def _trim_mean(m: Members, _: Around) -> Family:
    family = TrimMean(m["from"].integer(least=1), m["high"].integer(least=0), m["low"].integer(least=0))
    if family.high + family.low >= family.trim_from:
        raise m["from"].refused()
    return family


def _trim_share(m: Members, _: Around) -> Family:
    return TrimShare(m["share"].share(TRIM_SHARE_MAX))


def _iterative(m: Members, around: Around) -> Family:
    return Iterative(m["limit"].number(), around.drawn(m["factor"]), m["least"].integer(least=1))


def _draw_k(m: Members, around: Around) -> Family:
    return DrawK(read_family(m["inner"], around, INNER), m["form"].choice(KForm), around.drawn(m["k"]))


def _mix_control(m: Members, around: Around) -> Family:
    inner = read_family(m["inner"], around, INNER)
    return MixControl(inner, around.drawn(m["k1"]), around.drawn(m["k2"]), around.drawn(m["q1"]))


def _abc(m: Members, around: Around) -> Family:
    weights = [weight.number() for weight in m["weights"].items()]
    if len(weights) != 3:
        raise m["weights"].refused()
    return Abc(
        delta=around.drawn(m["delta"]),
        k=around.drawn(m["k"]),
        weights=(weights[0], weights[1], weights[2]),
        limit=_band(m["limit"]),
        a_share=m["a_share"].number(),
    )


def _draw_subset(m: Members, around: Around) -> Family:
    sizes = tuple(_size(row) for row in m["sizes"].items())
    ends = [size.to for size in sizes]
    closed = [end for end in ends[:-1] if end is not None]
    if not ends or ends[-1] is not None or len(closed) != len(ends) - 1 or closed != sorted(set(closed)):
        raise m["sizes"].refused()
    inner = read_family(m["inner"], around, SIMPLE)
    return DrawSubset(m["range"].optional(_band), sizes, inner, around.drawn(m["max_share"]))


def _size(given: Given) -> Size:
    m = given.members(("to", "share", "least"))
    to = m["to"].optional(lambda end: end.integer(least=1))
    return Size(to, m["share"].number(), m["least"].integer(least=1))


def _band(given: Given) -> Band:
    m = given.members(("mean", "max", "factor"))
    return Band(m["mean"].number(), m["max"].number(), m["factor"].number())


_FAMILIES: dict[str, tuple[tuple[str, ...], Callable[[Members, Around], Family]]] = {
    "MEAN": ((), _mean),
    "TRIM_MEAN_HL": (("from", "high", "low"), _trim_mean),
    "TRIM_PCT": (("share",), _trim_share),
    "ITERATIVE": (("limit", "factor", "least"), _iterative),
    "DRAW_K": (("inner", "form", "k"), _draw_k),
    "MIX_CONTROL": (("inner", "k1", "k2", "q1"), _mix_control),
    "ABC": (("delta", "k", "weights", "limit", "a_share"), _abc),
    "DRAW_SUBSET": (("range", "sizes", "inner", "max_share"), _draw_subset),
}
