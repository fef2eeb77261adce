"""The list by which experts are paid (专家评审费发放表): a spreadsheet, and a paper with room for signatures."""

from __future__ import annotations

from collections.abc import Sequence

from govcore.pdf.blocks import Column, data_table, paragraph, signature_block, title
from govcore.pdf.capitals import rmb_capitals
from govcore.pdf.document import DEMO_WATERMARK, render
from govcore.pdf.figures import money
from govcore.sheets import xlsx
from trading.committee.attending import Fee
from trading.tender.queries import LotContext

NAME = "专家评审费发放表"
HEADING = ("席位", "姓名", "评审时长", "评审费（元）", "签名")


def fee_xlsx(rows: Sequence[Fee]) -> bytes:
    """One row a member, and the sum."""
    lines = [(f"{one.seat}", one.name, _hours(one.seconds), money(one.fen), "") for one in rows]
    return xlsx(NAME, HEADING, [*lines, ("合计", "", "", money(_sum(rows)), "")])


def fee_pdf(lot: LotContext, rows: Sequence[Fee]) -> bytes:
    """The same on paper; each member signs for what it got."""
    base, hour = lot.rule_set.fen("expert.fee.base") or 0, lot.rule_set.fen("expert.fee.hour") or 0
    lines = [[f"{one.seat}", one.name, _hours(one.seconds), money(one.fen), ""] for one in rows]
    story = [
        *title(NAME, f"{lot.title}　{lot.lot_name}"),
        *data_table(
            "",
            [
                Column(HEADING[0], 1),
                Column(HEADING[1], 2),
                Column(HEADING[2], 2),
                Column(HEADING[3], 2, "right"),
                Column(HEADING[4], 3),
            ],
            lines,
        ),
        paragraph(f"合计：{money(_sum(rows))} 元（{rmb_capitals(_sum(rows))}）"),
        paragraph(
            f"标准：{lot.rule_set.count('expert.fee.hours')} 小时以内 {money(base)} 元，"
            f"超出部分每小时 {money(hour)} 元，不足一小时按一小时计（默认值，未经核实）。"
        ),
        signature_block(["发放人", "复核人"]),
    ]
    return render(
        story,
        title=f"{NAME}：{lot.title}",
        header=f"{lot.tenderer.name}　{lot.lot_code}",
        footer=f"{NAME}　{lot.lot_name}",
        watermark=None if lot.rule_set.lawful else DEMO_WATERMARK,
    )


def _sum(rows: Sequence[Fee]) -> int:
    return sum(one.fen for one in rows)


def _hours(seconds: int) -> str:
    return f"{seconds // 3600} 小时 {seconds % 3600 // 60} 分"
