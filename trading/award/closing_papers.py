"""Papers at the end of an award: to those who lost, to supervision, and on a lot that ended without a winner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from govcore.pdf.blocks import (
    Column,
    contact_table,
    data_table,
    field_table,
    paragraph,
    plain,
    section,
    signed,
    title,
)
from govcore.pdf.document import render
from govcore.pdf.figures import day, end_moment, moment, money, score
from govcore.pdf.styles import LARGE, LARGE_PLAIN
from trading.award.papers import Candidate, Subject, compared, compared_text
from trading.award.policy import Basis, Cause, Failure
from trading.procedure.paper_words import PaperWords
from trading.procedure.policy import Parameter
from trading.procedure.words import cited

CAUSES = {
    Cause.GAVE_UP: "放弃{w.won}",
    Cause.FORCE_MAJEURE: "因不可抗力不能履行合同",
    Cause.NO_BOND: "未按照{w.documents}要求提交履约保证金",
    Cause.ILLEGAL: "被查实存在影响{w.won}结果的违法行为",
}
BASES = {
    Basis.FIRST: "排名第一",
    Basis.NEXT: "排名在前的候选人均不能中标，依次确定",
    Basis.CHOSEN: "由{w.tenderer}在{w.candidate}中确定",
    Basis.DEEMED: "采购人逾期未确定又不能说明合法理由，视同按{w.report}推荐的顺序确定排名第一的候选人",
}
FAILURES = {
    Failure.ALL_REJECTED: "{w.committee}否决全部投标（《中华人民共和国招标投标法》第四十二条）",
    Failure.CANDIDATE_OUT: "{w.candidate}不能{w.won}，决定重新组织（{w.next_law}）",
    Failure.TOO_FEW: "合格{w.bidder}或者实质响应的供应商不足{least}家（{basis}）",
    Failure.UNFAIR: "出现影响采购公正的违法、违规行为（《中华人民共和国政府采购法》第三十六条第二项）",
    Failure.OVER_BUDGET: "{w.bidder}的报价均超过采购预算，采购人不能支付"
    "（《中华人民共和国政府采购法》第三十六条第三项）",
    Failure.NO_NEED: "因重大变故，采购任务取消（《中华人民共和国政府采购法》第三十六条第四项）",
}


"""Causes, bases and failures in the words `w` of the procedure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoserNotice:
    """中标（成交）结果通知书 to who did not win; in a purchase with its own points and rank (87号令 第六十九条)."""

    subject: Subject
    bidder: str
    winner: Candidate
    issued_at: datetime
    own_total: Decimal | None = None
    own_evaluated_fen: int | None = None
    own_rank: int | None = None
    rejected: str = ""
    refund: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureNotice:
    """招标失败公告, 废标公告 of a government purchase, 终止公告 of a consultation."""

    subject: Subject
    cause: Failure
    least: Parameter
    """How many must be responsive."""
    text: str
    published_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardReport:
    """招标投标情况的书面报告 within fifteen days (招标投标法 第四十七条)."""

    subject: Subject
    n: int
    published_at: datetime | None
    deadline_at: datetime
    bids: Sequence[tuple[str, str, str]]
    candidates: Sequence[Candidate]
    publicity: tuple[datetime, datetime] | None
    basis: Basis
    reason: str
    outs: Sequence[tuple[str, Cause, str]]
    winner: Candidate
    decided_at: datetime
    report_sha256: str
    reported_at: datetime


def loser_notice(paper: LoserNotice, *, watermark: str | None = None) -> bytes:
    """Set what a bidder is told that did not win."""
    subject, winner, words = paper.subject, paper.winner, paper.subject.words
    name = f"{words.won}结果通知书"
    rows = [(words.winner, winner.name), (f"{words.won}价", f"¥ {money(winner.price_fen)} 元")]
    if paper.own_rank is not None:
        if paper.own_total is not None:
            rows.append(("贵单位评审总得分", f"{score(paper.own_total)} 分"))
        elif paper.own_evaluated_fen is not None:
            rows.append(("贵单位评审价格", f"{money(paper.own_evaluated_fen)} 元"))
        rows.append(("贵单位排序", f"第{paper.own_rank}名"))
    if paper.rejected:
        rows.append((f"贵单位{words.bid}未通过评审的原因", paper.rejected))
    story = [
        *title(name, f"{subject.project}　{subject.lot}"),
        plain(f"{paper.bidder}：", LARGE_PLAIN),
        paragraph(
            f"{subject.project}（{subject.lot}，编号：{subject.lot_code}）于{moment(subject.opened_at)}开标。"
            f"经评审，现已依法确定{words.winner}，贵单位未{words.won}。感谢贵单位参与。",
            LARGE,
        ),
        *field_table("", rows),
        *([paragraph(paper.refund, LARGE)] if paper.refund else []),
        paragraph("特此通知。", LARGE),
        Spacer(0, 10 * mm),
        signed([subject.tenderer.name, day(paper.issued_at)]),
    ]
    return _set(story, name, subject, watermark)


def failure_notice(paper: FailureNotice, *, watermark: str | None = None) -> bytes:
    """Set the public notice that a lot ended without a winner, with why and what follows."""
    subject, words = paper.subject, paper.subject.words
    name = words.failure
    story = [
        *title(name, f"{subject.project}　{subject.lot}"),
        *field_table("一、项目信息", _rows(subject)),
        section("二、原因和依据"),
        paragraph(f"{why(paper.cause, words, paper.least)}。"),
        paragraph(paper.text),
        section("三、后续安排"),
        paragraph(what_follows(paper.cause, words)),
        *_contact("四、联系方式", subject),
        signed([subject.tenderer.name, subject.agency.name, day(paper.published_at)]),
    ]
    return _set(story, name, subject, watermark)


def why(cause: Failure, words: PaperWords, least: Parameter) -> str:
    """The cause with its article; `least` is the rule of how many must be responsive."""
    return FAILURES[cause].format(w=words, least=least.number, basis=cited(least))


def what_follows(cause: Failure, words: PaperWords) -> str:
    """What becomes of the purchase, and of the deposits."""
    if cause is Failure.NO_NEED:
        return "采购任务取消，已提交的保证金依法退还。"
    return f"{words.tenderer}将依法{words.again}，已提交的保证金依法退还。"


def award_report(paper: AwardReport, *, watermark: str | None = None) -> bytes:
    """Set the written report on a tender to its supervising department."""
    subject = paper.subject
    story = [
        *title("招标投标情况书面报告", f"{subject.project}　{subject.lot}"),
        plain(f"{subject.regulator.name}：", LARGE_PLAIN),
        paragraph("根据《中华人民共和国招标投标法》第四十七条，现将本标段招标投标情况报告如下。"),
        *field_table("一、项目信息", [*_rows(subject), *_dates(paper)]),
        *data_table(
            "二、投标人和评审结果",
            [Column("投标人", 3.4), Column("投标报价（元）", 2.2, "right"), Column("结果", 3)],
            [list(row) for row in paper.bids],
        ),
        *data_table(
            "三、中标候选人",
            [
                Column("排序", 0.8, "center"),
                Column("名称", 3.4),
                Column("报价（元）", 2.2, "right"),
                compared(paper.candidates, "得分"),
            ],
            [[str(one.rank), one.name, money(one.price_fen), compared_text(one)] for one in paper.candidates],
        ),
        *_outs(paper.outs, subject.words),
        section("五、确定中标人"),
        paragraph(
            f"{moment(paper.decided_at)}确定{paper.winner.name}（{paper.winner.uscc}）为中标人，中标价"
            f"{money(paper.winner.price_fen)}元。依据：{BASES[paper.basis].format(w=subject.words)}。{paper.reason}"
        ),
        section("六、附件"),
        paragraph(f"评标报告（SHA-256：{paper.report_sha256}）。"),
        signed([subject.tenderer.name, day(paper.reported_at)]),
    ]
    return _set(story, "招标投标情况书面报告", subject, watermark)


def _dates(paper: AwardReport) -> list[tuple[str, str]]:
    rows = [("投标截止", moment(paper.deadline_at))]
    if paper.published_at is not None:
        rows.insert(0, ("招标公告发布", moment(paper.published_at)))
    if paper.publicity is not None:
        rows.append(("中标候选人公示", f"{moment(paper.publicity[0])}至{end_moment(paper.publicity[1])}"))
    return rows


def _outs(outs: Sequence[tuple[str, Cause, str]], words: PaperWords) -> list[Flowable]:
    if not outs:
        return [section("四、不能中标的候选人"), paragraph("无。")]
    columns = [Column("候选人", 3), Column("原因", 2.4), Column("说明", 4)]
    return data_table(
        "四、不能中标的候选人",
        columns,
        [[name, CAUSES[cause].format(w=words), text] for name, cause, text in outs],
    )


def _rows(subject: Subject) -> list[tuple[str, str]]:
    return [
        (f"{subject.words.project}名称", subject.project),
        (f"{subject.words.project}编号", subject.project_code),
        (f"{subject.words.lot}（编号）", f"{subject.lot}（{subject.lot_code}）"),
        ("开标时间", moment(subject.opened_at)),
    ]


def _contact(heading: str, subject: Subject) -> list[Flowable]:
    parties = [
        (subject.words.tenderer, subject.tenderer),
        (subject.words.agency, subject.agency),
        (subject.words.regulator, subject.regulator),
    ]
    return contact_table(heading, parties)


def _set(story: Sequence[Flowable], name: str, subject: Subject, watermark: str | None) -> bytes:
    return render(
        story,
        title=f"{name}：{subject.project} {subject.lot}",
        header=f"{subject.centre}　{subject.lot_code}",
        footer=f"{name}　{subject.project}（{subject.lot}）",
        watermark=watermark,
    )
