"""Issue notices."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from govcore.audit.entries import time_text
from govcore.audit.service import record
from govcore.db import Tx, new_id, upsert
from govcore.errors import Detail, Problem
from govcore.media import Medium
from govcore.settings import Settings
from trading.notices import feed
from trading.notices.fields import FIELDS, found_texts
from trading.notices.models import Dispatch, Notice, NoticePaper, Unfinished
from trading.notices.policy import (
    CONTENTS,
    DispatchState,
    NoticeKind,
    Regime,
    all_pieces,
    missing,
    regime_of,
    wrong,
)

PLATFORM_MEDIUM = "本平台"
"""What a notice says where no statutory medium is set up."""


class FieldMissing(Problem):
    code = "E_NOTICE_FIELD"
    status = 422
    text = "The notice does not say what it must ({basis}). Missing: {field}."


class FieldWrong(Problem):
    code = "E_NOTICE_VALUE"
    status = 422
    text = "The notice has no field of this name, or its value is of another kind: {field}."


class NotOfRegime(Problem):
    code = "E_NOTICE_KIND"
    text = "This kind of notice does not exist under {regime}: {kind} ({basis})."


class SupersededBefore(Problem):
    code = "E_NOTICE_SUPERSEDED"
    text = "Another notice has superseded this one already; supersede the newest."


class OtherTender(Problem):
    code = "E_NOTICE_TENDER"
    text = "A notice can only supersede one of the same tender."


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPaper:
    """A paper that lies in the store already, under its own hash."""

    key: str
    sha256: str
    size: int


def issue(
    tx: Tx,
    *,
    kind: NoticeKind,
    tender_id: str,
    round: int,
    lot_ids: Sequence[str],
    title: str,
    category: str,
    region: str,
    fields: Mapping[str, object],
    paper: StoredPaper | None,
    actor: str,
    at: datetime,
    supersedes: str | None = None,
    regime: Regime | None = None,
    publisher_id: str | None = None,
    notice_id: str | None = None,
) -> Notice:
    """Publish a notice in the caller's transaction; raise `FieldMissing`, `FieldWrong`, `NotOfRegime`,
    `SupersededBefore` or `OtherTender`.

    Without a paper the platform sets one from the fields afterwards. `media` is filled in. The publisher is the
    organisation whose seal the paper bears where its keeper ordered so.
    """
    law = regime or regime_of(category)
    said = {"media": [one.name for one in media_of(tx, law)] or [PLATFORM_MEDIUM], **fields}
    said = {name: said[name] for name in sorted(said) if said[name] is not None}
    _check(kind, law, said)
    notice = Notice(
        id=notice_id or new_id(),
        kind=kind,
        regime=law,
        tender_id=tender_id,
        round=round,
        lot_ids=list(lot_ids),
        title=title,
        category=category,
        region=region,
        fields=said,
        pieces=all_pieces([title, *found_texts(said)]),
        supersedes=_superseded(tx, supersedes, tender_id),
        publisher_id=publisher_id,
        published_at=at,
    )
    notice.sha256 = hashlib.sha256(content_bytes(notice)).hexdigest()
    tx.add(notice)
    tx.flush()
    if paper is not None:
        keep_paper(tx, notice.id, paper, sealed=False, at=at)
    tx.add(Unfinished(notice_id=notice.id))
    tx.add_all(
        Dispatch(notice_id=notice.id, medium=one.id, state=DispatchState.WAITING, attempts=0, due_at=at)
        for one in media_of(tx, law)
    )
    tx.flush()
    data = {
        "kind": str(kind),
        "tender": tender_id,
        "round": round,
        "notice_sha256": notice.sha256,
        "supersedes": notice.supersedes,
    }
    record(tx, "notice.published", subject=notice.id, actor=actor, at=at, data=data)
    feed.note(tx, "notice", notice.id, tender_id=tender_id, change="notice.published")
    return notice


def keep_paper(tx: Tx, notice_id: str, paper: StoredPaper, *, sealed: bool, at: datetime) -> bool:
    """Bind a stored PDF to its notice for good; false when another was bound before."""
    row = {"store_key": paper.key, "sha256": paper.sha256, "size": paper.size, "at": at}
    bind = upsert(tx, NoticePaper).values(notice_id=notice_id, sealed=sealed, **row)
    return tx.scalar(bind.on_conflict_do_nothing().returning(NoticePaper.notice_id)) is not None


def note_finished(tx: Tx, notice_id: str) -> None:
    """The notice has all its papers: it may go to the media."""
    tx.execute(delete(Unfinished).where(Unfinished.notice_id == notice_id))


def content_bytes(notice: Notice) -> bytes:
    """What is the same in every medium: the notice's content as canonical JSON, whose SHA-256 names it."""
    content = {
        "id": notice.id,
        "kind": str(notice.kind),
        "regime": str(notice.regime),
        "tender_id": notice.tender_id,
        "round": notice.round,
        "lot_ids": notice.lot_ids,
        "title": notice.title,
        "category": notice.category,
        "region": notice.region,
        "fields": notice.fields,
        "supersedes": notice.supersedes,
        "published_at": time_text(notice.published_at),
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def media_of(tx: Tx, law: Regime) -> list[Medium]:
    """The media that notices of this regime go to."""
    settings: Settings = tx.info["settings"]
    return [one for one in settings.media if not one.takes or law in one.takes]


def _check(kind: NoticeKind, law: Regime, said: Mapping[str, object]) -> None:
    rule = CONTENTS[kind]
    if law not in rule.regimes:
        raise NotOfRegime(regime=str(law), kind=Detail(rule.word), basis=rule.cited(law))
    if bad := wrong(said):
        raise FieldWrong(field=bad[0])
    if gaps := missing(kind, law, said):
        raise FieldMissing(field=Detail(FIELDS[gaps[0]].label), basis=rule.cited(law))


def _superseded(tx: Tx, notice_id: str | None, tender_id: str) -> str | None:
    """The notice that is superseded, when it is the newest of its chain; the unique column decides a race."""
    if notice_id is None:
        return None
    old = tx.get_one(Notice, notice_id)
    if old.tender_id != tender_id:
        raise OtherTender
    if tx.scalar(select(Notice.id).where(Notice.supersedes == notice_id)) is not None:
        raise SupersededBefore
    return notice_id
