"""Pieces of files as browsers ask for them."""

from __future__ import annotations

import pytest

from govcore.web.ranges import RangeOutside, piece_of


@pytest.mark.parametrize(
    ("header", "piece"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-99", (0, 100)),
        ("bytes=5-", (5, 95)),
        ("bytes=90-500", (90, 10)),
        ("bytes=-7", (93, 7)),
        ("bytes=-500", (0, 100)),
        ("bytes = 1-2", (1, 2)),
        ("", None),
        ("bytes=-", None),
        ("bytes=9-3", None),
        ("bytes=0-1,5-6", None),
        ("items=0-1", None),
        ("bytes=-1-2", None),
    ],
)
def test_a_single_range_is_a_piece_and_everything_else_the_whole(
    header: str, piece: tuple[int, int] | None
) -> None:
    assert piece_of(header, 100) == piece


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_piece_beyond_the_file_is_refused(header: str) -> None:
    with pytest.raises(RangeOutside):
        piece_of(header, 100)
