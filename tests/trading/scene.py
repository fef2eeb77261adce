"""A published tender with keys, custodians and bidders, ready to seal, submit, close, release and read out.

Everybody acts through the JSON API with real certificates and real ciphertext; only the sweeps are called here
instead of waiting for beat. `http` is a test client or a client of a running site.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from bidding_docs import age, dsse, summary
from bidding_docs import manifests as m
from bidding_docs import opening as bs1
from bidding_docs.encoding import encode, format_time
from bidding_docs.sealing import SealedBid, seal_bid
from govcore import clock
from govcore.db import Tx
from govcore.dsse import CertificateSigner
from govcore.identity import service as identity
from govcore.identity.models import Organisation, User, UserRole
from govcore.identity.policy import Role
from govcore.identity.queries import actor_of_user
from govcore.platform import Platform
from trading.bidding import sending
from trading.bidding.sealing import verified_manifest
from trading.client import Client, Refused
from trading.opening import reading, records, release, tasks, verification
from trading.opening.schemas import Bundle
from trading.project import service as projects
from trading.project.schemas import NewProject
from trading.tender import drafting, keys, service
from trading.tender.schemas import (
    Criterion,
    CustodianKeys,
    Item,
    NewLot,
    NewTender,
    PartRule,
    PriceRule,
    Seat,
    TenderContent,
)

MAX_PRICE_FEN = 12_000_000_00
PART_LIMIT = 200_000
PASSPHRASE = "correct horse battery staple"
SEATS = ("centre", "tenderer", "regulator")
"""Who holds the keys of custodians 1, 2 and 3."""

EXPERTS = tuple(f"expert-{n}" for n in range(1, 6))
BIDDERS = tuple(f"bidder-{n}" for n in range(1, 5))
ORGANISATIONS = {
    "centre": ("临湖市公共资源交易中心", "12371500MA00000003"),
    "tenderer": ("临湖市水利工程建设中心", "12371500MA00000001"),
    "regulator": ("临湖市水利局", "11371500MA00000004"),
    "agency": ("临湖市正衡招标代理有限公司", "91371500MA00000002"),
    "academy": ("临湖市评标专家库", "12371500MA00000005"),
    "bidder-1": ("临湖安澜水利建设有限公司", "91371500MA00000011"),
    "bidder-2": ("东坝河工集团有限公司", "91371500MA00000012"),
    "bidder-3": ("清源堤防工程有限公司", "91371500MA00000013"),
    "bidder-4": ("长堤水务建设有限公司", "91371500MA00000014"),
}
PEOPLE: dict[str, tuple[str, tuple[Role, ...]]] = {
    "centre": ("centre", (Role.CENTRE, Role.CUSTODIAN)),
    "tenderer": ("tenderer", (Role.TENDERER, Role.CUSTODIAN)),
    "regulator": ("regulator", (Role.REGULATOR, Role.CUSTODIAN)),
    "agency": ("agency", (Role.AGENCY,)),
    "auditor": ("academy", (Role.AUDITOR,)),
    **dict.fromkeys(EXPERTS, ("academy", (Role.EXPERT,))),
    **{name: (name, (Role.BIDDER,)) for name in BIDDERS},
}
FORM = summary.Form(
    fields=(
        summary.Field(id="price_fen", label="投标总价", kind="money"),
        summary.Field(id="duration_days", label="工期", kind="integer", max=2000),
        summary.Field(id="quality", label="质量目标", kind="text", max=50),
        summary.Field(id="manager", label="项目负责人", kind="text", max=50),
        summary.Field(id="manager_certificate", label="注册证书编号", kind="text", max=50),
    )
)


class Person(Client):
    """Somebody's signed-in session over any HTTP client; raises `Refused` for every problem."""

    def __init__(self, http: httpx.Client, token: str, *, language: str = "zh_CN") -> None:
        self._http = http
        self._cookie = f"session={token}; lang={language}"

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {**options.pop("headers", {}), "cookie": self._cookie}
        response = self._http.request(method, path, headers=headers, **options)
        if response.is_error:
            raise Refused({"status": response.status_code, **response.json()})
        return response


@dataclass
class Scene:
    """The tender, its people by name, and what each of them would do."""

    platform: Platform
    http: httpx.Client
    folder: Path
    lots: tuple[str, ...]
    tender_id: str
    signers: dict[str, CertificateSigner] = field(repr=False)
    identities: dict[tuple[str, int], bytes] = field(repr=False)
    tokens: dict[str, str] = field(repr=False)

    @property
    def lot(self) -> str:
        return self.lots[0]

    def person(self, name: str, *, language: str = "zh_CN") -> Person:
        return Person(self.http, self.tokens[name], language=language)

    def uscc(self, bidder: str) -> str:
        return ORGANISATIONS[PEOPLE[bidder][0]][1]

    # the bidders' side

    def key_manifest(self, lot: str | None = None) -> dsse.Signed[m.KeyManifest]:
        return verified_manifest(self.person("agency"), lot or self.lot)

    def seal(
        self,
        bidder: str,
        *,
        lot: str | None = None,
        price_fen: int = 10_000_000_00,
        after: SealedBid | None = None,
        signer: CertificateSigner | None = None,
        values: bytes | None = None,
        files: Sequence[tuple[str, Path]] = (),
    ) -> SealedBid:
        """A sealed bid in a folder of its own; `after` is the bid that it replaces."""
        home = self.folder / f"{bidder}-{secrets.token_hex(4)}"
        home.mkdir(parents=True)
        plan = home / "方案.txt"
        plan.write_text(f"{bidder} 的施工组织设计", encoding="utf-8")
        signer = signer or self.signers[bidder]
        sealed = seal_bid(
            key_manifest=self.key_manifest(lot),
            parts={"deposit": [("deposit.json", _written(home / "deposit.json", b'{"form":"cash"}'))]}
            | {"technical": files or [("方案.txt", plan)]},
            summary=answers(price_fen) if values is None else values,
            bidder_id=self.uscc(bidder),
            cert=signer.certificate,
            signer=signer,
            seq=after.manifest.seq + 1 if after else 1,
            supersedes=after.manifest_sha256 if after else None,
            out_dir=home / "sealed",
            passphrase=PASSPHRASE,
            work_factor=1,
        )
        (sealed.folder / "lot.json").write_bytes(msgspec.json.encode({"lot_id": lot or self.lot}))
        return sealed

    def upload(self, bidder: str, sealed: SealedBid, *, lot: str | None = None) -> str:
        """Send the ciphertext as the command line does; the upload's id."""
        return sending._upload(self.person(bidder), sealed.folder, lot or self.lot, sealed.manifest)

    def submit(self, bidder: str, sealed: SealedBid, *, lot: str | None = None) -> bytes:
        """Upload and submit; the exact bytes of the receipt."""
        sending.submit(self.person(bidder), sealed.folder, lot=lot)
        return (sealed.folder / sending.RECEIPT).read_bytes()

    def submit_all(self, *bidders: str, lot: str | None = None) -> dict[str, SealedBid]:
        """One bid of each, cheaper the later they come."""
        sealed = {}
        for n, bidder in enumerate(bidders or BIDDERS[:3]):
            sealed[bidder] = self.seal(bidder, lot=lot, price_fen=10_000_000_00 - n * 100_000_00)
            self.submit(bidder, sealed[bidder], lot=lot)
        return sealed

    def withdraw(self, bidder: str, last: SealedBid) -> bytes:
        receipt = self.folder / f"{bidder}-withdrawal.json"
        sending.withdraw(self.person(bidder), self.signers[bidder], last.manifest.lot_id, receipt)
        return receipt.read_bytes()

    # the clock, the sweeps and the custodians

    def move_clock(self, **delta: float) -> None:
        """Move this process's legal clock forward."""
        info = self.platform.db.info
        info["clock_offset"] = info.get("clock_offset", timedelta(0)) + timedelta(**delta)

    def close(self, lot: str | None = None) -> None:
        """Let the deadline pass and the sweep close the lot."""
        self.move_clock(hours=1)
        tasks.close_one(self.platform, lot or self.lot)

    def check_seals(self, lot: str | None = None) -> list[str]:
        """Let the check of the seals pass and hash the store again; the damaged objects."""
        self.move_clock(seconds=3)
        return verification.verify_store(self.platform, lot or self.lot)

    def share_release(self, index: int, *, lot: str | None = None) -> m.ShareRelease:
        """What custodian `index` finds in its capsules, unsigned."""
        lot = lot or self.lot
        person = self.person(SEATS[index - 1])
        bundle = msgspec.convert(person.get(f"/api/lots/{lot}/bundle"), Bundle)
        event = bundle.closed_event.encode()
        data = msgspec.json.decode(event)["data"]
        closing = bs1.Closing(
            key_manifest=self.key_manifest(lot),
            tender_closed_sha256=m.digest(event),
            bids_root=data["bids_root"],
            authorities=[x509.load_der_x509_certificate(bundle.authority)],
            closed_at=self.now(),
        )
        bids = [
            bs1.ClosedBid(
                one.envelope.encode(),
                x509.load_der_x509_certificate(one.certificate),
                {capsule.part: capsule.data for capsule in one.capsules},
            )
            for one in bundle.bids
        ]
        identity_ = self.identities[lot, index]
        return bs1.open_custodian_capsules(closing, bids, index=index, opens="opening", identity=identity_)

    def hand_in(self, index: int, body: m.ShareRelease, *, lot: str | None = None) -> None:
        """Sign a release with custodian `index`'s certificate and hand it in."""
        raw = dsse.sign_document(body, [self.signers[SEATS[index - 1]]])
        message = {"envelope": raw.decode()}
        self.person(SEATS[index - 1]).post(f"/api/lots/{lot or self.lot}/share-releases", message)

    def release(self, *indexes: int, lot: str | None = None) -> None:
        for index in indexes:
            self.hand_in(index, self.share_release(index, lot=lot), lot=lot)

    def open_gate(self, lot: str | None = None) -> bool:
        with self.platform.db.transaction() as tx:
            return release.open_gate(tx, self.platform, lot or self.lot)

    def read_out(self, lot: str | None = None) -> None:
        reading.read_bids(self.platform, lot or self.lot)

    def write_record(self, lot: str | None = None) -> None:
        records.write_record(self.platform, lot or self.lot)

    def open_all(self, *indexes: int) -> dict[str, Any]:
        """From the deadline to the record; the opening as everybody sees it."""
        self.close()
        self.check_seals()
        self.release(*(indexes or (1, 3)))
        assert self.open_gate()
        self.read_out()
        self.write_record()
        return self.hall()

    def hall(self, lot: str | None = None) -> dict[str, Any]:
        shown: dict[str, Any] = self.person("agency").get(f"/api/lots/{lot or self.lot}/opening")
        return shown

    def now(self) -> datetime:
        with self.platform.db.read() as tx:
            return clock.now(tx)


def answers(price_fen: int) -> bytes:
    return summary.write(
        FORM,
        {
            "price_fen": price_fen,
            "duration_days": 170,
            "quality": "合格",
            "manager": "虚构经理",
            "manager_certificate": "虚构-ZJ-00001",
        },
    )


def content() -> TenderContent:
    items = [Item(id="plan", label="施工组织设计", max_points=50)]
    return TenderContent(
        scope="堤防护坡 3.2 公里",
        location="临湖市东坝区（虚构地点）",
        funds="市级财政资金",
        qualification="水利水电工程施工总承包三级及以上资质",
        contact="虚构联系人",
        duration_days=180,
        validity_days=90,
        consortium=False,
        criteria=[
            Criterion(id="technical", label="技术部分", kind="manual", max_points=50, items=items),
            Criterion(id="price", label="报价部分", kind="price", max_points=50),
        ],
        price=PriceRule(method="low_price_first"),
        form=FORM,
        parts=[
            PartRule(id="summary", label="开标一览表", max_size=PART_LIMIT, public=True),
            PartRule(id="deposit", label="投标担保", max_size=PART_LIMIT),
            PartRule(id="technical", label="技术文件", max_size=PART_LIMIT),
        ],
    )


def build(
    platform: Platform, http: httpx.Client, folder: Path, *, lots: int = 2, seconds: float = 3600
) -> Scene:
    """Found the city, draft, approve, key, schedule and publish a tender; the deadline is `seconds` ahead."""
    with platform.db.transaction() as tx:
        _people(tx)
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        tokens = {name: identity.open_session(tx, user_id=name, at=at) for name in PEOPLE}
        signers = {name: certified(tx, platform, name) for name in (*SEATS, *BIDDERS)}
        tender_id, lot_ids = _draft(tx, platform, lots=lots)
    with platform.db.transaction() as tx:
        identities = {}
        for lot in lot_ids:
            identities |= _give_keys(tx, platform, lot, signers)
            _schedule(tx, lot, signers["tenderer"], deadline_at=at + timedelta(seconds=seconds))
        service.publish(tx, tender_id, actor=actor_of_user(tx, "agency"), at=clock.now(tx))
    return Scene(platform, http, folder, lot_ids, tender_id, signers, identities, tokens)


def certified(tx: Tx, platform: Platform, user: str) -> CertificateSigner:
    """A new P-256 key of this person, certified by the registration CA."""
    key = ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    certificate = identity.certify(
        tx,
        platform.wrapper,
        request_pem=request.public_bytes(Encoding.PEM),
        actor=actor_of_user(tx, user),
        at=clock.now(tx),
    )
    return CertificateSigner(certificate, key)


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _people(tx: Tx) -> None:
    for org_id, (name, uscc) in ORGANISATIONS.items():
        tx.add(Organisation(id=org_id, uscc=uscc, name=name))
    tx.flush()
    for user_id, (org_id, roles) in PEOPLE.items():
        tx.add(User(id=user_id, username=user_id, name=user_id, org_id=org_id, password_hash="none"))
        tx.flush()
        tx.add_all([UserRole(user_id=user_id, role=role) for role in roles])
    tx.flush()


def _draft(tx: Tx, platform: Platform, *, lots: int) -> tuple[str, tuple[str, ...]]:
    at, agency = clock.now(tx), actor_of_user(tx, "agency")
    project = projects.register(
        tx,
        NewProject(
            name="东坝堤防加固工程",
            category="water",
            division="371500",
            tenderer_id="tenderer",
            regulator_id="regulator",
        ),
        actor=agency,
        at=at,
    )
    new = NewTender(
        project_id=project.id,
        title="东坝堤防加固工程施工招标",
        rule_set="demo",
        content=content(),
        lots=[
            NewLot(name=f"第{n}标段", max_price_fen=MAX_PRICE_FEN, deposit_fen=200_000_00)
            for n in range(1, lots + 1)
        ],
        custodians=[
            Seat(role="centre", org_id="centre"),
            Seat(role="tenderer", org_id="tenderer"),
            Seat(role="regulator", org_id="regulator"),
        ],
    )
    tender, made = drafting.draft(tx, platform.wrapper, new, actor=agency, at=at)
    service.approve(tx, tender.id, actor=actor_of_user(tx, "tenderer"), at=at)
    return tender.id, tuple(lot.id for lot in made)


def _give_keys(
    tx: Tx, platform: Platform, lot: str, signers: dict[str, CertificateSigner]
) -> dict[tuple[str, int], bytes]:
    at, identities = clock.now(tx), {}
    for index, seat in enumerate(SEATS, 1):
        identities[lot, index], recipient = age.generate()
        given = CustodianKeys(cert_sha256=signers[seat].keyid, recipients={"opening": recipient})
        keys.register_keys(tx, platform.keys, lot, given, actor=actor_of_user(tx, seat), at=at)
    payload = keys.queries.key_manifest(tx, lot).payload
    for seat in SEATS:
        made = signers[seat].sign(dsse.pae(m.media_type(m.KeyManifest), payload))
        signature = keys.Signature(signers[seat].keyid, base64.b64encode(made).decode())
        keys.sign_manifest(tx, lot, signature, actor=actor_of_user(tx, seat), at=at)
    return identities


def _schedule(tx: Tx, lot: str, signer: CertificateSigner, *, deadline_at: datetime) -> None:
    manifest = keys.queries.key_manifest(tx, lot)
    document = m.parse(manifest.payload, m.KeyManifest)
    body = m.Schedule(
        tender_id=document.tender_id,
        lot_id=lot,
        round=document.round,
        key_manifest_sha256=manifest.sha256,
        n=1,
        deadline_at=format_time(deadline_at),
        opening_at=format_time(deadline_at),
        prev_sha256=None,
    )
    raw = dsse.sign(m.media_type(m.Schedule), encode(body), [signer]).encode()
    keys.put_schedule(tx, lot, raw, actor=actor_of_user(tx, "tenderer"), at=clock.now(tx))
