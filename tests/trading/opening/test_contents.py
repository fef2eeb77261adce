"""Files are told by their content: what they are, and what in them acts."""

from __future__ import annotations

import tempfile
import zlib
from mmap import ACCESS_READ, mmap

import pytest

from trading.opening.contents import Remark, remarks

PLAIN = b"%PDF-1.7\n1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj\n%%EOF"
ZIP_END = b"PK\x05\x06" + bytes(18)


def acting(said: bytes) -> bytes:
    return PLAIN.replace(b"/Pages", said + b" /Pages")


def packed(said: bytes) -> bytes:
    inside = zlib.compress(b"3 0 " + said)
    return PLAIN + b"\n5 0 obj <</Type /ObjStm /Filter /FlateDecode>>\nstream\r\n" + inside + b"\nendstream"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("方案.pdf", PLAIN, []),
        ("方案.PDF", b"\xff\xd8\xff\xe0 a picture", [Remark.OTHER_KIND]),
        ("图.png", PLAIN, [Remark.OTHER_KIND]),
        ("表.xlsx", b"PK\x03\x04" + ZIP_END, []),
        ("表.xlsm", b"PK\x03\x04 xl/vbaProject.bin " + ZIP_END, [Remark.MACROS]),
        ("说明.txt", "围堰。".encode(), []),
        ("说明.txt", b"MZ\x90\x00", [Remark.PROGRAM]),
        ("表.docx", b"\x7fELF", [Remark.OTHER_KIND, Remark.PROGRAM]),
        ("方案.pdf", PLAIN + b"PK\x03\x04" + ZIP_END, [Remark.TWO_KINDS]),
        ("方案.zip", b"PK\x03\x04 %PDF-1.4 " + ZIP_END, [Remark.TWO_KINDS]),
        ("方案.pdf", acting(b"/OpenAction <</S /JavaScript /JS (x)>>"), [Remark.SCRIPT]),
        ("方案.pdf", acting(b"/OpenAction <</S /J#61vaScript>>"), [Remark.SCRIPT]),
        ("方案.pdf", acting(b"/A <</S /Launch /F (cmd.exe)>>"), [Remark.LAUNCHES]),
        ("方案.pdf", acting(b"/Names <</EmbeddedFiles 9 0 R>>"), [Remark.EMBEDS]),
        ("方案.pdf", acting(b"/Encrypt 8 0 R"), [Remark.ENCRYPTED]),
        ("方案.pdf", packed(b"<</S /JavaScript /JS (x)>>"), [Remark.SCRIPT]),
        ("方案.pdf", packed(b"<</Type /Page>>"), []),
        ("方案.pdf", acting(b"/JavaScripts true /Launcher true"), []),
        ("空.txt", b"", []),
    ],
)
def test_what_is_told_of_a_file(name: str, content: bytes, expected: list[Remark]) -> None:
    around = b"/JavaScript /Launch PK\x05\x06"  # its neighbours in the archive tell nothing of it
    with tempfile.TemporaryFile() as archive:
        archive.write(around + content + around)
        archive.flush()
        with mmap(archive.fileno(), 0, access=ACCESS_READ) as data:
            assert remarks(name, data, len(around), len(content)) == expected
