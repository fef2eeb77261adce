"""The report with its signatures: the pages as they were signed, and behind them who signed what, and how."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pypdf import PdfReader, PdfWriter
from reportlab.platypus import Flowable

from govcore.pdf.blocks import Column, data_table, hash_footer, paragraph, section, title
from govcore.pdf.document import DEMO_WATERMARK, render
from govcore.pdf.figures import stamp
from govcore.pdf.styles import CELL
from trading.evaluation.signature_rule import Kind
from trading.evaluation.signatures import Signed
from trading.tender.queries import LotContext

ATTACHED = "report.pdf"
"""The report inside the report with its signatures: the very bytes that were signed."""

_SMALL = CELL.but(size=9, leading=13)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignaturePages:
    """What the seats said of a report; `seats` are all that counted, with who leads and what sent by the tenderer.

    `followed_at`: the lot was evaluated again before this result was published, so silence agrees to nothing.
    """

    context: LotContext
    number: int
    report_sha256: str
    seats: Sequence[tuple[int, str, bool]]
    said: Sequence[Signed]
    followed_at: datetime | None = None

    @property
    def silent(self) -> list[int]:
        spoke = {one.seat for one in self.said}
        return [seat for seat, _role, _leads in self.seats if seat not in spoke]


def signed_report(report: bytes, pages: SignaturePages) -> bytes:
    """The report's pages, the signatures behind them, the report itself attached; the same gives the same bytes."""
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(report)))
    writer.append(PdfReader(io.BytesIO(signature_pages(pages))))
    writer.metadata = {"/Title": f"{pages.context.words.report}（签署本）：{pages.context.lot_name}"}
    writer.add_attachment(ATTACHED, report)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def signature_pages(pages: SignaturePages) -> bytes:
    """The last pages: a line for each seat, dissents in full, what the two kinds are worth, and the hashes."""
    context, words = pages.context, pages.context.words
    heading = f"{words.report}签署页"
    again = "" if pages.number == 1 else f"（第{pages.number}次{words.evaluation}）"
    story = [
        *title(heading, f"{context.project_name}　{context.lot_name}{again}"),
        paragraph(
            f"{words.committee}成员分别签署前附{words.report}。签署的是该文件的全部内容，以其 SHA-256 标识；"
            f"该文件原样嵌入本文件，名称为 {ATTACHED}。"
        ),
        *_table(pages),
        *_dissents(pages),
        *_kinds(pages),
        hash_footer(
            [
                (f"{words.report} SHA-256", pages.report_sha256),
                *((f"评委{one.seat}签名 SHA-256", one.sha256) for one in pages.said if one.sha256),
            ]
        ),
    ]
    return render(
        story,
        title=heading,
        header=f"{heading}　{context.lot_code}",
        footer=f"{heading}　{context.project_name}（{context.lot_name}）　{words.won}结果确定前应当保密",
        watermark=None if context.rule_set.lawful else DEMO_WATERMARK,
    )


def _table(pages: SignaturePages) -> list[Flowable]:
    said = {one.seat: one for one in pages.said}
    columns = [
        Column("席位", 1, "center"),
        Column("身份", 2),
        Column("职务", 1, "center"),
        Column("意见", 1.8, "center"),
        Column("签署方式", 1.8, "center"),
        Column("签署时间", 2.4),
    ]
    rows = [
        [f"评委{seat}", role, "组长" if leads else "成员", *_word(said.get(seat), pages)]
        for seat, role, leads in pages.seats
    ]
    return data_table("一、签署情况", columns, rows, style=_SMALL)


def _word(said: Signed | None, pages: SignaturePages) -> list[str]:
    if said is None:
        return ["未签署" if pages.followed_at else "未签署，视为同意", "—", "—"]
    return ["不同意" if said.dissent else "同意", said.kind.zh, stamp(said.signed_at)]


def _dissents(pages: SignaturePages) -> list[Flowable]:
    words, found = pages.context.words, [one for one in pages.said if one.dissent]
    story: list[Flowable] = [section("二、不同意见和理由")]
    story += [paragraph(f"评委{one.seat}：{one.dissent}") for one in found]
    if not found:
        story.append(paragraph(f"{words.committee}成员均未书面提出不同意见。"))
    if pages.followed_at:
        story.append(
            paragraph(
                f"本次{words.evaluation}结果公布之前，第{pages.number + 1}次{words.evaluation}已于"
                f"{stamp(pages.followed_at)}开始，本{words.report}的签署就此终止，以第{pages.number + 1}次"
                f"{words.evaluation}的{words.report}为准。"
            )
        )
    if pages.silent:
        named = "、".join(f"评委{seat}" for seat in pages.silent)
        effect = (
            f"{named}在此之前未签署，不视为同意{words.evaluation}结果。"
            if pages.followed_at
            else f"{named}未在{words.report}上签字，也未书面说明不同意见和理由，视为同意{words.evaluation}结果"
            f"（{words.silence}）。"
        )
        story.append(paragraph(effect))
    return story


def _kinds(pages: SignaturePages) -> list[Flowable]:
    kinds = {one.kind for one in pages.said}
    story: list[Flowable] = [section("三、签署方式说明")]
    if Kind.CERTIFICATE in kinds:
        story.append(
            paragraph(
                "数字证书签名：成员用本人的私钥签名，证书由本平台登记机构签发，签署时有效。签名和证书存于评标数据包"
                "（签署版），由监督部门和档案保管，可脱离本平台核验；此处只列签名的 SHA-256，以免由签名辨认成员。"
            )
        )
    if Kind.PROOF in kinds:
        story.append(
            paragraph(
                "重新验证身份：成员没有数字证书，签署前15分钟内重新验证身份，由平台记录。这不是证书签名，"
                "不能脱离本平台核验。"
            )
        )
    if not kinds:
        story.append(paragraph("没有成员签署。"))
    return story
