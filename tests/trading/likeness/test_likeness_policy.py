"""What two bids share is listed with its article's item, and bids made apart share nothing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from trading.likeness.policy import ITEMS, BidFacts, FileFacts, Found, Sign, compare, pairs

TEMPLATE = "投标人应当按照招标文件的要求逐项填写下列承诺并加盖公章，未作出承诺的投标将被否决。" * 4
OWN = {
    1: "我方在东坝河段组织两个作业班组，白天开挖、夜间运输，遇雨停工并覆盖边坡。",
    2: "本工程护坡混凝土由自建拌和站供应，浇筑后十二小时内覆盖养护，养护不少于十四天。",
    3: "节制闸基坑采用轻型井点降水，井距一点五米，水位降至坑底以下零点五米后开挖。",
}


def varied(words: str, times: int) -> str:
    """A long text that repeats no passage."""
    return "".join(f"第{n}步{words}用工{n * 37}人机械{n * 53}台时" for n in range(times))


def bid(number: int, **more: Any) -> BidFacts:
    """A bid of its own, with the tender's form filled in."""
    prices = {1: 9_871_233_10, 2: 10_022_871_46, 3: 9_950_004_99}
    file = FileFacts(
        part="technical",
        name=f"方案{number}.pdf",
        sha256=f"file-{number}",
        authors=("招标代理", "Administrator"),
        text=TEMPLATE + f"投标人第{number}家" + varied(OWN[number], 20) + TEMPLATE,
    )
    facts = {"names": (f"第{number}河工工程有限公司",), "codes": (f"9137{number}MA",), "files": (file,)}
    return BidFacts(**{"number": number, "price_fen": prices[number], **facts, **more})


def file_of(facts: BidFacts, **more: Any) -> tuple[FileFacts, ...]:
    return (replace(facts.files[0], **more),)


KNOWN = [FileFacts(authors=("招标代理",), pictures=("given",), origins=("given",), text=TEMPLATE)]
APART = [bid(1), bid(2), bid(3)]


def signs(bids: list[BidFacts]) -> list[tuple[Sign, tuple[int, ...]]]:
    return [(one.sign, one.bids) for one in compare(bids, KNOWN)]


def both(**more: Any) -> list[BidFacts]:
    """Bids 1 and 3 with something in common, bid 2 without it."""
    return [replace(APART[0], **more), APART[1], replace(APART[2], **more)]


def both_files(**more: Any) -> list[BidFacts]:
    first, second, third = APART
    return [
        replace(first, files=file_of(first, **more)),
        second,
        replace(third, files=file_of(third, **more)),
    ]


def test_bids_on_the_tenders_own_form_share_nothing() -> None:
    assert compare(APART, KNOWN) == []
    assert [one.sign for one in compare(APART)] == [Sign.SAME_AUTHOR, *[Sign.SAME_TEXT] * 3]


@pytest.mark.parametrize(
    ("bids", "sign"),
    [
        (both(accounts={"6222": "某公司 ****6222"}), Sign.SAME_ACCOUNT),
        (both(handler=("u1", "张某")), Sign.SAME_HANDLER),
        (both(places=frozenset({"tag"})), Sign.SAME_PLACE),
        (both(persons=("李某", "ZJ-1")), Sign.SAME_PERSON),
        (both_files(origins=("uuid:1",)), Sign.SAME_ORIGIN),
        (both_files(authors=("王某",)), Sign.SAME_AUTHOR),
        (both_files(moment="D:20260301120000"), Sign.SAME_MOMENT),
        (both_files(pictures=("p1", "p2")), Sign.SAME_PICTURE),
        (both_files(fonts=("f1",)), Sign.SAME_FONT),
        (both(mistakes={("renamed", "0101", "土方"): "B3"}, bill_part="price"), Sign.SAME_MISTAKE),
        (both(price_fen=9_000_000_00), Sign.SAME_PRICE),
    ],
)
def test_what_two_bids_share_is_listed_once_under_its_item(bids: list[BidFacts], sign: Sign) -> None:
    found = signs(bids)

    assert set(found) == {(sign, (1, 3))}
    assert 1 <= ITEMS[sign] <= 6


def test_equal_files_are_not_listed_for_their_properties_too() -> None:
    bids = both_files(sha256="same", authors=("王某",), pictures=("p",), text="")

    assert signs(bids) == [(Sign.SAME_FILE, (1, 3))]


@pytest.mark.parametrize(
    "given",
    [{"pictures": ("given",)}, {"origins": ("given",)}, {"authors": ("招标代理", "用户", "ADMIN", "X")}],
)
def test_what_the_documents_hold_or_programs_write_is_no_sign(given: dict[str, Any]) -> None:
    assert compare(both_files(**given), KNOWN) == []


def test_copied_passages_are_found_between_others_and_told_with_their_length() -> None:
    copied = varied("围堰采用袋装土料填筑迎水面铺设土工膜", 12)
    first, second, third = APART
    mixed = [
        replace(first, files=file_of(first, text=first.files[0].text + copied)),
        second,
        replace(
            third, files=file_of(third, text=varied("另起", 9) + "，\n".join(copied) + third.files[0].text)
        ),
    ]

    (found,) = compare(mixed, KNOWN)

    assert (found.sign, found.bids, found.where) == (Sign.SAME_TEXT, (1, 3), ("方案1.pdf", "方案3.pdf"))
    assert found.of >= len(copied)
    assert "围堰采用袋装土料填筑" in found.what


def test_a_bid_that_names_another_bidder_is_listed_unless_they_bid_together() -> None:
    first, second, third = APART
    text = first.files[0].text + "乙方：第 2 河工工程有限公司（盖章）"
    named = replace(first, files=file_of(first, text=text))

    (found,) = compare([named, second, third], KNOWN)

    assert (found.sign, found.bids, found.where) == (Sign.NAMED_INSIDE, (1, 2), ("1. 方案1.pdf",))
    assert "乙方第2河工工程有限公司盖章" in found.what
    together = replace(named, names=(*named.names, "第2河工工程有限公司"))
    assert compare([together, third], KNOWN) == []
    person = replace(second, names=("作业班",), codes=())
    assert "作业班" in named.files[0].text
    assert compare([named, person], KNOWN) == []


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ((9_000_000_00, 9_100_000_00, 9_200_000_00), [(Sign.EVEN_STEPS, (1, 2, 3), "¥100,000.00")]),
        ((9_000_000_00, 9_090_000_00, 9_180_900_00), [(Sign.EVEN_RATIO, (1, 2, 3), "1.01")]),
        ((9_000_000_00, 9_100_000_00, 9_200_001_01), []),
        ((None, 9_100_000_00, 9_200_000_00), []),
    ],
)
def test_prices_that_rise_evenly_are_listed(
    prices: tuple[int | None, ...], expected: list[tuple[Sign, tuple[int, ...], str]]
) -> None:
    bids = [replace(one, price_fen=price) for one, price in zip(APART, prices, strict=True)]

    assert [(one.sign, one.bids, one.what) for one in compare(bids, KNOWN)] == expected


def lines(*prices: str) -> dict[str, Decimal]:
    return {f"{n:03d}": Decimal(price) for n, price in enumerate(prices)}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (lines(*"12345678"), lines(*"12345999"), [(Sign.SAME_UNIT_PRICES, 5, 8)]),
        (lines(*"12345678"), lines(*"12349999"), []),
        (lines("1.1", "2.2", "3.3", "4.4", "5.5"), lines(*"12345"), [(Sign.SCALED_UNIT_PRICES, 5, 5)]),
    ],
)
def test_unit_prices_are_listed_when_many_lines_agree(
    first: dict[str, Decimal], second: dict[str, Decimal], expected: list[tuple[Sign, int, int]]
) -> None:
    bids = [replace(APART[0], unit_prices=first), replace(APART[1], unit_prices=second)]

    assert [(one.sign, one.count, one.of) for one in compare(bids, KNOWN)] == expected


def test_pairs_with_the_most_kinds_of_signs_come_first() -> None:
    found = [
        Found(Sign.SAME_AUTHOR, (1, 2, 3), "王某"),
        Found(Sign.SAME_PRICE, (2, 3), "1.00"),
    ]

    assert [(two, len(ones)) for two, ones in pairs(found).items()] == [((2, 3), 2), ((1, 2), 1), ((1, 3), 1)]
