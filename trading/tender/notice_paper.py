"""The notice that begins a tender: of works (招标公告), or of a government purchase by its own form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reportlab.platypus import Flowable

from govcore.pdf.blocks import (
    CheckCode,
    Column,
    Contact,
    contact_table,
    data_table,
    field_table,
    paragraph,
    section,
    signed,
    title,
)
from govcore.pdf.document import render
from govcore.pdf.figures import day, end_moment, moment, money, wan_yuan
from govcore.pdf.styles import CELL
from trading.procedure.paper_words import WORKS, PaperWords

SCHEDULE = "以平台公布的经签名的开标日程为准"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLot:
    """A lot (标段) as announced; `deadline_at` is None while only the signed schedule will fix it."""

    name: str
    code: str
    max_price_fen: int
    deposit_fen: int
    duration_days: int
    scope: str = ""
    quality: str = "合格"
    deadline_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TenderNotice:
    """What a tender notice must say (招标公告和公示信息发布管理办法 第五条; 87号令 第十三条)."""

    centre: str
    project: str
    project_code: str
    tenderer: Contact
    agency: Contact
    regulator: Contact
    funds: str
    location: str
    scope: str
    qualification: Sequence[str]
    consortium: bool
    lots: Sequence[NoticeLot]
    documents_url: str
    submission_url: str
    approval: str = ""
    documents_from: datetime | None = None
    documents_until: datetime | None = None
    opening_place: str = "平台网上开标大厅"
    deposit_forms: str = "银行转账、银行保函、保险机构保证保险、融资担保公司保函，均可采用电子形式"
    media: Sequence[str] = ()
    kind: str = "施工"
    budget_fen: int | None = None
    """Of a government purchase, which also says its policies and how many working days its notice lasts."""
    policies: Sequence[str] = ()
    period_days: int = 0
    questions_end_days: int = 0
    acts: Sequence[str] = ()
    """Site visits, hand-ins of samples and demonstrations, each as one sentence."""
    published_at: datetime | None = None
    check: CheckCode | None = None
    words: PaperWords = WORKS
    ground: str = ""
    """Of a consultation: why it is one, and with how many suppliers it goes on."""


def tender_notice(notice: TenderNotice, *, watermark: str | None = None) -> bytes:
    """Set the notice of a tender with all its lots."""
    name = notice.words.notice
    story = [*title(name, notice.project), *notice_body(notice), *notice_end(notice)]
    return render(
        story,
        title=f"{name}：{notice.project}",
        header=f"{notice.centre}　{name}　{notice.project_code}",
        footer=f"{notice.project}\n{notice.check or ''}",
        watermark=watermark,
    )


def notice_body(notice: TenderNotice) -> list[Flowable]:
    """Set all but who publishes it and where; the documents begin with it too."""
    return _purchase_body(notice) if notice.words.purchase else _works_body(notice)


def _works_body(notice: TenderNotice) -> list[Flowable]:
    approved = f"已由{notice.approval}批准建设，" if notice.approval else ""
    consortium = "接受联合体投标" if notice.consortium else "不接受联合体投标"
    return [
        section("1. 招标条件"),
        paragraph(
            f"{notice.project}{approved}招标人为{notice.tenderer.name}，资金来源为{notice.funds}。项目已具备招标"
            f"条件，现对该项目的{notice.kind}进行公开招标。"
        ),
        section("2. 项目概况与招标范围"),
        paragraph(f"2.1 建设地点：{notice.location}。"),
        paragraph(f"2.2 建设规模和招标范围：{notice.scope}"),
        *_lots_table(notice),
        section("3. 投标人资格要求"),
        *(paragraph(f"3.{n} {text}") for n, text in enumerate(notice.qualification, 1)),
        paragraph(f"3.{len(notice.qualification) + 1} 本次招标{consortium}。"),
        section("4. 招标文件的获取"),
        *(paragraph(f"4.{n} {text}") for n, text in enumerate(_taking(notice), 1)),
        section("5. 投标文件的递交和开标"),
        *(paragraph(f"5.{n} {text}") for n, text in enumerate(_submission(notice), 1)),
        section("6. 投标担保"),
        paragraph(_deposits(notice)),
        section("7. 异议和投诉"),
        paragraph(
            "对招标文件、开标、评标结果的异议通过平台向招标人提出；投诉向行政监督部门提出。"
            "受理单位和联系方式见本公告末尾。"
        ),
    ]


def _purchase_body(notice: TenderNotice) -> list[Flowable]:
    """In the order of the finance ministry's form for notices of purchases."""
    words = notice.words
    budget = notice.budget_fen
    rows = [
        (f"{words.project}编号", notice.project_code),
        (f"{words.project}名称", notice.project),
        ("采购方式", f"{words.way}。{notice.ground}" if notice.ground else words.way),
        *([] if budget is None else [("采购预算", f"{money(budget)} 元（{wan_yuan(budget)} 万元）")]),
        ("资金来源", notice.funds),
        (words.scope, notice.scope),
        (words.place, notice.location),
        ("联合体", "接受" if notice.consortium else "不接受"),
    ]
    policies = [f"落实政府采购政策：{text}" for text in notice.policies]
    return [
        *field_table("一、项目基本情况", rows),
        *_lots_table(notice),
        section("二、申请人的资格要求"),
        *_numbered([*notice.qualification, *policies]),
        section(f"三、获取{words.documents}"),
        *_numbered(_taking(notice)),
        section(f"四、{words.deadline}、开标时间和地点"),
        *_numbered(_submission(notice)),
        section("五、公告期限"),
        paragraph(f"自本公告发布之日起{notice.period_days}个工作日。"),
        section("六、其他补充事宜"),
        *_numbered(
            [
                f"{words.deposit}：{_deposits(notice)}",
                f"询问和质疑：对{words.documents}、采购过程、{words.won}结果的询问和质疑通过平台向{words.tenderer}、"
                f"{words.agency}提出；投诉向同级财政部门提出。受理单位和联系方式见本公告末尾。",
            ]
        ),
    ]


def _numbered(texts: Sequence[str]) -> list[Flowable]:
    return [paragraph(f"{n}. {text}") for n, text in enumerate(texts, 1)]


def _taking(notice: TenderNotice) -> list[str]:
    """How one takes the documents, until when one asks, and the dated acts open to all (发改法规规〔2022〕1117号)."""
    words = notice.words
    days = notice.questions_end_days
    until = f"{words.deadline.removesuffix('时间')} {days} 日前" if days else f"{words.deadline}前"
    lines = [
        f"获取时间：{_documents_period(notice)}。",
        f"获取方式：在平台免费下载，无需登记或者报名，网址：{notice.documents_url}。{words.documents}的每个版本均"
        "公布其指纹。",
        f"提问时间：{until}。对{words.documents}的提问在平台提出，无需登录，不显示提问人；答复以澄清和修改公告同时向"
        "所有人公布。",
    ]
    if notice.acts:
        free = f"以上活动向所有人开放，自愿参加，不登记姓名和单位，不参加不影响{words.won}。"
        lines.append(f"现场踏勘、样品和演示：{'；'.join(notice.acts)}。{free}")
    return lines


def _submission(notice: TenderNotice) -> list[str]:
    words = notice.words
    return [
        f"{words.bid}应当加密并通过平台递交，网址：{notice.submission_url}。逾期送达、未加密或者未按{words.documents}要求"
        "递交的，平台不予接收。",
        f"{words.deadline}（即开标时间）："
        f"{'见上表' if all(lot.deadline_at for lot in notice.lots) else SCHEDULE}。",
        f"开标地点：{notice.opening_place}。",
    ]


def _deposits(notice: TenderNotice) -> str:
    words = notice.words
    return f"各{words.lot}{words.deposit}金额见上表。形式：{notice.deposit_forms}，由{words.bidder}自主选择。"


def notice_end(notice: TenderNotice) -> list[Flowable]:
    """Set the media, the contacts and who signs."""
    words = notice.words
    media = [paragraph(f"本公告在{'、'.join(notice.media)}同时发布，内容一致。")] if notice.media else []
    dated = [day(notice.published_at)] if notice.published_at else []
    return [
        section("七、发布公告的媒介和联系方式" if words.purchase else "8. 发布公告的媒介和联系方式"),
        *media,
        *contact_table(
            "",
            [
                (words.tenderer, notice.tenderer),
                (words.agency, notice.agency),
                (words.regulator, notice.regulator),
            ],
        ),
        signed([notice.tenderer.name, notice.agency.name, *dated]),
    ]


def _lots_table(notice: TenderNotice) -> list[Flowable]:
    words = notice.words
    columns = [
        Column(f"{words.lot}（编号）", 3.7),
        Column(words.scope, 2.2),
        Column(f"{words.max_price}\n（元）", 2.3, "right"),
        Column(f"{words.deposit}\n（元）", 1.7, "right"),
        Column(
            "合同履行\n期限（天）" if words.purchase else "工期\n（天）",
            1.6 if words.purchase else 1.1,
            "right",
        ),
        Column("质量", 0.9),
        Column(words.deadline, 2),
    ]
    rows = [
        [
            f"{lot.name}\n{lot.code}",
            lot.scope or f"见{words.scope}",
            f"{money(lot.max_price_fen)}\n{wan_yuan(lot.max_price_fen)} 万元",
            money(lot.deposit_fen),
            str(lot.duration_days),
            lot.quality,
            moment(lot.deadline_at) if lot.deadline_at else SCHEDULE,
        ]
        for lot in notice.lots
    ]
    return data_table("", columns, rows, style=CELL.but(size=8.5, leading=12.5))


def _documents_period(notice: TenderNotice) -> str:
    start = moment(notice.documents_from) if notice.documents_from else "公告发布时"
    until = end_moment(notice.documents_until) if notice.documents_until else notice.words.deadline
    return f"{start}至{until}"
