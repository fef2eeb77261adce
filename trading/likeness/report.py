"""The finished analysis as a paper and as a sheet."""

from __future__ import annotations

from collections.abc import Callable

from reportlab.platypus import Flowable

from govcore.pdf.blocks import Column, data_table, field_table, paragraph, section, title
from govcore.pdf.document import DEMO_WATERMARK, render
from govcore.pdf.figures import stamp
from govcore.sheets import xlsx
from trading.likeness.policy import Found, Sign
from trading.likeness.queries import AnalysisShown, Pair
from trading.likeness.words import SIGN_WORDS, article

Words = Callable[[str], str]
_COLUMNS = (
    Column("表现", 0.2),
    Column("相同之处", 0.31),
    Column("所在文件", 0.19),
    Column("数量", 0.14),
    Column("条款", 0.16),
)


def amount(one: Found, words: Words) -> str:
    """How much, where it can be counted."""
    if one.sign is Sign.SAME_TEXT:
        return words("Passages: {n}; letters together: {letters}").format(n=one.count, letters=one.of)
    if one.of:
        return words("{n} of {all} lines").format(n=one.count, all=one.of)
    return words("{n} in number").format(n=one.count) if one.count > 1 else ""


def report_pdf(found: AnalysisShown, words: Words) -> bytes:
    """The report in Chinese: for each two bids what they have in common, and which article names it."""
    context = found.context
    assert found.shown_at is not None  # only a finished analysis has a report
    story: list[Flowable] = [
        *title("投标文件雷同性分析报告", f"{context.project_name}　{context.lot_name}"),
        *field_table(
            "概况",
            [
                ("标段编号", context.lot_code),
                ("已开启投标文件数", f"{len(found.bids)} 份"),
                ("有相同之处的两两组合数", f"{len(found.pairs)} 组"),
                ("完成时间", stamp(found.shown_at)),
            ],
        ),
        paragraph(
            "本报告只列出客观相同之处及其所在，供评标委员会和行政监督部门核实，不作任何认定。"
            "是否构成串通投标，由评标委员会依法评审、行政监督部门依法调查处理。"
            "招标文件本身含有的文字、图片和文件属性不计入。"
        ),
    ]
    for pair in found.pairs:
        story += _pair(pair, found, words)
    if not found.pairs:
        story.append(paragraph("未发现相同之处。"))
    if found.unread:
        rows = [[str(one.bid), found.labels.get(one.part, one.part), one.name] for one in found.unread]
        columns = (Column("投标序号", 0.15), Column("投标文件部分", 0.3), Column("文件", 0.55))
        story += data_table("未能读取或者未能读完的文件", columns, rows)
    return render(
        story,
        title=f"投标文件雷同性分析报告：{context.project_name} {context.lot_name}",
        header=f"雷同性分析报告　{context.lot_code}",
        footer=f"雷同性分析报告　{context.project_name}（{context.lot_name}）　中标结果确定前应当保密",
        watermark=None if context.rule_set.lawful else DEMO_WATERMARK,
    )


def _pair(pair: Pair, found: AnalysisShown, words: Words) -> list[Flowable]:
    rows = [
        [
            words(SIGN_WORDS[one.sign]),
            one.what,
            "、".join(one.where),
            amount(one, words),
            words(article(one.sign, found.context)),
        ]
        for one in pair.found
    ]
    names = "　".join(f"{bid.number}. {bid.bidder_name}" for bid in (pair.first, pair.second))
    return [section(names), *data_table("相同之处", _COLUMNS, rows)]


def report_xlsx(found: AnalysisShown, words: Words) -> bytes:
    """Every sign of every two bids as a row, in the reader's language."""
    columns = [
        words(text)
        for text in (
            "Bidder",
            "Other bidder",
            "Sign",
            "What is equal",
            "In which files",
            "How much",
            "Article",
        )
    ]
    rows: list[list[str | int]] = [
        [
            f"{pair.first.number}. {pair.first.bidder_name}",
            f"{pair.second.number}. {pair.second.bidder_name}",
            words(SIGN_WORDS[one.sign]),
            one.what,
            "、".join(one.where),
            amount(one, words),
            words(article(one.sign, found.context)),
        ]
        for pair in found.pairs
        for one in pair.found
    ]
    return xlsx(words("Likeness analysis"), columns, rows)
