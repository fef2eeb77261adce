"""`result/1` as values."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import msgspec

from trading.evaluation.files import TECHNICAL
from trading.evaluation.scoring.exact import half_up


class Invalid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a bid was rejected; law and reason of the price checks are not in the document, but in `REASONS`."""

    code: str
    article: str | None
    reason: str | None
    gate: str | None


class Standing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one bid ended."""

    bid: str
    state: str
    rank: int | None
    tied: bool | None
    total: str | None
    corrected: str | None
    evaluated: str | None
    deviation: str | None
    sections: dict[str, str] | None
    shown: dict[str, str] | None
    invalid: Invalid | None

    def corrected_fen(self, read_out: int | None, *, rate: bool) -> int | None:
        """The price that binds, in fen; of a discount the sum that was read out beside it."""
        if rate:
            return read_out
        return None if self.corrected is None else int(Decimal(self.corrected) * 100)

    def evaluated_fen(self, read_out: int | None, *, rate: bool) -> int | None:
        """The price that is compared, rounded half-up to fen, for readers only; of a discount what its sum comes to."""
        if self.evaluated is None:
            return None
        compared = Fraction(self.evaluated) * 100
        if rate:
            assert read_out is not None  # only a rejected bid has no price
            assert self.corrected is not None
            compared = read_out * Fraction(self.evaluated) / Fraction(self.corrected)
        return int(half_up(compared, 0))


class Alarm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    member: str
    bid: str
    node: str
    deviation: str


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole result."""

    schema: str
    valid: int
    enough: bool
    benchmark: str | None
    standings: list[Standing]
    candidates: list[str]
    alarms: list[Alarm]

    @property
    def benchmark_yuan(self) -> Fraction | None:
        return None if self.benchmark is None else Fraction(self.benchmark)


REASONS = {
    "over_max_price": ("投标报价高于最高投标限价", "《中华人民共和国招标投标法实施条例》第五十一条第五项"),
    "no_price": ("没有有效的投标报价", "《中华人民共和国招标投标法实施条例》第五十一条第六项"),
    "unconfirmed": ("投标人未在规定时间内确认算术修正后的报价", "评标办法关于算术错误修正的规定"),
    "abnormal_price": ("投标报价异常低且不能说明其合理性", "评标办法关于异常低价的规定"),
    "same_brand": (
        "与其他供应商提供相同品牌产品，按一家投标人计算，不参加排序",
        "《政府采购货物和服务招标投标管理办法》第三十一条",
    ),
    TECHNICAL: ("技术评审未达到招标文件规定的最低得分，报价文件未开启", ""),
}
"""What a paper says of a rejection whose reason no gate gave, and by what."""

PURCHASE_REASONS = REASONS | {
    "over_max_price": (
        "报价超过采购预算或者最高限价",
        "《政府采购货物和服务招标投标管理办法》第六十三条第四项",
    ),
    "no_price": ("没有有效的报价", "《政府采购货物和服务招标投标管理办法》第六十三条第六项"),
    "unconfirmed": (
        "投标人未在规定时间内确认修正后的报价",
        "《政府采购货物和服务招标投标管理办法》第五十九条",
    ),
    "abnormal_price": (
        "报价明显低于其他投标人且不能证明其合理性",
        "《政府采购货物和服务招标投标管理办法》第六十条",
    ),
}


def reason_of(code: str, *, article: str, reason: str, purchase: bool) -> str:
    """A rejection as a paper tells it: the reason, and the article in brackets."""
    known = (PURCHASE_REASONS if purchase else REASONS).get(code, ("", ""))
    said, by = reason or known[0], article or known[1]
    return f"{said}（{by}）" if by else said
