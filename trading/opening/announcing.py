"""The public notices of an opening: its record, or that the lot failed."""

from __future__ import annotations

from datetime import datetime

from govcore.audit.entries import time_text
from govcore.db import Tx
from govcore.identity import queries as identity
from govcore.identity.policy import Role
from govcore.notify.service import tell
from govcore.seals.uses import IssuedPaper
from trading.notices.policy import NoticeKind
from trading.notices.service import StoredPaper
from trading.opening import consortia
from trading.opening.models import Opening, OpeningBid
from trading.opening.policy import BidState
from trading.opening.queries import bids_of
from trading.procedure.policy import Parameter
from trading.procedure.words import cited
from trading.tender.announcing import lot_rows, publish_notice
from trading.tender.queries import LotContext
from trading.tender.schemas import TenderContent

STATES = {
    BidState.SEALED: "未开启",
    BidState.OPENED: "已解密",
    BidState.REVOKED: "视为撤销（{w.bidder}原因未解密）",
    BidState.WITHDRAWN: "视为撤回（非{w.bidder}原因未解密）",
    BidState.VOID: "无效",
}
TOO_FEW = "至{w.deadline}，提交{w.bid}的{w.bidder}为 {count} 个，少于 {needed} 个，依法不予开标。"
TOO_FEW_OPENED = "解密结束后，成功开启的{w.bid}为 {count} 份，少于 {needed} 份，不进入{w.evaluation}。"
TOO_FEW_RESPONSES = (
    "至截止时间，提交首次响应文件的供应商为 {count} 家，少于 {needed} 家，"
    "依据{basis}终止本次竞争性磋商采购活动。"
)
TOO_FEW_OFFERS = (
    "至截止时间，提交最后报价的供应商为 {count} 家，少于 {needed} 家，依据{basis}终止本次竞争性磋商采购活动。"
)
NEXT_OPENED = "{w.tenderer}分析原因后依法{w.again}；保证金退还，但因{w.bidder}原因未解密的除外。"
NEXT = "已提交的{w.bid}未解密，开标密钥已销毁。{w.tenderer}分析原因后依法{w.again}。"
"""What the notices say, in the words `w` of the procedure."""


def publish_record(tx: Tx, lot: LotContext, opening: Opening, paper: IssuedPaper, *, at: datetime) -> None:
    """Publish the record of a stage (电子招标投标办法 art. 32); each stage has its own."""
    publish_notice(
        tx,
        lot,
        kind=NoticeKind.OPENING,
        lot_ids=[lot.lot_id],
        fields={
            "lots": lot_rows([lot]),
            "opened_at": time_text(opening.read_out_at or at),
            "bids": [_row(tx, lot, bid) for bid in bids_of(tx, lot.lot_id)],
        },
        paper=StoredPaper(key=paper.key, sha256=paper.sha256, size=paper.size),
        at=at,
    )


def publish_failure(
    tx: Tx,
    lot: LotContext,
    *,
    count: int,
    reason: str = "",
    next_step: str = NEXT,
    least: Parameter | None = None,
    at: datetime,
) -> None:
    """Publish that too few bids came, or what else is said (招标投标法 art. 28): how many, never whose.

    `least` is the rule of another stage than the deadline's.
    """
    least = least or lot.least_received
    publish_notice(
        tx,
        lot,
        kind=NoticeKind.FAILURE,
        lot_ids=[lot.lot_id],
        fields={
            "lots": lot_rows([lot]),
            "reason": (reason or _too_few(lot.content)).format(
                count=count, needed=least.number, basis=cited(least), w=lot.words
            ),
            "next_step": next_step.format(w=lot.words),
        },
        at=at,
    )


def tell_of_prices(tx: Tx, lot: LotContext, *, at: datetime) -> None:
    """Tell all whose first envelope was opened that the prices of the second ones were read out."""
    bidders = {bid.org_id for bid in bids_of(tx, lot.lot_id)}
    tell(
        tx,
        [user for org in bidders for user in identity.users_with_role(tx, Role.BIDDER, org_id=org)],
        about=f"opening.prices/{lot.lot_id}",
        text="{title}, {lot}: the prices of the second envelopes were read out.",
        data={"title": lot.title, "lot": lot.lot_name},
        href=f"/lots/{lot.lot_id}/opening",
        at=at,
    )


def _too_few(content: TenderContent) -> str:
    """The reason in the words of the procedure (财库〔2014〕214号 art. 21, 34)."""
    if content.procedure == "tender":
        return TOO_FEW
    return TOO_FEW_OFFERS if content.final else TOO_FEW_RESPONSES


def _row(tx: Tx, lot: LotContext, bid: OpeningBid) -> dict[str, object]:
    """A bid as it was read out, without the people whom it names."""
    bidder, said = identity.organisation(tx, bid.org_id), bid.summary or {}
    return {
        "bidder": consortia.name_of(bid, bidder.name),
        "uscc": bidder.uscc,
        "price_fen": said.get("price_fen"),
        "quality": said.get("quality"),
        "duration_days": said.get("duration_days"),
        "state": STATES[BidState(bid.state)].format(w=lot.words),
    }
