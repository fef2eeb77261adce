"""A notice as a paper, set from its fields, for those that bring no paper of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from reportlab.platypus import Flowable, KeepTogether

from govcore.i18n import Translate
from govcore.pdf.blocks import (
    CheckCode,
    Column,
    SealPlace,
    data_table,
    field_table,
    paragraph,
    section,
    signed,
    title,
)
from govcore.pdf.document import render
from govcore.pdf.figures import day, moment, money
from trading.notices.fields import Field, Type
from trading.notices.showing import Shown

_NARROW = {Type.COUNT: 0.9, Type.MONEY: 2.2, Type.MOMENT: 2.2}


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
            story += [section(translate(one.label)), *_table(one.columns, one.value, translate)]
    end: list[Flowable] = [signed([publisher, day(published_at)])]
    if check is not None:
        end.append(SealPlace(right=90, up=30))
    return render(
        [*story, KeepTogether(end)],
        title=f"{kind}：{about}",
        header=f"{kind}　{about}",
        footer=f"公告编号：{reference}\n{check or ''}",
        link=check.link if check else "",
        watermark=watermark,
    )


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
