"""Papers of one fictional tender, filled from plain values."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from govcore.pdf.blocks import CheckCode, Contact
from trading.award import papers as award
from trading.bidding import papers as bidding
from trading.documents import book_paper as book
from trading.evaluation import papers as evaluation
from trading.opening import papers as opening
from trading.procedure.paper_words import PURCHASE
from trading.supervision import papers as supervision
from trading.tender import notice_paper as tender

CENTRE = "临川市公共资源交易中心"
PROJECT = "临川市清水河治理工程（一期）"
PROJECT_CODE = "E3799000001000001001"
LOT_CODE = "E3799000001000001001001"
T = datetime(2026, 12, 1, 1, tzinfo=UTC)
CHECK = CheckCode("7K2M-9QPX-41", "https://jy.lc.example/check")
TENDERER = Contact(
    name="临川市清水河治理工程建设处", address="临川市河滨路1号", person="王某", phone="0000-1000001"
)
AGENCY = Contact(
    name="临川衡正招标代理有限公司", address="临川市文昌路8号", person="陈某", phone="0000-1000002"
)
REGULATOR = Contact(name="临川市水利局", phone="0000-1000003")
BIDDERS = ("临川江河水利工程有限公司", "东岭市恒源水电建设集团有限公司", "西泽市安澜建筑工程有限公司")


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def uscc(number: int) -> str:
    return f"91379900MA3TEST{number:02d}X"


NOTICE = tender.TenderNotice(
    centre=CENTRE,
    project=PROJECT,
    project_code=PROJECT_CODE,
    tenderer=TENDERER,
    agency=AGENCY,
    regulator=REGULATOR,
    funds="市级财政资金，已落实",
    location="临川市清水河干流桩号0+000至8+600段",
    scope="河道疏浚8.6公里、护坡加固12.4公里、新建节制闸2座。",
    qualification=["具有水利水电工程施工总承包三级及以上资质。", "未被列入严重失信主体名单。"],
    consortium=False,
    lots=[
        tender.NoticeLot(
            name="第1标段",
            code=LOT_CODE,
            max_price_fen=1_060_000_000,
            deposit_fen=20_000_000,
            duration_days=300,
            deadline_at=T,
        ),
        tender.NoticeLot(
            name="第2标段",
            code="E3799000001000001001002",
            max_price_fen=640_000_000,
            deposit_fen=12_000_000,
            duration_days=240,
        ),
    ],
    documents_url="https://jy.lc.example/t/1",
    submission_url="https://jy.lc.example/t/1/bid",
    approval="临川市发展和改革委员会以临发改审〔2026〕18号文",
    documents_from=T - timedelta(days=21),
    documents_until=datetime(2026, 11, 30, 16, tzinfo=UTC),
    media=["中国招标投标公共服务平台"],
    published_at=T - timedelta(days=21),
    check=CHECK,
)

PURCHASE_NOTICE = replace(
    NOTICE,
    scope="雷达水位计 12 套、雨量站 30 座。",
    location="临川市水文中心",
    tenderer=Contact(name="临川市水文中心", address="临川市河滨路2号", person="王某", phone="0000-1000004"),
    agency=Contact(name="临川衡正采购服务有限公司", person="陈某", phone="0000-1000002"),
    regulator=Contact(name="临川市财政局", phone="0000-1000005"),
    qualification=["具有独立承担民事责任的能力。"],
    lots=[replace(NOTICE.lots[0], name="第1包", scope="雷达水位计")],
    kind="货物",
    budget_fen=1_100_000_000,
    policies=["专门面向小型、微型企业采购。"],
    period_days=5,
    words=PURCHASE,
)

DOCUMENTS = book.TenderDocuments(
    notice=NOTICE,
    version=1,
    validity_days=90,
    change="15日",
    method="综合评估法",
    criteria=[
        book.CriterionRow(
            section="技术部分",
            item="施工组织设计",
            max_points=Decimal(40),
            rule="优得32—40分，其他得0—31.99分。",
        ),
        book.CriterionRow(
            section="信用与业绩", item="信用评价", max_points=Decimal(10), rule="AAA级得10分，其他得5分。"
        ),
        book.CriterionRow(section="投标报价", item="投标报价", max_points=Decimal(50), rule="低价优先法。"),
    ],
    price_rule=["报价得分 ＝（最低有效投标报价 ÷ 投标报价）× 50。"],
    parts=[
        book.BidPart(name="开标一览表", max_size=1 << 20, max_files=1),
        book.BidPart(name="技术文件", max_size=1 << 30, max_files=200, types=("pdf", "xlsx")),
    ],
    custodians=["交易中心", "招标人代表", "行政监督部门"],
    threshold=2,
    least=3,
    bill=[book.BillItem(number="500101001", name="土方开挖", unit="m³", quantity="42,000")],
    technical=[("1. 一般要求", ["汛期服从防汛指挥机构的统一调度。"])],
)


def row(number: int, *, opened: bool = True) -> opening.OpeningRow:
    sealed = opening.OpeningRow(
        number=number,
        bidder=BIDDERS[number - 1],
        uscc=uscc(number),
        received_at=T - timedelta(minutes=number),
        receipt_no=f"R-{digest(str(number))[:12]}",
        manifest_sha256=digest(f"manifest {number}"),
        opened=False,
        parts=[bidding.SealedPart(name="技术文件", size=1_234_567, sha256=digest(f"part {number}"))],
    )
    if not opened:
        return sealed
    return replace(
        sealed,
        opened=True,
        price_fen=987_654_321,
        duration_days=290,
        quality="合格",
        manager="赵某",
        manager_certificate="测137202600001",
        deposit_form="电子保函",
        deposit_fen=20_000_000,
    )


RECORD = opening.OpeningRecord(
    centre=CENTRE,
    project=PROJECT,
    project_code=PROJECT_CODE,
    lot="第1标段",
    lot_code=LOT_CODE,
    tenderer=TENDERER.name,
    agency=AGENCY.name,
    place="网上开标大厅",
    host="陈某",
    deadline_at=T,
    opened_at=T + timedelta(seconds=1),
    max_price_fen=1_060_000_000,
    rows=[
        row(1),
        row(2),
        replace(row(3, opened=False), code="E_PART_TRUNCATED", attribution="投标人原因"),
    ],
    releases=[("交易中心", T + timedelta(seconds=65)), ("时间门", T + timedelta(seconds=1))],
    attendance=[("招标代理机构", AGENCY.name, "陈某", T - timedelta(minutes=20))],
    objections=[
        opening.Objection(
            about="开标",
            bidder="东岭市恒源水电建设集团有限公司",
            raised_at=T + timedelta(seconds=70),
            text="请说明最高投标限价。",
            answer="见招标公告。",
            answered_at=T + timedelta(seconds=95),
        )
    ],
    log_size=1234,
    log_root=digest("log"),
    bids_root=digest("bids"),
    check=CHECK,
)
FAILED_RECORD = replace(RECORD, rows=[row(1, opened=False), row(2, opened=False)], releases=[], objections=[])

RECEIPT = bidding.BidReceipt(
    centre=CENTRE,
    receipt_no="R-0123456789ab",
    tenderer="临湖市水利工程建设中心",
    project=PROJECT,
    lot="第1标段",
    lot_code=LOT_CODE,
    bidder=BIDDERS[0],
    uscc=uscc(1),
    sequence=2,
    received_at=T - timedelta(minutes=20),
    deadline_at=T,
    manifest_sha256=digest("manifest 1"),
    parts=row(1).parts,
    log_leaf=digest("leaf"),
    promised_by=T,
    signed_by=digest("key"),
    signature="MEUCIQDexample==",
    message='{"payload":"e30=","payloadType":"application/vnd.bidseal.receipt+json","signatures":[]}',
    check=CHECK,
)

REPORT = evaluation.EvaluationReport(
    centre=CENTRE,
    project=PROJECT,
    project_code=PROJECT_CODE,
    lot="第1标段",
    lot_code=LOT_CODE,
    tenderer=TENDERER.name,
    agency=AGENCY.name,
    regulator=REGULATOR.name,
    method="综合评估法",
    opened_at=T,
    started_at=T + timedelta(hours=1),
    finished_at=T + timedelta(hours=3),
    place="评标室3",
    max_price_fen=1_060_000_000,
    members=[
        evaluation.Member(name=f"专家{letter}", role="水利工程专家", leader=letter == "A", locked_at=T)
        for letter in "ABCDE"
    ],
    criteria=[("技术部分", Decimal(40)), ("投标报价", Decimal(50))],
    gates=[evaluation.Gate(bidder=BIDDERS[2], check="最高投标限价", passed=False, reason="高于最高投标限价")],
    sections=[
        evaluation.SectionPoints(
            bidder=BIDDERS[0],
            label="技术部分",
            max_points=Decimal(40),
            items=[
                evaluation.ItemPoints(
                    label="施工组织设计",
                    max_points=Decimal(25),
                    points=[Decimal(text) for text in ("21", "22", "23.5", "20", "24")],
                ),
                evaluation.ItemPoints(label="质量措施", max_points=Decimal(15), points=[Decimal(12)] * 5),
            ],
            result=Decimal("34.166"),
        )
    ],
    price_rule=["低价优先法。"],
    prices=[
        evaluation.PricePoints(bidder=BIDDERS[0], price_fen=987_654_321, points=Decimal(50)),
        evaluation.PricePoints(
            bidder=BIDDERS[1], price_fen=1_000_000_000, points=Decimal("49.38"), deviation=Decimal("1.25")
        ),
    ],
    ranking=[
        evaluation.Ranked(
            bidder=BIDDERS[0],
            price_fen=987_654_321,
            rank=1,
            parts=[Decimal("34.17"), Decimal(50)],
            total=Decimal("84.17"),
        ),
        evaluation.Ranked(
            bidder=BIDDERS[1],
            price_fen=1_000_000_000,
            rank=2,
            parts=[Decimal(30), Decimal("49.38")],
            total=Decimal("79.38"),
        ),
        evaluation.Ranked(bidder=BIDDERS[2], price_fen=1_070_000_000, invalid="高于最高投标限价"),
    ],
    aggregation="去掉一个最高分和一个最低分后取平均值。",
    hashes=[("评标结果数据", digest("result"))],
    check=CHECK,
)

SUBJECT = award.Subject(
    centre=CENTRE,
    project=PROJECT,
    project_code=PROJECT_CODE,
    lot="第1标段",
    lot_code=LOT_CODE,
    tenderer=TENDERER,
    agency=AGENCY,
    regulator=REGULATOR,
    opened_at=T,
)
WINNER = award.Candidate(
    rank=1,
    name=BIDDERS[0],
    uscc=uscc(1),
    price_fen=987_654_321,
    total=Decimal("84.165"),
    duration_days=290,
    quality="合格",
    manager="赵某",
    manager_certificate="测137202600001",
)
PUBLICITY = award.CandidatePublicity(
    subject=SUBJECT,
    candidates=[WINNER, replace(WINNER, rank=2, name=BIDDERS[1], uscc=uscc(2))],
    starts_at=datetime(2026, 12, 2, 16, tzinfo=UTC),
    ends_at=datetime(2026, 12, 7, 16, tzinfo=UTC),
    rejected=[(BIDDERS[2], "高于最高投标限价")],
    check=CHECK,
)
AWARD = award.AwardNotice(
    number="LC-2026-1",
    subject=SUBJECT,
    winner=WINNER,
    issued_on=date(2026, 12, 8),
    contract_by=date(2027, 1, 7),
    performance_bond_fen=98_765_432,
    check=CHECK,
)
RESULT = award.ResultNotice(
    subject=SUBJECT,
    winner=WINNER,
    publicity_from=PUBLICITY.starts_at,
    publicity_until=PUBLICITY.ends_at,
    published_at=datetime(2026, 12, 8, 1, tzinfo=UTC),
    check=CHECK,
)

PURCHASE_RESULT = replace(
    RESULT,
    subject=replace(SUBJECT, words=PURCHASE),
    publicity_from=None,
    publicity_until=None,
    experts=["甲某", "乙某"],
    goods=[("雷达水位计", "量程30m", "12 套", 450_000)],
    notice_until=datetime(2026, 12, 9, 16, tzinfo=UTC),
)

ACT = supervision.Misconduct(
    centre=CENTRE,
    project=PROJECT,
    lot="第1标段",
    lot_code=LOT_CODE,
    subject=AGENCY.name,
    subject_uscc=uscc(9),
    category="开标准备不及时",
    grade="一般",
    occurred_at=T,
    facts=["该公司项目负责人迟到17分钟。"],
    basis=["《中华人民共和国招标投标法》第十五条。"],
    recorded_by="巡查员甲",
    statement="当日道路拥堵。",
    statement_at=T + timedelta(days=1),
    evidence=[supervision.Evidence("巡查记录.pdf", digest("patrol"))],
)
CIRCULATED = supervision.CirculatedNotice(
    number="临川公资通〔2026〕1号",
    dated=date(2026, 12, 8),
    recipients="各招标代理机构",
    misconduct=ACT,
    handling="决定对该公司予以通报。",
    requirements=["各招标代理机构要引以为戒。"],
    copies="临川市水利局",
    check=CHECK,
)
LETTER = supervision.SupervisorLetter(
    number="临川公资函〔2026〕1号",
    dated=date(2026, 12, 8),
    department="临川市水利局",
    misconduct=ACT,
    suggestion=["建议贵局依照职责核实处理。"],
    reply_due=date(2026, 12, 22),
    contact="联系人：李某；联系电话：0000-1234567",
    check=CHECK,
)
