"""A tender's papers, set from its content when it is drafted: the notice and the tender documents."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from govcore.db import Tx
from govcore.pdf.blocks import Contact
from govcore.pdf.document import DEMO_WATERMARK
from govcore.storage import Store
from trading.tender import queries
from trading.tender.models import Custodian, Lot, Tender
from trading.tender.papers import (
    BidPart,
    CriterionRow,
    NoticeLot,
    TenderDocuments,
    TenderNotice,
    tender_documents,
    tender_notice,
)
from trading.tender.queries import OrgRef
from trading.tender.rules import rule_set
from trading.tender.schemas import PriceRule, TenderContent
from trading.tender.service import file_document

CENTRE = "公共资源交易中心"
"""What papers call the centre where no name is set."""

ROLES = {"centre": "公共资源交易中心", "tenderer": "招标人代表", "regulator": "行政监督部门"}
PRICE_TEXTS = {
    "low_price_first": (
        "以通过评审的最低投标报价为评标基准价，得满分。",
        "其他投标人的价格分＝评标基准价÷投标报价×价格分满分。",
    ),
    "benchmark_mean": (
        "以通过评审的投标报价的算术平均值为评标基准价。",
        "报价每高于基准价百分之一扣 {e1} 分，每低于百分之一扣 {e2} 分，扣完为止。",
    ),
}


def set_papers(tx: Tx, store: Store, tender: Tender, *, at: datetime) -> None:
    """Render notice and documents and file them with the tender."""
    lots = queries.lots_of(tx, tender.id)
    notice = _notice(tx, tender, lots)
    rules = rule_set(tender.rule_set)
    mark = None if rules.lawful else DEMO_WATERMARK
    content = queries.content_of(tender)
    seats = queries.custodians_of(tx, lots[0].id)
    book = TenderDocuments(
        notice=notice,
        version=1,
        validity_days=content.validity_days,
        method="综合评估法",
        criteria=_criteria(content),
        price_rule=_price_rule(content.price),
        parts=[
            BidPart(name=part.label, max_size=part.max_size, max_files=part.max_files, types=part.types)
            for part in content.parts
        ],
        custodians=[_custodian(seat) for seat in seats],
        threshold=rules.custodians.k,
    )
    papers = {
        "notice": ("招标公告.pdf", tender_notice(notice, watermark=mark)),
        "documents": ("招标文件.pdf", tender_documents(book, watermark=mark)),
    }
    for kind, (name, content_bytes) in papers.items():
        file_document(tx, store, tender, kind=kind, name=name, content=content_bytes, at=at)


def _custodian(seat: Custodian) -> str:
    return f"{seat.index}号保管人：{ROLES.get(seat.role, seat.role)}"


def _notice(tx: Tx, tender: Tender, lots: list[Lot]) -> TenderNotice:
    context = queries.lot_context(tx, lots[0].id)
    content = context.content
    return TenderNotice(
        centre=tx.info["settings"].centre or CENTRE,
        project=tender.title,
        project_code=tender.code,
        tenderer=_contact(context.tenderer),
        agency=_contact(context.agency, content.contact),
        regulator=_contact(context.regulator),
        funds=content.funds,
        location=content.location,
        scope=content.scope,
        qualification=[line for line in content.qualification.splitlines() if line],
        consortium=content.consortium,
        lots=[
            NoticeLot(
                name=lot.name,
                code=lot.code,
                max_price_fen=lot.max_price_fen,
                deposit_fen=lot.deposit_fen,
                duration_days=content.duration_days,
            )
            for lot in lots
        ],
        documents_url=f"/tenders/{tender.id}",
        submission_url=f"/tenders/{tender.id}",
    )


def _contact(organisation: OrgRef, person: str = "") -> Contact:
    return Contact(name=organisation.name, person=person)


def _criteria(content: TenderContent) -> list[CriterionRow]:
    rows = []
    for criterion in content.criteria:
        for item in criterion.items:
            points = Decimal(item.max_points)
            rows.append(
                CriterionRow(
                    section=criterion.label, item=item.label, max_points=points, rule="评委在分值内独立评分"
                )
            )
        if not criterion.items:
            rule = "按价格分计算办法计算"
            points = Decimal(criterion.max_points)
            rows.append(
                CriterionRow(section=criterion.label, item=criterion.label, max_points=points, rule=rule)
            )
    return rows


def _price_rule(price: PriceRule) -> list[str]:
    return [sentence.format(e1=price.e1, e2=price.e2) for sentence in PRICE_TEXTS[price.method]]
