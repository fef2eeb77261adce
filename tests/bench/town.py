"""A town for measurements: open lots with their keys, and many bidders with certificates and sessions."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import insert

from bidding_docs import age, dsse
from bidding_docs import manifests as m
from bidding_docs.signing import SoftwareSigner, certificate_sha256
from bidding_docs.summary import Field, Form
from govcore import clock
from govcore.certificates import authority as ca
from govcore.certificates.models import Authority, Certificate
from govcore.certificates.policy import CERTIFICATE_LIFETIME
from govcore.db import Base, Tx, new_id
from govcore.identity.models import Organisation, SignInSession, User, UserRole
from govcore.identity.policy import Role
from govcore.identity.sessions import token_hash
from govcore.platform import Platform
from govcore.settings import Settings
from govcore.setup import migrate
from trading.project.models import Project
from trading.tender import gates
from trading.tender.models import Custodian, KeyManifest, Lot, Schedule, Tender
from trading.tender.schemas import Criterion, PartRule, PriceRule, TenderContent

MB = 1 << 20
OFFICES = ("centre", "tenderer", "regulator", "agency")
FORM = Form(
    fields=(
        Field(id="price_fen", label="投标总价", kind="money"),
        Field(id="duration_days", label="工期", kind="integer"),
        Field(id="quality", label="质量目标", kind="text"),
        Field(id="manager", label="项目负责人", kind="text"),
        Field(id="manager_certificate", label="注册证书编号", kind="text"),
    )
)
PARTS = [
    PartRule(id="summary", label="开标一览表", max_size=MB, public=True),
    PartRule(id="deposit", label="投标担保", max_size=16 * MB),
]


@dataclass(frozen=True, slots=True)
class Bidder:
    """One bidding organisation: its signer and its session's token."""

    org_id: str
    uscc: str
    name: str
    signer: SoftwareSigner
    token: str


@dataclass(frozen=True, slots=True)
class OpenLot:
    """A lot and the secrets that only its custodians would hold."""

    id: str
    manifest: dsse.Signed[m.KeyManifest]
    custodians: dict[int, bytes]


@dataclass(frozen=True, slots=True)
class Town:
    platform: Platform
    environment: dict[str, str]
    lots: list[OpenLot]
    bidders: list[Bidder]


def found(folder: Path, database_url: str, *, lots: int, bidders: int) -> Town:
    """Migrate a new database and fill it; the lots' deadline is a day ahead."""
    environment = {
        "TRADING_DATA": str(folder),
        "TRADING_DATABASE_URL": database_url,
        "TRADING_DEMO": "1",
        "TRADING_LOG_INTERVAL": "1",
    }
    settings = Settings.from_environ(environment)
    migrate(settings)
    platform = Platform.open(settings)
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        registered = _Register(tx, platform, at)
        for number, office in enumerate(OFFICES):
            registered.organisation(office, number, Role.TENDERER)
        people = [registered.bidder(number) for number in range(bidders)]
        signer = registered.signer("tenderer", "tenderer", "tenderer")
        _tender(tx, at)
        opened = [_lot(tx, platform, number, signer, at=at) for number in range(1, lots + 1)]
    return Town(platform, environment, opened, people)


@dataclass(frozen=True, slots=True)
class _Register:
    tx: Tx
    platform: Platform
    at: datetime

    def organisation(self, name: str, number: int, role: Role) -> str:
        uscc = f"91379900{number:09d}X"
        self.tx.add(Organisation(id=name, uscc=uscc, name=f"{name}（测量用）"))
        self.tx.flush()
        user = User(id=name, username=name, name=name, org_id=name, password_hash="none")
        self.tx.add(user)
        self.tx.flush()
        self.tx.add(UserRole(user_id=name, role=role))
        return uscc

    def bidder(self, number: int) -> Bidder:
        name = f"bidder-{number}"
        uscc = self.organisation(name, 1000 + number, Role.BIDDER)
        token = secrets.token_urlsafe(32)
        ends = dict.fromkeys(("idle_ends_at", "ends_at"), self.at + timedelta(days=1))
        began = dict.fromkeys(("began_at", "proved_at", "seen_at"), self.at)
        self.tx.add(
            SignInSession(
                id=new_id(),
                token_sha256=token_hash(token),
                user_id=name,
                program="",
                network="",
                strong=False,
                **began,
                **ends,
            )
        )
        return Bidder(name, uscc, f"{name}（测量用）", self.signer(name, uscc, f"{name}（测量用）"), token)

    def signer(self, org_id: str, uscc: str, name: str) -> SoftwareSigner:
        """A key and the registration CA's certificate of it."""
        key = ec.generate_private_key(ec.SECP256R1())
        row = self.tx.query(Authority).one()
        issued = ca.issue(
            key.public_key(),
            ca.Issue(uscc=uscc, name=name, at=self.at, until=self.at + CERTIFICATE_LIFETIME),
            authority=x509.load_der_x509_certificate(row.der),
            key_der=self.platform.wrapper.unwrap("authority", row.sha256, row.wrapped),
        )
        self.tx.add(
            Certificate(
                sha256=certificate_sha256(issued),
                org_id=org_id,
                user_id=org_id,
                der=issued.public_bytes(ca.Encoding.DER),
                key_sha256=ca.key_sha256_of(issued),
                issued_at=self.at,
                not_after=self.at + CERTIFICATE_LIFETIME,
            )
        )
        self.tx.flush()
        return SoftwareSigner(issued, key)


def _tender(tx: Tx, at: datetime) -> None:
    tx.add(
        Project(
            id="project",
            code="E3799000001000001",
            name="测量用工程",
            category="water",
            tenderer_id="tenderer",
            agency_id="agency",
            regulator_id="regulator",
            registered_at=at,
        )
    )
    tx.flush()
    content = TenderContent(
        scope="测量用",
        location="测量用",
        funds="测量用",
        qualification="测量用",
        contact="测量用",
        duration_days=180,
        validity_days=90,
        consortium=False,
        criteria=[Criterion(id="price", label="报价", kind="price", max_points=100)],
        price=PriceRule(method="low_price_first"),
        form=FORM,
        parts=PARTS,
    )
    tx.add(
        Tender(
            id="tender",
            project_id="project",
            code="E3799000001000001001",
            title="测量用招标",
            rule_set="demo",
            state="published",
            content=msgspec.to_builtins(content),
            drafted_by="agency",
            approved_by="tenderer",
            published_at=at,
        )
    )
    tx.flush()


def _lot(tx: Tx, platform: Platform, number: int, signer: SoftwareSigner, *, at: datetime) -> OpenLot:
    lot = Lot(
        id=f"lot-{number}",
        tender_id="tender",
        number=number,
        code=f"E3799000001000001001{number:03d}",
        name=f"第{number}标段",
        round=1,
        state="open",
        max_price_fen=12_000_000_00,
        deposit_fen=200_000_00,
        deadline_at=at + timedelta(days=1),
        opening_at=at + timedelta(days=1),
    )
    tx.add(lot)
    tx.flush()
    gates.make_own(tx, platform.wrapper, lot, suite="bs1", stages=[m.OPENING])
    secrets_by_index = {}
    for index, office in enumerate(OFFICES[:3], 1):
        identity, recipient = age.generate()
        secrets_by_index[index] = identity
        seat = Custodian(lot_id=lot.id, index=index, role=office, org_id=office)
        seat.cert_sha256, seat.recipients = signer.keyid, {m.OPENING: recipient}
        tx.add(seat)
    tx.flush()
    signed = _key_manifest(tx, lot, signer)
    lot.key_manifest_sha256 = signed.sha256
    _schedule(tx, lot)
    return OpenLot(lot.id, signed, secrets_by_index)


def _key_manifest(tx: Tx, lot: Lot, signer: SoftwareSigner) -> dsse.Signed[m.KeyManifest]:
    seats = tx.query(Custodian).filter_by(lot_id=lot.id).order_by(Custodian.index)
    body = m.KeyManifest(
        tender_id="tender",
        lot_id=lot.id,
        round=1,
        policy=m.Policy(k=2, n=3, gate="local", bidder="none"),
        custodians=tuple(
            m.Custodian(
                index=seat.index,
                role=seat.role,
                cert_sha256=signer.keyid,
                client="cli",
                recipients=seat.recipients or {},
            )
            for seat in seats
        ),
        gate=m.Gate(operator="platform", recipients=gates.recipients_of(tx, lot.id)),
        parts=tuple(
            m.PartRule(id=part.id, opens=m.OPENING, public=part.public, max_size=part.max_size)
            for part in PARTS
        ),
        windows=m.Windows(bidder_share=0, seal_check=1, release=600),
        trust_anchors=(tx.query(Authority).one().sha256,),
        log=m.Log(origin="trading.example/log/2026", vkey="bench+00000000+key"),
        witnesses=(),
    )
    raw = dsse.sign_document(body, [signer])
    signed = dsse.open_document(raw, m.KeyManifest, {signer.keyid: signer.certificate.public_key()})
    signature = msgspec.to_builtins(dsse.Envelope.decode(raw).signatures[0].sig)
    row = KeyManifest(lot_id=lot.id, round=1, sha256=signed.sha256, payload=signed.payload)
    row.signatures = {signer.keyid: signature}
    tx.add(row)
    return signed


def _schedule(tx: Tx, lot: Lot) -> None:
    assert lot.deadline_at is not None
    moments = {"deadline_at": lot.deadline_at, "opening_at": lot.deadline_at}
    tx.add(Schedule(lot_id=lot.id, n=1, sha256="0" * 64, envelope=b"-", **moments))


def insert_all(tx: Tx, model: type[Base], rows: Sequence[dict[str, object]]) -> None:
    tx.execute(insert(model), list(rows))


def random_digest() -> str:
    return os.urandom(32).hex()
