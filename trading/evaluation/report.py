"""A completed evaluation as the paper that the tenderer receives; members appear by their seats only."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from govcore.pdf.document import DEMO_WATERMARK
from govcore.pdf.figures import money
from trading.evaluation import papers
from trading.evaluation.points import (
    TRIM_FROM,
    Criterion,
    CriterionKind,
    InvalidReason,
    Part,
    PriceMethod,
    Standing,
    half_up,
)
from trading.evaluation.queries import Ready
from trading.evaluation.sheet_queries import LockedSheet

REJECTIONS = {
    InvalidReason.OVER_MAX_PRICE: "投标报价高于最高投标限价（《中华人民共和国招标投标法实施条例》第五十一条第五项）",
    InvalidReason.NO_PRICE: "没有有效的投标报价（《中华人民共和国招标投标法实施条例》第五十一条第六项）",
    InvalidReason.TECHNICAL: "技术评审未达到招标文件规定的最低得分，报价文件未开启",
    InvalidReason.UNQUALIFIED: "资格审查不合格（《政府采购货物和服务招标投标管理办法》第四十四条）",
}


def report(ready: Ready) -> bytes:
    """The report's PDF; the same sheets and bids give the same bytes."""
    watermark = None if ready.context.rule_set.lawful else DEMO_WATERMARK
    return papers.evaluation_report(report_paper(ready), watermark=watermark)


def report_paper(ready: Ready) -> papers.EvaluationReport:
    """The report's content, dated by the last lock."""
    context = ready.context
    assert context.opening_at is not None  # the lot was opened
    return papers.EvaluationReport(
        centre=ready.centre,
        project=context.project_name,
        project_code=context.project_code,
        lot=context.lot_name,
        lot_code=context.lot_code,
        tenderer=context.tenderer.name,
        agency=context.agency.name,
        regulator=context.regulator.name,
        method="综合评估法",
        opened_at=context.opening_at,
        started_at=ready.began_at,
        finished_at=ready.locked_at,
        place=f"{ready.centre}（电子评标）",
        max_price_fen=context.max_price_fen,
        members=[_member(sheet) for sheet in ready.sheets],
        criteria=[(criterion.label, Decimal(criterion.max_points)) for criterion in ready.criteria],
        gates=[_gate(ready, standing) for standing in ready.result.standings],
        sections=_sections(ready),
        price_rule=_price_rule(ready),
        prices=[_price(ready, standing) for standing in _valid(ready)],
        ranking=[_ranked(ready, standing) for standing in ready.result.standings],
        aggregation=_aggregation(len(ready.sheets)),
        benchmark=_benchmark(ready),
        dissent="评委锁定评分表时均未提交书面不同意见。",
        hashes=[(f"评委{sheet.seat}评分表", sheet.sha256) for sheet in ready.sheets],
    )


def _valid(ready: Ready) -> list[Standing]:
    return [standing for standing in ready.result.standings if standing.invalid is None]


def _name(ready: Ready, standing: Standing) -> str:
    return next(bid.bidder_name for bid in ready.bids if bid.bid_id == standing.bid_id)


def _gate(ready: Ready, standing: Standing) -> papers.Gate:
    return papers.Gate(
        bidder=_name(ready, standing),
        check="投标报价有效且不高于最高投标限价",
        passed=standing.invalid is None,
        reason=REJECTIONS[standing.invalid] if standing.invalid else "",
    )


def _member(sheet: LockedSheet) -> papers.Member:
    return papers.Member(name=f"评委{sheet.seat}", role="评标专家", locked_at=sheet.locked_at)


def _sections(ready: Ready) -> list[papers.SectionPoints]:
    return [
        _section(ready, standing, criterion, part)
        for standing in _valid(ready)
        for criterion, part in zip(ready.criteria, standing.parts, strict=True)
        if criterion.kind is CriterionKind.MANUAL
    ]


def _section(ready: Ready, standing: Standing, criterion: Criterion, part: Part) -> papers.SectionPoints:
    return papers.SectionPoints(
        bidder=_name(ready, standing),
        label=criterion.label,
        max_points=Decimal(criterion.max_points),
        items=[
            papers.ItemPoints(
                label=item.label,
                max_points=Decimal(item.max_points),
                points=[Decimal(sheet.points[standing.bid_id][item.id]).scaleb(-2) for sheet in ready.sheets],
            )
            for item in criterion.items
        ],
        result=part.points,
    )


def _price(ready: Ready, standing: Standing) -> papers.PricePoints:
    points = next(
        part.points
        for criterion, part in zip(ready.criteria, standing.parts, strict=True)
        if criterion.kind is CriterionKind.PRICE
    )
    assert standing.price_fen is not None  # only a rejected bid has no price
    target, deviation = ready.result.benchmark_fen, None
    if target is not None:
        percent = (standing.price_fen - target) / target * 100
        deviation = half_up(percent) if percent >= 0 else -half_up(-percent)
    return papers.PricePoints(
        bidder=_name(ready, standing), price_fen=standing.price_fen, points=points, deviation=deviation
    )


def _ranked(ready: Ready, standing: Standing) -> papers.Ranked:
    return papers.Ranked(
        bidder=_name(ready, standing),
        price_fen=standing.price_fen,
        rank=standing.rank,
        parts=[part.points for part in standing.parts],
        total=standing.total,
        invalid=REJECTIONS[standing.invalid] if standing.invalid else "",
    )


def _aggregation(members: int) -> str:
    alone = "评标委员会成员独立评分，评分表锁定后不得修改。"
    if members < TRIM_FROM:
        return alone + "各部分得分取全体成员评分合计的算术平均值。"
    return alone + "各部分得分为全体成员该部分评分合计去掉一个最高分和一个最低分后的算术平均值。"


def _price_rule(ready: Ready) -> list[str]:
    weight = next(c.max_points for c in ready.criteria if c.kind is CriterionKind.PRICE)
    rule = ready.rule
    if rule.method is PriceMethod.LOW_PRICE_FIRST:
        return [
            f"采用低价优先法：有效投标报价中的最低价为评标基准价，报价得分为满分{weight}分；其他投标的报价得分"
            f"＝评标基准价÷投标报价×{weight}。"
        ]
    return [
        "评标基准价为全部有效投标报价的算术平均值。",
        f"投标报价等于评标基准价的得满分{weight}分；每高于评标基准价1%扣{_plain(rule.e1)}分，每低于评标基准价1%扣"
        f"{_plain(rule.e2)}分，不足1%的按线性内插计算，扣至{_plain(rule.floor)}分为止。",
    ]


def _benchmark(ready: Ready) -> str:
    valid = _valid(ready)
    if not valid:
        return ""
    target = ready.result.benchmark_fen
    if target is None:
        return f"{money(min(standing.price_fen or 0 for standing in valid))} 元"
    rounded = half_up(target / 100)
    note = "" if Fraction(rounded) * 100 == target else "（四舍五入后的显示值，计算得分使用未舍入的精确值）"
    return f"{money(int(rounded * 100))} 元{note}"


def _plain(value: Fraction) -> str:
    return f"{Decimal(value.numerator) / Decimal(value.denominator):f}"
