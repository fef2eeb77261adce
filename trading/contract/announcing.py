"""The public notices of a contract and of its acceptance."""

from __future__ import annotations

from datetime import datetime

import msgspec

from govcore.audit.entries import time_text
from govcore.db import Tx
from trading.contract.models import Contract
from trading.contract.schemas import ContractDocument
from trading.notices.policy import NoticeKind
from trading.notices.service import StoredPaper
from trading.tender.announcing import publish_notice
from trading.tender.queries import LotContext


def publish_contract(tx: Tx, lot: LotContext, row: Contract, *, at: datetime) -> str:
    """Publish parties, amount, object and dates, with the contract itself (政府采购法实施条例 art. 50)."""
    said, signed_at = _document(row), row.signed_at
    assert signed_at is not None  # only a binding contract is published
    notice = publish_notice(
        tx,
        lot,
        kind=NoticeKind.CONTRACT,
        lot_ids=[lot.lot_id],
        fields={
            "parties": [said.tenderer.name, said.supplier.name],
            "contract_no": said.number,
            "price_fen": said.amount_fen,
            "object": said.object,
            "signed_at": time_text(signed_at),
            "term": f"{said.duration_days} 日历天",
        },
        paper=StoredPaper(key=row.store_key, sha256=row.pdf_sha256, size=row.pdf_size),
        at=at,
    )
    return notice.id


def publish_acceptance(
    tx: Tx, lot: LotContext, row: Contract, *, passed: bool, text: str, at: datetime
) -> str:
    """Publish what the acceptance found (政府采购法实施条例 art. 45)."""
    said = _document(row)
    notice = publish_notice(
        tx,
        lot,
        kind=NoticeKind.ACCEPTANCE,
        lot_ids=[lot.lot_id],
        fields={
            "parties": [said.tenderer.name, said.supplier.name],
            "contract_no": said.number,
            "accepted_at": time_text(at),
            "conclusion": f"{'验收合格' if passed else '验收不合格'}：{text.strip()}",
        },
        at=at,
    )
    return notice.id


def _document(row: Contract) -> ContractDocument:
    return msgspec.json.decode(row.payload, type=ContractDocument)
