"""The register of seals on paper, for the files (印章登记簿)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from govcore.i18n import Translate
from govcore.pdf.blocks import Column, data_table, paragraph, title
from govcore.pdf.document import DEMO_WATERMARK, LANDSCAPE, render
from govcore.pdf.figures import day, moment
from govcore.pdf.styles import CELL
from govcore.seals.policy import KIND_NAMES, REGISTERED, REGISTERED_WORDS, STATE_WORDS, SealKind, SealState
from govcore.seals.queries import ChangeShown, SealShown

_SMALL = CELL.but(size=8.5, leading=12)


def register(
    seals: Sequence[SealShown], *, centre: str, at: datetime, demo: bool, translate: Translate
) -> bytes:
    """Every seal with every line of its history, as it stood at a moment."""
    columns = [
        Column("序号", 0.6, "center"),
        Column("印章名称\n编码", 4.2),
        Column("种类", 2),
        Column("状态", 1.2),
        Column("经过", 8),
    ]
    rows = [
        [
            str(number),
            f"{seal.name}\n{seal.code}",
            translate(KIND_NAMES[SealKind(seal.kind)]),
            translate(STATE_WORDS[SealState(seal.state)]),
            "\n".join(_line(change, translate) for change in seal.changes),
        ]
        for number, seal in enumerate(seals, 1)
    ]
    story = [
        *title("印章登记簿", f"截至{moment(at)}"),
        paragraph(f"共登记印章{len(seals)}枚。"),
        *data_table("", columns, rows, width=LANDSCAPE.width, style=_SMALL),
    ]
    return render(
        story,
        title="印章登记簿",
        header=centre,
        footer="印章登记簿",
        watermark=DEMO_WATERMARK if demo else None,
        landscape=True,
    )


def _line(change: ChangeShown, translate: Translate) -> str:
    what = (
        translate(REGISTERED_WORDS)
        if change.move == REGISTERED
        else translate(STATE_WORDS[SealState(change.state)])
    )
    watched = f"，见证人：{change.witness}" if change.witness else ""
    return f"{day(change.on)}　{what}：{change.reason}（记录人：{change.recorded_by}{watched}）"
