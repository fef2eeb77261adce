"""The fictional city of the scene, and its tender from the draft to the published notice."""

from __future__ import annotations

import base64
import os
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from bidding_docs import dsse, rehearsal, suites, summary
from bidding_docs import manifests as m
from bidding_docs.encoding import encode, format_time
from bidding_docs.suites import SuiteId
from govcore import clock, sm2
from govcore.certificates import service as certificates
from govcore.db import Tx
from govcore.dsse import CertificateSigner
from govcore.identity.models import Organisation, User, UserRole
from govcore.identity.policy import Role
from govcore.identity.queries import actor_of_user
from govcore.identity.sessions import open_session
from govcore.platform import Platform
from trading.documents import releasing
from trading.documents import service as documents
from trading.documents.schemas import LotExtras, NewDocuments
from trading.draws import custody, escrow
from trading.procedure import rules
from trading.procedure.policy import Regime
from trading.project import service as projects
from trading.project.schemas import NewProject
from trading.tender import gates, keys, rehearsals
from trading.tender import queries as tenders
from trading.tender.schemas import (
    Criterion,
    CustodianKeys,
    Item,
    NewLot,
    PartRule,
    PriceRule,
    RehearsalCapsule,
    Seat,
    Signature,
    TenderContent,
)

MAX_PRICE_FEN = 12_000_000_00
BUDGET_FEN = 12_500_000_00
PART_LIMIT = 200_000
SEATS = ("centre", "tenderer", "regulator")
"""Who holds the keys of custodians 1, 2 and 3."""

PRINCIPAL = "principal"
"""The tenderer's other person, who is no custodian: signs key manifests too, and changes of the deadline."""

EXPERTS = tuple(f"expert-{n}" for n in range(1, 6))
ALL_EXPERTS = (*EXPERTS, "expert-6", "expert-7")
"""A large government purchase takes seven (G13)."""
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
    "stranger": ("外地某单位", "91371500MA00000099"),
}
PEOPLE: dict[str, tuple[str, tuple[Role, ...]]] = {
    "centre": ("centre", (Role.CENTRE, Role.CUSTODIAN)),
    "tenderer": ("tenderer", (Role.TENDERER, Role.CUSTODIAN)),
    "regulator": ("regulator", (Role.REGULATOR, Role.CUSTODIAN)),
    PRINCIPAL: ("tenderer", (Role.TENDERER,)),
    "agency": ("agency", (Role.AGENCY,)),
    "auditor": ("academy", (Role.AUDITOR,)),
    "stranger": ("stranger", (Role.BIDDER, Role.CUSTODIAN)),
    **dict.fromkeys(ALL_EXPERTS, ("academy", (Role.EXPERT,))),
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


@dataclass(frozen=True, slots=True)
class Published:
    """A published tender: its lots, everybody's signing keys and sessions, the custodians' identities."""

    tender_id: str
    lots: tuple[str, ...]
    signers: dict[str, CertificateSigner] = field(repr=False)
    identities: dict[tuple[str, int, str], bytes] = field(repr=False)
    tokens: dict[str, str] = field(repr=False)


def publish(
    platform: Platform, *, lots: int, seconds: float, content: TenderContent, rule_set: str = "demo"
) -> Published:
    """Found the city, draft, approve, key, schedule and publish a tender; the deadline is `seconds` ahead."""
    city = found(platform, lots=lots, content=content, rule_set=rule_set)
    publish_round(platform, city, seconds=seconds)
    return city


def publish_round(platform: Platform, city: Published, *, seconds: float) -> None:
    """Key, schedule and publish an approved round; the deadline is `seconds` ahead."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        for lot in city.lots:
            city.identities.update(give_keys(tx, platform, lot, city.signers))
            _schedule(tx, lot, city.signers["tenderer"], deadline_at=at + timedelta(seconds=seconds))
        agency = actor_of_user(tx, "agency")
        if tenders.lot_context(tx, city.lots[0]).content.draws_at_opening:
            give_draw_keys(tx, city.signers)
        documents.publish(tx, platform.store, platform.keys, city.tender_id, actor=agency, at=clock.now(tx))


def found(platform: Platform, *, lots: int, content: TenderContent, rule_set: str = "demo") -> Published:
    """The city with an approved tender that no custodian has given keys for, and everybody's signing keys."""
    tender_id, lot_ids, tokens = drafted(platform, lots=lots, content=content, rule_set=rule_set)
    suite = content.suite
    with platform.db.transaction() as tx:
        signers = {name: certified(tx, platform, name, suite) for name in (*SEATS, *BIDDERS, "stranger")}
        signers[PRINCIPAL] = certified(tx, platform, PRINCIPAL, suite)
    return Published(tender_id, lot_ids, signers, {}, tokens)


def drafted(
    platform: Platform, *, lots: int, content: TenderContent | None = None, rule_set: str = "demo"
) -> tuple[str, tuple[str, ...], dict[str, str]]:
    """Found the city, draft and approve a tender: its id, its lots, everybody's session."""
    with platform.db.transaction() as tx:
        _people(tx)
        at = clock.now(tx)
        tokens = {name: open_session(tx, user_id=name, at=at) for name in PEOPLE}
        tender_id, lot_ids = _draft(
            tx, platform, lots=lots, content=content or ordinary_content(), rule_set=rule_set
        )
    for lot in lot_ids:
        gates.ask_for_keys(platform, lot)
    return tender_id, lot_ids, tokens


def certified(
    tx: Tx,
    platform: Platform,
    user: str,
    suite: SuiteId = "bs1",
    *,
    at: datetime | None = None,
    until: datetime | None = None,
) -> CertificateSigner:
    """A new signing key of this person, P-256 or the suite's, certified by the registration CA now, for a year."""
    key: ec.EllipticCurvePrivateKey | sm2.Sm2PrivateKey
    if suite == "bs1-sm":
        key = sm2.Sm2PrivateKey.generate(os.urandom)
        request = sm2.request(key)
    else:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
        request = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    certificate = certificates.certify(
        tx,
        platform.wrapper,
        request_pem=request,
        actor=actor_of_user(tx, user),
        at=at or clock.now(tx),
        until=until,
    )
    return CertificateSigner(certificate, key)


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


def ordinary_content(suite: SuiteId = "bs1") -> TenderContent:
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
        suite=suite,
    )


def two_envelopes(*, technical_min: int | None = None) -> TenderContent:
    """The price in an envelope of its own, opened once the technical result is fixed."""
    one = ordinary_content()
    price = tuple(field for field in FORM.fields if field.id == "price_fen")
    return msgspec.structs.replace(
        one,
        form=summary.Form(fields=tuple(field for field in FORM.fields if field not in price)),
        price_form=summary.Form(fields=price),
        technical_min=technical_min,
        parts=[
            *one.parts,
            PartRule(id="price", label="报价文件", max_size=PART_LIMIT, public=True, opens="technical-fixed"),
        ],
    )


def with_bidder_shares() -> TenderContent:
    """Every bidder holds a share of its own keys."""
    return msgspec.structs.replace(ordinary_content(), bidder_share=True)


def _people(tx: Tx) -> None:
    for org_id, (name, uscc) in ORGANISATIONS.items():
        tx.add(Organisation(id=org_id, uscc=uscc, name=name))
    tx.flush()
    for user_id, (org_id, roles) in PEOPLE.items():
        tx.add(User(id=user_id, username=user_id, name=user_id, org_id=org_id, password_hash="none"))
        tx.flush()
        tx.add_all([UserRole(user_id=user_id, role=role) for role in roles])
    tx.flush()


def _draft(
    tx: Tx, platform: Platform, *, lots: int, content: TenderContent, rule_set: str
) -> tuple[str, tuple[str, ...]]:
    at, agency = clock.now(tx), actor_of_user(tx, "agency")
    purchase = rules.rule_set(rule_set).regime is Regime.GP
    if purchase:
        content = msgspec.structs.replace(content, policies=["本项目专门面向中小企业采购。"])
    project = projects.register(
        tx,
        NewProject(
            name="东坝堤防加固工程",
            category="procurement" if purchase else "water",
            division="371500",
            tenderer_id="tenderer",
            regulator_id="regulator",
        ),
        actor=agency,
        at=at,
    )
    new = NewDocuments(
        project_id=project.id,
        title="东坝堤防加固工程施工招标",
        rule_set=rule_set,
        content=content,
        lots=[
            NewLot(name=f"第{n}标段", max_price_fen=MAX_PRICE_FEN, deposit_fen=200_000_00)
            for n in range(1, lots + 1)
        ],
        extras={str(n): LotExtras(estimate_fen=BUDGET_FEN) for n in range(1, lots + 1)} if purchase else {},
        custodians=[
            Seat(role="centre", org_id="centre"),
            Seat(role="tenderer", org_id="tenderer"),
            Seat(role="regulator", org_id="regulator"),
        ],
    )
    tender, made = documents.prepare(tx, platform.wrapper, new, actor=agency, at=at)
    releasing.release(tx, platform.store, tender.id, 1, actor=actor_of_user(tx, "tenderer"), at=at)
    return tender.id, tuple(lot.id for lot in made)


def give_keys(
    tx: Tx, platform: Platform, lot: str, signers: dict[str, CertificateSigner]
) -> dict[tuple[str, int, str], bytes]:
    """The custodians give and rehearse their keys of a lot, and its key manifest is signed; their identities."""
    at, identities = clock.now(tx), {}
    stages = tenders.lot_context(tx, lot).content.stages()
    for index, seat in enumerate(SEATS, 1):
        suite, recipients = suites.get(tenders.lot_context(tx, lot).content.suite), {}
        for opens in stages:
            identities[lot, index, opens], recipients[opens] = suite.generate()
        given = CustodianKeys(cert_sha256=signers[seat].keyid, recipients=recipients)
        keys.register_keys(tx, platform.keys, lot, given, actor=actor_of_user(tx, seat), at=at)
    _rehearse(tx, lot, signers, identities)
    payload = tenders.key_manifest(tx, lot).payload
    for seat, user in (*zip(SEATS, SEATS, strict=True), (PRINCIPAL, "tenderer")):
        made = signers[seat].sign(dsse.pae(m.media_type(m.KeyManifest), payload))
        signature = Signature(signers[seat].keyid, base64.b64encode(made).decode())
        keys.sign_manifest(tx, lot, signature, actor=actor_of_user(tx, user), at=at)
    return identities


def give_draw_keys(tx: Tx, signers: dict[str, CertificateSigner]) -> None:
    """The custodians give their keys for draws."""
    for seat in SEATS:
        at, recipient = clock.now(tx), escrow.SUITE.generate()[1]
        key = escrow.DrawKey(cert_sha256=signers[seat].keyid, recipient=recipient, since=format_time(at))
        custody.give_key(tx, escrow.sign_key(key, signers[seat]), actor=actor_of_user(tx, seat), at=at)


def _rehearse(
    tx: Tx, lot_id: str, signers: dict[str, CertificateSigner], identities: dict[tuple[str, int, str], bytes]
) -> None:
    at, tenderer = clock.now(tx), actor_of_user(tx, "tenderer")
    lot = keys.preparing(tx, lot_id, actor=tenderer)
    scopes = [scope for scope, _ in rehearsals.scopes(tx, lot)]
    made = [(scope, *rehearsal.make(scope, token_bytes=secrets.token_bytes)) for scope in scopes]
    capsules = [
        RehearsalCapsule(
            custodian=scope.custodian,
            opens=scope.opens,
            recipient=scope.recipient,
            capsule=capsule,
            check_sha256=rehearsal.check_of(rehearsal.answer_of(nonce)),
        )
        for scope, capsule, nonce in made
    ]
    rehearsals.put(tx, lot, capsules, actor=tenderer, at=at)
    for index, seat in enumerate(SEATS, 1):
        own = [(scope, capsule) for scope, capsule, _ in made if scope.custodian == index]
        answers = [
            rehearsal.open_rehearsal(capsule, identities[lot_id, index, scope.opens], scope)
            for scope, capsule in own
        ]
        raw = rehearsal.sign_answers(tuple(answers), signers[seat])
        rehearsals.answer(tx, lot, raw, actor=actor_of_user(tx, seat), at=at)


def _schedule(tx: Tx, lot: str, signer: CertificateSigner, *, deadline_at: datetime) -> None:
    manifest = tenders.key_manifest(tx, lot)
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
    keys.put_schedule(tx, lot, raw, actor=actor_of_user(tx, "tenderer"))
