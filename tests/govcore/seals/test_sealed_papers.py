"""Sealed papers, checked by poppler and openssl, with time stamps of a real authority; one database is enough."""

from __future__ import annotations

import hashlib
import re
import subprocess
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas
from seal_factories import ORGAN, Chancery, a_paper
from sqlalchemy import select
from stamp_authority import stamp_authority

from govcore.pdf.letter import OfficialPaper, letter
from govcore.platform import Platform
from govcore.seals import byhand
from govcore.seals.models import SealCertificate
from govcore.seals.picture import DIAMETER
from govcore.seals.policy import Stamp, UseState
from govcore.seals.signing import NotSealable
from govcore.settings import Settings, SettingsError


@pytest.fixture
def backend() -> str:
    """What is tested here does not depend on the database."""
    return "sqlite"


def pdfsig(file: Path) -> str:
    return subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, check=True).stdout


def signature_of(sealed: bytes) -> tuple[bytes, bytes]:
    """The CMS of the only signature and the bytes that it covers."""
    found = re.search(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)", sealed)
    assert found is not None
    first, length, second, rest = map(int, found.groups())
    cms = bytes.fromhex(sealed[first + length + 1 : second - 1].decode())
    return cms, sealed[first : first + length] + sealed[second : second + rest]


def cms_holds(sealed: bytes, authority: bytes, folder: Path) -> bool:
    """Whether `openssl` accepts signature and chain with nothing but the seal CA's published certificate."""
    cms, content = signature_of(sealed)
    (folder / "cms.der").write_bytes(cms)
    (folder / "content").write_bytes(content)
    (folder / "ca.pem").write_bytes(authority)
    # fmt: off
    done = subprocess.run(
        ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", folder / "cms.der", "-purpose", "any",
         "-content", folder / "content", "-CAfile", folder / "ca.pem", "-out", folder / "out"],
        capture_output=True, check=False,
    )
    # fmt: on
    return done.returncode == 0


def test_poppler_and_openssl_accept_a_sealed_paper_and_refuse_a_changed_one(
    chancery: Chancery, tmp_path: Path
) -> None:
    sealed = chancery.sealed_file(chancery.seal())
    file = tmp_path / "sealed.pdf"
    file.write_bytes(sealed)

    said = pdfsig(file)
    changed = sealed.replace(b"%PDF-1.4", b"%PDF-1.5", 1)
    file.write_bytes(changed)
    said_of_changed = pdfsig(file)

    assert changed != sealed
    assert "Signature is Valid." in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said
    assert f"Signer Certificate Common Name: {ORGAN}" in said
    assert "Signature is Valid." not in said_of_changed
    assert cms_holds(sealed, chancery.authority_pem(), tmp_path)
    assert not cms_holds(changed, chancery.authority_pem(), tmp_path)


def test_the_seal_stands_where_the_papers_signature_is(chancery: Chancery) -> None:
    paper = letter(
        OfficialPaper(
            organ=ORGAN,
            number="临川公资函〔2026〕1号",
            title="关于某事的函",
            addressee="临川市水利局",
            body=["情况属实。" * 200, "专此函告。"],
            signatory=ORGAN,
            dated=date(2026, 12, 8),
        )
    )
    sealed = chancery.sealed_file(chancery.seal(paper))

    pages = PdfReader(BytesIO(sealed)).pages
    placed = [(number, note) for number, page in enumerate(pages) for note in page.get("/Annots", [])]
    ((number, note),) = placed
    left, bottom, right, top = (float(side) for side in note.get_object()["/Rect"])
    across, up = _place_of("2026年12月8日", sealed, float(pages[number].mediabox[3]))
    assert number == len(pages) - 1
    assert (right - left, top - bottom) == pytest.approx((DIAMETER, DIAMETER), abs=2)
    assert left < across < right
    assert bottom < up < top


def _place_of(text: str, pdf: bytes, height: float) -> tuple[float, float]:
    """Where poppler sees the middle of a word, from the lower left corner of its page."""
    seen = subprocess.run(
        ["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    found = re.search(rf'xMin="([0-9.]+)" yMin="([0-9.]+)" xMax="([0-9.]+)" yMax="([0-9.]+)">{text}<', seen)
    assert found is not None
    left, upper, right, lower = map(float, found.groups())
    return (left + right) / 2, height - (upper + lower) / 2


def test_the_fonts_of_a_seal_are_subsets(chancery: Chancery) -> None:
    sealed = chancery.sealed_file(chancery.seal())

    assert len(sealed) - len(a_paper()) < 60_000
    assert re.search(rb"/BaseFont /[A-Z]{6}\+NotoSerifSC", sealed)


def test_a_renewed_certificate_seals_on_and_the_old_key_is_gone(chancery: Chancery, tmp_path: Path) -> None:
    before = chancery.sealed_file(chancery.seal())
    manager = chancery.actor("manager")
    with chancery.platform.db.transaction() as tx:
        byhand.certify(tx, chancery.platform, chancery.seal_id, actor=manager, at=chancery.at)

    after = chancery.sealed_file(chancery.seal(a_paper("另一份。")))

    with chancery.platform.db.read() as tx:
        keys = [row.wrapped is None for row in tx.scalars(select(SealCertificate))]
    assert sorted(keys) == [False, True]
    assert cms_holds(before, chancery.authority_pem(), tmp_path)
    assert cms_holds(after, chancery.authority_pem(), tmp_path)


def _encrypted() -> bytes:
    writer, out = PdfWriter(BytesIO(a_paper())), BytesIO()
    writer.encrypt("secret")
    writer.write(out)
    return out.getvalue()


def test_a_file_that_inflates_without_end_is_sealed_without_being_inflated(chancery: Chancery) -> None:
    bomb = 40 << 20
    out = BytesIO()
    canvas = Canvas(out, pageCompression=1)
    canvas.addLiteral(" " * bomb)
    canvas.save()
    tracemalloc.start()

    use = chancery.seal(out.getvalue())

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert use.state == "sealed"
    assert peak < bomb / 4


@pytest.mark.parametrize(
    "make",
    [lambda: b"not a PDF", lambda: b"%PDF-1.4\nand nothing", lambda: a_paper()[:600], _encrypted],
    ids=["text", "header", "cut", "encrypted"],
)
def test_a_file_that_cannot_be_sealed_is_refused(chancery: Chancery, make: Callable[[], bytes]) -> None:
    with pytest.raises(NotSealable):
        chancery.seal(make())


@pytest.fixture
def stamped(chancery: Chancery) -> Callable[..., Platform]:
    """The chancery's platform with a time stamp authority."""

    def configured(url: str, certificate: Path, timeout: float = 5.0) -> Platform:
        chancery.platform.settings = replace(
            chancery.platform.settings,
            tsa_url=url,
            tsa_certificate=certificate.read_bytes(),
            tsa_timeout=timeout,
        )
        return chancery.platform

    return configured


def test_openssl_checks_the_time_stamp_in_the_seal(
    chancery: Chancery, stamped: Callable[..., Platform], tmp_path: Path
) -> None:
    with stamp_authority(tmp_path) as authority:
        stamped(authority.url, authority.certificate)
        use = chancery.seal()

    sealed = chancery.sealed_file(use)
    signature = PdfFileReader(BytesIO(sealed)).embedded_signatures[0]
    token = tmp_path / "token.der"
    token.write_bytes(_token(signature))
    digest = hashlib.sha256(signature.signer_info["signature"].native).hexdigest()
    # fmt: off
    done = subprocess.run(
        ["openssl", "ts", "-verify", "-token_in", "-in", token, "-digest", digest, "-CAfile", authority.certificate],
        capture_output=True, text=True, check=False,
    )
    # fmt: on
    assert "Verification: OK" in done.stdout + done.stderr
    assert (use.stamp, use.stamp_fault) == (Stamp.STAMPED, None)
    assert cms_holds(sealed, chancery.authority_pem(), tmp_path)


def _token(signature: object) -> bytes:
    attributes = signature.signer_info["unsigned_attrs"]  # type: ignore[attr-defined]
    (found,) = [one for one in attributes if one["type"].native == "signature_time_stamp_token"]
    dumped: bytes = found["values"][0].dump()
    return dumped


def test_a_silent_authority_delays_a_seal_no_longer_than_its_time_and_is_told(
    chancery: Chancery, stamped: Callable[..., Platform], tmp_path: Path
) -> None:
    with stamp_authority(tmp_path, silent=True) as authority:
        stamped(authority.url, authority.certificate, timeout=0.2)
        use = chancery.seal()

    assert (use.state, use.stamp, use.stamp_fault) == (
        UseState.SEALED,
        Stamp.FAILED,
        "no answer within 0.2 s",
    )
    assert cms_holds(chancery.sealed_file(use), chancery.authority_pem(), tmp_path)


def test_an_authority_that_is_not_there_or_not_trusted_gives_no_time_stamp(
    chancery: Chancery, stamped: Callable[..., Platform], tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    with stamp_authority(folders[0]) as one, stamp_authority(folders[1]) as other:
        stamped(one.url, other.certificate)
        untrusted = chancery.seal()
        url, certificate = one.url, one.certificate
    stamped(url, certificate)
    absent = chancery.seal(a_paper("另一份。"))

    assert (untrusted.stamp, untrusted.stamp_fault) == (
        Stamp.FAILED,
        "the time stamp is not signed by the trusted authority",
    )
    assert (absent.stamp, absent.stamp_fault) == (Stamp.FAILED, "no usable answer: ConnectError")


@pytest.mark.parametrize("certificate", [None, "missing.pem", "kek"])
def test_an_authority_without_a_certificate_to_believe_is_no_setting(
    tmp_path: Path, certificate: str | None
) -> None:
    (tmp_path / "kek").write_bytes(b"no certificate")
    given = {} if certificate is None else {"TRADING_TSA_CERTIFICATE": str(tmp_path / certificate)}

    with pytest.raises(SettingsError, match="TRADING_TSA_CERTIFICATE"):
        Settings.from_environ({"TRADING_TSA_URL": "http://tsa.example", **given})
