"""From the members' entries to the points of sections: integers in the smallest unit of the file, divided once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, compress, pairwise
from operator import getitem, gt, itemgetter, sub
from typing import Protocol

from trading.evaluation.scoring.criteria import Kind, Leaf
from trading.evaluation.scoring.given import Code, Given, Refused
from trading.evaluation.scoring.sheets import Invalid, Member
from trading.evaluation.scoring.tender_file import Level, TenderFile, Trim

POINTS_SCALE = 2
"""Members give points with at most two decimals."""

Row = Sequence[int]
"""One member's points for one bid, leaf by leaf, in units."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A member whose points for a leaf lie too far from the mean of the others."""

    member: str
    bid: str
    node: str
    deviation: Fraction


@dataclass(frozen=True, slots=True)
class Scores:
    """All members' rows for one bid, every leaf's highest and lowest points, and the leaves where these lie apart.

    `wide` are the places of those leaves whose points spread so far that they can differ or alarm at all.
    """

    rows: tuple[Row, ...]
    highs: Row
    lows: Row
    wide: Sequence[int]


class _Table(Protocol):
    """Gives the points of a leaf for what a member entered."""

    def __getitem__(self, entered: object, /) -> int: ...


class _Points(dict[object, int]):
    """The points of a leaf by the text that was entered: each text is read and checked once."""

    def __init__(self, leaf: Leaf, unit: int) -> None:
        super().__init__()
        self._leaf, self._unit = leaf, unit

    def __missing__(self, entered: object) -> int:
        given = Given(entered, self._leaf.id)
        points = given.number()
        inside = not self._leaf.bands or any(low <= points <= high for low, high in self._leaf.bands)
        hundredths = points * 10**POINTS_SCALE
        if points > self._leaf.max or not inside or hundredths.denominator != 1:
            raise given.refused(Code.SCORE_RANGE)
        value = int(points * self._unit)
        self[entered] = value
        return value


@dataclass(frozen=True, slots=True)
class _Counts:
    """The points of a leaf by how often each of its steps holds."""

    leaf: Leaf
    unit: int

    def __getitem__(self, entered: object, /) -> int:
        given = Given(entered, self.leaf.id)
        counts = given.entries()
        for name in counts.keys() - self.leaf.steps.keys():
            raise counts[name].refused(Code.UNKNOWN)
        total = Fraction(0)
        for name, count in self.leaf.steps.items():
            if name not in counts:
                raise Refused(Code.SHEET_INCOMPLETE, f"{given.place}.{name}")
            total += count.points * counts[name].integer(least=0, most=count.most, code=Code.SCORE_RANGE)
        capped = min(total, self.leaf.max)
        return int((capped if self.leaf.kind is Kind.ADDITIVE else self.leaf.max - capped) * self.unit)


class Aggregator:
    """Reads the entries of a file's leaves and adds them up."""

    def __init__(self, file: TenderFile, members: Sequence[Member]) -> None:
        self._members, self._gates = members, file.criteria.gates
        self._aggregation, self._price = file.aggregation, file.criteria.price
        self.leaves = file.criteria.leaves
        self.unit = _unit(self.leaves)
        self._ids = [leaf.id for leaf in self.leaves]
        self._pick = _picker(self._ids)
        self._tables = [_table(leaf, self.unit) for leaf in self.leaves]
        # Whole numbers are above a limit exactly when they are above its floor.
        allowed = [file.deviation_alarm * leaf.max * self.unit for leaf in self.leaves]
        self._limits = [
            0 if leaf.objective else int(limit) for leaf, limit in zip(self.leaves, allowed, strict=True)
        ]
        self._far = [int(limit * (len(members) - 1)) for limit in allowed]
        sizes = [size for s in file.criteria.sections for size in (len(s.subjective), len(s.objective))]
        ends = list(pairwise(accumulate(sizes, initial=0)))
        self.spans = {
            section.id: (slice(*subjective), slice(*objective))
            for section, subjective, objective in zip(
                file.criteria.sections, ends[::2], ends[1::2], strict=True
            )
        }

    @property
    def trims(self) -> bool:
        """Whether one highest and one lowest are left out."""
        return (
            self._aggregation.rule is Trim.DROP_HIGH_LOW and len(self._members) >= self._aggregation.trim_from
        )

    def read(self, bid: str) -> Scores:
        """All entries for a bid; one that is missing, too many or out of range is refused with its place."""
        if not self._members and (self._ids or self._gates):
            raise Refused(Code.SHEET_INCOMPLETE, "sheets.members")
        rows = tuple(self._row(member, bid) for member in self._members)
        if len(rows) < 2:
            only = rows[0] if rows else []
            return Scores(rows, only, only, ())
        highs, lows = list(map(max, *rows)), list(map(min, *rows))
        wide = compress(range(len(highs)), map(gt, map(sub, highs, lows), self._limits))
        return Scores(rows, highs, lows, list(wide))

    def failed_gate(self, bid: str) -> Invalid | None:
        """The first gate that more than half of the members say the bid fails; its entries have been read."""
        for gate in self._gates:
            fails = sum(1 for member in self._members if _entries(member, bid)[gate.id] == "fail")
            if fails * 2 > len(self._members):
                return Invalid("gate", gate.article, gate.name, gate.id)
        return None

    def sections(self, bid: str, scores: Scores) -> dict[str, Fraction]:
        """The points of every section; objective leaves on which members differ are refused."""
        self._check_objective(bid, scores)
        return {
            name: Fraction(sum(scores.highs[objective]), self.unit) + self._subjective(scores, subjective)
            for name, (subjective, objective) in self.spans.items()
            if name != self._price
        }

    def technical(self, bid: str) -> Fraction:
        """A bid's points in all sections but the price: by them a second envelope opens or stays closed."""
        scores = self.read(bid)
        return self.total(scores, self.sections(bid, scores))

    def total(self, scores: Scores, sections: Mapping[str, Fraction]) -> Fraction:
        """The points of these sections together; at the level TOTAL the members' sums over all are trimmed instead."""
        if self._aggregation.level is not Level.TOTAL:
            return sum(sections.values(), Fraction(0))
        sums = [sum(sum(row[subjective]) for subjective, _ in self.spans.values()) for row in scores.rows]
        objective = sum(sum(scores.highs[objective]) for _, objective in self.spans.values())
        return self.combined(sums) + Fraction(objective, self.unit)

    def combined(self, sums: Sequence[int]) -> Fraction:
        """The mean of members' sums, without one highest and one lowest where the rule says so, in points."""
        if not sums:
            return Fraction(0)
        if self.trims:
            return Fraction(sum(sums) - max(sums) - min(sums), (len(sums) - 2) * self.unit)
        return Fraction(sum(sums), len(sums) * self.unit)

    def alarms(self, bid: str, scores: Scores) -> list[Alarm]:
        """The members' subjective points of a bid that lie too far from the others', in the order of the tree."""
        size = len(scores.rows)
        found = []
        for index in scores.wide:
            if self.leaves[index].objective:
                continue
            column = [row[index] for row in scores.rows]
            total, most = sum(column), self._far[index]
            if size * scores.highs[index] - total > most or total - size * scores.lows[index] > most:
                found += self._alarms_of(bid, index, column)
        return [alarm for _, alarm in sorted(found, key=lambda entry: entry[0])]

    def _alarms_of(self, bid: str, index: int, column: Sequence[int]) -> list[tuple[int, Alarm]]:
        """`abs(points x n - sum)` is the distance from the mean of the others, times n - 1: no fraction is needed."""
        leaf, size, total = self.leaves[index], len(column), sum(column)
        return [
            (leaf.order, Alarm(member.id, bid, leaf.id, Fraction(off, (size - 1) * self.unit) / leaf.max))
            for member, points in zip(self._members, column, strict=True)
            if (off := abs(size * points - total)) > self._far[index]
        ]

    def _check_objective(self, bid: str, scores: Scores) -> None:
        for index in scores.wide:
            if self.leaves[index].objective:
                raise Refused(Code.OBJECTIVE_DIFFERS, f"sheets.{bid}.{self.leaves[index].id}")

    def _subjective(self, scores: Scores, span: slice) -> Fraction:
        if span.start == span.stop:
            return Fraction(0)
        if self._aggregation.level is Level.TOTAL:
            return Fraction(sum(sum(row[span]) for row in scores.rows), len(scores.rows) * self.unit)
        if self._aggregation.level is Level.ITEM and self.trims:
            total = sum(sum(row[span]) for row in scores.rows)
            kept = total - sum(scores.highs[span]) - sum(scores.lows[span])
            return Fraction(kept, (len(scores.rows) - 2) * self.unit)
        return self.combined([sum(row[span]) for row in scores.rows])

    def _row(self, member: Member, bid: str) -> Row:
        entries = member.scores.get(bid, {})
        place = f"{member.place}.{bid}"
        if not isinstance(entries, dict):
            raise Refused(Code.SCHEMA, place)
        try:
            row = list(map(getitem, self._tables, self._pick(entries)))
        except (KeyError, TypeError, Refused):
            raise self._fault(entries, place) from None
        if len(entries) != len(row) + len(self._gates) or any(
            entries.get(gate.id) not in ("pass", "fail") for gate in self._gates
        ):
            raise self._fault(entries, place)
        return row

    def _fault(self, entries: Mapping[str, object], place: str) -> Refused:
        """What is wrong with a member's entries for a bid, and where: looked for only once something is."""
        gates = {gate.id for gate in self._gates}
        for name in [*self._ids, *sorted(gates)]:
            if name not in entries:
                return Refused(Code.SHEET_INCOMPLETE, f"{place}.{name}")
        for name, table in zip(self._ids, self._tables, strict=True):
            try:
                table[entries[name]]
            except Refused as fault:
                return Refused(fault.code, f"{place}.{fault.place}")
            except TypeError:
                return Refused(Code.SCHEMA, f"{place}.{name}")
        for name in sorted(entries.keys() - set(self._ids) - gates, key=str):
            return Refused(Code.UNKNOWN, f"{place}.{name}")
        wrong = next(name for name in sorted(gates) if entries[name] not in ("pass", "fail"))
        return Refused(Code.SCHEMA, f"{place}.{wrong}")


def _picker(names: Sequence[str]) -> Callable[[Mapping[str, object]], Iterable[object]]:
    """Takes the values of these names out of a mapping, in their order; raises KeyError for a missing one."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda entries: [entries[name] for name in names]


def _table(leaf: Leaf, unit: int) -> _Table:
    return _Counts(leaf, unit) if leaf.steps else _Points(leaf, unit)


def _unit(leaves: Iterable[Leaf]) -> int:
    """How many units a point has, so that all points of the file are integers."""
    unit: int = 10**POINTS_SCALE
    for leaf in leaves:
        for value in (leaf.max, *(count.points for count in leaf.steps.values())):
            while (value * unit).denominator != 1:
                unit *= 10
    return unit


def _entries(member: Member, bid: str) -> Mapping[str, object]:
    entries = member.scores[bid]
    assert isinstance(entries, dict)  # it has been read
    return entries
