"""A notice as a paper, set from its fields, for those that bring no paper of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from reportlab.platypus import Flowable, KeepTogether, Spacer

from govcore.i18n import Translate
from govcore.pdf.blocks import (
    CheckCode,
    Column,
    SealPlace,
    data_table,
    field_table,
    paragraph,
    plain,
    section,
    title,
)
from govcore.pdf.document import render
from govcore.pdf.figures import day, moment, money
from govcore.pdf.styles import PLAIN
from trading.notices.fields import Field, Type
from trading.notices.showing import Shown

COLUMNS_MAX = 6
_NARROW = {Type.COUNT: 1.3, Type.MONEY: 2.2, Type.MOMENT: 2.2}


def notice_paper(
    *,
    kind: str,
    about: str,
    basis: str,
    fields: Iterable[Shown],
    publisher: str,
    published_at: datetime,
    reference: str,
    translate: Translate,
    check: CheckCode | None,
    watermark: str | None,
) -> bytes:
    """Set a notice in Chinese: its short fields in a table, long ones and tables below, then who publishes it."""
    shown = list(fields)
    short = [one for one in shown if one.type is not Type.TABLE]
    story: list[Flowable] = [
        *title(kind, about),
        paragraph(f"根据{basis}，现公告如下："),
        *field_table("", [(translate(one.label), _text(one.type, one.value, translate)) for one in short]),
    ]
    for one in shown:
        if one.type is Type.TABLE:
            rows = (_wide if len(one.columns) > COLUMNS_MAX else _table)(one.columns, one.value, translate)
            story += [section(translate(one.label)), *rows]
    return render(
        [*story, _signed(publisher, day(published_at), sealed=check is not None)],
        title=f"{kind}：{about}",
        header=f"{kind}　{about}",
        footer=f"公告编号：{reference}\n{check or ''}",
        link=check.link if check else "",
        watermark=watermark,
    )


def _signed(publisher: str, dated: str, *, sealed: bool) -> Flowable:
    style = PLAIN.but(align="right", right=PLAIN.size * 2)
    lines: list[Flowable] = [Spacer(0, 24), plain(publisher, style), plain(dated, style), Spacer(0, 36)]
    return KeepTogether([*lines, *([SealPlace(right=90, up=54)] if sealed else [])])


def _wide(columns: Sequence[Field], rows: Sequence[Sequence[object]], translate: Translate) -> list[Flowable]:
    """A row with many columns is a table of its own, under its first two cells."""
    story: list[Flowable] = []
    for row in rows:
        cells = [
            (translate(column.label), _text(column.type, cell, translate))
            for column, cell in zip(columns, row, strict=True)
        ]
        story += field_table("　".join(text for _, text in cells[:2]), cells[2:], pairs=2)
    return story


def _table(
    columns: Sequence[Field], rows: Sequence[Sequence[object]], translate: Translate
) -> list[Flowable]:
    heads = [
        Column(
            translate(column.label),
            _NARROW.get(column.type, 2.6),
            "right" if column.type in (Type.MONEY, Type.COUNT) else "left",
        )
        for column in columns
    ]
    cells = [
        [_text(column.type, cell, translate) for column, cell in zip(columns, row, strict=True)]
        for row in rows
    ]
    return data_table("", heads, cells)


def _text(kind: Type, value: object, translate: Translate) -> str:
    match value:
        case None:
            return ""
        case bool():
            return translate("Yes") if value else translate("No")
        case int() if kind is Type.MONEY:
            return f"{money(value)} 元"
        case datetime():
            return moment(value)
        case list():
            return "\n".join(value)
        case _:
            return str(value)
