"""How prices and points count, in Chinese: what the book of documents says, and the report with what was drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from trading.procedure.paper_words import PaperWords
from trading.tender.criteria import (
    Abc,
    Benchmark,
    DrawK,
    Drawn,
    DrawnNumber,
    DrawSubset,
    Iterative,
    Mean,
    MixControl,
    PricePolicy,
    PriceRule,
    Range,
    TrimMean,
    TrimShare,
)
from trading.tender.evaluation_file import EvaluationFile
from trading.tender.schemas import BRAND, TenderContent

_EFFECTS = {"DISCOUNT": "以扣除{rate}%后的价格参加评审，中标价仍为投标报价", "ADD_ON": "价格分增加{rate}%"}
_BASES = {
    "AFTER_PRELIM_REVIEW": "参与基准价计算的投标为通过初步评审的投标",
    "AT_OPENING_ALL_VALID": "参与基准价计算的投标为开标时报价不高于最高投标限价的全部投标，其后不因投标被否决而改变",
}

Values = Mapping[str, str]
"""What was drawn, by draw; empty in the book, where draws have their names only."""


def method_name(content: TenderContent, *, purchase: bool) -> str:
    """The method as the law calls it."""
    if not content.scored:
        return "最低评标价法" if purchase else "经评审的最低投标价法"
    consulting = "（竞争性磋商）" if content.procedure == "consultation" else ""
    return f"综合评分法{consulting}" if purchase else "综合评估法"


def price_texts(content: TenderContent, file: EvaluationFile, *, drawn: Values | None = None) -> list[str]:
    """All sentences about prices, in the order in which they are applied."""
    drawn = drawn or {}
    texts = [*_discount(content, file), *_method(content.price, file, drawn)]
    texts += [_policy(policy) for policy in content.price_policies]
    for one in content.adjustments:
        cost = f"{percent(one.rate)}%的报价" if one.rate is not None else f"{one.amount}元"
        texts.append(f"{one.label}：每偏离1{one.unit}，评审价格按{cost}折算。")
    for draw in content.draws:
        values = "、".join(f"{percent(value)}%" for value in draw.candidates)
        texts.append(f"{draw.id}在开标时从{values}中公开抽取，抽取过程可以由任何人复核。")
    return texts


def ranking_texts(content: TenderContent, file: EvaluationFile) -> list[str]:
    """From the members' points to the ranks, with what the rule set decides."""
    texts = [aggregation_text(file), rounding_text(file)] if content.scored else []
    texts.append(_equals(content, file))
    if file.regime == "GP" and any(field.id == BRAND for field in content.form.fields):
        texts.append(_same_brand(content))
    consulted = file.procedure == "consultation"
    named = "磋商小组推荐的成交候选供应商" if consulted else "评标委员会推荐的中标候选人"
    texts.append(f"{named}不超过{file.candidates}名。")
    return texts


def leader_text(content: TenderContent, words: PaperWords) -> str:
    """Who determines the committee's leader, and by which article."""
    if words.purchase:
        return f"{words.committee}组长由成员推选产生，采购人代表不得担任组长"
    how = f"由{words.tenderer}确定" if content.leader == "named" else f"由{words.committee}成员推举产生"
    return f"{words.committee}负责人{how}（《评标委员会和评标方法暂行规定》第九条）"


def aggregation_text(file: EvaluationFile) -> str:
    """How the members' points become those of a section."""
    said = file.aggregation
    if said.rule != "DROP_HIGH_LOW":
        return "评委评分的汇总：取全体成员评分的算术平均值；客观分各评委应当一致。"
    return (
        f"评委评分的汇总：成员达到{said.trim_from}人时，{_LEVELS[said.level]}去掉一个最高分和一个最低分后取"
        "算术平均值，否则取全体成员的算术平均值；客观分各评委应当一致。"
    )


def rounding_text(file: EvaluationFile) -> str:
    """When and how far points are rounded."""
    return f"{_STAGES[file.rounding.stage]}，四舍五入保留{file.rounding.scale}位小数，中间计算不取舍。"


_LEVELS = {"SECTION": "按评审部分", "ITEM": "按评分因素", "TOTAL": "按总分"}
_STAGES = {
    "FINAL": "各部分得分合计后",
    "EACH_ITEM": "各部分得分分别",
    "DEVIATION_RATE": "偏差率和总分",
}


def _equals(content: TenderContent, file: EvaluationFile) -> str:
    """Who is before whom when the total, or without points the evaluated price, is equal."""
    named = "、".join(one.label for one in content.criteria if one.id in file.ties)
    better = f"{named}得分较高的优先" if named else ""
    if file.regime == "TB":
        what = "总分" if content.scored else "评审价格"
        return f"{what}相同的，投标报价较低的优先{f'，再相同的{better}' if better else ''}；仍相同的由招标人确定。"
    if file.procedure == "consultation":
        return f"总分相同的，最后报价较低的优先{f'，再相同的{better}' if better else ''}；仍相同的并列。"
    before = "总分相同的，投标报价较低的优先；仍相同的并列" if content.scored else "评审价格相同的并列"
    return f"{before}。并列第一的，{f'{better}，仍相同的' if better else ''}随机抽取确定。"


def _same_brand(content: TenderContent) -> str:
    """Of one brand's bids one is counted and ranked (87号令 art. 31)."""
    best = "评审得分最高的" if content.scored else "报价最低的"
    equal = "得分相同的报价较低的优先，仍" if content.scored else "报价"
    return (
        "核心产品品牌相同且通过资格审查、符合性审查的投标人按一家投标人计算，"
        f"{best}获得中标人推荐资格，{equal}相同的随机抽取确定，其他同品牌投标人不参加排序。"
    )


def percent(share: str) -> str:
    """A fraction of 1 in percent, without needless digits."""
    return f"{(Decimal(share) * 100).normalize():f}"


def _discount(content: TenderContent, file: EvaluationFile) -> Iterator[str]:
    if file.price_kind == "rate":
        out = "投标无效" if file.regime == "GP" else "否决其投标"
        yield (
            "投标报价为下浮率：评审时报价按（1－下浮率）计算；"
            f"按下浮率计算的投标总价高于最高{'限价' if file.regime == 'GP' else '投标限价'}的，{out}。"
        )


def _method(price: PriceRule, file: EvaluationFile, drawn: Values) -> Iterator[str]:
    if price.method == "low_price_first":
        consulted = file.procedure == "consultation"
        benchmark, others = ("磋商基准价", "供应商") if consulted else ("评标基准价", "投标人")
        yield f"以通过评审的最低评审价格为{benchmark}，得满分。"
        yield f"其他{others}的价格分＝{benchmark}÷评审价格×价格分满分。"
    elif price.method == "fixed":
        yield "本项目价格固定，价格不作为评分因素。"
    elif price.method == "lowest_evaluated":
        yield "在满足全部实质性要求的投标中，评审价格最低的排名第一；评审价格只用于评审，中标价仍为投标报价。"
    else:
        yield _benchmark(price, file, drawn)
        yield from _curve(price)


def _benchmark(price: PriceRule, file: EvaluationFile, drawn: Values) -> str:
    family = price.benchmark or (Mean() if price.method == "benchmark_mean" else TrimMean())
    assert file.price is not None  # a price that is measured has its rule
    basis = _BASES[file.price.benchmark_basis or "AFTER_PRELIM_REVIEW"]
    compared = "算术修正后的报价" if file.price.basis == "CORRECTED" else "开标时公布的报价"
    return (
        f"评标基准价＝{_family(family, drawn)}。{basis}；参与计算和评分的报价为{compared}。评标基准价不取舍。"
    )


def _curve(price: PriceRule) -> Iterator[str]:
    yield "偏差率＝（投标报价－评标基准价）÷评标基准价×100%。"
    band = (
        ""
        if price.full_from == price.full_to == "0"
        else f"偏差率在{price.full_from}%至{price.full_to}%之间的得满分，"
    )
    scale = "以100分为满分计算后按价格分的分值折算，" if price.method == "highway" else ""
    floor = "扣完为止" if not price.floor or Decimal(price.floor) == 0 else f"最低得{price.floor}分"
    yield f"{scale}{band}报价每高于基准价1%扣{price.e1}分，每低于1%扣{price.e2}分，不足1%的按线性内插计算，{floor}。"


def _policy(policy: PricePolicy) -> str:
    return f"{policy.label}：{_EFFECTS[policy.how].format(rate=percent(policy.rate))}。"


def _family(family: Benchmark, drawn: Values) -> str:
    """The value of a family in words; a family inside another stands in brackets."""
    match family:
        case Mean():
            return "有效报价的算术平均值"
        case TrimMean(trim_from=least, high=high, low=low):
            return f"有效报价不少于{least}个时去掉{high}个最高价和{low}个最低价，否则不去掉，其余的算术平均值"
        case TrimShare(share=share):
            return (
                f"有效报价不少于7个时两端各去掉{percent(share)}%（四舍五入取整）后的算术平均值；4至6个时去掉最高价后的"
                "算术平均值；2至3个时为次低价"
            )
        case Iterative(limit=limit, factor=factor, least=least):
            return (
                f"逐一去掉与平均值偏差最大且超过{percent(limit)}%的报价，直至没有或者只剩{least}个，所余报价的算术平均值"
                f"×{_number(factor, drawn)}"
            )
        case DrawK(inner=inner, form=form, k=k):
            times = f"（1－{_number(k, drawn)}）" if form == "ONE_MINUS_K" else _number(k, drawn)
            return f"A×{times}，其中A为（{_family(inner, drawn)}）"
        case MixControl(inner=inner, k1=k1, k2=k2, q1=q1):
            rest = f"最高投标限价×{_number(k2, drawn)}×（1－{_number(q1, drawn)}）"
            return f"A×{_number(k1, drawn)}×{_number(q1, drawn)}＋{rest}，其中A为（{_family(inner, drawn)}）"
        case Abc():
            return _abc(family, drawn)
        case DrawSubset():
            return _subset(family, drawn)


def _abc(family: Abc, drawn: Values) -> str:
    a, b, c = (percent(weight) for weight in family.weights)
    k, delta = _number(family.k, drawn), _number(family.delta, drawn)
    return (
        f"（A×{a}%＋B×{b}%＋C×{c}%）×{k}，其中A＝最高投标限价×（1－{delta}），"
        f"C为不低于下限{_range(family.limit)}的最低报价，B为从高于C且低于A的{percent(family.a_share)}%的报价中抽取的一个"
    )


def _subset(family: DrawSubset, drawn: Values) -> str:
    pool = "全部有效报价" if family.pool is None else f"不低于{_range(family.pool)}的报价"
    sizes = "；".join(
        f"{'其余' if size.to is None else f'{size.to}个以内'}抽取{percent(size.share)}%，不少于{size.least}个"
        for size in family.sizes
    )
    mixed = f"；再按{_number(family.max_share, drawn)}的比例与最高投标限价加权"
    plain = family.max_share == "0"
    return f"从{pool}中抽取若干个（{sizes}），取（{_family(family.inner, drawn)}）{'' if plain else mixed}"


def _range(limit: Range) -> str:
    return f"（平均值×{percent(limit.mean)}%＋最高投标限价×{percent(limit.max)}%）×{percent(limit.factor)}%"


def _number(number: DrawnNumber, drawn: Values) -> str:
    if not isinstance(number, Drawn):
        return f"{percent(number)}%"
    value = drawn.get(number.draw)
    return number.draw if value is None else f"{percent(value)}%（{number.draw}，开标时抽取）"
