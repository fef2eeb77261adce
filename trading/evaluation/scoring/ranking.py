"""Who comes first: by method and regime, with one bid of each brand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from trading.evaluation.scoring.tender_file import Method, Procedure, Regime, TenderFile

Key = tuple[Fraction, ...]


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


def ranked(contenders: Iterable[Contender], file: TenderFile) -> list[Place]:
    """The places in order; of a brand only its first bid has one (87号令 art. 31)."""
    staying = _one_of_each_brand(contenders, file)
    staying.sort(key=lambda one: _key(one, file))
    ordered = sorted(zip(_keys(staying, file), (one.bid for one in staying), strict=True))
    places: list[Place] = []
    for _, group in groupby(ordered, key=lambda entry: entry[0]):
        bids, rank = [bid for _, bid in group], len(places) + 1
        places += [Place(bid, rank, tied=len(bids) > 1) for bid in bids]
    return places


def _key(one: Contender, file: TenderFile) -> Key:
    """What the rules of the regime compare before they call bids parallel; less is better."""
    if one.total is None:
        return (one.evaluated, one.corrected) if file.regime is Regime.TB else (one.evaluated,)
    if file.regime is Regime.TB or file.procedure is Procedure.CONSULTATION:
        return (-one.total, one.corrected, *(-points for points in one.ties))
    return (-one.total, one.corrected)


def _one_of_each_brand(contenders: Iterable[Contender], file: TenderFile) -> list[Contender]:
    firsts: dict[str, Contender] = {}
    for one in contenders:
        name = f"bid {one.bid}" if one.brand is None else f"brand {one.brand}"
        first = firsts.setdefault(name, one)
        if (_key(one, file), one.ticket) < (_key(first, file), first.ticket):
            firsts[name] = one
    return list(firsts.values())


def _keys(staying: Sequence[Contender], file: TenderFile) -> list[tuple[Key, Key, str]]:
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
