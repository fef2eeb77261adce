"""Pages: fonts, line breaks, measures, the same bytes for the same content."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, Paragraph, Spacer

from govcore.pdf import styles
from govcore.pdf.blocks import Column, data_table, field_table, paragraph, title
from govcore.pdf.document import DEMO_WATERMARK, render
from govcore.pdf.letter import Annex, OfficialPaper, circular, letter
from govcore.pdf.styles import SERIF, TEXT_WIDTH, GlyphMissing, Style
from govcore.pdf.text import Text, break_lines, text_width

FONTS = Path(styles.__file__).with_name("fonts")
JUSTIFIED = Style(size=10)


def words(page: object) -> str:
    """The text of a page or a whole PDF without white space."""
    if isinstance(page, bytes):
        return "".join(words(each) for each in PdfReader(BytesIO(page)).pages)
    return "".join(page.extract_text().split())  # type: ignore[attr-defined]


def story() -> list[Flowable]:
    rows = [[str(number), "临川水利工程有限公司", "1,234,567.89"] for number in range(70)]
    columns = [Column("序号", 1, "center"), Column("投标人", 4), Column("报价（元）", 2, "right")]
    return [*title("开标记录", "第1标段"), paragraph("正文。"), *data_table("一、报价", columns, rows)]


def test_a_short_table_with_its_heading_is_set_wherever_the_page_ends() -> None:
    columns = [Column("序号", 1, "center"), Column("投标人", 4)]

    for gap in range(500, 636, 4):
        kept = data_table("一、报价", columns, [["1", "临川水利工程有限公司"]], keep=True)
        pages = PdfReader(BytesIO(render([Spacer(0, gap), *kept], title="开标记录"))).pages
        assert words(pages[-1]).count("一、报价序号投标人1临川水利工程有限公司") == 1


@pytest.mark.parametrize(
    "font", json.loads((FONTS / "fonts.json").read_text("utf-8")), ids=lambda f: f["name"]
)
def test_vendored_fonts_are_those_listed(font: dict[str, str]) -> None:
    assert hashlib.sha256((FONTS / font["file"]).read_bytes()).hexdigest() == font["sha256"]
    assert (font["licence"], font["version"]) == ("OFL-1.1", "0.4.3")
    assert font["file"] in (FONTS / font["licence_file"]).read_text("utf-8")


def test_every_vendored_font_is_listed() -> None:
    listed = {font["file"] for font in json.loads((FONTS / "fonts.json").read_text("utf-8"))}

    assert {path.name for path in FONTS.glob("*.ttf")} == listed


@given(
    st.text(st.sampled_from("中标人报价，。（）《》“”、：；0123456789ABCabc.,-/ "), min_size=1, max_size=200),
    st.integers(30, 300),
)
def test_no_line_is_too_wide_and_no_character_is_lost(text: str, width: int) -> None:
    lines = break_lines(text, JUSTIFIED, width)

    assert all(line.width <= width + 0.02 for line in lines)
    assert "".join("".join(line.text.split()) for line in lines) == "".join(text.split())


def test_a_number_moves_to_the_next_line_whole() -> None:
    lines = [line.text for line in break_lines("投标报价为人民币1,234,567.89元整", JUSTIFIED, 100)]

    assert lines == ["投标报价为人民币", "1,234,567.89元整"]


def test_marks_never_start_a_line_and_brackets_never_end_one() -> None:
    after = [line.text for line in break_lines("一二三四五，六七", JUSTIFIED, 50)]
    before = [line.text for line in break_lines("一二三四（五）六", JUSTIFIED, 50)]

    assert after == ["一二三四", "五，六七"]
    assert before == ["一二三四", "（五）六"]


def test_a_long_hash_is_cut_anywhere() -> None:
    lines = break_lines("a1" * 32, JUSTIFIED, 100)

    assert "".join(line.text for line in lines) == "a1" * 32
    assert min(line.width for line in lines[:-1]) > 90


def test_a_centred_title_leaves_no_character_alone() -> None:
    lines = break_lines("关于某某招标代理公司的通报", Style(size=10, align="center"), 120)

    assert [len(line.text) for line in lines] == [7, 6]


def test_28_characters_of_size_three_fill_a_line() -> None:
    assert TEXT_WIDTH - styles.SIZE_3 < text_width("字" * 28, Style(size=styles.SIZE_3)) <= TEXT_WIDTH


def test_two_renders_are_the_same_bytes() -> None:
    first, second = (render(story(), title="开标记录", header="页眉", footer="页脚") for _ in range(2))

    assert first == second


def test_papers_set_at_the_same_time_do_not_disturb_each_other() -> None:
    alone = render(story(), title="开标记录", header="页眉", footer="页脚")

    with ThreadPoolExecutor(4) as pool:
        together = list(
            pool.map(lambda _: render(story(), title="开标记录", header="页眉", footer="页脚"), range(8))
        )

    assert set(together) == {alone}


def test_a_paper_is_a_titled_chinese_a4_document_with_only_embedded_fonts() -> None:
    reader = PdfReader(BytesIO(render(story(), title="开标记录", header="页眉", footer="页脚")))

    fonts = [
        font.get_object()
        for page in reader.pages
        for font in page["/Resources"]["/Font"].get_object().values()
    ]
    assert {"Noto" in font["/BaseFont"] for font in fonts} == {True}
    assert all("/FontFile2" in font["/FontDescriptor"].get_object() for font in fonts)
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"
    assert reader.metadata is not None
    assert reader.metadata.title == "开标记录"
    assert [round(float(side) * 25.4 / 72) for side in reader.pages[0].mediabox[2:]] == [210, 297]


def test_every_page_has_its_number_the_running_lines_and_the_repeated_heads() -> None:
    reader = PdfReader(BytesIO(render(story(), title="开标记录", header="页眉字", footer="页脚字")))

    assert len(reader.pages) == 3
    for number, page in enumerate(reader.pages, 1):
        text = words(page)
        assert f"—{number}—" in text
        assert all(each in text for each in ("页眉字", "页脚字", "报价（元）"))


def test_the_demo_watermark_is_on_every_page_and_only_when_asked_for() -> None:
    mark = "".join(DEMO_WATERMARK.split())
    plain = render(story(), title="开标记录")
    marked = PdfReader(BytesIO(render(story(), title="开标记录", watermark=DEMO_WATERMARK)))

    assert mark not in words(plain)
    assert [words(page).count(mark) for page in marked.pages] == [2] * len(marked.pages)


def test_a_landscape_paper_lies_on_its_side() -> None:
    page = PdfReader(BytesIO(render(story(), title="开标记录", landscape=True))).pages[0]

    assert [round(float(side) * 25.4 / 72) for side in page.mediabox[2:]] == [297, 210]


@pytest.mark.parametrize("character", ["☑", "📐", "𠮷", "\ue000", "\t"])
def test_a_character_without_a_glyph_is_refused(character: str) -> None:
    with pytest.raises(GlyphMissing) as refusal:
        paragraph(f"人名{character}")

    assert (refusal.value.code, refusal.value.status) == ("E_GLYPH", 422)
    assert refusal.value.data == {"character": character, "point": f"U+{ord(character):04X}"}


def test_running_lines_titles_and_foreign_flowables_are_checked_too() -> None:
    foreign = Paragraph("人名☑", ParagraphStyle("foreign", fontName=SERIF))

    for bad in ({"title": "☑"}, {"title": "一", "header": "☑"}, {"title": "一", "footer": "☑"}):
        with pytest.raises(GlyphMissing):
            render(story(), **bad)
    with pytest.raises(GlyphMissing):
        render([foreign], title="一")


def test_an_empty_value_shows_as_a_dash() -> None:
    assert words(render(field_table("", [("见证人", "")]), title="一")) == "—1—" + "见证人—"


def test_long_text_runs_over_pages_without_loss() -> None:
    text = "".join(f"第{number}句。" for number in range(900))

    paper = render([Text(text, Style())], title="一")

    pages = PdfReader(BytesIO(paper)).pages
    whole = "".join(words(page).replace(f"—{number}—", "") for number, page in enumerate(pages, 1))
    assert len(pages) > 1
    assert whole == text


def official(**changes: object) -> OfficialPaper:
    values = {
        "organ": "临川市公共资源交易中心",
        "number": "临川公资函〔2026〕1号",
        "title": "关于某某招标代理有限公司\n有关问题的函",
        "addressee": "临川市水利局",
        "body": [
            "现将有关情况函告如下：",
            "一、基本情况",
            "情况属实。" * 90,
            "二、建议",
            "请研究处理。",
            "专此函告。",
        ],
        "signatory": "临川市公共资源交易中心",
        "dated": date(2026, 12, 8),
    }
    return OfficialPaper(**(values | changes))  # type: ignore[arg-type]


def test_a_letter_numbers_its_pages_from_the_second() -> None:
    pages = PdfReader(BytesIO(letter(official()))).pages

    texts = [words(page) for page in pages]
    assert len(texts) == 2
    assert "—1—" not in texts[0]
    assert "—2—" in texts[1]
    assert "临川公资函〔2026〕1号" in texts[0]
    assert "临川市水利局：" in texts[0]


def test_a_circular_numbers_every_page_and_ends_with_its_record() -> None:
    paper = official(copies="临川市水利局", annexes=[Annex("证据清单", [paragraph("略。")])])

    texts = [words(page) for page in PdfReader(BytesIO(circular(paper))).pages]

    assert [f"—{number}—" in text for number, text in enumerate(texts, 1)] == [True] * len(texts)
    assert "抄送：临川市水利局。临川市公共资源交易中心2026年12月8日印发" in texts[-1]
    assert "附件：证据清单" in texts[-2]
    assert texts[-1].find("附件证据清单") != -1


@pytest.mark.parametrize("length", range(60, 150, 6))
@pytest.mark.parametrize("setting", [letter, circular])
def test_no_page_holds_a_signature_alone(length: int, setting: object) -> None:
    paper = official(body=["现函告如下：", "情况属实。" * length, "二、请求", "专此函告。"])

    pages = PdfReader(BytesIO(setting(paper))).pages  # type: ignore[operator]

    signed = next(
        text
        for text in map(words, reversed(pages))
        if "2026年12月8日" in text.replace("2026年12月8日印发", "")
    )
    assert "二、请求专此函告。" in signed


def test_letters_are_reproducible_and_titled() -> None:
    first, second = letter(official()), letter(official())

    assert first == second
    metadata = PdfReader(BytesIO(first)).metadata
    assert metadata is not None
    assert metadata.title == "关于某某招标代理有限公司有关问题的函（临川公资函〔2026〕1号）"
