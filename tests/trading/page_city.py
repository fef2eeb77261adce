"""A fictional city for the pages: one lot in each state, drafts, documents, letters; times relative to now."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select

from bidding_docs.summary import Field, Form
from govcore import clock, dsse
from govcore.db import Tx
from govcore.identity.models import Organisation, User, UserRole
from govcore.identity.policy import Role
from govcore.notify.service import tell
from govcore.platform import Platform
from govcore.seals.uses import IssuedPaper
from trading.award.announcing import publish_candidates
from trading.award.models import Candidate, Paper, Publicity
from trading.award.queries import candidates_of
from trading.bidding.models import Bid
from trading.committee.models import Committee
from trading.documents import manifests
from trading.documents.models import Version
from trading.documents.schemas import Bill, BillLine, BillSection, FileEntry, LotTerms, Terms
from trading.evaluation.models import EvaluationRound
from trading.notices.service import StoredPaper
from trading.opening.announcing import publish_failure, publish_record
from trading.opening.models import GateRelease, Opening, OpeningBid, ShareRelease
from trading.project.models import Project
from trading.tender import queries
from trading.tender.announcing import publish_tender_notice
from trading.tender.models import Custodian, Document, Lot, Tender
from trading.tender.queries import lot_context
from trading.tender.schemas import Criterion, Item, PartRule, PriceRule, TenderContent

MB = 1 << 20
PDF = b"%PDF-1.4 a published document\n"
RECORD = b"%PDF-1.4 an opening record\n"
PRICES_FEN = (10_234_567_89, 10_500_000_00, 11_000_000_00)

ORGANISATIONS = {
    "tenderer": ("临湖市水利工程建设中心", "12371500MA00000001"),
    "agency": ("临湖市正衡招标代理有限公司", "91371500MA00000002"),
    "centre": ("临湖市公共资源交易中心", "12371500MA00000003"),
    "regulator": ("临湖市水利局", "11371500MA00000004"),
    "academy": ("临湖市评标专家库", "12371500MA00000005"),
    "bank": ("临湖银行", "91371500MA00000006"),
    "bidder-1": ("临湖安澜水利建设有限公司", "91371500MA00000011"),
    "bidder-2": ("东坝河工集团有限公司", "91371500MA00000012"),
    "bidder-3": ("清源堤防工程有限公司", "91371500MA00000013"),
    "stranger": ("外地某单位", "91371500MA00000099"),
}
PEOPLE = {
    "tenderer": ("tenderer", [Role.TENDERER, Role.CUSTODIAN]),
    "agency": ("agency", [Role.AGENCY]),
    "centre": ("centre", [Role.CENTRE, Role.CUSTODIAN]),
    "regulator": ("regulator", [Role.REGULATOR, Role.CUSTODIAN]),
    "expert": ("academy", [Role.EXPERT]),
    "bank": ("bank", [Role.BANK]),
    "auditor": ("academy", [Role.AUDITOR]),
    "bidder": ("bidder-1", [Role.BIDDER]),
    "other-agency": ("stranger", [Role.AGENCY]),
    "other-tenderer": ("stranger", [Role.TENDERER]),
    "other-bidder": ("stranger", [Role.BIDDER]),
}
PASSWORDLESS = "none"
BILL = Bill(
    sections=[
        BillSection(
            name="一、土方工程",
            lines=[
                BillLine(code="500101001", name="土方开挖", unit="m³", quantity="42000", feature="三类土"),
                BillLine(code="500101002", name="土方回填", unit="m³", quantity="18500.5", limit_fen=36_50),
            ],
        ),
        BillSection(
            name="二、护坡工程",
            lines=[BillLine(code="500105003", name="浆砌石护坡", unit="m³", quantity="8600")],
        ),
    ]
)


def content() -> TenderContent:
    """A tender's content with every kind of field."""
    items = [
        Item(id="plan", label="施工组织设计", max_points=25),
        Item(id="safety", label="安全文明施工措施", max_points=15),
    ]
    return TenderContent(
        scope="清河城区段堤防护坡、节制闸及配套设施的施工，以发布的图纸和工程量清单为准。",
        location="临湖市东坝区（虚构地点）",
        funds="市级财政资金",
        qualification="水利水电工程施工总承包三级及以上资质，具有有效的安全生产许可证。",
        contact="王工，0535-0000000",
        duration_days=180,
        validity_days=90,
        consortium=False,
        criteria=[
            Criterion(id="technical", label="技术部分", kind="manual", max_points=40, items=items),
            Criterion(
                id="credit",
                label="信用部分",
                kind="manual",
                max_points=10,
                items=[Item(id="record", label="企业信用", max_points=10)],
            ),
            Criterion(id="price", label="报价部分", kind="price", max_points=50),
        ],
        price=PriceRule(method="low_price_first"),
        form=Form(
            fields=(
                Field(id="price", label="投标总价", kind="money"),
                Field(id="quality", label="质量目标", kind="text"),
                Field(id="manager", label="项目负责人", kind="text"),
            )
        ),
        parts=[
            PartRule(id="summary", label="开标一览表", max_size=MB, public=True),
            PartRule(id="deposit", label="投标担保", max_size=8 * MB),
            PartRule(id="technical", label="技术文件", max_size=512 * MB),
        ],
    )


def build(platform: Platform) -> datetime:
    """Insert the city and return the moment it was built at."""
    with platform.db.transaction() as tx:
        now = clock.now(tx)
        _people(tx)
        _project(tx, now)
        _tender(tx, "published", state="published", at=now - timedelta(days=21))
        _tender(tx, "draft", state="draft", at=None)
        _tender(tx, "approved", state="approved", at=None)
        _lots(tx, now)
        _documents(tx, platform, now)
        _versions(tx, platform, now)
        _openings(tx, platform, now)
        _publicity(tx, platform, now)
        tx.flush()
        _notices(tx, now)
        tell(tx, ["agency"], about="a", text="Candidates' publicity", href="/notices", at=now)
    return now


def _people(tx: Tx) -> None:
    for org_id, (name, uscc) in ORGANISATIONS.items():
        tx.add(Organisation(id=org_id, uscc=uscc, name=name))
    tx.flush()
    for user_id, (org_id, roles) in PEOPLE.items():
        name = ORGANISATIONS[org_id][0][:2] + "某"
        tx.add(User(id=user_id, username=user_id, name=name, org_id=org_id, password_hash=PASSWORDLESS))
        tx.flush()
        tx.add_all([UserRole(user_id=user_id, role=role) for role in roles])


def _project(tx: Tx, now: datetime) -> None:
    tx.add(
        Project(
            id="project-1",
            code="E3715000001000001",
            name="清河河道综合治理工程",
            category="water",
            tenderer_id="tenderer",
            agency_id="agency",
            regulator_id="regulator",
            registered_at=now - timedelta(days=30),
        )
    )
    tx.flush()


def _tender(tx: Tx, name: str, *, state: str, at: datetime | None) -> None:
    number = ("published", "draft", "approved").index(name) + 1
    title = {"published": "清河河道综合治理工程施工招标", "draft": "观测设备招标", "approved": "闸门采购招标"}
    tx.add(
        Tender(
            id=name,
            project_id="project-1",
            code=f"E3715000001000001{number:03d}",
            title=title[name],
            rule_set="demo",
            state=state,
            content=msgspec.to_builtins(content()),
            drafted_by="agency",
            approved_by=None if state == "draft" else "tenderer",
            published_at=at,
        )
    )
    tx.flush()


def _lots(tx: Tx, now: datetime) -> None:
    hour = timedelta(hours=1)
    lots = (
        ("open", "published", "open", now + hour),
        ("sealed", "published", "closed", now - timedelta(minutes=1)),
        ("done", "published", "publicity", now - 5 * hour),
        ("failed", "published", "failed", now - 5 * hour),
        ("draft-lot", "draft", "draft", None),
        ("approved-lot", "approved", "draft", None),
    )
    for number, (lot_id, tender, state, deadline) in enumerate(lots, 1):
        tx.add(
            Lot(
                id=lot_id,
                tender_id=tender,
                number=number,
                code=f"E3715000001000001001{number:03d}",
                name=f"第{number}标段 堤防护坡",
                round=1,
                state=state,
                max_price_fen=12_000_000_00,
                deposit_fen=200_000_00,
                deadline_at=deadline,
                opening_at=deadline,
                closed_at=deadline if state in ("closed", "failed", "publicity") else None,
            )
        )
        tx.flush()
        for index, role in enumerate(("centre", "tenderer", "regulator"), 1):
            given = {"opening": f"age1{index:058d}"} if tender == "published" else None
            tx.add(Custodian(lot_id=lot_id, index=index, role=role, org_id=role, recipients=given))
    tx.flush()


def _documents(tx: Tx, platform: Platform, now: datetime) -> None:
    for tender, name in (("published", '招标文件 "终版".pdf'), ("draft", "草稿.pdf")):
        data = PDF if tender == "published" else PDF + b"draft\n"
        key = f"tender/{tender}/{hashlib.sha256(data).hexdigest()}"
        platform.store.put_new(key, data)
        tx.add(
            Document(
                id=f"document-{tender}",
                tender_id=tender,
                kind="documents",
                name=name,
                sha256=hashlib.sha256(data).hexdigest(),
                size=len(data),
                store_key=key,
                created_at=now - timedelta(days=21),
            )
        )


def _versions(tx: Tx, platform: Platform, now: datetime) -> None:
    for name, state in (("published", "published"), ("draft", "prepared"), ("approved", "released")):
        tender, lots = tx.get_one(Tender, name), queries.lots_of(tx, name)
        terms = Terms(
            title=tender.title,
            content=content(),
            lots=[
                LotTerms(
                    number=lot.number,
                    name=lot.name,
                    max_price_fen=lot.max_price_fen,
                    deposit_fen=lot.deposit_fen,
                    bill=BILL if name == "published" and lot.id == "open" else None,
                )
                for lot in lots
            ],
        )
        files = [
            FileEntry(kind=row.kind, name=row.name, size=row.size, sha256=row.sha256)
            for row in queries.documents_of(tx, name)
        ]
        version = Version(
            tender_id=name,
            number=1,
            state=state,
            terms=msgspec.to_builtins(terms),
            terms_sha256=hashlib.sha256(manifests.canonical(terms)).hexdigest(),
            files=msgspec.to_builtins(files),
            reasons={},
            why="",
            prepared_by="agency",
            prepared_at=now - timedelta(days=22),
            released_by=None if state == "prepared" else "tenderer",
            released_at=None if state == "prepared" else now - timedelta(days=22),
        )
        if state == "published":
            version.published_at = tender.published_at
            context = queries.lot_context(tx, lots[0].id)
            payload = manifests.manifest_of(context, version, supersedes=None)
            signers = [platform.keys.receipt_signer]
            version.envelope = dsse.sign(manifests.MANIFEST_TYPE, payload, signers).encode()
            version.manifest_sha256 = hashlib.sha256(payload).hexdigest()
        tx.add(version)
    tx.flush()


def _openings(tx: Tx, platform: Platform, now: datetime) -> None:
    platform.store.put_new("opening/done", RECORD)
    for lot_id, state in (("sealed", "sealed"), ("done", "recorded"), ("failed", "failed")):
        lot = tx.get_one(Lot, lot_id)
        assert lot.deadline_at is not None
        done = state == "recorded"
        tx.add(
            Opening(
                lot_id=lot_id,
                round=1,
                state=state,
                closed_payload=b"{}",
                cp_size=64,
                bids_root=hashlib.sha256(lot_id.encode()).hexdigest(),
                eligible_count=2 if state == "failed" else 3,
                closed_at=lot.deadline_at,
                seal_check_until=lot.deadline_at,
                release_until=now + timedelta(minutes=9),
                store_verified_at=lot.deadline_at if done else None,
                read_out_at=lot.deadline_at + timedelta(minutes=3) if done else None,
                record_key="opening/done" if done else None,
                record_sha256=hashlib.sha256(RECORD).hexdigest() if done else None,
            )
        )
        tx.flush()
        if state != "failed":
            for number, price in enumerate(PRICES_FEN, 1):
                _bid(tx, lot_id, number, price if done else None, lot.deadline_at)
    for lot_id, custodian, seconds in (("sealed", 1, 30), ("done", 1, 17_900), ("done", 3, 17_890)):
        at = now - timedelta(seconds=seconds)
        row = {"sha256": "0" * 64, "wrapped": b"-"}
        tx.add(ShareRelease(lot_id=lot_id, custodian=custodian, opens="opening", received_at=at, **row))
    gate = now - timedelta(seconds=17_880)
    tx.add(GateRelease(lot_id="done", opens="opening", sha256="0" * 64, wrapped=b"-", released_at=gate))
    tx.flush()


def _bid(tx: Tx, lot_id: str, number: int, price_fen: int | None, deadline: datetime) -> None:
    digest = hashlib.sha256(f"{lot_id}{number}".encode()).hexdigest()
    received = deadline - timedelta(minutes=10 * number)
    tx.add(
        Bid(
            id=f"{lot_id}-{number}",
            lot_id=lot_id,
            round=1,
            bidder_tag=digest,
            seq=1,
            kind="bid",
            manifest_sha256=digest,
            idempotency_tag=digest,
            wrapped=b"-",
            leaf=digest,
            received_at=received,
        )
    )
    tx.flush()
    summary = {"price_fen": price_fen, "quality": "合格", "manager": f"项目经理{number}"}
    tx.add(
        OpeningBid(
            bid_id=f"{lot_id}-{number}",
            lot_id=lot_id,
            number=number,
            org_id=f"bidder-{number}",
            manifest_sha256=digest,
            envelope=b"-",
            received_at=received,
            state="sealed" if price_fen is None else "opened",
            summary=None if price_fen is None else summary,
        )
    )
    tx.flush()


def _publicity(tx: Tx, platform: Platform, now: datetime) -> None:
    at = now - timedelta(hours=1)
    tx.add(
        Committee(
            lot_id="done",
            round=1,
            state="adjourned",
            cause="appointed",
            reason="技术特别复杂",
            seated_by="centre",
            seated_at=at,
        )
    )
    tx.add(
        EvaluationRound(
            lot_id="done",
            number=1,
            began_at=at,
            criteria_sha256="",
            completed_at=at,
            report_key="evaluation/done",
            report_sha256="0" * 64,
        )
    )
    tx.add(
        Publicity(
            lot_id="done", round=1, published_by="agency", published_at=at, ends_at=now + timedelta(days=2)
        )
    )
    tx.flush()
    tx.add(
        Candidate(
            lot_id="done",
            bid_id="done-1",
            position=1,
            rank=1,
            org_id="bidder-1",
            bidder_name=ORGANISATIONS["bidder-1"][0],
            uscc=ORGANISATIONS["bidder-1"][1],
            price_fen=PRICES_FEN[0],
            total=9232,
            duration_days=171,
            quality="合格",
            manager="项目经理1",
            manager_certificate="鲁2370000001",
        )
    )
    platform.store.put_new("award/candidates", PDF + b"candidates\n")
    tx.add(
        Paper(
            n=0,
            id="paper-1",
            lot_id="done",
            kind="candidates",
            store_key="award/candidates",
            sha256=hashlib.sha256(PDF + b"candidates\n").hexdigest(),
            size=len(PDF) + 11,
            published_at=at,
        )
    )


def _notices(tx: Tx, now: datetime) -> None:
    """The notices of the published tender, as they were issued when each thing happened."""
    tender = tx.get_one(Tender, "published")
    lots = list(tx.scalars(select(Lot).where(Lot.tender_id == "published").order_by(Lot.number)))
    publish_tender_notice(tx, tender, lots, at=now - timedelta(days=21))
    for lot_id in ("failed", "done"):
        opening, lot = tx.get_one(Opening, lot_id), lot_context(tx, lot_id)
        if lot_id == "failed":
            publish_failure(tx, lot, count=opening.eligible_count, at=opening.closed_at)
        else:
            record = IssuedPaper(
                sha256=hashlib.sha256(RECORD).hexdigest(), size=len(RECORD), key="opening/done"
            )
            publish_record(tx, lot, opening, record, at=opening.closed_at + timedelta(minutes=3))
    paper = tx.get_one(Paper, "paper-1")
    publish_candidates(
        tx,
        lot_context(tx, "done"),
        candidates_of(tx, "done"),
        [],
        notice_id=paper.id,
        paper=StoredPaper(key=paper.store_key, sha256=paper.sha256, size=paper.size),
        starts_at=paper.published_at,
        ends_at=now + timedelta(days=2),
    )
