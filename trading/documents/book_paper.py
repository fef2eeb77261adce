"""The documents (招标文件) of a tender: cover, contents and chapters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, PageBreak, Spacer

from govcore.pdf.blocks import (
    Chapter,
    Column,
    Contact,
    data_table,
    field_table,
    paragraph,
    plain,
    section,
    signed,
)
from govcore.pdf.document import render
from govcore.pdf.figures import day, moment, money
from govcore.pdf.styles import CELL, PLAIN, SANS, TITLE
from govcore.pdf.text import Text
from trading.documents import paper_texts as texts
from trading.procedure.paper_words import PaperWords
from trading.tender.notice_paper import SCHEDULE, NoticeLot, TenderNotice, notice_body, notice_end

Chapters = Sequence[tuple[str, Sequence[str]]]

_SMALL_CELL = CELL.but(size=9, leading=13.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionRow:
    """A line of the evaluation table: section, item, maximum and how it is scored."""

    section: str
    item: str
    max_points: Decimal
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BidPart:
    """A part of the bid with the limits that the platform and the sealing enforce; no `types` admits all."""

    name: str
    max_size: int
    max_files: int
    types: Sequence[str] = ()
    content: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillItem:
    """A line of the bill of quantities; `quantity` is printed as given."""

    number: str
    name: str
    unit: str
    quantity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderDocuments:
    """The documents: the notice and what its chapters need; fixed words come from the standard form."""

    notice: TenderNotice
    version: int
    validity_days: int
    change: str
    """How long before the deadline a change is published, or the deadline moves."""
    least: int
    """Fewer bids are not opened."""
    method: str
    criteria: Sequence[CriterionRow]
    price_rule: Sequence[str]
    ranking: Sequence[str] = ()
    leader: str = ""
    parts: Sequence[BidPart]
    custodians: Sequence[str]
    threshold: int
    kind: str = "施工"
    asked: Sequence[str] = ("工期（日历天）", "质量目标", "项目经理及证书编号")
    bill: Sequence[BillItem] = ()
    technical: Sequence[tuple[str, Sequence[str]]] = ()

    @property
    def words(self) -> PaperWords:
        return self.notice.words


def tender_documents(documents: TenderDocuments, *, watermark: str | None = None) -> bytes:
    """Set the documents with cover, contents and chapters; set twice, so that the contents know the pages."""
    pages: dict[str, int] = {}
    _documents(documents, pages, watermark=watermark)
    return _documents(documents, pages, watermark=watermark)


def _documents(documents: TenderDocuments, pages: dict[str, int], *, watermark: str | None) -> bytes:
    notice = documents.notice
    chapters = _chapters(documents)
    story: list[Flowable] = [*_cover(documents), *_contents([name for name, _ in chapters], pages)]
    for name, body in chapters:
        story += [PageBreak(), Chapter(name, pages=pages), *body]
    return render(
        story,
        title=f"{notice.words.documents}：{notice.project}",
        header=f"{notice.project}　{documents.kind}{notice.words.documents}　第{documents.version}版",
        footer=f"{notice.project_code}\n{notice.check or ''}",
        watermark=watermark,
    )


def _chapters(documents: TenderDocuments) -> list[tuple[str, list[Flowable]]]:
    notice, words = documents.notice, documents.words
    technical = documents.technical
    bodies = [
        (words.notice, [*notice_body(notice), *notice_end(notice)]),
        (words.instructions, _instructions(documents)),
        (f"{words.method}（{documents.method}）", _evaluation(documents)),
        ("合同条款及格式", _contract(documents)),
        *([(words.bill, _bill(documents))] if documents.bill else []),
        *([("技术标准和要求", _clauses(technical))] if technical else []),
        (f"{words.bid}格式", _forms(documents)),
    ]
    return [(f"第{'一二三四五六七'[n]}章　{name}", body) for n, (name, body) in enumerate(bodies)]


def _cover(documents: TenderDocuments) -> list[Flowable]:
    notice = documents.notice
    line = PLAIN.but(size=14, leading=30, align="center")
    dated = day(notice.published_at) if notice.published_at else f"第{documents.version}版"
    return [
        Spacer(0, 40 * mm),
        Text(notice.project, TITLE.but(size=22, leading=36, keep_with_next=False)),
        Spacer(0, 8 * mm),
        Text(
            f"{documents.kind}{notice.words.documents}", TITLE.but(size=28, leading=44, keep_with_next=False)
        ),
        Spacer(0, 10 * mm),
        Text(f"{notice.words.project}编号：{notice.project_code}", line.but(size=12)),
        Spacer(0, 40 * mm),
        Text(f"{notice.words.tenderer}：{notice.tenderer.name}", line),
        Text(f"{notice.words.agency}：{notice.agency.name}", line),
        Text(dated, line),
        PageBreak(),
    ]


def _contents(names: Sequence[str], pages: MutableMapping[str, int]) -> list[Flowable]:
    columns = [Column("章节", 8), Column("页码", 1, "right")]
    style = CELL.but(size=11, leading=20)
    rows = [[name, str(pages.get(name, 0))] for name in names]
    return [
        Text("目　录", TITLE.but(keep_with_next=False)),
        *data_table("", columns, rows, style=style),
    ]


def _instructions(documents: TenderDocuments) -> list[Flowable]:
    return [
        *data_table(
            f"{documents.words.instructions}前附表",
            [Column("条款", 0.8, "center"), Column("名称", 2), Column("编列内容", 6.4)],
            [[str(n), name, value] for n, (name, value) in enumerate(_front_table(documents), 1)],
            style=_SMALL_CELL,
        ),
        *_clauses(_for(documents, texts.GENERAL, texts.GOVERNMENT)),
    ]


def _limits(part: BidPart) -> str:
    types = f"，文件类型限{'、'.join(part.types)}" if part.types else ""
    return f"不超过{_size(part.max_size)}、{part.max_files}个文件{types}"


def _front_table(documents: TenderDocuments) -> list[tuple[str, str]]:
    notice, words = documents.notice, documents.words
    parts = "；".join(f"{part.name}（{_limits(part)}）{part.content}" for part in documents.parts)
    return [
        (words.tenderer, _reach(notice.tenderer)),
        (words.agency, _reach(notice.agency)),
        ("项目名称和编号", f"{notice.project}（{notice.project_code}）"),
        (words.place, notice.location),
        ("资金来源", notice.funds),
        (words.scope, notice.scope),
        (
            f"{words.duration}和质量",
            _per_lot(notice, lambda lot: f"{lot.duration_days}日历天，{lot.quality}"),
        ),
        ("资格要求", f"见第一章{words.notice}"),
        ("联合体", "接受" if notice.consortium else "不接受"),
        (words.max_price, _per_lot(notice, lambda lot: f"{money(lot.max_price_fen)}元")),
        (words.validity, f"自{words.deadline.removesuffix('时间')}之日起{documents.validity_days}日历天"),
        (f"{words.deposit}金额", _per_lot(notice, lambda lot: f"{money(lot.deposit_fen)}元")),
        (f"{words.deposit}形式", f"{notice.deposit_forms}。保函有效期不短于{words.validity}"),
        (f"{words.bid}组成", f"{parts}。"),
        ("递交方式", f"{notice.submission_url}，加密递交"),
        (
            words.deadline,
            _per_lot(notice, lambda lot: moment(lot.deadline_at) if lot.deadline_at else SCHEDULE),
        ),
        ("开标地点", notice.opening_place),
        ("解密密钥保管方", f"{'、'.join(documents.custodians)}，其中{documents.threshold}方即可解密"),
        (words.committee, "。".join(filter(None, (words.seats, documents.leader)))),
        ("履约担保", f"不超过{'' if words.purchase else words.won}合同金额的10%"),
        (words.regulator, _reach(notice.regulator)),
    ]


def _evaluation(documents: TenderDocuments) -> list[Flowable]:
    columns = [
        Column("评审部分", 1.5),
        Column("评分因素", 2.4),
        Column("分值", 0.8, "right"),
        Column("评分标准", 4.6),
    ]
    rows = [
        [row.section, row.item, f"{row.max_points.normalize():f}" if row.max_points else "—", row.rule]
        for row in documents.criteria
    ]
    total = sum((row.max_points for row in documents.criteria), Decimal(0))
    rows.append(["合计", "", f"{total.normalize():f}", ""])
    return [
        *data_table(f"{documents.words.method}前附表", columns, rows, style=_SMALL_CELL),
        section(f"{documents.words.price}评分"),
        *(paragraph(text) for text in documents.price_rule),
        *([section("汇总与排序")] if documents.ranking else []),
        *(paragraph(text) for text in documents.ranking),
        *_clauses(_for(documents, texts.PROCEDURE, texts.GOVERNMENT_PROCEDURE)),
    ]


def _contract(documents: TenderDocuments) -> list[Flowable]:
    if documents.words.purchase:
        terms = [(name, text.format(w=documents.words)) for name, text in texts.GOVERNMENT_CONTRACT]
        return [paragraph("合同的主要条款如下："), *field_table("", terms)]
    intro = "通用合同条款采用国家发布的标准施工招标文件中的通用合同条款。" if documents.kind == "施工" else ""
    return [paragraph(f"{intro}专用合同条款的主要内容如下："), *field_table("", texts.CONTRACT)]


def _bill(documents: TenderDocuments) -> list[Flowable]:
    columns = [
        Column("项目编码", 2.3),
        Column("项目名称", 2.9),
        Column("单位", 0.8, "center"),
        Column("数量" if documents.words.purchase else "工程量", 1.4, "right"),
        Column("单价（元）", 1.4, "right"),
        Column("合价（元）", 1.6, "right"),
    ]
    rows = [[item.number, item.name, item.unit, item.quantity, "　", "　"] for item in documents.bill]
    rows.append(["", "合计", "", "", "", "　"])
    words = documents.words
    intro = (
        f"单价和合价由{words.bidder}填写。{words.bill}的电子表格随{words.documents}发布，"
        f"{words.bidder}应当使用该表格报价。"
    )
    return [paragraph(intro), *data_table("", columns, rows)]


def _forms(documents: TenderDocuments) -> list[Flowable]:
    notice, words = documents.notice, documents.words
    names = {"project": notice.project, "lot": f"＿＿{words.lot}", "w": words}
    letter = texts.GOVERNMENT_LETTER if words.purchase else texts.BID_LETTER
    head = PLAIN.but(font=SANS, size=13, leading=24, align="center", before=6, keep_with_next=True)
    summary = [
        (words.bidder, ""),
        (f"{words.price}（小写，元）", ""),
        (f"{words.price}（大写）", ""),
        *((name, "") for name in documents.asked),
        (f"{words.deposit}形式和金额", ""),
    ]
    signing = [
        f"{words.bidder}：＿＿＿＿＿＿＿＿＿＿（盖单位章）",
        "法定代表人或其委托代理人：＿＿＿＿＿（签字）",
    ]
    dated = "＿＿＿＿年＿＿月＿＿日"
    return [
        Text(f"一、{words.letter}", head),
        plain(f"{notice.tenderer.name}："),
        *(paragraph(text.format_map(names)) for text in letter),
        signed([*signing, dated]),
        PageBreak(),
        Text("二、开标一览表", head),
        *field_table("", [(name, "　") for name, _ in summary]),
        signed([*signing, dated]),
        Text("三、授权委托书", head),
        *(paragraph(text.format_map(names)) for text in texts.AUTHORITY),
        signed([*signing, dated]),
    ]


def _for(documents: TenderDocuments, chapters: Chapters, others: Mapping[str, str]) -> Chapters:
    """The fixed chapters in the procedure's words, with the clauses that are others in government procurement."""
    others = others if documents.words.purchase else {}
    said = {"w": documents.words, "change": documents.change, "least": documents.least}
    return [
        (
            name.format_map(said),
            [others.get(text.split(" ")[0], text).format_map(said) for text in clauses],
        )
        for name, clauses in chapters
    ]


def _clauses(chapters: Chapters) -> list[Flowable]:
    story: list[Flowable] = []
    for name, clauses in chapters:
        story += [section(name), *(paragraph(text) for text in clauses)]
    return story


def _per_lot(notice: TenderNotice, value: Callable[[NoticeLot], str]) -> str:
    if len(notice.lots) == 1:
        return value(notice.lots[0])
    return "\n".join(f"{lot.name}：{value(lot)}" for lot in notice.lots)


def _reach(contact: Contact) -> str:
    rest = "，".join(filter(None, (contact.address, contact.person, contact.phone)))
    return f"{contact.name}（{rest}）" if rest else contact.name


def _size(size: int) -> str:
    gib, mib = divmod(size, 1 << 30)
    return f"{gib} GiB" if gib and not mib else f"{size / (1 << 20):g} MiB"
