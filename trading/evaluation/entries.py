"""What a member may enter for a criterion, what it comes to, and how a sheet grows: rules without a database."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from govcore.errors import Problem

Value = str | dict[str, int]
"""Points as text with at most two decimals, or how often each step holds: as `sheets/1` writes them."""

Marks = Mapping[str, Mapping[str, Value]]
"""A sheet: bid -> leaf -> what was entered; an emptied field is not in it."""

WHY_MAX = 200

SHEET_TYPE = "application/vnd.bidseal.score-sheet+json"
"""What the signature under a sheet says it signs."""

_POINTS = re.compile(r"\d{1,3}(?:\.\d{1,2})?", re.ASCII)
_COUNT = re.compile(r"\d{1,3}", re.ASCII)


class Kind(StrEnum):
    """How a leaf of the criteria is scored."""

    MANUAL = "MANUAL"
    BAND = "BAND"
    ADDITIVE = "ADDITIVE"
    DEDUCTION = "DEDUCTION"


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """An interval of points, ends included."""

    name: str
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What holds at most `most` times and is worth `points` each time."""

    id: str
    name: str
    points: Decimal
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A criterion that members score; of an objective one all must find the same points."""

    id: str
    name: str
    section: str
    kind: Kind
    max: Decimal
    objective: bool = False
    rule: str = ""
    bands: tuple[Band, ...] = ()
    steps: tuple[Step, ...] = ()


class UnknownScore(Problem):
    code = "E_SCORE_UNKNOWN"
    status = 422
    text = "The sheet names a bid or an item that is not scored in this lot."


class ScoreOutOfRange(Problem):
    code = "E_SCORE_RANGE"
    status = 422
    text = "Points for “{item}” must be a number from 0 to {maximum} with at most two decimals."


class OutsideBands(ScoreOutOfRange):
    code = "E_SCORE_BAND"
    text = "{points} points for “{item}” lie in none of its bands: {bands}."


class StepOutOfRange(ScoreOutOfRange):
    code = "E_SCORE_STEP"
    text = "“{step}” of “{item}” holds a whole number of times, from 0 to {most}."


class WhyMissing(Problem):
    code = "E_SCORE_WHY"
    status = 422
    text = "You had finished this bid: say in at most {most} characters why you change “{item}”."


def entered(leaf: Leaf, given: object, *, bid: str = "") -> Value | None:
    """What was typed for a leaf of a bid, checked; nothing for an empty field. A refusal names bid, leaf and step."""
    if leaf.steps:
        if not isinstance(given, Mapping) or not given.keys() <= {step.id for step in leaf.steps}:
            raise UnknownScore
        found = {step.id: _count(leaf, step, given.get(step.id, ""), bid) for step in leaf.steps}
        return {name: count for name, count in found.items() if count is not None} or None
    if not isinstance(given, str):
        raise UnknownScore
    return _points(leaf, given.strip(), bid) if given.strip() else None


def _points(leaf: Leaf, text: str, bid: str) -> str:
    if _POINTS.fullmatch(text) is None or Decimal(text) > leaf.max:
        raise ScoreOutOfRange(item=leaf.name, maximum=plain(leaf.max), bid=bid, leaf=leaf.id)
    points = Decimal(text)
    if leaf.bands and not any(band.low <= points <= band.high for band in leaf.bands):
        bands = ", ".join(f"{band.name} {plain(band.low)}–{plain(band.high)}" for band in leaf.bands)
        raise OutsideBands(item=leaf.name, points=text, bands=bands, bid=bid, leaf=leaf.id)
    return f"{points:.2f}"


def _count(leaf: Leaf, step: Step, given: object, bid: str) -> int | None:
    text = str(given).strip() if isinstance(given, (str, int)) and not isinstance(given, bool) else "?"
    if not text:
        return None
    if _COUNT.fullmatch(text) is None or int(text) > step.most:
        where = {"bid": bid, "leaf": leaf.id, "place": step.id}
        raise StepOutOfRange(item=leaf.name, step=step.name, most=step.most, **where)
    return int(text)


def filled(leaf: Leaf, value: Value | None) -> bool:
    """Whether nothing of the leaf is open."""
    return value is not None and (isinstance(value, str) or len(value) == len(leaf.steps))


def points(leaf: Leaf, value: Value | None) -> Decimal | None:
    """What an entry comes to; nothing while something of it is open."""
    if value is None or not filled(leaf, value):
        return None
    if isinstance(value, str):
        return Decimal(value)
    held = sum((step.points * value[step.id] for step in leaf.steps), Decimal(0))
    return min(leaf.max, held) if leaf.kind is Kind.ADDITIVE else max(Decimal(0), leaf.max - held)


def open_fields(leaves: Sequence[Leaf], bids: Iterable[str], marks: Marks) -> int:
    """How many leaves of these bids are not filled."""
    return sum(1 for bid in bids for leaf in leaves if not filled(leaf, marks.get(bid, {}).get(leaf.id)))


def finished(leaves: Sequence[Leaf], bid: str, marks: Marks) -> bool:
    """Whether a bid's sheet was filled to the end: from then on every change of it has a reason."""
    return open_fields(leaves, [bid], marks) == 0


@dataclass(frozen=True, slots=True)
class Change:
    """One field that gets another value; nothing for a field that is emptied."""

    bid: str
    leaf: Leaf
    value: Value | None


def changes(
    leaves: Mapping[str, Leaf], bids: Iterable[str], before: Marks, given: Mapping[str, Mapping[str, object]]
) -> list[Change]:
    """What saving would change; what is named as it was is no change. Raise for what cannot be entered."""
    known, found = set(bids), []
    for bid, fields in given.items():
        if bid not in known or not fields.keys() <= leaves.keys():
            raise UnknownScore
        for name, raw in fields.items():
            value = entered(leaves[name], raw, bid=bid)
            if value != before.get(bid, {}).get(name):
                found.append(Change(bid, leaves[name], value))
    return found


def reason_for(changed: Sequence[Change], leaves: Sequence[Leaf], before: Marks, why: str) -> str:
    """The reason without blanks around it; raise `WhyMissing` where a finished bid changes without one."""
    why = why.strip()
    late = [one for one in changed if finished(leaves, one.bid, before)]
    if (late and not why) or len(why) > WHY_MAX:
        raise WhyMissing(most=WHY_MAX, item=(late or changed)[0].leaf.name)
    return why


def sheet_document(*, lot_id: str, number: int, seat: int, criteria_sha256: str, marks: Marks) -> bytes:
    """What a member signs: its sheet under the number of its seat, as JSON with sorted members and no blanks."""
    said = {
        "type": "score-sheet",
        "lot_id": lot_id,
        "evaluation": number,
        "seat": seat,
        "criteria_sha256": criteria_sha256,
        "scores": marks,
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def plain(number: Decimal) -> str:
    """A number without needless zeros: `25`, `0.5`."""
    return f"{number.normalize():f}"
