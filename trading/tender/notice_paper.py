"""The notice (招标公告) of a works tender."""

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
    paragraph,
    section,
    signed,
    title,
)
from govcore.pdf.document import render
from govcore.pdf.figures import day, end_moment, moment, money, wan_yuan
from govcore.pdf.styles import CELL

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
    """What a tender notice must say (招标公告和公示信息发布管理办法 第五条)."""

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


def tender_notice(notice: TenderNotice, *, watermark: str | None = None) -> bytes:
    """Set the notice of a tender with all its lots."""
    story = [*title("招标公告", notice.project), *notice_body(notice), *notice_end(notice)]
    return render(
        story,
        title=f"招标公告：{notice.project}",
        header=f"{notice.centre}　招标公告　{notice.project_code}",
        footer=f"{notice.project}\n{notice.check or ''}",
        watermark=watermark,
    )


def notice_body(notice: TenderNotice) -> list[Flowable]:
    """Set sections 1 to 7, which also open the documents."""
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
        *_budget(notice),
        *_lots_table(notice),
        section("3. 投标人资格要求"),
        *(paragraph(f"3.{n} {text}") for n, text in enumerate(notice.qualification, 1)),
        paragraph(f"3.{len(notice.qualification) + 1} 本次招标{consortium}。"),
        *(
            paragraph(f"3.{n} {text}")
            for n, text in enumerate(notice.policies, len(notice.qualification) + 2)
        ),
        section("4. 招标文件的获取"),
        paragraph(f"4.1 获取时间：{_documents_period(notice)}。"),
        paragraph(
            f"4.2 获取方式：在平台免费下载，无需登记或者报名，网址：{notice.documents_url}。招标文件的每个版本均"
            "公布其指纹。"
        ),
        *_questions(notice),
        section("5. 投标文件的递交和开标"),
        *_submission(notice),
    ]


def _questions(notice: TenderNotice) -> list[Flowable]:
    """Until when questions are taken, and the dated acts that are open to all (发改法规规〔2022〕1117号)."""
    until = f"投标截止 {notice.questions_end_days} 日前" if notice.questions_end_days else "投标截止时间前"
    asked = "对招标文件的提问在平台提出，无需登录，不显示提问人；答复以澄清和修改公告同时向所有人公布"
    lines = [f"4.3 提问时间：{until}。{asked}。"]
    if notice.acts:
        free = "以上活动向所有人开放，自愿参加，不登记姓名和单位，不参加不影响投标。"
        lines.append(f"4.4 现场踏勘、样品和演示：{'；'.join(notice.acts)}。{free}")
    return [paragraph(line) for line in lines]


def _budget(notice: TenderNotice) -> list[Flowable]:
    if notice.budget_fen is None:
        return []
    return [paragraph(f"2.3 采购预算：{money(notice.budget_fen)}元（{wan_yuan(notice.budget_fen)} 万元）。")]


def _remedies(notice: TenderNotice) -> str:
    """Where to object, by the law that holds."""
    if notice.budget_fen is None:
        return (
            "对招标文件、开标、评标结果的异议通过平台向招标人提出；投诉向行政监督部门提出。"
            "受理单位和联系方式见本公告末尾。"
        )
    return (
        "对招标文件、采购过程、中标结果的询问和质疑通过平台向采购人、采购代理机构提出；投诉向同级财政部门提出。"
        "受理单位和联系方式见本公告末尾。"
    )


def notice_end(notice: TenderNotice) -> list[Flowable]:
    """Set the media, the contacts and who signs."""
    media = [paragraph(f"本公告在{'、'.join(notice.media)}同时发布，内容一致。")] if notice.media else []
    dated = [day(notice.published_at)] if notice.published_at else []
    return [
        section("8. 发布公告的媒介和联系方式"),
        *(
            [paragraph(f"公告期限：自本公告发布之日起{notice.period_days}个工作日。")]
            if notice.period_days
            else []
        ),
        *media,
        *contact_table(
            "",
            [
                ("招标人", notice.tenderer),
                ("招标代理机构", notice.agency),
                ("行政监督部门", notice.regulator),
            ],
        ),
        signed([notice.tenderer.name, notice.agency.name, *dated]),
    ]


def _submission(notice: TenderNotice) -> list[Flowable]:
    return [
        paragraph(
            f"5.1 投标文件应当加密并通过平台递交，网址：{notice.submission_url}。逾期送达、未加密或者未按招标文件要求"
            "递交的，平台不予接收。"
        ),
        paragraph(
            "5.2 投标截止时间（即开标时间）："
            f"{'见上表' if all(lot.deadline_at for lot in notice.lots) else SCHEDULE}。"
        ),
        paragraph(f"5.3 开标地点：{notice.opening_place}。"),
        section("6. 投标担保"),
        paragraph(f"各标段投标担保金额见上表。形式：{notice.deposit_forms}，由投标人自主选择。"),
        section("7. 异议和投诉" if notice.budget_fen is None else "7. 询问、质疑和投诉"),
        paragraph(_remedies(notice)),
    ]


def _lots_table(notice: TenderNotice) -> list[Flowable]:
    columns = [
        Column("标段（编号）", 3.7),
        Column("招标范围", 2.2),
        Column("最高投标限价\n（元）", 2.3, "right"),
        Column("投标担保\n（元）", 1.7, "right"),
        Column("工期\n（天）", 1.1, "right"),
        Column("质量", 0.9),
        Column("投标截止时间", 2),
    ]
    rows = [
        [
            f"{lot.name}\n{lot.code}",
            lot.scope or "见招标范围",
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
    until = end_moment(notice.documents_until) if notice.documents_until else "投标截止时间"
    return f"{start}至{until}"
