"""The finished check as a paper and as a sheet."""

from __future__ import annotations

from collections.abc import Callable

from reportlab.platypus import Flowable

from govcore.pdf.blocks import Column, data_table, field_table, paragraph, section, title
from govcore.pdf.document import DEMO_WATERMARK, render
from govcore.pdf.figures import stamp
from govcore.sheets import xlsx
from trading.billcheck.policy import UNBALANCED, Group
from trading.billcheck.queries import BillShown, CheckShown
from trading.billcheck.words import FINDING_WORDS, GROUP_WORDS

Words = Callable[[str], str]
MOST_ROWS = 200
"""A paper shows so many findings of a part of one bid; the sheet has them all."""

_SHORT = {
    Group.STRUCTURE: "结构",
    Group.PRICES: "单价",
    Group.ARITHMETIC: "算术",
    Group.FEES: "费用",
    Group.BALANCE: "不平衡",
}
_COLUMNS = (
    Column("单元格", 0.1),
    Column("项目编码", 0.18),
    Column("项目名称", 0.22),
    Column("事项", 0.2),
    Column("应为", 0.15, "right"),
    Column("投标文件", 0.15, "right"),
)


def report_pdf(found: CheckShown, words: Words) -> bytes:
    """The report in Chinese: for each bid what there is to ask about, by its parts."""
    context = found.context
    assert found.order.finished_at is not None  # only a finished check has a report
    story: list[Flowable] = [
        *title("工程量清单清标报告", f"{context.project_name}　{context.lot_name}"),
        *field_table(
            "概况",
            [
                ("标段编号", context.lot_code),
                ("清单项目数", f"{found.asked} 项"),
                ("投标文件数", f"{len(found.bills)} 份"),
                ("完成时间", stamp(found.order.finished_at)),
            ],
        ),
        paragraph(
            "本报告供评标委员会评审参考，所列事项应当依招标文件核实或者要求投标人澄清，不得直接作为否决投标的依据。"
            f"综合单价与全部投标平均值相差超过{UNBALANCED * 100:.0f}%的列入不平衡报价。"
        ),
        section("一、汇总"),
        *data_table(
            "各投标文件清标事项数",
            [
                Column("投标人", 0.5),
                Column("清单行数", 0.15, "right"),
                *(Column(short, 0.07, "right") for short in _SHORT.values()),
            ],
            [_summary(bill) for bill in found.bills],
        ),
    ]
    for number, bill in enumerate(found.bills, start=2):
        story += _bill(bill, number, words)
    return render(
        story,
        title=f"工程量清单清标报告：{context.project_name} {context.lot_name}",
        header=f"清标报告　{context.lot_code}",
        footer=f"清标报告　{context.project_name}（{context.lot_name}）　中标结果确定前应当保密",
        watermark=None if context.rule_set.lawful else DEMO_WATERMARK,
    )


def report_xlsx(found: CheckShown, words: Words) -> bytes:
    """All findings as rows, in the reader's language."""
    columns = [
        words(text)
        for text in (
            "Number",
            "Bidder",
            "Part of the report",
            "Finding",
            "Cell",
            "Code of the line",
            "Name of the line",
            "Would be right",
            "Is written",
        )
    ]
    rows: list[list[str | int]] = [
        [
            bill.bid.number,
            bill.bid.bidder_name,
            words(GROUP_WORDS[group]),
            words(FINDING_WORDS[one.kind]),
            one.where,
            one.code,
            one.name,
            one.expected,
            one.given,
        ]
        for bill in found.bills
        for group, ones in bill.found.items()
        for one in ones
    ]
    return xlsx(words("Check of the bills"), columns, rows)


def _summary(bill: BillShown) -> list[str]:
    counts = [str(len(bill.found.get(group, ()))) for group in _SHORT]
    return [f"{bill.bid.number}　{bill.bid.bidder_name}", str(bill.lines), *counts]


def _bill(bill: BillShown, number: int, words: Words) -> list[Flowable]:
    story: list[Flowable] = [section(f"{_ordinal(number)}、{bill.bid.bidder_name}")]
    if bill.refusal is not None:
        return [*story, paragraph(f"{bill.workbook or '—'}：{words(bill.refusal)}")]
    if not bill.count:
        return [*story, paragraph(f"{bill.workbook}：未发现需要核实的事项。")]
    for group, ones in bill.found.items():
        rows = [
            [one.where, one.code, one.name, words(FINDING_WORDS[one.kind]), one.expected, one.given]
            for one in ones[:MOST_ROWS]
        ]
        story += data_table(f"{words(GROUP_WORDS[group])}（{len(ones)}项）", _COLUMNS, rows)
        if len(ones) > MOST_ROWS:
            story.append(paragraph(f"其余{len(ones) - MOST_ROWS}项见清标表格。"))
    return story


def _ordinal(number: int) -> str:
    digits = "〇一二三四五六七八九"
    tens, ones = divmod(number, 10)
    if not tens:
        return digits[ones]
    return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")
