"""What files tell of their making is read in a child process, which broken and endless files do not outlive."""

from __future__ import annotations

import io
import tempfile
import zipfile
from typing import BinaryIO, cast

from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, NumberObject
from reportlab.pdfgen import canvas

from trading.likeness.policy import FileFacts
from trading.likeness.reading import Piece, read_files

PICTURE = bytes(range(256)) * 20


def pdf(author: str) -> bytes:
    out = io.BytesIO()
    paper = canvas.Canvas(out)
    paper.setAuthor(author)
    paper.drawString(72, 720, "Cofferdam of bags, 12 m.")
    paper.showPage()
    paper.save()
    return out.getvalue()


def package(**members: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name.replace("__", "/"), content)
    return out.getvalue()


WORD = package(
    **{
        "docProps__core.xml": "<dc:creator>王某</dc:creator><cp:lastModifiedBy>李某</cp:lastModifiedBy>"
        '<dcterms:created xsi:type="dcterms:W3CDTF">2026-03-01T08:00:00Z</dcterms:created>',
        "docProps__app.xml": "<Company>某咨询公司</Company>",
        "word__document.xml": '<w:p><w:r><w:t xml:space="preserve">围堰，</w:t><w:t>袋装土。</w:t></w:r></w:p>',
        "word__media__image1.png": PICTURE,
    }
)
OFD = package(
    **{
        "OFD.xml": "<ofd:DocInfo><ofd:DocID>0123abcd</ofd:DocID><ofd:Author>王某</ofd:Author></ofd:DocInfo>",
        "Doc_0__Pages__Page_0__Content.xml": '<ofd:TextCode X="0">围堰</ofd:TextCode>',
    }
)
BOMB = package(**{"word__document.xml": "<w:t>" + "甲" * 6_000_000 + "</w:t>"})


def read(*files: tuple[str, bytes]) -> list[FileFacts | None]:
    pieces = []
    with tempfile.TemporaryFile() as archive:
        for ending, content in files:
            pieces.append(Piece(archive.tell(), len(content), ending))
            archive.write(content)
        archive.flush()
        return read_files(cast(BinaryIO, archive), pieces)


def test_properties_texts_and_pictures_are_read_and_faulty_files_told() -> None:
    made = pdf("Wang")

    one, word, ofd, text, broken, other, bomb = read(
        ("pdf", made),
        ("docx", WORD),
        ("ofd", OFD),
        ("txt", "围堰，\n袋装土。".encode("gb18030")),
        ("pdf", made[: len(made) // 3]),
        ("exe", b"MZ"),
        ("docx", BOMB),
    )

    assert one is not None
    assert word is not None
    assert ofd is not None
    assert text is not None
    assert (one.authors, one.text, one.cut) == (("Wang",), "cofferdamofbags12m", False)
    assert (len(one.origins), one.moment.startswith("20")) == (1, True)
    assert (word.authors, word.moment) == (("王某", "李某", "某咨询公司"), "2026-03-01T08:00:00Z")
    assert (word.text, len(word.pictures)) == ("围堰袋装土", 1)
    assert (ofd.authors, ofd.origins, ofd.text) == (("王某",), ("0123abcd",), "围堰")
    assert text.text == word.text
    assert [fact is not None and fact.cut for fact in (broken, other, bomb)] == [True, False, True]


def test_a_file_that_ends_its_reader_is_left_out_and_the_next_is_read() -> None:
    nested = b"%PDF-1.4\n1 0 obj\n" + b"[" * 3_000_000 + b"\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF"

    found = read(("pdf", nested), ("txt", b"read all the same"))

    assert found[0] is None or found[0].cut
    assert found[1] is not None
    assert found[1].text == "readallthesame"


def test_what_of_a_page_cannot_be_read_is_told() -> None:
    """Nothing in common and nothing read must not look the same."""
    writer = PdfWriter(clone_from=io.BytesIO(pdf("Wang")))
    resources = cast(DictionaryObject, writer.pages[0]["/Resources"].get_object())
    font = DictionaryObject()
    font[NameObject("/BaseFont")] = NameObject("/ABCDEF+Sun")
    font[NameObject("/FontDescriptor")] = NumberObject(7)
    resources[NameObject("/Font")] = DictionaryObject({NameObject("/F9"): font})
    made = io.BytesIO()
    writer.write(made)

    (found,) = read(("pdf", made.getvalue()))

    assert found is not None
    assert found.cut
