"""A short notice, issued."""

from __future__ import annotations

from typing import Any

from govcore import clock
from govcore.db import Tx
from govcore.platform import Platform
from trading.notices import service
from trading.notices.policy import NoticeKind

SUSPENSION: dict[str, object] = {
    "project": "东坝堤防加固工程",
    "project_code": "E3715000001000001",
    "tenderer": "临湖市水利工程建设中心",
    "reason": "招标人未在三日内答复异议",
    "from_at": "2026-11-22T01:00:00Z",
    "effect": "开标暂停，已提交的投标文件保持加密",
}


def issue_in(tx: Tx, **other: Any) -> str:
    """Issue it in a transaction; `fields` are added to its own. Its id."""
    fields = SUSPENSION | other.pop("fields", {})
    given: dict[str, Any] = {
        "kind": NoticeKind.SUSPENSION,
        "tender_id": "tender-1",
        "round": 1,
        "lot_ids": ["lot-1"],
        "title": "东坝堤防加固工程施工招标 · 第1标段",
        "category": "water",
        "region": "371500",
        "paper": None,
        "actor": "system",
        "at": clock.now(tx),
    }
    return service.issue(tx, fields=fields, **(given | other)).id


def issue(platform: Platform, *, finished: bool = True, **other: Any) -> str:
    """Issue it; `finished` says that its papers are complete, so that it may go to the media."""
    with platform.db.transaction() as tx:
        notice_id = issue_in(tx, **other)
        if finished:
            service.note_finished(tx, notice_id)
    return notice_id
