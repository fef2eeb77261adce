"""The evaluation report (评标报告) that the committee hands to the tenderer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from reportlab.platypus import Flowable

from govcore.pdf.blocks import (
    CheckCode,
    Column,
    data_table,
    field_table,
    hash_footer,
    paragraph,
    section,
    title,
)
from govcore.pdf.capitals import rmb_capitals
from govcore.pdf.document import render
from govcore.pdf.figures import moment, money, score, stamp
from govcore.pdf.styles import CELL
from trading.procedure.paper_words import WORKS, PaperWords

_SMALL_CELL = CELL.but(size=8.5, leading=12.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A seat of the committee, by name or pseudonym; `locked_at` is when its sheet was locked, `locked_by` how."""

    name: str
    role: str
    leader: bool = False
    locked_at: datetime | None = None
    locked_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A preliminary check (初步评审) of one bid: passed, or why not and by which clause."""

    bidder: str
    check: str
    passed: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPoints:
    """One item's points by member, in the order of the committee."""

    label: str
    max_points: Decimal
    points: Sequence[Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPoints:
    """One bid's points under a criterion: all sheets, and what they come to."""

    bidder: str
    label: str
    max_points: Decimal
    items: Sequence[ItemPoints]
    result: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePoints:
    """How a price became points, if it has any; `deviation` is in percent of the benchmark, if the method has one."""

    bidder: str
    price_fen: int
    points: Decimal | None
    corrected_fen: int | None = None
    evaluated_fen: int | None = None
    deviation: Decimal | None = None
    discount: str | None = None

    @property
    def stated(self) -> str:
        """What is compared before policies: the corrected price, or the discount in percent."""
        if self.discount is not None:
            return self.discount
        return money(self.price_fen if self.corrected_fen is None else self.corrected_fen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A bid's place: points by criterion in the order of `criteria`, or why it was rejected."""

    bidder: str
    price_fen: int | None
    rank: int | None = None
    parts: Sequence[Decimal] = ()
    total: Decimal | None = None
    evaluated_fen: int | None = None
    invalid: str = ""
    same_brand: bool = False

    @property
    def compared(self) -> str:
        """What its rank comes from: points, or the evaluated price where there are none."""
        if self.total is not None:
            return score(self.total)
        return "—" if self.evaluated_fen is None else money(self.evaluated_fen)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationReport:
    """A whole evaluation; `criteria` are (label, maximum) and add up to the full mark."""

    centre: str
    project: str
    project_code: str
    lot: str
    lot_code: str
    tenderer: str
    agency: str
    regulator: str
    method: str
    opened_at: datetime
    started_at: datetime
    finished_at: datetime
    place: str
    max_price_fen: int
    members: Sequence[Member]
    criteria: Sequence[tuple[str, Decimal]]
    gates: Sequence[Gate]
    sections: Sequence[SectionPoints]
    price_rule: Sequence[str]
    prices: Sequence[PricePoints]
    ranking: Sequence[Ranked]
    aggregation: str
    benchmark: str = ""
    candidates_max: int = 3
    dissent: str = ""
    words: PaperWords = WORKS
    number: int = 1
    rounding: str = "总分按未舍入的各项得分相加后四舍五入保留两位小数，所列分项得分之和可能与总分相差0.01。"
    settled: Sequence[tuple[str, str]] = ()
    clarifications: Sequence[tuple[str, str]] = ()
    hashes: Sequence[tuple[str, str]] = ()
    check: CheckCode | None = None
    discounts: bool = False
    drawn: str = ""
    led: str = ""
    ground: str = ""
    """Of a consultation: why it is one, and with how many suppliers it goes on."""

    @property
    def stated(self) -> str:
        """What `PricePoints.stated` holds."""
        return "下浮率（%）" if self.discounts else "修正后报价（元）"

    @property
    def candidates(self) -> list[Ranked]:
        """The recommended bids, at most `candidates_max` (招标投标法实施条例 第五十三条)."""
        placed = [bid for bid in self.ranking if bid.rank is not None]
        return sorted(placed, key=lambda bid: bid.rank or 0)[: self.candidates_max]


def evaluation_report(report: EvaluationReport, *, watermark: str | None = None) -> bytes:
    """Set the report with every sheet, the price's computation, and the ranking; signatures have pages of their own."""
    words = report.words
    story = [
        *title(words.report, f"{report.project}　{report.lot}"),
        *_basics(report),
        *_committee(report),
        *_gates(report),
        *_clarifications(report),
        *_sheets(report),
        *_price(report),
        *_ranking(report),
        *_recommendation(report),
        *_closing(report),
    ]
    return render(
        story,
        title=f"{words.report}：{report.project} {report.lot}",
        header=f"{report.centre}　{words.report}　{report.lot_code}",
        footer=f"{words.report}　{report.project}（{report.lot}）　{words.won}结果确定前应当保密\n{report.check or ''}",
        watermark=watermark,
    )


def _basics(report: EvaluationReport) -> list[Flowable]:
    words = report.words
    rows = [
        (f"{words.project}编号", report.project_code),
        (f"{words.lot}编号", report.lot_code),
        (words.tenderer, report.tenderer),
        (words.agency, report.agency),
        (words.regulator, report.regulator),
        (words.method, report.method),
        (f"{words.opening}时间", stamp(report.opened_at)),
        (words.max_price, f"{money(report.max_price_fen)} 元"),
        (f"{words.evaluation}开始时间", stamp(report.started_at)),
        (f"{words.evaluation}结束时间", stamp(report.finished_at)),
        (f"{words.evaluation}地点", report.place),
        (f"{words.bid}数量", f"{len(report.ranking)} 份"),
    ]
    table = field_table("一、基本情况", rows, pairs=2)
    return [*table, paragraph(report.ground)] if report.ground else table


def _committee(report: EvaluationReport) -> list[Flowable]:
    columns = [
        Column("序号", 0.6, "center"),
        Column("姓名（代号）", 2),
        Column("身份", 2.4),
        Column("职务", 1.2, "center"),
        Column("评分锁定时间", 2.2),
        Column("锁定方式", 1.6, "center"),
    ]
    rows = [
        [
            str(number),
            member.name,
            member.role,
            "组长" if member.leader else "成员",
            stamp(member.locked_at) if member.locked_at else "—",
            member.locked_by or "—",
        ]
        for number, member in enumerate(report.members, 1)
    ]
    table = data_table(f"二、{report.words.committee}", columns, rows)
    return [*table, paragraph(report.led)] if report.led else table


def _gates(report: EvaluationReport) -> list[Flowable]:
    columns = [
        Column(report.words.bidder, 3),
        Column("评审内容", 2.4),
        Column("结论", 0.9, "center"),
        Column("未通过的原因和依据", 3.4),
    ]
    rows = [
        [gate.bidder, gate.check, "通过" if gate.passed else "不通过", gate.reason or "—"]
        for gate in report.gates
    ]
    return data_table("三、初步评审", columns, rows)


def _clarifications(report: EvaluationReport) -> list[Flowable]:
    heading, words = "四、澄清、说明和补正", report.words
    if not report.clarifications:
        return [
            section(heading),
            paragraph(f"{words.evaluation}过程中未要求{words.bidder}澄清、说明或者补正。"),
        ]
    columns = [Column(words.bidder, 3), Column("澄清、说明和补正事项", 6)]
    return data_table(heading, columns, [list(row) for row in report.clarifications])


def _sheets(report: EvaluationReport) -> list[Flowable]:
    story: list[Flowable] = [section("五、详细评审"), paragraph(report.aggregation)]
    for number, part in enumerate(report.sections, 1):
        heading = f"5.{number}　{part.bidder}：{part.label}（汇总得分 {score(part.result)}）"
        story += _sheet(heading, report.members, part)
    if report.settled:
        columns = [Column(f"评委、{report.words.bidder}和评分项", 4), Column("说明或者更正", 5)]
        rows = [list(row) for row in report.settled]
        story += data_table("畸高畸低评分的说明和评分更正", columns, rows, style=_SMALL_CELL)
    return story


def _sheet(heading: str, members: Sequence[Member], part: SectionPoints) -> list[Flowable]:
    columns = [Column("评分项", 4), Column("满分", 1, "right")]
    columns += [Column(f"评委{number}", 1.1, "right") for number in range(1, len(members) + 1)]
    rows = [
        [item.label, score(item.max_points), *(score(value) for value in item.points)] for item in part.items
    ]
    totals = [
        sum((item.points[seat] for item in part.items), Decimal(0)) for seat, _member in enumerate(members)
    ]
    rows.append(["合计", score(part.max_points), *(score(value) for value in totals)])
    return data_table(heading, columns, rows, style=_SMALL_CELL, keep=True)


def _price(report: EvaluationReport) -> list[Flowable]:
    columns = [
        Column(report.words.bidder, 3),
        Column(f"{report.words.opening}报价（元）", 2, "right"),
        Column(report.stated, 2, "right"),
        Column("评审价格（元）", 2, "right"),
        Column("偏差率（%）", 1.2, "right"),
        Column("报价得分", 1, "right"),
    ]
    rows = [
        [
            line.bidder,
            money(line.price_fen),
            line.stated,
            money(line.price_fen if line.evaluated_fen is None else line.evaluated_fen),
            "—" if line.deviation is None else score(line.deviation),
            "—" if line.points is None else score(line.points),
        ]
        for line in report.prices
    ]
    story: list[Flowable] = [
        section(f"六、{report.words.price}评审"),
        *(paragraph(text) for text in report.price_rule),
    ]
    if report.benchmark:
        story.append(paragraph(f"评标基准价：{report.benchmark}。"))
    return [*story, *data_table("", columns, rows, style=_SMALL_CELL, keep=True)]


def _ranking(report: EvaluationReport) -> list[Flowable]:
    words = report.words
    columns = [
        Column("名次", 0.8, "center"),
        Column(words.bidder, 3.2),
        Column(f"{words.price}（元）", 2.1, "right"),
    ]
    columns += [
        Column(f"{label}\n（{maximum.normalize():f}分）", 1.2, "right") for label, maximum in report.criteria
    ]
    columns.append(_compared(report))
    rows = [_ranked(bid, len(report.criteria), out=words.out) for bid in report.ranking]
    note = [paragraph(text) for text in (report.rounding, report.drawn) if text]
    return [*data_table("七、评审结果和排序", columns, rows, keep=True), *note]


def _compared(report: EvaluationReport) -> Column:
    """What ranks come from: points, or the evaluated price where the documents give none."""
    return Column("总分", 1.1, "right") if report.criteria else Column("评审价格（元）", 2.1, "right")


def _price_text(bid: Ranked) -> str:
    return "未开启" if bid.price_fen is None else money(bid.price_fen)


def _ranked(bid: Ranked, width: int, *, out: str) -> list[str]:
    if bid.rank is None:
        return [
            "—" if bid.same_brand else out,
            f"{bid.bidder}\n{bid.invalid}",
            _price_text(bid),
            *["—"] * width,
            "—",
        ]
    return [
        str(bid.rank),
        bid.bidder,
        _price_text(bid),
        *(score(value) for value in bid.parts),
        bid.compared,
    ]


def _recommendation(report: EvaluationReport) -> list[Flowable]:
    words = report.words
    heading = f"八、推荐的{words.candidate}"
    if not report.candidates:
        return [section(heading), paragraph(words.none_left)]
    columns = [
        Column("排序", 0.8, "center"),
        Column(words.candidate, 3.2),
        Column(f"{words.price}（元）", 4.4),
        _compared(report),
    ]
    rows = [
        [
            f"第{bid.rank}名",
            bid.bidder,
            f"{_price_text(bid)}\n人民币{rmb_capitals(bid.price_fen or 0)}",
            bid.compared,
        ]
        for bid in report.candidates
    ]
    return data_table(heading, columns, rows, keep=True)


def _closing(report: EvaluationReport) -> list[Flowable]:
    words = report.words
    return [
        section("九、不同意见"),
        paragraph(report.dissent or f"{words.committee}成员对本报告均无不同意见。"),
        section(f"十、{words.committee}签字"),
        paragraph(
            f"本报告于{moment(report.finished_at)}完成，由{words.committee}成员逐一电子签署，签署情况见签署页。成员拒绝在{words.report}上签字又不书面说明其不同意见"
            f"和理由的，视为同意{words.evaluation}结果（{words.silence}）。"
        ),
        *([hash_footer(report.hashes)] if report.hashes else []),
    ]
