"""Papers of the award: candidates' publicity, award notice (中标通知书), result notice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from govcore.pdf.blocks import (
    CheckCode,
    Column,
    Contact,
    contact_table,
    data_table,
    field_table,
    paragraph,
    plain,
    sealed_pair,
    section,
    signed,
    title,
)
from govcore.pdf.capitals import rmb_capitals
from govcore.pdf.document import render
from govcore.pdf.figures import day, end_moment, moment, money, score, wan_yuan
from govcore.pdf.styles import LARGE, LARGE_PLAIN
from trading.procedure.paper_words import WORKS, PaperWords


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The lot that all three papers are about."""

    centre: str
    project: str
    project_code: str
    lot: str
    lot_code: str
    tenderer: Contact
    agency: Contact
    regulator: Contact
    opened_at: datetime
    words: PaperWords = WORKS
    ground: str = ""
    """Of a consultation: why it is one, and with how many suppliers it goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A ranked candidate (中标候选人) with what 招标公告和公示信息发布管理办法 第六条 wants published."""

    rank: int
    name: str
    uscc: str
    price_fen: int
    total: Decimal | None
    duration_days: int
    quality: str
    manager: str
    manager_certificate: str
    evaluated_fen: int | None = None
    qualification: str = "符合招标文件要求的资格能力条件"


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidatePublicity:
    """中标候选人公示 of at least three days (招标投标法实施条例 第五十四条)."""

    subject: Subject
    candidates: Sequence[Candidate]
    starts_at: datetime
    ends_at: datetime
    rejected: Sequence[tuple[str, str]] = ()
    media: Sequence[str] = ()
    check: CheckCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardNotice:
    """中标通知书, which binds both sides from its sending (招标投标法 第四十五条)."""

    number: str
    subject: Subject
    winner: Candidate
    issued_on: date
    contract_by: date
    performance_bond_fen: int = 0
    check: CheckCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultNotice:
    """中标结果公告 after the award; a government purchase had no publicity and names the members of its committee."""

    subject: Subject
    winner: Candidate
    publicity_from: datetime | None
    publicity_until: datetime | None
    published_at: datetime
    earlier: str = ""
    experts: Sequence[str] = ()
    goods: Sequence[tuple[str, str, str, int]] = ()
    """Of a purchase: name, specification, quantity and unit price in fen."""
    notice_until: datetime | None = None
    media: Sequence[str] = ()
    check: CheckCode | None = None


def candidate_publicity(paper: CandidatePublicity, *, watermark: str | None = None) -> bytes:
    """Set the publicity of the candidates, with the way to object."""
    subject = paper.subject
    story = [
        *title("中标候选人公示", f"{subject.project}　{subject.lot}"),
        paragraph(
            f"{subject.project}（{subject.lot}）于{moment(subject.opened_at)}开标，评标委员会已按照招标文件"
            "规定的评标标准和方法完成评标，并向招标人提交了书面评标报告。依据《中华人民共和国招标投标法实施"
            "条例》第五十四条，现将中标候选人公示如下："
        ),
        *field_table("一、项目信息", _subject_rows(subject)),
        *_ranking(paper.candidates),
        *_manager_table(paper.candidates),
        *_rejected(paper.rejected),
        section("五、公示期"),
        paragraph(f"{moment(paper.starts_at)}至{end_moment(paper.ends_at)}。"),
        section("六、提出异议的渠道和方式"),
        paragraph(
            "投标人或者其他利害关系人对评标结果有异议的，应当在公示期间通过交易平台向招标人提出。招标人自收到"
            "异议之日起3日内作出答复；作出答复前，暂停招标投标活动。对答复不满意的，可以依法向行政监督部门投诉。"
        ),
        *_media(paper.media),
        *contact_table("七、联系方式", _contacts(subject)),
        signed([subject.tenderer.name, subject.agency.name, day(paper.starts_at)]),
    ]
    return _set(story, "中标候选人公示", subject, check=paper.check, watermark=watermark)


def award_notice(paper: AwardNotice, *, watermark: str | None = None) -> bytes:
    """Set the award notice to the winner, the price in figures and capitals."""
    subject, winner, words = paper.subject, paper.winner, paper.subject.words
    name = f"{words.won}通知书"
    bond = (
        f"，在此之前按照{words.documents}的规定向我方提交履约担保，金额为人民币{money(paper.performance_bond_fen)}元"
        f"（大写：{rmb_capitals(paper.performance_bond_fen)}）"
        if paper.performance_bond_fen
        else ""
    )
    story = [
        *title(name, f"编号：{paper.number}"),
        plain(f"{winner.name}：", LARGE_PLAIN),
        paragraph(
            f"你方于{moment(subject.opened_at)}开标的{subject.project}（{subject.lot}，{words.lot}编号："
            f"{subject.lot_code}）所递交的{words.bid}已被我方接受，被确定为{words.winner}。",
            LARGE,
        ),
        *field_table(
            "",
            [
                (words.winner, f"{winner.name}（{winner.uscc}）"),
                (f"{words.won}价（小写）", f"¥ {money(winner.price_fen)} 元"),
                (f"{words.won}价（大写）", f"人民币{rmb_capitals(winner.price_fen)}"),
                (words.duration, f"{winner.duration_days} 日历天"),
                (words.quality, winner.quality),
                (words.manager, f"{winner.manager}（证书编号：{winner.manager_certificate}）"),
            ],
        ),
        paragraph(
            f"请你方在接到本通知书后，于{day(paper.contract_by)}前（自本通知书发出之日起30日内）与我方按照"
            f"{words.documents}和你方的{words.bid}订立书面合同{bond}。",
            LARGE,
        ),
        paragraph(
            f"本通知书对{words.tenderer}和{words.winner}具有法律效力。本通知书发出后，{words.tenderer}改变{words.won}"
            f"结果的，或者{words.winner}放弃{words.won}项目的，应当依法承担法律责任。",
            LARGE,
        ),
        paragraph("特此通知。", LARGE),
        Spacer(0, 10 * mm),
        sealed_pair(
            [
                (words.tenderer, subject.tenderer.name, day(paper.issued_on)),
                (words.agency, subject.agency.name, day(paper.issued_on)),
            ],
        ),
    ]
    return _set(story, name, subject, check=paper.check, watermark=watermark)


def result_notice(paper: ResultNotice, *, watermark: str | None = None) -> bytes:
    """Set the public notice of the winner."""
    subject, winner, words = paper.subject, paper.winner, paper.subject.words
    name = f"{words.won}结果公告"
    story = [
        *title(name, f"{subject.project}　{subject.lot}"),
        paragraph(_how_decided(paper)),
        *field_table("一、项目信息", _subject_rows(subject)),
        *field_table(
            f"二、{words.won}信息",
            [
                (words.winner, winner.name),
                ("信用代码或识别号", winner.uscc),
                (
                    f"{words.won}价（小写）",
                    f"{money(winner.price_fen)} 元（{wan_yuan(winner.price_fen)} 万元）",
                ),
                (f"{words.won}价（大写）", f"人民币{rmb_capitals(winner.price_fen)}"),
                (words.duration, f"{winner.duration_days} 日历天"),
                (words.quality, winner.quality),
                (words.manager, f"{winner.manager}（证书编号：{winner.manager_certificate}）"),
            ],
        ),
        *_purchase(paper),
        *_media(paper.media),
        *contact_table("六、联系方式" if paper.experts else "三、联系方式", _contacts(subject)),
        signed([subject.tenderer.name, subject.agency.name, day(paper.published_at)]),
    ]
    return _set(story, name, subject, check=paper.check, watermark=watermark)


def _how_decided(paper: ResultNotice) -> str:
    what, words = f"{paper.subject.project}（{paper.subject.lot}）", paper.subject.words
    if paper.publicity_from is None or paper.publicity_until is None:
        decided = f"{words.tenderer}已依法确定{words.winner}"
        return f"{what}{words.evaluation}已经结束，{decided}。现将{words.won}结果公告如下："
    published = (
        f"中标候选人已于{moment(paper.publicity_from)}至{end_moment(paper.publicity_until)}公示，公示期满，"
    )
    return f"{what}{published}{paper.earlier}招标人已依法确定中标人。现将中标结果公告如下："


def _purchase(paper: ResultNotice) -> list[Flowable]:
    """What 政府采购法实施条例 第四十三条 asks for besides: the committee's members and the period of the notice."""
    if not paper.experts or paper.notice_until is None:
        return []
    words = paper.subject.words
    columns = [
        Column("名称", 3),
        Column("规格型号（服务要求）", 4),
        Column("数量", 1.4, "right"),
        Column("单价（元）", 2, "right"),
    ]
    rows = [[item, said, quantity, money(price)] for item, said, quantity, price in paper.goods]
    return [
        *data_table("三、主要标的信息", columns, rows),
        section("四、评审专家名单"),
        paragraph("、".join(paper.experts) + "。"),
        section("五、公告期限"),
        paragraph(
            f"自本公告发布之日起1个工作日，至{end_moment(paper.notice_until)}止。供应商认为{words.won}结果使自己的权益"
            f"受到损害的，可以在公告期限届满之日起七个工作日内以书面形式向{words.tenderer}提出质疑。"
        ),
    ]


def compared(candidates: Sequence[Candidate], points: str) -> Column:
    """The column of what the ranks come from: points, or the evaluated price where there are none."""
    by_price = any(one.total is None for one in candidates)
    return Column("评审价格（元）", 2, "right") if by_price else Column(points, 1.2, "right")


def compared_text(one: Candidate) -> str:
    if one.total is not None:
        return score(one.total)
    return "—" if one.evaluated_fen is None else money(one.evaluated_fen)


def _ranking(candidates: Sequence[Candidate]) -> list[Flowable]:
    columns = [
        Column("排序", 1, "center"),
        Column("中标候选人名称", 3.4),
        Column("投标报价（元）", 2.4, "right"),
        compared(candidates, "评标得分"),
        Column("工期（日历天）", 1.3, "right"),
        Column("质量", 1.6),
    ]
    rows = [
        [
            f"第{entry.rank}名",
            f"{entry.name}\n{entry.uscc}",
            money(entry.price_fen),
            compared_text(entry),
            str(entry.duration_days),
            entry.quality,
        ]
        for entry in candidates
    ]
    return data_table("二、中标候选人", columns, rows)


def _manager_table(candidates: Sequence[Candidate]) -> list[Flowable]:
    columns = [
        Column("中标候选人名称", 3.2),
        Column("项目负责人", 1.4),
        Column("证书名称和编号", 2.8),
        Column("资格能力条件", 2.8),
    ]
    rows = [
        [entry.name, entry.manager, entry.manager_certificate, entry.qualification] for entry in candidates
    ]
    return data_table("三、项目负责人和资格能力条件响应情况", columns, rows)


def _rejected(rejected: Sequence[tuple[str, str]]) -> list[Flowable]:
    if not rejected:
        return [section("四、被否决投标的情况"), paragraph("无。")]
    columns = [Column("投标人", 3), Column("否决投标的原因和依据", 5)]
    return data_table("四、被否决投标的情况", columns, [list(row) for row in rejected])


def _subject_rows(subject: Subject) -> list[tuple[str, str]]:
    return [
        (f"{subject.words.project}名称", subject.project),
        (f"{subject.words.project}编号", subject.project_code),
        (f"{subject.words.lot}（编号）", f"{subject.lot}（{subject.lot_code}）"),
        ("开标时间", moment(subject.opened_at)),
        *([("采购方式", subject.ground)] if subject.ground else []),
    ]


def _contacts(subject: Subject) -> list[tuple[str, Contact]]:
    return [
        (subject.words.tenderer, subject.tenderer),
        (subject.words.agency, subject.agency),
        (subject.words.regulator, subject.regulator),
    ]


def _media(media: Sequence[str]) -> list[Flowable]:
    return [paragraph(f"本公告（公示）同时在{'、'.join(media)}发布，内容一致。")] if media else []


def _set(
    story: Sequence[Flowable],
    name: str,
    subject: Subject,
    *,
    check: CheckCode | None,
    watermark: str | None,
) -> bytes:
    return render(
        story,
        title=f"{name}：{subject.project} {subject.lot}",
        header=f"{subject.centre}　{subject.lot_code}",
        footer=f"{name}　{subject.project}（{subject.lot}）\n{check or ''}",
        link=check.link if check else "",
        watermark=watermark,
    )
