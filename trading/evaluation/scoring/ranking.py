"""Who comes first: by method and regime, with one bid of each brand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from trading.evaluation.scoring.given import Code, Refused
from trading.evaluation.scoring.tender_file import Method, Procedure, Regime, TenderFile

Key = tuple[Fraction, ...]
Rank = tuple[Key, Key, str]
"""What is compared first, what the documents compare among parallel first places, and the ticket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A valid bid as it is compared; `ties` are its points in the sections that decide between equals."""

    bid: str
    total: Fraction | None
    corrected: Fraction
    evaluated: Fraction
    ties: tuple[Fraction, ...]
    brand: str | None
    ticket: str


@dataclass(frozen=True, slots=True)
class Place:
    """A bid's rank, and whether others share it."""

    bid: str
    rank: int
    tied: bool


@dataclass(frozen=True, slots=True)
class Ranking:
    """The places in order, and the bids between which nothing but their tickets decided."""

    places: tuple[Place, ...]
    drawn: frozenset[str]


def ranked(contenders: Iterable[Contender], file: TenderFile) -> Ranking:
    """Rank the bids; of a brand only its first one has a place (87号令 art. 31)."""
    brands: dict[str, list[Contender]] = {}
    for one in contenders:
        name = f"bid {one.bid}" if one.brand is None else f"brand {one.brand}"
        brands.setdefault(name, []).append(one)
    equals = [_equally_first(group, file) for group in brands.values()]
    staying = [min(group, key=lambda one: one.ticket) for group in equals]
    staying.sort(key=lambda one: _key(one, file))
    keys = _keys(staying, file)
    ordered = sorted(zip(keys, (one.bid for one in staying), strict=True))
    places: list[Place] = []
    for _, group in groupby(ordered, key=lambda entry: entry[0]):
        bids, rank = [bid for _, bid in group], len(places) + 1
        places += [Place(bid, rank, tied=len(bids) > 1) for bid in bids]
    drawn = {one.bid for group in equals if len(group) > 1 for one in group}
    return Ranking(tuple(places), frozenset(drawn | _told_apart(ordered)))


def _told_apart(ordered: Sequence[tuple[Rank, str]]) -> set[str]:
    """The bids that only their tickets tell apart."""
    ticketed = [(key[:2], bid) for key, bid in ordered if key[2]]
    alike = Counter(key for key, _ in ticketed)
    return {bid for key, bid in ticketed if alike[key] > 1}


def _key(one: Contender, file: TenderFile) -> Key:
    """What the rules of the regime compare before they call bids parallel; less is better."""
    if one.total is None:
        return (one.evaluated, one.corrected) if file.regime is Regime.TB else (one.evaluated,)
    if file.regime is Regime.TB or file.procedure is Procedure.CONSULTATION:
        return (-one.total, one.corrected, *(-points for points in one.ties))
    return (-one.total, one.corrected)


def _equally_first(group: Sequence[Contender], file: TenderFile) -> list[Contender]:
    """The best bids of one brand; refused where only a draw could tell which of them stays, and there was none."""
    best = min(_key(one, file) for one in group)
    equal = [one for one in group if _key(one, file) == best]
    if len(equal) > 1 and not equal[0].ticket:
        raise Refused(Code.DRAW_MISSING, "opening.tickets")
    return equal


def _keys(staying: Sequence[Contender], file: TenderFile) -> list[Rank]:
    """Each bid's key; in a purchase by tender those in the first place are told apart (87号令 art. 68)."""
    parallel_first = file.regime is Regime.GP and file.procedure is Procedure.TENDER
    keys = []
    for one in staying:
        key = _key(one, file)
        if parallel_first and key == _key(staying[0], file):
            ties = tuple(-points for points in one.ties) if file.method is Method.COMPREHENSIVE else ()
            keys.append((key, ties, one.ticket))
        else:
            keys.append((key, (), ""))
    return keys
