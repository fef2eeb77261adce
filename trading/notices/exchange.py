"""The message that a medium gets: the notice's exact content, its paper, and the record that platforms exchange."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from govcore.audit.entries import time_text
from govcore.i18n import Translate
from govcore.identifiers import IdKind, kind_of
from govcore.settings import Settings
from trading.notices.models import Notice, NoticePaper
from trading.notices.policy import CONTENTS, NoticeKind
from trading.notices.service import content_bytes

FEN_OF_WAN = 1_000_000
CODE_TYPES = {
    IdKind.CREDIT_CODE: "统一社会信用代码",
    IdKind.RESIDENT_ID: "自然人投标编号",
    IdKind.FOREIGN: "境外登记号",
}


def message(notice: Notice, paper: NoticePaper | None, *, settings: Settings, translate: Translate) -> bytes:
    """The same bytes each time: `sha256` is of the text `content`, which holds everything that is published."""
    address = f"{settings.site_url}/notices/{notice.id}"
    name = "sealed.pdf" if paper is not None and paper.sealed else "paper.pdf"
    body = {
        "id": notice.id,
        "sha256": notice.sha256,
        "content": content_bytes(notice).decode(),
        "record": _record(notice, address, settings=settings, translate=translate),
        "paper": paper and {"url": f"{address}/{name}", "sha256": paper.sha256, "size": paper.size},
    }
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _record(notice: Notice, address: str, *, settings: Settings, translate: Translate) -> dict[str, str]:
    """The fields of the exchange record, empty where a notice of this kind has no such thing."""
    said = notice.fields
    lots: list[dict[str, Any]] = said.get("lots", [])
    one = lots[0] if len(lots) == 1 else {}
    won = "winner" in said
    return {
        "PROJECT_CODE": said["project_code"],
        "TENDER_PROJECT_CODE": said.get("tender_code", ""),
        "BID_SECTION_CODE": one.get("code") or "",
        "UNIFIED_DEAL_CODE": one.get("code") or said.get("tender_code", ""),
        "NOTICE_NAME": f"{notice.title} {translate(CONTENTS[NoticeKind(notice.kind)].called(notice.regime))}",
        "NOTICE_CONTENT": address,
        "NOTICE_SEND_TIME": time_text(notice.published_at),
        "NOTICE_MEDIA": "、".join(said.get("media", [])),
        "URL": address,
        "NOTICE_NATURE": "更正公告" if notice.supersedes else "正常公告",
        "BULLETIN_TYPE": str(notice.kind),
        "WIN_BIDDER_NAME": said.get("winner", ""),
        "BIDDER_CODE_TYPE": CODE_TYPES[kind_of(said["winner_uscc"])] if won else "",
        "WIN_BIDDER_CODE": said.get("winner_uscc", ""),
        "BIDDER_ROLE": "中标人" if won else "",
        "BID_AMOUNT": str(Decimal(said["price_fen"]) / FEN_OF_WAN) if won else "",
        "RATE": "",
        "OTHER_WIN_PRICE": "",
        "PLATFORM_CODE": said["project_code"][7:11],
        "PUB_SERVICE_PLAT_CODE": "",
        "TRADE_PLAT": settings.centre,
        "DATA_TIMESTAMP": time_text(notice.published_at),
        "BULLETIN_DUTY": said["tenderer"],
        "EXAMINER_NAME": "",
        "ATTACHMENT_CODE": "",
    }
