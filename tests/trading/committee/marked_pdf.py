"""A PDF that names its maker in every place that a PDF has for it, and nowhere on its pages."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, TextStringObject
from reportlab.pdfgen import canvas

MAKER = "SECRET-CO"
ARTIST = 0x013B
"""The Exif tag of who made a picture."""


def marked_pdf(folder: Path, *, pages: int = 2) -> bytes:
    """Info, XMP, outline, attachment, annotation, thumbnail, private data, and a picture's Exif and comment."""
    exif = Image.Exif()
    exif[ARTIST] = MAKER
    picture = folder / "picture.jpg"
    Image.new("RGB", (60, 40), "red").save(picture, "JPEG", exif=exif, comment=MAKER.encode())
    drawn = io.BytesIO()
    page = canvas.Canvas(drawn, pageCompression=0)
    page.setAuthor(MAKER)
    for number in range(1, pages + 1):
        page.bookmarkPage(f"p{number}")
        page.addOutlineEntry(f"{MAKER} {number}", f"p{number}")
        page.drawString(100, 700, f"Plan, page {number}")
        page.drawImage(picture, 100, 500)
        page.showPage()
    page.save()
    return _marked(drawn)


def _marked(drawn: io.BytesIO) -> bytes:
    writer = PdfWriter(clone_from=drawn)
    writer.add_metadata({"/Producer": MAKER, "/Creator": MAKER})
    writer.add_attachment(f"{MAKER}.txt", MAKER.encode())
    writer.add_annotation(0, FreeText(text=MAKER, rect=(1, 1, 50, 50)))
    said = DecodedStreamObject()
    said.set_data(f"<x:xmpmeta><dc:creator>{MAKER}</dc:creator></x:xmpmeta>".encode())
    hidden = writer._add_object(said)
    writer.root_object[NameObject("/Metadata")] = hidden
    for page in writer.pages:
        page[NameObject("/Metadata")] = hidden
        page[NameObject("/Thumb")] = hidden
        page[NameObject("/PieceInfo")] = DictionaryObject({NameObject("/X"): TextStringObject(MAKER)})
        for form in page["/Resources"]["/XObject"].values():
            form.get_object()[NameObject("/Metadata")] = hidden
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def everything_in(pdf: bytes) -> bytes:
    """The file's bytes and every object of it, its streams as they are stored and decoded."""
    reader = PdfReader(io.BytesIO(pdf))
    found = [pdf]
    for number in sorted({n for table in reader.xref.values() for n in table}):
        value = reader.get_object(number)
        found.append(repr(value).encode())
        if hasattr(value, "get_data"):
            found += [value._data, value.get_data()]
    return b"\n".join(found)
