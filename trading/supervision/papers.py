"""The centre's two official papers: the circulated notice (通报) and the letter to a supervisor (函)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from reportlab.platypus import Flowable

from govcore.pdf.blocks import CheckCode, Column, data_table, field_table
from govcore.pdf.figures import day, moment, stamp
from govcore.pdf.letter import Annex, OfficialPaper, circular, letter
from trading.supervision.policy import LETTER_TITLE, NOTICE_TITLE

_EVIDENCE = (Column("序号", 0.7, "center"), Column("材料名称", 3.2), Column("文件指纹（SHA-256）", 4.6))


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that shows a fact, named by its hash."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Misconduct:
    """What both papers say about the act; texts are whole sentences without numbering."""

    centre: str
    project: str
    lot: str
    lot_code: str
    subject: str
    subject_uscc: str
    category: str
    grade: str
    occurred_at: datetime
    facts: Sequence[str]
    basis: Sequence[str]
    recorded_by: str
    statement: str = ""
    statement_at: datetime | None = None
    evidence: Sequence[Evidence] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CirculatedNotice:
    """A 通报; `recipients` are its readers (各招标代理机构), `requirements` what they are asked to do."""

    number: str
    dated: date
    recipients: str
    misconduct: Misconduct
    handling: str
    requirements: Sequence[str]
    copies: str = ""
    check: CheckCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorLetter:
    """A 函 to the department that supervises the project, which alone may punish."""

    number: str
    dated: date
    department: str
    misconduct: Misconduct
    suggestion: Sequence[str]
    reply_due: date
    contact: str = ""
    copies: str = ""
    check: CheckCode | None = None


def circulated_notice(notice: CirculatedNotice, *, watermark: str | None = None) -> bytes:
    """Set a circulated notice as an official document; raise `GlyphMissing` for unprintable text."""
    act = notice.misconduct
    body = [
        *_facts(act),
        "二、认定依据",
        *act.basis,
        "三、陈述申辩情况",
        _statement(act),
        "四、处理意见",
        notice.handling,
        f"{act.subject}对本通报有异议的，可以自收到之日起向我中心书面提出，并附相关证明材料；"
        "经复核异议成立的，我中心将撤销本通报并在同一范围内公布。",
    ]
    if notice.requirements:
        body += ["五、有关要求", *notice.requirements]
    paper = OfficialPaper(
        organ=act.centre,
        number=notice.number,
        title=NOTICE_TITLE.format(subject=f"{act.subject}\n"),
        addressee=notice.recipients,
        body=body,
        signatory=act.centre,
        dated=notice.dated,
        annexes=_annexes(act),
        copies=notice.copies,
        check=notice.check,
    )
    return circular(paper, watermark=watermark)


def letter_to_supervisor(paper: SupervisorLetter, *, watermark: str | None = None) -> bytes:
    """Set a letter to the supervising department in letter form; raise `GlyphMissing` for unprintable text."""
    act = paper.misconduct
    body = [
        f"我中心在{act.project}（{act.lot}，标段编号：{act.lot_code}）交易过程的现场巡查和见证服务中，"
        f"发现{act.subject}存在不当行为。现将有关情况函告如下：",
        *_facts(act),
        "二、相关依据",
        *act.basis,
        "三、当事人陈述申辩情况",
        _statement(act),
        "四、有关建议",
        *paper.suggestion,
        f"请予研究处理，并于{day(paper.reply_due)}前将处理情况函告我中心。",
        "专此函告。",
    ]
    return letter(
        OfficialPaper(
            organ=act.centre,
            number=paper.number,
            title=LETTER_TITLE.format(subject=f"{act.subject}\n"),
            addressee=paper.department,
            body=body,
            signatory=act.centre,
            dated=paper.dated,
            annexes=_annexes(act),
            contact=paper.contact,
            copies=paper.copies,
            check=paper.check,
        ),
        watermark=watermark,
    )


def _facts(act: Misconduct) -> list[str]:
    happened = (
        f"{moment(act.occurred_at)}，在{act.project}（{act.lot}，标段编号：{act.lot_code}）交易活动中，"
        f"{act.subject}（统一社会信用代码：{act.subject_uscc}）发生不当行为，"
        f"类别为“{act.category}”，程度为“{act.grade}”。"
    )
    return ["一、基本情况", happened, *act.facts]


def _statement(act: Misconduct) -> str:
    told = f"我中心已将拟认定的事实、依据告知{act.subject}，并听取其陈述申辩。"
    if not act.statement:
        return f"{told}该单位在规定期限内未提出陈述申辩意见。"
    when = f"{moment(act.statement_at)}" if act.statement_at else "期限内"
    return f"{told}该单位于{when}提出意见：“{act.statement}”上述意见已记录在案并予以考虑。"


def _annexes(act: Misconduct) -> list[Annex]:
    rows = [[str(number), item.name, item.sha256] for number, item in enumerate(act.evidence, 1)]
    story: list[Flowable] = field_table(
        "",
        [
            ("当事人", act.subject),
            ("信用代码", act.subject_uscc),
            ("发生时间", stamp(act.occurred_at)),
            ("记录人", act.recorded_by),
        ],
        pairs=2,
    )
    if not rows:
        return []
    return [Annex("证据材料清单", [*story, *data_table("", _EVIDENCE, rows)])]
