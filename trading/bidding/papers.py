"""The paper of a bid: the receipt that its bidder keeps (投标文件递交回执)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reportlab.platypus import Flowable

from govcore.pdf.blocks import (
    CheckCode,
    Column,
    data_table,
    field_table,
    hash_footer,
    paragraph,
    section,
    title,
)
from govcore.pdf.document import render
from govcore.pdf.figures import stamp
from govcore.pdf.styles import CELL

_SMALL_CELL = CELL.but(size=8, leading=11.5)
_PARTS = (
    Column("投标文件部分", 2.4),
    Column("密文大小（字节）", 1.6, "right"),
    Column("密文指纹（SHA-256）", 5),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedPart:
    """An encrypted part of a bid as received: its size in bytes and the SHA-256 of its ciphertext."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BidReceipt:
    """投标文件递交回执; the signed `message`, which the file carries, is the proof.

    It tells what a tender receipt must: its own number, the procurement's reference, times of receipt and issue,
    the documents received with their digests, who sends it and to whom (the content of Peppol T006 TenderReceipt).
    """

    centre: str
    receipt_no: str
    tenderer: str
    project: str
    lot: str
    lot_code: str
    bidder: str
    uscc: str
    sequence: int
    received_at: datetime
    deadline_at: datetime
    manifest_sha256: str
    parts: Sequence[SealedPart]
    log_leaf: str
    promised_by: datetime
    signed_by: str
    signature: str
    message: str
    check: CheckCode | None = None


def bid_receipt(receipt: BidReceipt, *, watermark: str | None = None) -> bytes:
    """Set what was received, when and from whom, as the platform signed it; without parts it is a withdrawal."""
    name = "投标文件递交回执" if receipt.parts else "投标文件撤回回执"
    story = [
        *title(name, f"回执编号：{receipt.receipt_no}"),
        *field_table("一、递交信息", _facts(receipt)),
        *(_received(receipt) if receipt.parts else _withdrawn()),
        hash_footer(
            [
                ("投标清单指纹（SHA-256）", receipt.manifest_sha256),
                ("日志叶子", receipt.log_leaf),
                ("最迟入日志时间", stamp(receipt.promised_by)),
                ("签名密钥", receipt.signed_by),
                ("平台签名", receipt.signature),
            ]
        ),
    ]
    return render(
        story,
        title=f"{name} {receipt.receipt_no}",
        header=f"{receipt.centre}　{name}",
        footer=f"{receipt.receipt_no}　{receipt.project}（{receipt.lot}）\n{receipt.check or ''}",
        watermark=watermark,
        carried=receipt.message,
    )


def _facts(receipt: BidReceipt) -> list[tuple[str, str]]:
    return [
        ("招标人", receipt.tenderer),
        ("招标项目", receipt.project),
        ("标段（编号）", f"{receipt.lot}（{receipt.lot_code}）"),
        ("投标人", receipt.bidder),
        ("信用代码或识别号", receipt.uscc),
        ("递交次数", f"第 {receipt.sequence} 次（后一次递交替换前一次）"),
        ("收到及出具时间", f"{stamp(receipt.received_at)}（北京时间，以平台数据库时钟为准）"),
        ("出具单位", receipt.centre),
        ("投标截止时间", stamp(receipt.deadline_at)),
    ]


def _received(receipt: BidReceipt) -> list[Flowable]:
    rows = [[part.name, f"{part.size:,}", part.sha256] for part in receipt.parts]
    return [
        *data_table("二、收到的加密文件", _PARTS, rows, style=_SMALL_CELL),
        section("三、说明"),
        paragraph(
            "平台已完整收到上列加密文件，并核对了投标清单的签名和各部分的大小与指纹。投标文件在投标截止时间前处于"
            "加密状态，任何单位和个人均无法读取。本回执仅证明收到的事实，不表示投标文件内容符合招标文件要求。"
        ),
        paragraph(
            "投标截止时间前，投标人可以补充、修改或者撤回投标文件；开标后，投标人可以凭本回执核对公布的投标清单"
            "指纹和投标集合，不一致的可以当场提出异议。"
        ),
    ]


def _withdrawn() -> list[Flowable]:
    return [
        section("二、说明"),
        paragraph(
            "平台已收到投标人签名的撤回通知，此前递交的投标文件不再参加开标，其密文保持密封。"
            "投标截止时间前，投标人可以重新递交。"
        ),
    ]
