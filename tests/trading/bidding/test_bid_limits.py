"""The stated limits are checked before anything is sealed."""

from __future__ import annotations

import pytest

from bidding_docs.codes import BadContent, OverLimit
from bidding_docs.content import MAX_NAME
from trading.bidding.limits import WrongType, check_files
from trading.bidding.schemas import Limits, PartLimit

LIMITS = Limits(
    parts=[
        PartLimit("technical", "技术文件", 1000, 2, ("pdf", "xlsx")),
        PartLimit("deposit", "投标担保", 10, 1, ()),
    ],
    max_total=1010,
    piece_size=8 << 20,
    max_name_bytes=MAX_NAME,
    max_capsule=4096,
    uploads_kept=5,
)


def test_files_within_the_limits_pass_whatever_the_case_of_their_ending() -> None:
    check_files({"technical": [("方案.PDF", 600), ("清单.xlsx", 400)], "deposit": [("保函", 10)]}, LIMITS)


@pytest.mark.parametrize(
    ("files", "refusal"),
    [
        ([("a.pdf", 600), ("b.pdf", 401)], OverLimit),
        ([("a.pdf", 1), ("b.pdf", 1), ("c.pdf", 1)], OverLimit),
        ([("a.exe", 1)], WrongType),
        ([("pdf.", 1)], WrongType),
        ([("../a.pdf", 1)], BadContent),
        ([("a.pdf", 1), ("a.pdf", 1)], BadContent),
        ([("x" * MAX_NAME + ".pdf", 1)], BadContent),
    ],
)
def test_size_number_type_and_name_are_each_refused(
    files: list[tuple[str, int]], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        check_files({"technical": files}, LIMITS)
