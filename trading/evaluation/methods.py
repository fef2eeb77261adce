"""What `evaluation/1` says, in the words of a Chinese report."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from trading.evaluation.entries import plain

Document = dict[str, Any]


def method_name(file: Document) -> str:
    """The method as the law calls it."""
    if file["regime"] == "GP":
        if file["procedure"] == "consultation":
            return "综合评分法（竞争性磋商）"
        return "综合评分法" if file["method"] == "COMPREHENSIVE" else "最低评标价法"
    return "综合评估法" if file["method"] == "COMPREHENSIVE" else "经评审的最低投标价法"


def aggregation_text(file: Document, members: int) -> str:
    """How the members' points become those of a section."""
    said = file["aggregation"]
    alone = "评标委员会成员独立评分，评分表锁定后不得修改；客观评分项全体成员评分一致，取该一致分。"
    if file["method"] != "COMPREHENSIVE":
        return "评标委员会成员独立评审，评审意见锁定后不得修改。"
    of = {"SECTION": "各部分主观分合计", "ITEM": "各评分项", "TOTAL": "全部主观分合计"}[said["level"]]
    if said["rule"] == "MEAN" or members < said["from"]:
        return f"{alone}{of}取全体成员评分的算术平均值。"
    return f"{alone}{of}取全体成员评分去掉一个最高分和一个最低分后的算术平均值。"


def rounding_text(file: Document) -> str:
    """When and how far points are rounded; nothing where there are none."""
    if file["method"] != "COMPREHENSIVE":
        return ""
    scale, stage = file["rounding"]["scale"], file["rounding"]["stage"]
    if stage == "EACH_ITEM":
        return f"各部分得分分别四舍五入保留{scale}位小数后相加为总分。"
    first = f"报价偏差率先四舍五入保留{scale}位小数；" if stage == "DEVIATION_RATE" else ""
    return f"{first}总分按未舍入的各部分得分相加后四舍五入保留{scale}位小数，所列各部分得分之和可能与总分末位略有出入。"


def price_text(file: Document, opening: Document) -> list[str]:
    """How prices are compared, with the values that were drawn."""
    price, drawn = file["price"], opening["draws"]
    policies = [f"{one['name']}（{_percent(one['rate'])}）" for one in file["policies"]]
    lines = [f"享受价格评审优惠政策的，按下列比例计算评审价格：{'、'.join(policies)}。"] if policies else []
    if file["method"] != "COMPREHENSIVE":
        return [*lines, "按评审价格由低到高排序；评审价格只用于评审，合同价格以投标报价为准。"]
    if price is None:
        return [*lines, "价格固定，不设价格分。"]
    most = next(node["max"] for node in file["criteria"] if node["kind"] == "FORMULA")
    if price["rule"] == "LOW_PRICE_FIRST":
        return [
            *lines,
            f"采用低价优先法：有效投标的评审价格中的最低价为评标基准价，价格得分＝评标基准价÷评审价格×{most}。",
        ]
    basis = "通过初步评审的投标" if price["benchmark_basis"] == "AFTER_PRELIM_REVIEW" else "开标时全部有效"
    compared = "算术修正后的报价" if price["basis"] == "CORRECTED" else "开标时公布的报价"
    lines.append(
        f"评标基准价以{basis}报价计算：{_family(price['benchmark'], drawn)}。参与评分的报价为{compared}。"
    )
    lines.append(_curve(price, most))
    return lines


def _curve(price: Document, most: str) -> str:
    band = "报价等于评标基准价的得满分"
    if price["full_from"] != price["full_to"]:
        band = f"报价偏差率在{price['full_from']}%至{price['full_to']}%之间的得满分"
    floor = "扣至0分为止" if price["rule"] == "HIGHWAY" else f"最低得{price['floor']}分"
    scale = "先按100分计，再折算为本部分满分；" if price["rule"] == "HIGHWAY" else ""
    return (
        f"{scale}{band}{most}分；每高1%扣{_plain(price['e1'])}分，每低1%扣{_plain(price['e2'])}分，"
        f"不足1%的按线性内插计算，{floor}。"
    )


def _family(said: Document, drawn: dict[str, str]) -> str:
    def value(name: str) -> str:
        given = said[name]
        return f"{drawn[given['draw']]}（开标时抽取）" if isinstance(given, dict) else str(given)

    family = said["family"]
    inner = _family(said["inner"], drawn) if "inner" in said else ""
    if family == "MEAN":
        return "全部报价的算术平均值"
    if family == "TRIM_MEAN_HL":
        return (
            f"报价不少于{said['from']}个时，去掉{said['high']}个最高价和{said['low']}个最低价后的算术平均值，"
            "否则为全部报价的算术平均值"
        )
    if family == "TRIM_PCT":
        return f"报价不少于7个时两端各去掉{_percent(said['share'])}，4至6个时去掉最高价后的算术平均值，2、3个时取次低价"
    if family == "ITERATIVE":
        return f"逐一去掉与平均值偏差超过{_percent(said['limit'])}且偏差最大的报价后，算术平均值乘以{value('factor')}"
    if family == "DRAW_K":
        form = "（1－K）" if said["form"] == "ONE_MINUS_K" else "K"
        return f"A×{form}，A为{inner}，K={value('k')}"
    if family == "MIX_CONTROL":
        parts = f"K1={value('k1')}，K2={value('k2')}，Q1={value('q1')}"
        return f"A×K1×Q1＋最高投标限价×K2×（1－Q1），A为{inner}，{parts}"
    if family == "ABC":
        a, b, c = said["weights"]
        return (
            f"（A×{a}＋B×{b}＋C×{c}）×K，A为最高投标限价×（1－{value('delta')}），B为开标抽取的投标报价，"
            f"C为不低于下限的最低报价，K={value('k')}"
        )
    return f"从范围内报价中按开标时的抽签顺序取若干个，{inner}，最高投标限价所占比重{value('max_share')}"


def _percent(share: str) -> str:
    return f"{plain(Decimal(share) * 100)}%"


def _plain(number: str) -> str:
    return plain(Decimal(number))
