"""Pages of a paper: A4 in the measures of GB/T 9704-2012, the same bytes for the same content."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from threading import Lock

import segno
from reportlab.lib.pagesizes import A4
from reportlab.lib.pagesizes import landscape as turned
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from govcore.pdf.styles import (
    BLACK,
    LEFT,
    PALE,
    RED,
    RULE,
    SANS,
    SERIF,
    SIZE_4,
    SMALL,
    TEXT_HEIGHT,
    TEXT_WIDTH,
    TOP,
    GlyphMissing,
    Style,
    register_fonts,
    require_glyphs,
)
from govcore.pdf.text import break_lines, draw_line, text_width

DEMO_WATERMARK = "演示规则 · 不具法律效力"
_PAGE_NUMBER = Style(size=SIZE_4)
_CODE_SIZE = 15 * mm
_WATERMARK = Style(font=SANS, size=40, color=PALE)
_BAND = Style(font=SANS, size=10, color=RED)
# The fonts' parsers keep one reading position each, so two papers cannot be set at the same moment.
_SETTING = Lock()

OnPage = Callable[[Canvas, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """The type area of a page, in points from its lower left corner."""

    page: tuple[float, float]
    left: float
    bottom: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def top(self) -> float:
        return self.bottom + self.height


PORTRAIT = Area(page=A4, left=LEFT, bottom=A4[1] - TOP - TEXT_HEIGHT, width=TEXT_WIDTH, height=TEXT_HEIGHT)
# A table too wide for the upright page lies on its side: head to the left edge of the bound volume.
LANDSCAPE = Area(page=turned(A4), left=36 * mm, bottom=26 * mm, width=TEXT_HEIGHT, height=TEXT_WIDTH)


def render(
    story: Sequence[Flowable],
    *,
    title: str,
    header: str = "",
    footer: str = "",
    watermark: str | None = None,
    landscape: bool = False,
    carried: str = "",
    link: str = "",
) -> bytes:
    """Set a story as a PDF with a running header, a foot line and page numbers `— 1 —`.

    `link` is an address that a square code on every page leads to; `carried` is a signed message in JSON that the
    file itself carries, for `carrying.carried_by`. Raises `GlyphMissing` for a character that the fonts cannot print.
    """
    area = LANDSCAPE if landscape else PORTRAIT

    def furnish(canvas: Canvas, number: int) -> None:
        _running_lines(canvas, area, header=header, footer=footer)
        page_number(canvas, area, number)
        if link:
            square_code(canvas, link, area)

    return build(
        story, title=title, areas=(area, area), on_page=furnish, watermark=watermark, carried=carried
    )


def build(
    story: Sequence[Flowable],
    *,
    title: str,
    areas: tuple[Area, Area],
    on_page: OnPage,
    watermark: str | None = None,
    carried: str = "",
) -> bytes:
    """Set a story into the first and the later pages' type areas, with what `on_page` draws on each."""
    register_fonts()
    require_glyphs(title, SERIF)
    out = BytesIO()
    document = BaseDocTemplate(
        out,
        pagesize=areas[0].page,
        title=title,
        author="",
        keywords=carried,
        lang="zh-CN",
        invariant=1,
        initialFontName=SERIF,
        initialFontSize=10,
    )

    def furnish(canvas: Canvas, _document: BaseDocTemplate) -> None:
        canvas.saveState()
        if watermark is not None:
            _watermark(canvas, watermark, areas[0].page)
        on_page(canvas, canvas.getPageNumber())
        canvas.restoreState()

    document.addPageTemplates(
        [
            _template("first", areas[0], furnish=furnish, then="later"),
            _template("later", areas[1], furnish=furnish, then=None),
        ]
    )
    with _SETTING:
        try:
            document.build(list(story))
        except TypeError as error:
            # reportlab rebuilds an exception with its own words, which a Problem does not take.
            if isinstance(error.__context__, GlyphMissing):
                raise error.__context__ from None
            raise
    return out.getvalue()


def page_number(canvas: Canvas, area: Area, number: int) -> None:
    """Draw `— 1 —` 7 mm under the type area: right on odd pages, left on even ones, one character in."""
    text = f"— {number} —"
    width = text_width(text, _PAGE_NUMBER)
    x = area.right - SIZE_4 - width if number % 2 else area.left + SIZE_4
    draw_line(canvas, text, style=_PAGE_NUMBER, x=x, y=area.bottom - 7 * mm - SIZE_4 * 0.8)


def square_code(canvas: Canvas, text: str, area: Area) -> None:
    """Draw a QR code into the right margin beside the foot of the type area."""
    rows = segno.make_qr(text, error="m").matrix
    dot = _CODE_SIZE / len(rows)
    canvas.setFillColor(BLACK)
    for down, row in enumerate(rows, 1):
        across = 0
        # A run of dark dots is one bar: the page stays small, and no reader shows seams between dots.
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                x, y = area.right + 6 * mm + across * dot, area.bottom - 14 * mm + _CODE_SIZE - down * dot
                canvas.rect(x, y, length * dot, dot, stroke=0, fill=1)
            across += length


def _template(
    name: str, area: Area, *, furnish: Callable[[Canvas, BaseDocTemplate], None], then: str | None
) -> PageTemplate:
    frame = Frame(
        area.left,
        area.bottom,
        area.width,
        area.height,
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )
    return PageTemplate(
        id=name, frames=[frame], pagesize=area.page, onPage=furnish, autoNextPageTemplate=then
    )


def _running_lines(canvas: Canvas, area: Area, *, header: str, footer: str) -> None:
    if header:
        y = area.top + 7 * mm
        for offset, line in enumerate(reversed(break_lines(header, SMALL, area.width))):
            draw_line(canvas, line.text, style=SMALL, x=area.left, y=y + offset * SMALL.leading)
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.5)
        canvas.line(area.left, y - 4, area.right, y - 4)
    y = area.bottom - 16 * mm
    for line in break_lines(footer, SMALL, area.width):
        draw_line(canvas, line.text, style=SMALL, x=area.left, y=y)
        y -= SMALL.leading


def _watermark(canvas: Canvas, text: str, page: tuple[float, float]) -> None:
    width, height = page
    band = text_width(text, _BAND)
    draw_line(canvas, text, style=_BAND, x=(width - band) / 2, y=height - 11 * mm)
    canvas.saveState()
    canvas.translate(width / 2, height / 2)
    canvas.rotate(45 if height > width else 30)
    draw_line(canvas, text, style=_WATERMARK, x=-text_width(text, _WATERMARK) / 2, y=0)
    canvas.restoreState()
