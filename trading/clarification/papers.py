"""The paper of a clarification (澄清和修改公告): answers, changes, dated acts, and what becomes of the deadline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reportlab.platypus import Flowable

from govcore.pdf.blocks import Column, Contact, contact_table, data_table, paragraph, section, signed, title
from govcore.pdf.document import render
from govcore.pdf.figures import day, moment, stamp
from trading.documents.papers import ACTS
from trading.procedure.paper_words import UNIT_WORDS, PaperWords

SUBJECTS = {
    "object": "采购标的",
    "qualification": "资格条件",
    "criteria": "评审标准",
    "specification": "图纸、清单、技术要求",
    "terms": "合同条款",
    "form": "{w.bid}格式",
    "times": "其他时间、地点",
    "other": "其他",
}


@dataclass(frozen=True, slots=True)
class Answered:
    number: str
    question: str
    answer: str
    shortened: str


@dataclass(frozen=True, slots=True)
class Changed:
    about: str
    where: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Dated:
    kind: str
    place: str
    starts_at: datetime
    ends_at: datetime
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineLine:
    """A lot's deadline before and after; `rule` names the rule and its article, `left` and `least` are in its unit."""

    lot: str
    before: datetime
    after: datetime
    rule: str
    left: int
    least: int
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClarificationPaper:
    """All that the paper says; `untouched` is why bids are not touched, empty where they may be."""

    centre: str
    project: str
    tender_code: str
    number: int
    tenderer: Contact
    agency: Contact
    answers: Sequence[Answered]
    changes: Sequence[Changed]
    acts: Sequence[Dated] | None
    version: int
    statement: str
    untouched: str
    deadlines: Sequence[DeadlineLine]
    address: str
    published_at: datetime
    words: PaperWords


def clarification_paper(paper: ClarificationPaper, *, watermark: str | None = None) -> bytes:
    """Set a clarification; raise `GlyphMissing` for unprintable text."""
    words = paper.words
    name = f"{words.documents}澄清和修改公告（第{paper.number}号）"
    story: list[Flowable] = [
        *title(name, paper.project),
        paragraph(
            f"现对{paper.project}（编号：{paper.tender_code}）的{words.documents}作如下澄清和修改，"
            f"作为{words.documents}的组成部分；与原{words.documents}不一致的，以本公告为准。"
        ),
    ]
    for number, (heading, parts) in enumerate(_parts(paper), 1):
        story += [section(f"{number}. {heading}"), *parts]
    story += [
        *contact_table("", [(words.tenderer, paper.tenderer), (words.agency, paper.agency)]),
        signed([paper.tenderer.name, paper.agency.name, day(paper.published_at)]),
    ]
    return render(
        story,
        title=f"{name}：{paper.project}",
        header=f"{paper.centre}　澄清和修改公告　{paper.tender_code}",
        footer=f"{paper.project}　第{paper.number}号\n{paper.address}",
        watermark=watermark,
    )


def _parts(paper: ClarificationPaper) -> list[tuple[str, list[Flowable]]]:
    parts: list[tuple[str, list[Flowable]]] = []
    if paper.statement:
        parts.append(("说明", [paragraph(line) for line in paper.statement.splitlines() if line.strip()]))
    if paper.answers:
        parts.append(("对提问的答复", _answers(paper.answers)))
    if paper.changes or paper.version:
        parts.append((f"对{paper.words.documents}的修改", _changes(paper)))
    if paper.acts is not None:
        parts.append(("现场踏勘、样品和演示", _acts(paper.acts)))
    words = paper.words
    return [
        *parts,
        (words.deadline, _deadlines(paper)),
        (f"已递交的{words.bid}", [paragraph(_sealed(words))]),
    ]


def _answers(answers: Sequence[Answered]) -> list[Flowable]:
    lines: list[Flowable] = []
    for one in answers:
        shortened = f"（提问文字经处理：{one.shortened}）" if one.shortened else ""
        lines.append(paragraph(f"问（{one.number}）：{_one_line(one.question)}{shortened}"))
        lines.append(paragraph(f"答：{_one_line(one.answer)}"))
    return lines


def _one_line(text: str) -> str:
    return "　".join(line.strip() for line in text.splitlines() if line.strip())


def _changes(paper: ClarificationPaper) -> list[Flowable]:
    replaced = (
        f"{paper.words.documents}第{paper.version}版同时发布，自发布时起代替第{paper.version - 1}版；"
        "各版本及其差异见平台。"
    )
    lines: list[Flowable] = [paragraph(replaced)] if paper.version else []
    return [*lines, *_passages(paper.words, paper.changes)] if paper.changes else lines


def _passages(words: PaperWords, changes: Sequence[Changed]) -> list[Flowable]:
    columns = [Column("位置", 2), Column("事项", 1.4), Column("原内容", 3.4), Column("现内容", 3.4)]
    rows = [
        [one.where, SUBJECTS[one.about].format(w=words), one.before or "（新增）", one.after or "（删除）"]
        for one in changes
    ]
    return data_table("", columns, rows)


def _acts(acts: Sequence[Dated]) -> list[Flowable]:
    if not acts:
        return [paragraph("原定的现场踏勘、样品递交和演示取消。")]
    columns = [Column("事项", 1.2), Column("时间", 3), Column("地点", 3), Column("说明", 2.4)]
    rows = [
        [ACTS[one.kind], f"{moment(one.starts_at)}至{moment(one.ends_at)}", one.place, one.note or "—"]
        for one in acts
    ]
    free = "以上活动向所有人开放，自愿参加，不登记姓名和单位，不参加不影响评审结果。"
    return [*data_table("", columns, rows), paragraph(free)]


def _deadlines(paper: ClarificationPaper) -> list[Flowable]:
    columns = [
        Column(paper.words.lot, 2.2),
        Column("原截止时间", 2.2),
        Column("现截止时间", 2.2),
        Column("依据", 3.2),
    ]
    rows = [
        [
            one.lot,
            stamp(one.before),
            stamp(one.after) if one.after != one.before else "不变",
            f"{one.rule}：距原截止时间 {one.left} {UNIT_WORDS[one.unit]}，应不少于 {one.least} {UNIT_WORDS[one.unit]}",
        ]
        for one in paper.deadlines
    ]
    touches = (
        f"本次澄清和修改不影响{paper.words.bid}编制：{paper.untouched}"
        if paper.untouched
        else f"本次澄清和修改可能影响{paper.words.bid}编制。"
    )
    return [paragraph(touches), *data_table("", columns, rows)]


def _sealed(words: PaperWords) -> str:
    return (
        f"本公告发布前已递交的{words.bid}继续有效，{words.deadline}前可以替换或者撤回。"
        f"请所有获取{words.documents}的单位和个人核对本公告内容。"
    )
