"""The forms of an evaluation set as one PDF, a form a page, and written as one XLSX, a form a sheet."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.platypus import Flowable, PageBreak

from govcore.pdf.blocks import Column, data_table, hash_footer, paragraph, signature_block, title
from govcore.pdf.document import DEMO_WATERMARK, render
from govcore.pdf.styles import CELL
from govcore.sheets import workbook
from trading.evaluation.computing import Ready
from trading.evaluation.forms import Form

_SMALL = CELL.but(size=8.5, leading=12.5)


def forms_pdf(found: Ready, forms: Sequence[Form]) -> bytes:
    """All forms as one document, members by their seats."""
    context, words, story = found.context, found.words, list[Flowable]()
    for number, form in enumerate(forms, start=1):
        if number > 1:
            story.append(PageBreak())
        story += title(f"附表{number}　{form.title}", f"{context.project_name}　{context.lot_name}")
        story += [paragraph(line) for line in form.lines]
        for grid in form.grids:
            columns = [
                Column(name, width, "right" if is_number else "left")
                for name, width, is_number in grid.columns
            ]
            story += data_table(grid.heading, columns, [list(row) for row in grid.rows], style=_SMALL)
        if form.hashes:
            story.append(hash_footer(form.hashes))
        if form.signs:
            signed = {f"评委{seat}": text for seat, text in form.signs.items()}
            story.append(signature_block(list(signed), per_line=3, signed=signed))
    return render(
        story,
        title=f"{words.evaluation}表格：{context.project_name} {context.lot_name}",
        header=f"{words.evaluation}表格　{context.lot_code}",
        footer=f"{words.evaluation}表格　{context.project_name}（{context.lot_name}）　{words.won}结果确定前应当保密",
        watermark=None if context.rule_set.lawful else DEMO_WATERMARK,
    )


def forms_xlsx(forms: Sequence[Form]) -> bytes:
    """The same tables for a spreadsheet."""
    sheets = []
    for number, form in enumerate(forms, start=1):
        for part, grid in enumerate(form.grids, start=1):
            name = (
                f"{number} {form.title}"
                if len(form.grids) == 1
                else f"{number}-{part} {grid.heading or form.title}"
            )
            sheets.append((name, [one for one, _, _ in grid.columns], grid.rows))
    return workbook(sheets)
