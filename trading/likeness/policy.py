"""Which signs the law names, and which of them a lot's opened bids show: who, what, where; no score, no verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import combinations, pairwise
from typing import TypeVar

from trading.likeness.passages import Passages, plain

K = TypeVar("K", bound=Hashable)

LEAST_EQUAL_PRICES = 5
"""So many unit prices have to be equal before two bills are listed (default, not verified)."""
SHARE_OF_EQUAL_PRICES = Decimal("0.2")
"""And so large a share of the lines that both price (default, not verified)."""
LEAST_NAME = 4
"""Shorter names, as natural persons have, stand in any text."""
STEP = 100
"""Differences between prices count as equal when they differ by at most so many fen (default, not verified)."""
COMMON_NAMES = frozenset(
    {"admin", "administrator", "user", "windows", "windows用户", "microsoft", "hp", "lenovo", "dell", "pc",
     "wps", "用户", "anonymous", "unknown", "未知", "pythondocx", "openpyxl"}
)  # fmt: skip
"""What programs write where nobody set a name: it tells nothing of who wrote."""


class Sign(StrEnum):
    """What two bids have in common; the value is kept, the order is the one of the report."""

    SAME_ACCOUNT = "same_account"
    SAME_HANDLER = "same_handler"
    SAME_PLACE = "same_place"
    SAME_PERSON = "same_person"
    NAMED_INSIDE = "named_inside"
    SAME_ORIGIN = "same_origin"
    SAME_AUTHOR = "same_author"
    SAME_MOMENT = "same_moment"
    SAME_FILE = "same_file"
    SAME_TEXT = "same_text"
    SAME_PICTURE = "same_picture"
    SAME_FONT = "same_font"
    SAME_MISTAKE = "same_mistake"
    SAME_UNIT_PRICES = "same_unit_prices"
    SCALED_UNIT_PRICES = "scaled_unit_prices"
    SAME_PRICE = "same_price"
    EVEN_STEPS = "even_steps"
    EVEN_RATIO = "even_ratio"


ITEMS: Mapping[Sign, int] = {
    Sign.SAME_ORIGIN: 1,
    Sign.SAME_AUTHOR: 1,
    Sign.SAME_MOMENT: 1,
    Sign.SAME_FONT: 1,
    Sign.SAME_HANDLER: 2,
    Sign.SAME_PLACE: 2,
    Sign.SAME_PERSON: 3,
    Sign.SAME_FILE: 4,
    Sign.SAME_TEXT: 4,
    Sign.SAME_PICTURE: 4,
    Sign.SAME_MISTAKE: 4,
    Sign.SAME_UNIT_PRICES: 4,
    Sign.SCALED_UNIT_PRICES: 4,
    Sign.SAME_PRICE: 4,
    Sign.EVEN_STEPS: 4,
    Sign.EVEN_RATIO: 4,
    Sign.NAMED_INSIDE: 5,
    Sign.SAME_ACCOUNT: 6,
}
"""The item of 实施条例 art. 40 that a sign belongs to; 87号令 art. 37 counts the same six in the same order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What a file of a bid tells beside what it shows; `text` is what can be read in it, as far as it was read.

    Very small files have no `sha256`: they are equal by chance.
    """

    part: str = ""
    name: str = ""
    sha256: str = ""
    authors: tuple[str, ...] = ()
    moment: str = ""
    origins: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    fonts: tuple[str, ...] = ()
    text: str = ""
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BidFacts:
    """One opened bid: who stands behind it, what it says, and its files; money in fen, unit prices in yuan."""

    number: int
    names: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    price_fen: int | None = None
    handler: tuple[str, str] | None = None
    """Who signed it: the account's id, and the name to show."""
    persons: tuple[str, ...] = ()
    accounts: Mapping[str, str] = field(default_factory=dict)
    """Accounts that paid for it, each with how it is shown."""
    places: frozenset[str] = frozenset()
    unit_prices: Mapping[str, Decimal] = field(default_factory=dict)
    mistakes: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    """Each mistake in its bill by kind, line and what is written, with where it stands."""
    bill_part: str = ""
    files: tuple[FileFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A sign: the numbers of the bids that share it, the parts it was found in, what is equal, where it stands.

    `count` of `of` is how much, where that can be counted.
    """

    sign: Sign
    bids: tuple[int, ...]
    what: str
    parts: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    count: int = 0
    of: int = 0


def compare(bids: Sequence[BidFacts], known: Sequence[FileFacts] = ()) -> list[Found]:
    """All signs in a lot's bids, in the order of the report; what the tender's own documents hold is none."""
    given = Passages.of(one.text for one in known)
    texts = {bid.number: given.without([(one.name, one.text) for one in bid.files]) for bid in bids}
    found = [*_parties(bids), *_files(bids, known), *_named(bids, texts), *_texts(bids, texts)]
    found += [*_bills(bids), *_prices(bids)]
    order = list(Sign)
    return sorted(found, key=lambda one: (order.index(one.sign), one.bids, one.what))


def pairs(found: Iterable[Found]) -> dict[tuple[int, int], list[Found]]:
    """The signs by two bids, those with the most kinds of signs first; one that many share stands under each two."""
    by_pair: dict[tuple[int, int], list[Found]] = defaultdict(list)
    for one in found:
        for first, second in combinations(sorted(one.bids), 2):
            by_pair[first, second].append(one)
    return dict(sorted(by_pair.items(), key=lambda entry: (-len({one.sign for one in entry[1]}), entry[0])))


def _shared(
    bids: Sequence[BidFacts], values: Callable[[BidFacts], Iterable[K]]
) -> dict[K, tuple[BidFacts, ...]]:
    """The values that more than one bid has, each with those bids."""
    holders: dict[K, list[BidFacts]] = defaultdict(list)
    for bid in bids:
        for value in dict.fromkeys(values(bid)):
            holders[value].append(bid)
    return {value: tuple(found) for value, found in holders.items() if len(found) > 1}


def _numbers(bids: Iterable[BidFacts]) -> tuple[int, ...]:
    return tuple(bid.number for bid in bids)


def _parties(bids: Sequence[BidFacts]) -> list[Found]:
    found = [
        Found(Sign.SAME_ACCOUNT, _numbers(those), those[0].accounts[account])
        for account, those in _shared(bids, lambda bid: bid.accounts).items()
    ]
    found += [
        Found(Sign.SAME_HANDLER, _numbers(those), name)
        for (_, name), those in _shared(bids, lambda bid: [bid.handler] if bid.handler else []).items()
    ]
    found += [
        Found(Sign.SAME_PERSON, _numbers(those), person)
        for person, those in _shared(bids, lambda bid: bid.persons).items()
    ]
    together = {_numbers(those) for those in _shared(bids, lambda bid: bid.places).values()}
    return found + [Found(Sign.SAME_PLACE, those, "") for those in sorted(together)]


_KINDS: Mapping[Sign, Callable[[FileFacts], Iterable[str]]] = {
    Sign.SAME_ORIGIN: lambda one: one.origins,
    Sign.SAME_AUTHOR: lambda one: [name for name in one.authors if _names_somebody(name)],
    Sign.SAME_MOMENT: lambda one: [one.moment] if one.moment else [],
    Sign.SAME_FILE: lambda one: [one.sha256] if one.sha256 else [],
    Sign.SAME_PICTURE: lambda one: one.pictures,
    Sign.SAME_FONT: lambda one: one.fonts,
}
"""What is compared of files by its value alone."""
HASHED = frozenset({Sign.SAME_FILE, Sign.SAME_PICTURE, Sign.SAME_FONT})


def _files(bids: Sequence[BidFacts], known: Sequence[FileFacts]) -> list[Found]:
    """Equal properties; equal files are not listed once more for each property that makes them equal."""
    same = set(_shared(bids, lambda bid: [one.sha256 for one in bid.files if one.sha256]))
    found = []
    for sign, values_of in _KINDS.items():
        ours = {value for one in known for value in values_of(one)}
        places: dict[str, dict[int, FileFacts]] = defaultdict(dict)
        for bid in bids:
            for one in bid.files:
                if sign is Sign.SAME_FILE or one.sha256 not in same:
                    for value in values_of(one):
                        places[value].setdefault(bid.number, one)
        by_holders: dict[tuple[tuple[int, str], ...], list[str]] = defaultdict(list)
        for value, holders in places.items():
            if len(holders) > 1 and value not in ours:
                by_holders[tuple((n, f"{one.part}/{one.name}") for n, one in holders.items())].append(value)
        for where, values in by_holders.items():
            found.append(_file_sign(sign, where, values, places))
    return found


def _file_sign(
    sign: Sign,
    where: tuple[tuple[int, str], ...],
    values: Sequence[str],
    places: Mapping[str, Mapping[int, FileFacts]],
) -> Found:
    holders = places[values[0]]
    return Found(
        sign,
        tuple(number for number, _ in where),
        "、".join(f"{one[:16]}…" if sign in HASHED else one for one in sorted(values)[:3]),
        parts=tuple(dict.fromkeys(one.part for one in holders.values())),
        where=tuple(one.name for one in holders.values()),
        count=len(values),
    )


def _names_somebody(name: str) -> bool:
    return len(plain(name)) > 1 and plain(name) not in COMMON_NAMES


def _named(bids: Sequence[BidFacts], texts: Mapping[int, Passages]) -> list[Found]:
    """Bids whose files name another bidder, who is no member of the same consortium."""
    found = []
    for bid in bids:
        own = {plain(name) for name in (*bid.names, *bid.codes)}
        for other in bids:
            for name in () if other is bid else (*other.names, *other.codes):
                words = plain(name)
                known = len(words) < LEAST_NAME or words in own
                place = None if known else texts[bid.number].find(words)
                if place is not None:
                    files = {one.name: one.part for one in bid.files}
                    both = tuple(sorted((bid.number, other.number)))
                    where = (f"{bid.number}. {place.file}",)
                    found.append(Found(Sign.NAMED_INSIDE, both, place.around, (files[place.file],), where))
                    break
    return found


def _texts(bids: Sequence[BidFacts], texts: Mapping[int, Passages]) -> list[Found]:
    found = []
    for at, second in enumerate(bids):
        index = texts[second.number].index()
        for first in bids[:at]:
            same = texts[first.number].equal(index)
            if not same:
                continue
            longest = max(same, key=lambda one: one.length)
            parts = {
                one.part
                for bid, places in ((first, [s.file for s in same]), (second, [s.other for s in same]))
                for one in bid.files
                if one.name in places
            }
            found.append(
                Found(
                    Sign.SAME_TEXT,
                    (first.number, second.number),
                    longest.text,
                    parts=tuple(sorted(parts)),
                    where=(longest.file, longest.other),
                    count=len(same),
                    of=sum(one.length for one in same),
                )
            )
    return found


def _bills(bids: Sequence[BidFacts]) -> list[Found]:
    """Mistakes that two bills share, and unit prices that are equal or stand in one ratio in line after line."""
    found = [
        Found(
            Sign.SAME_MISTAKE,
            _numbers(those),
            " ".join(one for one in (code, given) if one),
            parts=tuple(dict.fromkeys(bid.bill_part for bid in those)),
            where=tuple(bid.mistakes[kind, code, given] for bid in those),
        )
        for (kind, code, given), those in _shared(bids, lambda bid: bid.mistakes).items()
    ]
    for first, second in combinations(bids, 2):
        lines = [code for code in first.unit_prices if second.unit_prices.get(code)]
        ratios: dict[Decimal, list[str]] = defaultdict(list)
        for code in lines:
            ratios[round(first.unit_prices[code] / second.unit_prices[code], 4)].append(code)
        least = max(LEAST_EQUAL_PRICES, int(SHARE_OF_EQUAL_PRICES * len(lines)))
        for ratio, codes in ratios.items():
            equal = [code for code in codes if first.unit_prices[code] == second.unit_prices[code]]
            same, count = (True, len(equal)) if ratio == 1 else (False, len(codes))
            if count >= least:
                found.append(
                    Found(
                        Sign.SAME_UNIT_PRICES if same else Sign.SCALED_UNIT_PRICES,
                        (first.number, second.number),
                        "、".join((equal if same else codes)[:5]) if same else f"1 : {ratio.normalize():f}",
                        parts=tuple(dict.fromkeys((first.bill_part, second.bill_part))),
                        count=count,
                        of=len(lines),
                    )
                )
    return found


def _prices(bids: Sequence[BidFacts]) -> list[Found]:
    """Equal prices, and three or more neighbours that rise by one amount or by one ratio."""
    priced = sorted((bid.price_fen, bid.number) for bid in bids if bid.price_fen is not None)
    by_price: dict[int, list[int]] = defaultdict(list)
    for price, number in priced:
        by_price[price].append(number)
    found = [
        Found(Sign.SAME_PRICE, tuple(those), _yuan(price))
        for price, those in by_price.items()
        if len(those) > 1
    ]
    rising = [(price, those[0]) for price, those in by_price.items()]
    steps = _runs(rising, lambda a, b, c: abs((c - b) - (b - a)) <= STEP)
    found += [
        Found(Sign.EVEN_STEPS, tuple(n for _, n in run), _yuan(run[1][0] - run[0][0]), count=len(run))
        for run in steps
    ]
    # b² is a·c within a millionth where both ratios are the same to six places
    ratios = _runs(rising, lambda a, b, c: a > 0 and abs(a * c - b * b) * 1_000_000 <= b * b)
    for run in ratios:
        numbers = tuple(n for _, n in run)
        if not any(set(numbers) <= set(one.bids) for one in found):
            ratio = round(Decimal(run[1][0]) / Decimal(run[0][0]), 6)
            found.append(Found(Sign.EVEN_RATIO, numbers, f"{ratio.normalize():f}", count=len(run)))
    return found


def _runs(
    rising: Sequence[tuple[int, int]], even: Callable[[int, int, int], bool]
) -> list[list[tuple[int, int]]]:
    """The longest runs of neighbours of which every three are even."""
    runs: list[list[tuple[int, int]]] = []
    going = False
    for (first, second), (_, third) in pairwise(pairwise(rising)):
        if not even(first[0], second[0], third[0]):
            going = False
        elif going:
            runs[-1].append(third)
        else:
            runs.append([first, second, third])
            going = True
    return runs


def _yuan(fen: int) -> str:
    return f"¥{Decimal(fen).scaleb(-2):,.2f}"
