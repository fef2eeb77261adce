"""The opening record (开标记录): made once from what was opened, kept write-once, its hash in the log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select

from bidding_docs.manifests import BidManifest
from govcore import clock
from govcore.db import Tx
from govcore.pdf.blocks import CheckCode
from govcore.pdf.document import DEMO_WATERMARK
from govcore.pdf.figures import money
from govcore.platform import Platform
from govcore.seals import sealing
from govcore.seals.uses import UseOrder, finish_use
from guarantees.queries import SYSTEM, securities_of_lot
from guarantees.schemas import Security
from trading.bidding import queries as bidding
from trading.bidding.papers import SealedPart
from trading.documents.papers import CENTRE, custodian_name
from trading.draws import queries as draws
from trading.draws.policy import Purpose
from trading.opening import base_prices, hall_bids, hall_queries, participation, queries
from trading.opening.announcing import publish_record
from trading.opening.hall import announce
from trading.opening.hall_queries import Floor, ObjectionShown
from trading.opening.models import Attribution, Opening, OpeningBid
from trading.opening.moves import move_opening
from trading.opening.papers import Objection, OpeningRecord, OpeningRow, opening_record
from trading.opening.policy import RECORD_PAPER, BidState, FindingCode, OpeningMove, OpeningState
from trading.procedure.paper_words import PaperWords
from trading.tender.grounds import ground_text
from trading.tender.queries import LotContext, custodian_org

FINDING_TEXTS = {
    FindingCode.DOUBLE: "投标无效：联合体成员重复投标",
    FindingCode.CHANGED: "投标无效：资格预审后联合体成员变更",
    FindingCode.CONFLICT: "投标无效：联合体成员与{w.tenderer}等存在利害关系",
    FindingCode.NOT_ADMITTED: "{w.documents}不接受联合体",
    FindingCode.UNSIGNED: "联合体名单未经全体成员签名",
    FindingCode.UNREADABLE: "联合体名单无法识别",
}
"""What the record says of a bid's parties (实施条例 art. 34, 37, 51)."""


def write_record(platform: Platform, lot_id: str) -> None:
    """Render, seal and store the record when it is due, then note its hash; the same content has the same key.

    Something said in the hall meanwhile belongs on the record: then the next sweep writes it.
    """
    with platform.db.read() as tx:
        hall, floor = hall_queries.hall_and_floor(tx, lot_id)
        opening = tx.get_one(Opening, lot_id)
        if base_prices.waits(tx, hall.lot, opening):
            return
        if not participation.record_due(tx, opening, at=clock.now(tx)):
            return
        order = _order(tx, platform, hall, floor, opening)
        record = _paper(tx, hall, floor, opening, check=sealing.check_of(platform, order))
    pdf = opening_record(record, watermark=None if hall.lot.rule_set.lawful else DEMO_WATERMARK)
    paper = sealing.issue(platform, pdf, order)
    with platform.db.transaction() as tx:
        query = select(Opening).where(Opening.lot_id == lot_id, Opening.state == OpeningState.READ_OUT)
        row = tx.scalar(query.with_for_update())
        if row is None or hall_queries.hall_facts(tx, lot_id, after=floor.seq):
            return
        at = clock.now(tx)
        move_opening(tx, row, OpeningMove.WRITE_RECORD, at=at)
        row.record_key, row.record_sha256 = paper.key, paper.sha256
        finish_use(tx, paper, at=at)
        data = {"lot": hall.lot.lot_code, "opens": row.opens, "record_sha256": paper.sha256}
        announce(tx, "opening.recorded", lot_id=lot_id, at=at, data=data)
        if hall.lot.content.reads_out:
            publish_record(tx, hall.lot, row, paper, at=at)


def _base_price(hall: queries.Hall) -> str | None:
    if hall.base_price_at is None:
        return None
    return "已密封的标底损坏，无法读取" if hall.base_price_fen is None else f"{money(hall.base_price_fen)} 元"


def _order(tx: Tx, platform: Platform, hall: queries.Hall, floor: Floor, opening: Opening) -> UseOrder | None:
    """The centre's seal, where it ordered so; a record made again because more was said is another paper."""
    centre = custodian_org(tx, hall.lot.lot_id, role="centre")
    if centre is None:
        return None
    lot = hall.lot
    return sealing.standing_order(
        tx,
        platform,
        org_id=centre,
        purpose=RECORD_PAPER,
        subject=f"{lot.lot_id}/{opening.round}/{opening.opens}/{floor.seq}",
        title=f"{lot.project_name}（{lot.lot_name}）{lot.words.opening_record}",
        requested_by=None,
    )


def _paper(
    tx: Tx, hall: queries.Hall, floor: Floor, opening: Opening, *, check: CheckCode | None
) -> OpeningRecord:
    securities = {one.bidder_id: one for one in securities_of_lot(tx, hall.lot.lot_id, actor=SYSTEM)}
    lot, words = hall.lot, hall.lot.words
    return OpeningRecord(
        check=check,
        words=words,
        drawn=_drawn(tx, lot.lot_id),
        centre=tx.info["settings"].centre or CENTRE,
        project=lot.project_name,
        project_code=lot.project_code,
        lot=lot.lot_name,
        lot_code=lot.lot_code,
        tenderer=lot.tenderer.name,
        agency=lot.agency.name,
        place="网上开标大厅",
        host="系统按时自动开标",
        deadline_at=_known(lot.deadline_at),
        opened_at=_known(opening.read_out_at),
        max_price_fen=lot.max_price_fen,
        base_price=_base_price(hall),
        rows=[
            _row(tx, lot, bid, securities.get(bid.uscc), floor.confirmed.get(bid.bid_id)) for bid in hall.bids
        ],
        releases=[
            (f"{custodian_name(one.role, words)}（{one.index}号保管人）", one.received_at)
            for one in hall.releases
            if one.received_at is not None
        ],
        log_size=opening.cp_size,
        log_root=_closed(opening)["cp_root"],
        bids_root=opening.bids_root,
        min_bids=lot.least_received.number,
        ground=ground_text(lot.content, lot.rule_set),
        witness="、".join(
            f"{one.organisation} {one.person}" for one in floor.attendance if one.capacity == "regulator"
        ),
        attendance=[
            (_capacities(words)[one.capacity], one.organisation, one.person, one.at)
            for one in floor.attendance
        ],
        objections=[
            *(_said("密封", one) for one in floor.seal_objections),
            *(_said("开标", one) for one in floor.objections),
        ],
    )


def _capacities(words: PaperWords) -> dict[str, str]:
    return {
        "bidder": words.bidder,
        "tenderer": words.tenderer,
        "agency": words.agency,
        "centre": "交易中心",
        "regulator": words.regulator,
    }


def _fault(fault: str | None, words: PaperWords) -> str:
    """Whose doing it was that a bid could not be opened."""
    names = {"custodian": "保管人", "platform": "平台", "bidder": words.bidder}
    if fault is None:
        return ""
    return f"{names[fault]}原因" if fault in names else "原因待认定"


def _drawn(tx: Tx, lot_id: str) -> list[tuple[str, str]]:
    """What was drawn at the opening, and where everybody can compute it again."""
    draw = draws.present(tx, lot_id, purpose=Purpose.OPENING)
    if draw is None:
        return []
    if draw.seed is None:
        return [("现场抽取", "已作废，未抽取")]
    values = draws.drawn_values(tx, lot_id)
    coefficients = "　".join(f"{name} = {value}" for name, value in values["draws"].items())
    return [
        ("抽取系数", coefficients or "无"),
        ("投标签号顺序", _in_order(tx, lot_id, values["tickets"])),
        ("抽取编号", draw.id),
        ("抽取种子", draw.seed),
    ]


def _in_order(tx: Tx, lot_id: str, tickets: Mapping[str, str]) -> str:
    """The numbers of the bids by their tickets."""
    query = select(OpeningBid.bid_id, OpeningBid.number).where(OpeningBid.lot_id == lot_id)
    numbers = {row.bid_id: row.number for row in tx.execute(query)}
    return "、".join(f"{numbers[one]}号" for one in sorted(tickets, key=tickets.__getitem__))


def _said(about: str, one: ObjectionShown) -> Objection:
    return Objection(
        about=about,
        bidder=one.bidder,
        raised_at=one.raised_at,
        text=one.text or "回执所载的投标与投标集合不一致",
        answer=one.answer or "",
        answered_at=one.answered_at,
    )


def _closed(opening: Opening) -> dict[str, Any]:
    event: dict[str, Any] = msgspec.json.decode(opening.closed_payload)
    data: dict[str, Any] = event["data"]
    return data


def _known(moment: datetime | None) -> datetime:
    if moment is None:
        raise ValueError("a record is written only of an opening that has taken place")
    return moment


def _row(
    tx: Tx,
    lot: LotContext,
    bid: hall_bids.HallBid,
    security: Security | None,
    confirmed_at: datetime | None,
) -> OpeningRow:
    manifest = bidding.bid_manifest(tx.get_one(OpeningBid, bid.bid_id).envelope)
    values, words = bid.summary or {}, lot.words
    form = {"letter": "投标保函", "cash": "银行转账"}.get(security.form, "") if security else "未提供"
    return OpeningRow(
        number=bid.number,
        bidder=bid.bidder_name,
        uscc=bid.uscc,
        received_at=bid.received_at,
        receipt_no=bid.manifest_sha256[:16],
        manifest_sha256=bid.manifest_sha256,
        opened=bid.state in (BidState.OPENED, BidState.VOID),
        code=bid.code or "",
        attribution=_fault(bid.fault, words),
        remark="\n".join(_remarks(tx, bid, words)),
        parts=_parts(lot, manifest),
        price_fen=bid.price_fen,
        duration_days=values.get("duration_days"),
        quality=str(values.get("quality", "")),
        manager=str(values.get("manager", "")),
        manager_certificate=str(values.get("manager_certificate", "")),
        deposit_form=form if security is None or security.ok else f"{form}（有瑕疵）",
        deposit_fen=security.amount_fen if security else None,
        confirmed_at=confirmed_at,
    )


def _remarks(tx: Tx, bid: hall_bids.HallBid, words: PaperWords) -> Iterator[str]:
    """What the host decided about the bid, and what was found about its parties."""
    if decided := tx.get(Attribution, bid.bid_id):
        yield decided.reason
    for one in bid.findings:
        yield FINDING_TEXTS[one.code].format(w=words) + (f"（{'、'.join(one.about)}）" if one.about else "")


def _parts(lot: LotContext, manifest: BidManifest) -> list[SealedPart]:
    labels = {part.id: part.label for part in lot.content.parts}
    return [SealedPart(name=labels[part.id], size=part.size, sha256=part.sha256) for part in manifest.parts]
