"""Messages of the notices API."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec


class NoticeInList(msgspec.Struct):
    """A notice in a list; `sha256` is of its content, see `content`."""

    id: str
    kind: str
    title: str
    category: str
    region: str
    tender_id: str
    published_at: datetime
    sha256: str
    href: str


class Notices(msgspec.Struct):
    """A page of the notices that fit, newest first."""

    total: int
    page: int
    pages: int
    notices: list[NoticeInList]


class PaperShown(msgspec.Struct):
    """A PDF and its SHA-256."""

    href: str
    sha256: str
    size: int


class NoticeInFull(msgspec.Struct):
    """A notice with its fields and papers; `content` is the address of the bytes that `notice.sha256` is of."""

    notice: NoticeInList
    regime: str
    round: int
    lot_ids: list[str]
    fields: dict[str, Any]
    paper: PaperShown | None
    sealed: PaperShown | None
    supersedes: str | None
    superseded_by: str | None
    content: str


class Change(msgspec.Struct):
    """One public change: what changed, and by which event of the log; `href` shows it as it is now."""

    seq: int
    at: datetime
    subject: str
    id: str
    tender_id: str
    change: str
    href: str


class Feed(msgspec.Struct):
    """Some changes in their order. `next` asks for those that follow, also when there are none yet.

    Keep it: it holds for ever. `end` says that nothing more is there now.
    """

    changes: list[Change]
    next: str
    end: bool


class Difference(msgspec.Struct, frozen=True):
    """A notice that a medium lacks, has otherwise, or has although we never sent it."""

    notice_id: str
    kind: Literal["missing", "different", "unknown"]
    theirs: str
