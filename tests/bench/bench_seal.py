"""Sealing a letter of two pages, everything included, against pyHanko alone.

Ours: look the seal up, record the use with its number and log entry, unwrap the key, sign, store durably, finish the
use; SQLite, folder store, keys in a file. The peer: pyHanko signs the same letter with the same kind of key, the same
round picture and the same subfilter, in memory, with the room that it estimates by itself.
"""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from statistics import median

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore
from stdnum.cn import uscc

from govcore import clock
from govcore.identity.policy import Role
from govcore.identity.queries import actor_of_user
from govcore.identity.service import register_organisation, register_user
from govcore.numbering.service import name_office
from govcore.pdf.letter import OfficialPaper, letter
from govcore.platform import Platform
from govcore.seals import byhand, certifying, picture, sealing, service, uses
from govcore.seals.policy import BY_HAND, SealKind
from govcore.seals.schemas import NewSeal
from govcore.settings import Settings
from govcore.setup import migrate
from tests.bench.results import Result

TURNS = 40
ORGAN = "临川市公共资源交易中心"


def measure() -> list[Result]:
    """Both in turns; every letter differs, so that nothing is found done already."""
    with tempfile.TemporaryDirectory(prefix="bench-seal-") as name:
        folder = Path(name)
        settings = Settings.from_environ({"TRADING_DATA": str(folder / "data"), "TRADING_DEMO": "1"})
        migrate(settings)
        platform = Platform.open(settings)
        seal, keeper = _chancery(platform)
        alone = _pyhanko(folder)
        papers = [_paper(n) for n in range(TURNS + 2)]
        taken: dict[str, list[float]] = {"ours": [], "peer": []}
        for turn, paper in enumerate(papers):
            work = {"ours": lambda paper=paper: _sealed(platform, seal, keeper, paper)}
            work["peer"] = lambda paper=paper: alone(paper)
            for which in ("ours", "peer") if turn % 2 else ("peer", "ours"):
                spent = _timed(work[which])
                if turn >= 2:
                    taken[which].append(spent)
        platform.db.dispose()
    ours, peer = (median(taken[which]) * 1e3 for which in ("ours", "peer"))
    return [
        Result(
            name="seal a letter of two pages, recorded and stored, against pyHanko alone",
            unit="ms",
            ours=ours,
            peer=peer,
            most=1.5,
        )
    ]


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _paper(number: int) -> bytes:
    return letter(
        OfficialPaper(
            organ=ORGAN,
            number=f"临川公资函〔2026〕{number + 1}号",
            title="关于某某招标代理有限公司有关问题的函",
            addressee="临川市水利局",
            body=["现将有关情况函告如下：", "一、基本情况", "情况属实。" * 90, "专此函告。"],
            signatory=ORGAN,
            dated=date(2026, 12, 8),
        )
    )


def _chancery(platform: Platform) -> tuple[str, str]:
    """A certified seal with one keeper; ids of both."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        code = "91330100MA2KEXAMP"
        organ = register_organisation(
            tx, uscc=code + uscc.calc_check_digit(code), name=ORGAN, actor="system", at=at
        )
        name_office(tx, org_id=organ.id, short_name="临川公资", actor="system", at=at)
        people = [
            register_user(
                tx,
                username=name,
                name=name,
                password=secrets.token_urlsafe(12),
                org_id=organ.id,
                roles=[Role.CENTRE],
                actor="system",
                at=at,
            ).id
            for name in ("manager", "keeper")
        ]
        manager = actor_of_user(tx, people[0])
        new = NewSeal(
            code="3799000000001",
            kind=SealKind.OFFICIAL,
            organ=ORGAN,
            on=date(2026, 1, 5),
            reason="依据批准文件刻制",
            org_id=organ.id,
        )
        seal = service.register_seal(tx, new, demo=True, actor=manager, at=at)
        byhand.certify(tx, platform, seal.id, actor=manager, at=at)
        service.name_keeper(tx, seal.id, user_id=people[1], actor=manager, at=at)
    return seal.id, people[1]


def _sealed(platform: Platform, seal: str, keeper: str, paper: bytes) -> None:
    subject = secrets.token_hex(16)
    order = uses.UseOrder(
        seal_id=seal,
        purpose=BY_HAND,
        subject=subject,
        title="关于某某招标代理有限公司有关问题的函",
        code=sealing.check_code(platform, BY_HAND, subject),
        requested_by=keeper,
    )
    done = sealing.issue(platform, paper, order)
    with platform.db.transaction() as tx:
        uses.finish_use(tx, done, at=clock.now(tx))


def _pyhanko(folder: Path) -> Callable[[bytes], bytes]:
    """What somebody would write with pyHanko's own documentation at hand."""
    with_picture = folder / "seal.pdf"
    with_picture.write_bytes(picture.pdf(ORGAN, "", demo=True))
    at = datetime.now(UTC)
    authority = certifying.new_authority(name="CA", at=at)
    issued = certifying.certify(
        authority=authority.der,
        authority_key=authority.key,
        organ=ORGAN,
        words="",
        code="1",
        list_url="",
        at=at,
    )
    known = SimpleCertificateStore()
    known.register(asn1_x509.Certificate.load(authority.der))
    signer = SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(issued.der),
        signing_key=asn1_keys.PrivateKeyInfo.load(issued.key),
        cert_registry=known,
    )

    def sign(paper: bytes) -> bytes:
        out = BytesIO()
        PdfSigner(
            PdfSignatureMetadata(
                field_name="Seal", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, reason="函"
            ),
            signer,
            stamp_style=StaticStampStyle.from_pdf_file(str(with_picture), border_width=0),
            new_field_spec=SigFieldSpec("Seal", on_page=-1, box=(330, 380, 450, 500)),
        ).sign_pdf(IncrementalPdfFileWriter(BytesIO(paper)), output=out)
        return out.getvalue()

    return sign
