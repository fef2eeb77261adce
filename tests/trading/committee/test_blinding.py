"""A blind copy shows the pages and tells nobody who made them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hostile_pdf import endless_pdf, pictures_that_unpack_to
from marked_pdf import MAKER, everything_in, marked_pdf
from pypdf import PdfReader, PdfWriter

from govcore.confined import Limits, TooMuch, as_file, run
from trading.committee.blinding import NotBlind, blind_copy, copy_pages, plain_jpeg


def copy_of(data: bytes) -> bytes:
    return blind_copy([data], size=len(data))


def test_a_copy_keeps_the_pages_and_nothing_of_their_maker(tmp_path: Path) -> None:
    marked = marked_pdf(tmp_path)
    assert everything_in(marked).count(MAKER.encode()) > 12

    copy = copy_of(marked)

    pages = PdfReader(io.BytesIO(copy)).pages
    assert [page.extract_text().strip() for page in pages] == ["Plan, page 1", "Plan, page 2"]
    assert [image.image.size for image in pages[0].images if image.image] == [(60, 40)]
    assert MAKER.encode() not in everything_in(copy)
    assert PdfReader(io.BytesIO(copy)).metadata is None
    assert copy_of(marked) == copy


def encrypted() -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.encrypt("key", algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 a spreadsheet", b"%PDF-1.7 cut off", encrypted()])
def test_what_is_no_plain_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(NotBlind):
        copy_of(data)


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\xff\xd8\xff\xe0\x00\x10", b"\xff\xd8\x00"])
def test_a_broken_picture_is_no_picture(data: bytes) -> None:
    with pytest.raises((ValueError, IndexError)):
        plain_jpeg(data)


def test_a_small_file_that_unpacks_to_more_than_its_size_allows_is_refused() -> None:
    assert copy_of(pictures_that_unpack_to(1 << 20, pictures=1)).startswith(b"%PDF")

    bomb = pictures_that_unpack_to(70 << 20, pictures=6)

    assert len(bomb) < 1 << 16
    with pytest.raises(TooMuch):
        copy_of(bomb)


def test_a_small_file_with_more_pages_than_there_is_time_for_is_ended() -> None:
    with as_file([endless_pdf()]) as source:
        answer = run(copy_pages, source, limits=Limits(seconds=1), refusals=[NotBlind])

    assert not answer.came_to_end
    with pytest.raises(TooMuch):
        answer.whole()
