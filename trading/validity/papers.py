"""The letters of an extension: the tenderer's request and a bidder's reply. The same facts give the same bytes."""

from __future__ import annotations

from datetime import date

from reportlab.lib.units import mm
from reportlab.platypus import Spacer

from govcore.pdf.blocks import field_table, paragraph, plain, signed, title
from govcore.pdf.document import DEMO_WATERMARK, render
from govcore.pdf.figures import day, moment
from govcore.pdf.styles import LARGE, LARGE_PLAIN
from trading.tender.queries import LotContext
from trading.validity.policy import Said
from trading.validity.queries import BidBound, OfferShown

ASKED = (
    "上述{w.lot}的{w.validity}即将届满。现请贵单位延长{w.validity}。同意延长的，不得要求也不会被允许修改{w.bid}的实质性内容，"
    "并应当相应延长保证金（保函）的有效期；拒绝延长的，其{w.bid}在原{w.validity}届满后失效，保证金予以退还。"
)
SILENT = "逾期未答复的，视为不同意延长，{w.validity}届满时{w.bid}失效，保证金予以退还。"
ACCEPTED = "我单位同意延长{w.validity}，{w.bid}的实质性内容不变，并相应延长保证金（保函）的有效期。"
REFUSED = "我单位不同意延长{w.validity}，请退还保证金。"


def request_letter(lot: LotContext, offer: OfferShown, bidder: str) -> bytes:
    """延长投标有效期通知: to one bidder, about nobody else."""
    name = f"延长{lot.words.validity}通知"
    rows = [
        (f"{lot.words.lot}（编号）", f"{lot.lot_name}（{lot.lot_code}）"),
        ("延长原因", offer.reason),
        ("延长后有效期最后一日", _day(offer.last_day)),
        ("答复期限", moment(offer.answer_by)),
    ]
    story = [
        *title(name, lot.title),
        plain(f"{bidder}：", LARGE_PLAIN),
        paragraph(ASKED.format(w=lot.words), LARGE),
        *field_table("", rows),
        paragraph(SILENT.format(w=lot.words), LARGE),
        Spacer(0, 10 * mm),
        signed([lot.tenderer.name, lot.agency.name, day(offer.offered_at)]),
    ]
    return _set(lot, name, story)


def reply_letter(lot: LotContext, offer: OfferShown, bid: BidBound, said: Said) -> bytes:
    """延长投标有效期复函: what the bidder answered."""
    name = f"延长{lot.words.validity}复函"
    story = [
        *title(name, f"{lot.title}　{lot.lot_name}"),
        plain(f"{lot.tenderer.name}：", LARGE_PLAIN),
        paragraph(f"贵单位{day(offer.offered_at)}的延长{lot.words.validity}通知收悉。", LARGE),
        paragraph((ACCEPTED if said is Said.ACCEPTED else REFUSED).format(w=lot.words), LARGE),
        *field_table("", [("延长后有效期最后一日", _day(offer.last_day))] if said is Said.ACCEPTED else []),
        Spacer(0, 10 * mm),
        signed([bid.bidder]),
    ]
    return _set(lot, name, story)


def _set(lot: LotContext, name: str, story: list[object]) -> bytes:
    return render(
        story,
        title=f"{name}：{lot.title}",
        header=f"{lot.tenderer.name}　{lot.lot_code}",
        footer=f"{name}　{lot.title}",
        watermark=None if lot.rule_set.lawful else DEMO_WATERMARK,
    )


def _day(value: date) -> str:
    return f"{value.year}年{value.month}月{value.day}日"
