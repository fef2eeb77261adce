"""Small PDF files that take much memory or time of whoever reads them."""

from __future__ import annotations

import zlib


def pdf_of(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1 on; the first is its root."""
    body, table = b"%PDF-1.7\n", b"0000000000 65535 f \n"
    for number, one in enumerate(objects, start=1):
        table += b"%010d 00000 n \n" % len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    count = len(objects) + 1
    end = b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (count, len(body))
    return body + b"xref\n0 %d\n" % count + table + end


def pictures_that_unpack_to(size: int, *, pictures: int) -> bytes:
    """A page with pictures, each of so many bytes unpacked; packed twice, it is next to nothing."""
    packed = zlib.compress(zlib.compress(b"\xff\xd8\xff\xda" + bytes(size) + b"\xff\xd9"))
    head = b"<</Subtype/Image/Filter[/FlateDecode/FlateDecode/DCTDecode]/Length %d>>" % len(packed)
    named = b"".join(b"/P%d %d 0 R" % (n, n) for n in range(4, 4 + pictures))
    return pdf_of(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<</XObject<<" + named + b">>>>>>",
        *[head + b"stream\n" + packed + b"\nendstream"] * pictures,
    )


def endless_pdf() -> bytes:
    """One page, named ninety thousand times: it is copied anew each time, which takes seconds on any machine."""
    return pdf_of(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 90000/Kids[" + b"3 0 R " * 90_000 + b"]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<<>>>>",
    )
