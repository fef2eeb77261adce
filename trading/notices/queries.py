"""Reads of notices: everything in them is public."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from govcore.clock import BEIJING
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.models import Organisation
from trading.notices.models import Notice, NoticePaper, Unfinished
from trading.notices.policy import CONTENTS, NoticeKind, pieces
from trading.procedure.page_terms import terms_of
from trading.procedure.policy import Regime

PAGE = 50
FEW = 5000
"""So few that words find are sorted; left alone, PostgreSQL walks all notices from the newest to look for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFilter:
    """What a reader asked for; empty fields ask for everything. Days are Beijing's, the last one included."""

    category: str = ""
    kind: str = ""
    region: str = ""
    words: str = ""
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLine:
    """A notice in a list."""

    id: str
    title: str
    kind: NoticeKind
    category: str
    region: str
    tender_id: str
    at: datetime
    sha256: str
    regime: str
    superseded: bool = False

    @property
    def href(self) -> str:
        return f"/notices/{self.id}"

    @property
    def word(self) -> str:
        """The kind as a key of the catalogue."""
        return CONTENTS[self.kind].called(self.regime)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A notice's PDF."""

    key: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeShown:
    """A notice in full, with its neighbours in the chain of what superseded what."""

    line: NoticeLine
    regime: str
    round: int
    lot_ids: tuple[str, ...]
    fields: dict[str, Any]
    publisher: str
    publisher_id: str | None
    paper: Paper | None
    sealed: Paper | None
    reference: NoticeLine | None
    supersedes: NoticeLine | None
    superseded_by: NoticeLine | None

    @property
    def terms(self) -> Mapping[str, str]:
        """What its page calls people and things; only a consultation gives its ground."""
        procedure = "consultation" if "ground" in self.fields else "tender"
        return terms_of(Regime(self.regime), procedure)


_LINE = (
    Notice.id,
    Notice.title,
    Notice.kind,
    Notice.category,
    Notice.region,
    Notice.tender_id,
    Notice.published_at,
    Notice.sha256,
    Notice.regime,
)


def notices(
    tx: Tx, wanted: NoticeFilter, *, page: int = 1, limit: int = PAGE
) -> tuple[list[NoticeLine], int]:
    """A page of the notices that fit, newest first, and how many fit in all."""
    fit = _conditions(tx, wanted)
    total = tx.scalar(select(func.count()).select_from(Notice).where(*fit)) or 0
    if not total:
        return [], 0
    query = select(*_LINE).where(*fit).order_by(Notice.published_at.desc(), Notice.id.desc())
    if wanted.words and total <= FEW:
        found = select(*_LINE).where(*fit).cte("found").prefix_with("MATERIALIZED")
        query = select(found).order_by(found.c.published_at.desc(), found.c.id.desc())
    lines = [_line(row) for row in tx.execute(query.limit(limit).offset((page - 1) * limit))]
    named = select(Notice.supersedes).where(Notice.supersedes.in_([line.id for line in lines]))
    gone = set(tx.scalars(named))
    return [replace(line, superseded=line.id in gone) for line in lines], total


def all_notices(tx: Tx, wanted: NoticeFilter, *, limit: int) -> Iterator[NoticeLine]:
    """The notices that fit, newest first, for a table."""
    query = select(*_LINE).where(*_conditions(tx, wanted))
    found = tx.execute(query.order_by(Notice.published_at.desc(), Notice.id.desc()).limit(limit))
    return (_line(row) for row in found)


def notice(tx: Tx, notice_id: str) -> NoticeShown:
    """One notice, or `NotFound`."""
    row = notice_row(tx, notice_id)
    papers = {
        paper.sealed: Paper(key=paper.store_key, sha256=paper.sha256, size=paper.size)
        for paper in tx.scalars(select(NoticePaper).where(NoticePaper.notice_id == notice_id))
    }
    publisher = tx.get(Organisation, row.publisher_id) if row.publisher_id else None
    return NoticeShown(
        line=_line(tx.execute(select(*_LINE).where(Notice.id == notice_id)).one()),
        regime=row.regime,
        round=row.round,
        lot_ids=tuple(row.lot_ids),
        fields=row.fields,
        publisher=publisher.name if publisher else "",
        publisher_id=row.publisher_id,
        paper=papers.get(False),
        sealed=papers.get(True),
        reference=_one(tx, Notice.id == row.fields["reference"]) if "reference" in row.fields else None,
        supersedes=_one(tx, Notice.id == row.supersedes) if row.supersedes else None,
        superseded_by=_one(tx, Notice.supersedes == notice_id),
    )


def notice_row(tx: Tx, notice_id: str) -> Notice:
    """The notice as it was issued, or `NotFound`."""
    row = tx.get(Notice, notice_id)
    if row is None:
        raise NotFound
    return row


def notices_of(tx: Tx, tender_id: str) -> dict[str, list[NoticeLine]]:
    """A tender's notices by lot, oldest first; under the empty name those that concern all lots."""
    query = select(*_LINE, Notice.lot_ids).where(Notice.tender_id == tender_id)
    found: dict[str, list[NoticeLine]] = {}
    for row in tx.execute(query.order_by(Notice.published_at, Notice.id)):
        for lot_id in row.lot_ids or [""]:
            found.setdefault(lot_id, []).append(_line(row))
    return found


def newest_of(tx: Tx, tender_ids: Collection[str], *, limit: int) -> list[NoticeLine]:
    """The newest notices of these tenders, the newest first."""
    query = select(*_LINE).where(Notice.tender_id.in_(tender_ids))
    return [
        _line(row) for row in tx.execute(query.order_by(Notice.published_at.desc(), Notice.id).limit(limit))
    ]


def newest(tx: Tx, tender_id: str, kind: NoticeKind) -> str | None:
    """The newest notice of a kind that a tender has: what the next one of this kind supersedes or refers to."""
    query = select(Notice.id).where(Notice.tender_id == tender_id, Notice.kind == kind)
    return tx.scalar(query.order_by(Notice.published_at.desc(), Notice.id.desc()).limit(1))


def unfinished(tx: Tx, *, limit: int) -> list[str]:
    """The notices whose papers are not complete, the oldest first."""
    query = select(Unfinished.notice_id).join(Notice, Notice.id == Unfinished.notice_id)
    return list(tx.scalars(query.order_by(Notice.published_at).limit(limit)))


def regions(tx: Tx) -> list[str]:
    """The division codes that any notice has, by a walk from one to the next through the index."""
    first = select(func.min(Notice.region).label("region")).cte("walk", recursive=True)
    after = select(func.min(Notice.region)).where(Notice.region > first.c.region).scalar_subquery()
    walk = first.union_all(select(after).select_from(first).where(first.c.region.is_not(None)))
    return list(tx.scalars(select(walk.c.region).where(walk.c.region.is_not(None))))


def notices_with_paper(tx: Tx, sha256: str) -> list[NoticeLine]:
    """The notices of which a paper, sealed or not, has exactly this SHA-256."""
    query = select(*_LINE).join(NoticePaper, NoticePaper.notice_id == Notice.id)
    return [_line(row) for row in tx.execute(query.where(NoticePaper.sha256 == sha256))]


def _one(tx: Tx, condition: ColumnElement[bool]) -> NoticeLine | None:
    row = tx.execute(select(*_LINE).where(condition)).one_or_none()
    return None if row is None else _line(row)


def _line(row: Any) -> NoticeLine:
    return NoticeLine(
        id=row.id,
        title=row.title,
        kind=NoticeKind(row.kind),
        category=row.category,
        region=row.region,
        tender_id=row.tender_id,
        at=row.published_at,
        sha256=row.sha256,
        regime=row.regime,
    )


def _conditions(tx: Tx, wanted: NoticeFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for column in ("category", "kind", "region"):
        if value := getattr(wanted, column):
            found.append(getattr(Notice, column) == value)
    if wanted.words.strip():
        found.append(_has_words(tx, wanted.words))
    if wanted.start:
        found.append(Notice.published_at >= _midnight(wanted.start))
    if wanted.end:
        found.append(Notice.published_at < _midnight(wanted.end + timedelta(days=1)))
    return found


def _has_words(tx: Tx, words: str) -> ColumnElement[bool]:
    """Every piece of the words occurs; a single Chinese letter is looked for in the title."""
    asked = pieces(words)
    letters = sorted(piece for piece in asked if len(piece) == 1 and not piece.isascii())
    conditions = [Notice.title.contains(letter, autoescape=True) for letter in letters]
    if whole := sorted(asked.difference(letters)):
        if tx.get_bind().dialect.name == "postgresql":
            conditions.append(cast(Notice.pieces, ARRAY(Text)).contains(cast(whole, ARRAY(Text))))
        else:
            text = cast(Notice.pieces, Text)
            conditions += [text.contains(f" {piece} ", autoescape=True) for piece in whole]
    return and_(*conditions) if conditions else literal(False)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BEIJING)
