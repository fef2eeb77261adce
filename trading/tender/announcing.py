"""From a tender to its public notices: what every one of them says, and the first of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from govcore.audit.entries import time_text
from govcore.calendar.queries import calendar_of
from govcore.clock import end_text
from govcore.db import Tx
from govcore.module import EventType
from govcore.pdf.figures import stamp
from trading.notices import feed
from trading.notices.models import Notice
from trading.notices.policy import NoticeKind, Regime
from trading.notices.service import StoredPaper, issue
from trading.procedure.deadlines import window_end
from trading.tender import queries
from trading.tender.grounds import ground_text
from trading.tender.models import Document, Lot, Tender
from trading.tender.policy import TenderState
from trading.tender.queries import LotContext, OrgRef
from trading.tender.schemas import TenderContent

DOCUMENTS = "平台免费下载，无须登记或者报名：{address}"
SUBMISSION = "加密后通过平台递交，逾期、未加密的不予接收：{address}"
PLATFORM = "{centre}电子交易平台：{address}"
NO_DEPOSIT = "资格预审申请不收取保证金；{w.lot}表所列为后续阶段拟定金额"
DEADLINE_ITEM = "{w.deadline}及开标时间"
MOVED = "{w.notice}（{code}）"
NOTICE_PERIOD = "{days}个工作日，至{until}（北京时间）止"
DEPOSIT = "各{w.lot}金额见{w.lot}表；银行转账、银行保函、保证保险、担保公司保函均可，形式由{w.bidder}自主选择"


def publish_notice(
    tx: Tx,
    lot: LotContext,
    *,
    kind: NoticeKind,
    lot_ids: Sequence[str],
    fields: Mapping[str, object],
    at: datetime,
    paper: StoredPaper | None = None,
    supersedes: str | None = None,
    publisher: OrgRef | None = None,
    notice_id: str | None = None,
    actor: str = "system",
) -> Notice:
    """Issue a notice about a published tender, or about some of its lots when `lot_ids` names these.

    Project, parties and contact are filled in; a notice about one lot bears its name. The tenderer publishes where
    nobody else does.
    """
    one = f" · {lot.lot_name}" if list(lot_ids) == [lot.lot_id] else ""
    return issue(
        tx,
        kind=kind,
        tender_id=lot.tender_id,
        round=lot.round,
        lot_ids=lot_ids,
        title=lot.title + one,
        category=lot.category,
        region=lot.region,
        fields={**parties(lot), **fields},
        paper=paper,
        supersedes=supersedes,
        publisher_id=(publisher or lot.tenderer).id,
        notice_id=notice_id,
        regime=Regime(lot.rule_set.regime.value),
        actor=actor,
        at=at,
    )


def note_public(tx: Tx, event: EventType, subjects: Sequence[str]) -> None:
    """Owe the feed each public event of a published tender or its lots; of bids and drafts it tells nothing."""
    if event.subject == "tender":
        query = select(Tender.id.label("id"), Tender.id.label("tender_id")).where(Tender.id.in_(subjects))
    elif event.subject == "lot":
        query = (
            select(Lot.id, Lot.tender_id).join(Tender, Tender.id == Lot.tender_id).where(Lot.id.in_(subjects))
        )
    else:
        return
    subject: feed.Subject = "tender" if event.subject == "tender" else "lot"
    for row in tx.execute(query.where(Tender.state == TenderState.PUBLISHED)):
        feed.note(tx, subject, row.id, tender_id=row.tender_id, change=event.name)


def parties(lot: LotContext) -> dict[str, object]:
    """What every notice says of whose tender it is."""
    return {
        "project": lot.project_name,
        "project_code": lot.project_code,
        "tender_code": lot.tender_code,
        "tenderer": lot.tenderer.name,
        "agency": lot.agency.name,
        "regulator": lot.regulator.name,
        "contact": lot.content.contact,
    }


def lot_rows(lots: Sequence[LotContext]) -> list[dict[str, object]]:
    """The lots as a notice's table."""
    return [
        {
            "code": lot.lot_code,
            "name": lot.lot_name,
            "max_price_fen": lot.max_price_fen,
            "deposit_fen": lot.deposit_fen,
            "duration_days": lot.content.duration_days,
            "deadline_at": time_text(lot.deadline_at) if lot.deadline_at else None,
        }
        for lot in lots
    ]


def publish_tender_notice(
    tx: Tx, tender: Tender, lots: Sequence[Lot], *, budget_fen: int | None = None, at: datetime
) -> None:
    """Issue the notice of a round that is published now, on the paper that was approved with it.

    A call for final offers is no notice: it goes to those who remained, and to nobody else.
    """
    contexts = [queries.lot_context(tx, lot.id) for lot in lots]
    if contexts[0].content.final:
        return
    publish_notice(
        tx,
        contexts[0],
        kind=_kind(contexts[0].content),
        lot_ids=[],
        fields=_tender_fields(tx, contexts) | purchase_fields(tx, contexts[0], budget_fen=budget_fen, at=at),
        paper=_approved_paper(tx, tender.id),
        at=at,
    )


def _kind(content: TenderContent) -> NoticeKind:
    if content.prequalifies:
        return NoticeKind.PREQUALIFICATION
    return NoticeKind.CONSULTATION if content.procedure == "consultation" else NoticeKind.TENDER


def _tender_fields(tx: Tx, lots: Sequence[LotContext]) -> dict[str, object]:
    content, settings = lots[0].content, tx.info["settings"]
    address = f"{settings.site_url}/tenders/{lots[0].tender_id}"
    return {
        "scope": content.scope,
        "location": content.location,
        "funds": content.funds,
        "lots": lot_rows(lots),
        "qualification": [line for line in content.qualification.splitlines() if line.strip()],
        "consortium": content.consortium,
        "documents": DOCUMENTS.format(address=address),
        "documents_price_fen": 0,
        "submission": SUBMISSION.format(address=address),
        "deposit": DEPOSIT.format(w=lots[0].words),
        "platform": PLATFORM.format(centre=settings.centre, address=settings.site_url or "/"),
    } | (_applications(lots[0]) if content.prequalifies else {})


def _applications(lot: LotContext) -> dict[str, object]:
    """What a prequalification notice says of its own: until when one applies; no deposit is asked for."""
    assert lot.deadline_at is not None  # a round is published with its schedule
    return {"deadline_at": time_text(lot.deadline_at), "deposit": NO_DEPOSIT.format(w=lot.words)}


def purchase_fields(tx: Tx, lot: LotContext, *, budget_fen: int | None, at: datetime) -> dict[str, object]:
    """What the notice that begins a government purchase says besides: budget, policies and its period (G01)."""
    if Regime(lot.rule_set.regime.value) is not Regime.GP:
        return {}
    period = lot.rule_set["G01"].number
    until = window_end(lot.rule_set, "G01", at, calendar=calendar_of(tx)).at
    return {
        "budget_fen": budget_fen,
        "policies": lot.content.policies,
        "notice_period": NOTICE_PERIOD.format(days=period, until=end_text(until)),
    } | consulted(lot)


def consulted(lot: LotContext) -> dict[str, object]:
    """What notices of a consultation say of its ground; nothing for a tender."""
    said = ground_text(lot.content, lot.rule_set)
    return {"ground": said} if said else {}


def _approved_paper(tx: Tx, tender_id: str) -> StoredPaper | None:
    query = select(Document).where(Document.tender_id == tender_id, Document.kind == "notice")
    document = tx.scalar(query.order_by(Document.created_at.desc()).limit(1))
    if document is None:
        return None
    return StoredPaper(key=document.store_key, sha256=document.sha256, size=document.size)


def publish_move(tx: Tx, lot: LotContext, *, old: datetime, new: datetime, at: datetime) -> None:
    """Publish that a deadline was moved, old and new."""
    change = {"item": DEADLINE_ITEM.format(w=lot.words), "old": stamp(old), "new": stamp(new)}
    fields = {"reference": MOVED.format(code=lot.tender_code, w=lot.words), "changes": [change]}
    publish_notice(tx, lot, kind=NoticeKind.CHANGE, lot_ids=[lot.lot_id], fields=fields, at=at)


def move_notice(tx: Tx, lot: LotContext, *, new: datetime) -> str | None:
    """The notice that told of this move, for what is published about it later."""
    query = select(Notice).where(Notice.tender_id == lot.tender_id, Notice.kind == NoticeKind.CHANGE)
    for row in tx.scalars(query.order_by(Notice.published_at.desc())):
        if row.lot_ids == [lot.lot_id] and row.fields["changes"][0]["new"] == stamp(new):
            return row.id
    return None
