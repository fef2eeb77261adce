"""Sealing a PDF: a PAdES signature (B-B, with a time stamp B-T) whose appearance is the round seal."""

from __future__ import annotations

import base64
import math
import zlib
from dataclasses import dataclass, field
from io import BytesIO

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, BoxConstraints, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from govcore.errors import Problem
from govcore.pdf.blocks import SEAL_POINT
from govcore.seals.picture import DIAMETER, RADIUS

_BESIDE = 90.0  # points from the last page's lower right corner, where a foreign paper gets its seal
_LAYOUT = SimpleBoxLayoutRule(
    x_align=AxisAlignment.ALIGN_MID, y_align=AxisAlignment.ALIGN_MID, margins=Margins.uniform(0)
)
_ROOM, _ROOM_STAMPED = 8 << 10, 32 << 10
"""Hexadecimal digits kept free for the signature, else pyHanko makes one more, stamp included, to see its size."""
_LARGEST_PAGE, _DEEPEST = 2 << 20, 64
_OPACITY = 0.85  # what is written under the seal stays readable


class NotSealable(Problem):
    """The file is no PDF, or one that cannot be signed: encrypted, damaged, made of forms (XFA)."""

    code = "E_NOT_SEALABLE"
    status = 422
    text = "This file cannot be sealed: it must be a whole PDF without encryption."


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """What seals: the certificate with its issuer's, the key (PKCS#8), the picture as a PDF page."""

    certificate: bytes
    issuer: bytes
    key: bytes = field(repr=False)
    picture: bytes = field(repr=False)


def sign(paper: bytes, tool: Tool, *, name: str, reason: str, stamper: TimeStamper | None = None) -> bytes:
    """The paper with one more signature, named in the reader's list by its `reason`; earlier ones stay whole.

    Raises `NotSealable`, and what `stamper` raises when no time stamp comes.
    """
    try:
        reader = PdfFileReader(BytesIO(paper))
        writer = IncrementalPdfFileWriter.from_reader(reader)
        page, x, y = place_of(reader)
        number = len(reader.embedded_signatures) + 1
    except (PdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, zlib.error) as error:
        raise NotSealable from error
    box = (math.floor(x - RADIUS), math.floor(y - RADIUS), math.ceil(x + RADIUS), math.ceil(y + RADIUS))
    metadata = PdfSignatureMetadata(
        field_name=f"Seal{number}",
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        reason=reason,
        name=name,
    )
    signer = PdfSigner(
        metadata,
        _signer(tool.certificate, tool.issuer, tool.key),
        timestamper=stamper,
        stamp_style=StaticStampStyle(
            border_width=0,
            background=_Picture(tool.picture),
            background_layout=_LAYOUT,
            background_opacity=_OPACITY,
        ),
        new_field_spec=SigFieldSpec(f"Seal{number}", on_page=page, box=box),
    )
    out = BytesIO()
    try:
        signer.sign_pdf(writer, output=out, bytes_reserved=_ROOM if stamper is None else _ROOM_STAMPED)
    except (PdfError, SigningError) as error:
        raise NotSealable from error
    return out.getvalue()


def place_of(reader: PdfFileReader) -> tuple[int, float, float]:
    """Page and middle of the seal: where the paper says, else at the foot of its last page."""
    pages = int(reader.root["/Pages"]["/Count"])
    for number in reversed(range(pages)):
        contents = reader.find_page_for_modification(number)[0].get_object()["/Contents"]
        parts = contents if isinstance(contents, list) else [contents]
        found = SEAL_POINT.search(b"\n".join(_content(part.get_object()) for part in parts))
        if found:
            return number, float(found.group(1)), float(found.group(2))
    left, bottom, right, _top = _media_box(reader, pages - 1)
    return pages - 1, max(right - RADIUS - _BESIDE, left + RADIUS), bottom + RADIUS + _BESIDE


def _content(stream: StreamObject) -> bytes:
    """The start of a page's content, never more than our own papers have: a foreign file may inflate without end."""
    filters = stream.get("/Filter", [])
    content: bytes = stream.encoded_data
    for name in [filters] if isinstance(filters, str) else filters:
        if name == "/ASCII85Decode":
            content = base64.a85decode(content.strip().removesuffix(b"~>"))
        elif name == "/FlateDecode":
            content = zlib.decompressobj().decompress(content, _LARGEST_PAGE)
        else:
            return b""
    return content


def _media_box(reader: PdfFileReader, number: int) -> tuple[float, float, float, float]:
    node = reader.find_page_for_modification(number)[0].get_object()
    for _ in range(_DEEPEST):
        if "/MediaBox" in node:
            break
        node = node["/Parent"]
    left, bottom, right, top = (float(side) for side in node["/MediaBox"])
    return left, bottom, right, top


def _signer(certificate: bytes, issuer: bytes, key: bytes) -> SimpleSigner:
    known = SimpleCertificateStore()
    known.register(asn1_x509.Certificate.load(issuer))
    return SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(certificate),
        signing_key=asn1_keys.PrivateKeyInfo.load(key),
        cert_registry=known,
    )


class _Picture(PdfContent):
    """The seal's picture, a PDF of one page, as the content of the signature's field."""

    def __init__(self, picture: bytes) -> None:
        super().__init__(box=BoxConstraints(width=DIAMETER, height=DIAMETER))
        self._picture = picture

    def render(self) -> bytes:
        writer = self.writer
        assert isinstance(writer, BasePdfFileWriter)
        self.resources.xobject["/Seal"] = writer.import_page_as_xobject(PdfFileReader(BytesIO(self._picture)))
        return b"/Seal Do"
