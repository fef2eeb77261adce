"""The criteria tree of a tender file: what is scored, how much it can give, and the gates between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from trading.evaluation.scoring.given import Code, Given

FULL = 100
"""What the sections of a comprehensive evaluation add up to."""


class Kind(StrEnum):
    """What a node of the tree is."""

    GROUP = "GROUP"
    MANUAL = "MANUAL"
    BAND = "BAND"
    ADDITIVE = "ADDITIVE"
    DEDUCTION = "DEDUCTION"
    PASS_FAIL = "PASS_FAIL"  # noqa: S105 it passes a gate
    FORMULA = "FORMULA"


_MEMBERS: dict[Kind, tuple[str, ...]] = {
    Kind.GROUP: ("max", "children"),
    Kind.MANUAL: ("max", "objective"),
    Kind.BAND: ("max", "objective", "bands"),
    Kind.ADDITIVE: ("max", "objective", "steps"),
    Kind.DEDUCTION: ("max", "objective", "steps"),
    Kind.PASS_FAIL: ("article",),
    Kind.FORMULA: ("max",),
}


@dataclass(frozen=True, slots=True)
class Count:
    """A step of a leaf: what it is worth each time, and how often it can hold."""

    points: Fraction
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """What a member scores; `order` is its place in the tree."""

    id: str
    kind: Kind
    max: Fraction
    objective: bool
    order: int
    bands: tuple[tuple[Fraction, Fraction], ...] = ()
    steps: Mapping[str, Count] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gate:
    """A node that a bid passes or fails."""

    id: str
    name: str
    article: str


@dataclass(frozen=True, slots=True)
class Section:
    """A top-level node with points: its leaves, the subjective ones first, or none for the price."""

    id: str
    max: Fraction
    subjective: tuple[Leaf, ...]
    objective: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Criteria:
    """The tree, flat: sections in order, all gates in order, and which section is the price."""

    sections: tuple[Section, ...]
    gates: tuple[Gate, ...]
    price: str | None

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """All leaves, section by section, in each the subjective ones first."""
        return tuple(leaf for section in self.sections for leaf in section.subjective + section.objective)

    def points_of(self, section_id: str) -> Fraction:
        """The most that a section can give."""
        return next(section.max for section in self.sections if section.id == section_id)


def read_criteria(given: Given, *, scored: bool, priced: bool) -> Criteria:
    """The tree after its rules: `scored` asks for 100 points, `priced` for one section that is the price."""
    reader = _Reader()
    sections = [reader.top(node) for node in given.items()]
    kept = tuple(section for section in sections if section is not None)
    if len(reader.prices) != priced or (not scored and kept):
        raise given.refused(Code.CRITERIA)
    if scored and sum(section.max for section in kept) != FULL:
        raise given.refused(Code.WEIGHTS)
    return Criteria(kept, tuple(reader.gates), reader.prices[0] if priced else None)


class _Reader:
    """Walks the tree once; ids are unique in all of it."""

    def __init__(self) -> None:
        self.gates: list[Gate] = []
        self.prices: list[str] = []
        self._ids: set[str] = set()
        self._leaves: list[Leaf] = []

    def top(self, given: Given) -> Section | None:
        """A section; nothing for a gate."""
        before = len(self._leaves)
        node, kind = self._node(given)
        if kind is Kind.PASS_FAIL:
            self._gate(node)
            return None
        if kind is Kind.FORMULA:
            self.prices.append(node["id"].id())
        points = _max(node) if kind is Kind.FORMULA else self._points(node, kind)
        leaves = self._leaves[before:]
        return Section(
            id=node["id"].id(),
            max=points,
            subjective=tuple(leaf for leaf in leaves if not leaf.objective),
            objective=tuple(leaf for leaf in leaves if leaf.objective),
        )

    def _node(self, given: Given) -> tuple[dict[str, Given], Kind]:
        kind = given.entries().get("kind", Given(None, f"{given.place}.kind")).choice(Kind)
        node = given.members(("id", "name", "kind", *_MEMBERS[kind]))
        node["name"].text()
        if node["id"].id() in self._ids:
            raise node["id"].refused(Code.CRITERIA)
        self._ids.add(node["id"].id())
        return node, kind

    def _gate(self, node: dict[str, Given]) -> None:
        self.gates.append(Gate(node["id"].id(), node["name"].text(), node["article"].text()))

    def _points(self, node: dict[str, Given], kind: Kind) -> Fraction:
        """The points of a group or a leaf, which is kept."""
        points = _max(node)
        if kind is Kind.GROUP:
            self._children(node["children"], points)
        else:
            self._leaves.append(_leaf(node, kind, points, len(self._leaves)))
        return points

    def _children(self, given: Given, points: Fraction) -> None:
        total = Fraction(0)
        for child in _filled(given):
            node, kind = self._node(child)
            if kind is Kind.FORMULA:
                raise child.refused(Code.CRITERIA)
            if kind is Kind.PASS_FAIL:
                self._gate(node)
            else:
                total += self._points(node, kind)
        if total != points:
            raise given.refused(Code.WEIGHTS)


def _leaf(node: dict[str, Given], kind: Kind, points: Fraction, order: int) -> Leaf:
    return Leaf(
        id=node["id"].id(),
        kind=kind,
        max=points,
        objective=node["objective"].flag(),
        order=order,
        bands=_bands(node["bands"], points) if kind is Kind.BAND else (),
        steps=_steps(node["steps"]) if kind in (Kind.ADDITIVE, Kind.DEDUCTION) else {},
    )


def _max(node: dict[str, Given]) -> Fraction:
    points = node["max"].number()
    if points == 0:
        raise node["max"].refused(Code.CRITERIA)
    return points


def _filled(given: Given) -> list[Given]:
    items = given.items()
    if not items:
        raise given.refused(Code.CRITERIA)
    return items


def _bands(given: Given, points: Fraction) -> tuple[tuple[Fraction, Fraction], ...]:
    bands = {}
    for item in _filled(given):
        band = item.members(("id", "name", "from", "to"))
        band["name"].text()
        start, end = band["from"].number(), band["to"].number()
        if not start <= end <= points or band["id"].id() in bands:
            raise item.refused(Code.CRITERIA)
        bands[band["id"].id()] = (start, end)
    return tuple(bands.values())


def _steps(given: Given) -> dict[str, Count]:
    steps: dict[str, Count] = {}
    for item in _filled(given):
        found = item.members(("id", "name", "points", "most"))
        found["name"].text()
        if found["id"].id() in steps:
            raise item.refused(Code.CRITERIA)
        most = found["most"].integer(least=1, code=Code.CRITERIA)
        steps[found["id"].id()] = Count(found["points"].number(), most)
    return steps
