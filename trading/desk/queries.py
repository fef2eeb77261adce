"""Reads across the slices: public notices, openings, the lots that concern somebody, published files."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, String, cast, func, literal, or_, select, union_all
from sqlalchemy.sql.selectable import Subquery

from govcore.clock import BEIJING
from govcore.db import Tx
from govcore.identity.policy import Actor
from trading.award.models import Award, Candidate, Paper
from trading.award.policy import PUBLIC_KINDS
from trading.opening.models import Opening
from trading.project.models import Project
from trading.supervision.models import CirculatedNotice
from trading.supervision.policy import Scope
from trading.tender.models import Custodian, Document, Lot, Tender
from trading.tender.policy import TenderState, shown_state

PAGE = 50
MANY = 1000

NOTICE_WORDS = {
    "tender": "Tender notice",
    "opening": "Opening record",
    "failed": "Failed tender",
    "candidates": "Candidates' publicity",
    "result": "Award result",
}
"""Kinds of public notices, in the order of the procedure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFilter:
    """What a reader asked for; empty fields ask for everything. Days are Beijing's, the last one included."""

    category: str = ""
    kind: str = ""
    words: str = ""
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLine:
    """A public notice in a list."""

    href: str
    title: str
    kind: str
    category: str
    at: datetime

    @property
    def word(self) -> str:
        """The kind as a key of the catalogue."""
        return NOTICE_WORDS[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class LotLine:
    """A lot in a list, with its parties; `state` follows the clock."""

    lot_id: str
    lot_code: str
    lot_name: str
    round: int
    state: str
    deadline_at: datetime | None
    opening_at: datetime | None
    tender_id: str
    tender_state: str
    title: str
    category: str
    tenderer_id: str
    agency_id: str
    regulator_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFile:
    """A published file that has a given SHA-256."""

    kind: str
    name: str
    title: str
    href: str
    at: datetime


def notices(tx: Tx, wanted: NoticeFilter, *, page: int, limit: int = PAGE) -> tuple[list[NoticeLine], int]:
    """A page of the public notices that fit, newest first, and how many fit in all."""
    found = _notices()
    conditions = _conditions(found, wanted)
    total = tx.scalar(select(func.count()).select_from(found).where(*conditions)) or 0
    query = select(found).where(*conditions).order_by(found.c.at.desc(), found.c.ref)
    rows = tx.execute(query.limit(limit).offset((page - 1) * limit))
    return [_notice(row.kind, row.ref, row.title, row.category, row.at) for row in rows], total


def _notices() -> Subquery:
    lot_title = Tender.title + " · " + Lot.name
    tender = select(
        literal("tender").label("kind"),
        Tender.id.label("ref"),
        Tender.title.label("title"),
        Project.category.label("category"),
        Tender.published_at.label("at"),
    ).join(Project, Project.id == Tender.project_id)
    opening = _of_lots(
        select(literal("opening"), Opening.lot_id, lot_title, Project.category, Opening.read_out_at), Opening
    ).where(Opening.read_out_at.is_not(None))
    failed = _of_lots(
        select(literal("failed"), Opening.lot_id, lot_title, Project.category, Opening.closed_at), Opening
    ).where(Opening.state == "failed")
    papers = _of_lots(
        select(cast(Paper.kind, String), Paper.id, lot_title, Project.category, Paper.published_at), Paper
    ).where(Paper.kind.in_(PUBLIC_KINDS))
    published = tender.where(Tender.state == TenderState.PUBLISHED)
    return union_all(published, opening, failed, papers).subquery("notices")


def _of_lots(query: Select, table: type[Opening] | type[Paper]) -> Select:  # type: ignore[type-arg]
    return (
        query.select_from(table)
        .join(Lot, Lot.id == table.lot_id)
        .join(Tender, Tender.id == Lot.tender_id)
        .join(Project, Project.id == Tender.project_id)
    )


def _conditions(found: Subquery, wanted: NoticeFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.category:
        conditions.append(found.c.category == wanted.category)
    if wanted.kind:
        conditions.append(found.c.kind == wanted.kind)
    if wanted.words:
        conditions.append(found.c.title.contains(wanted.words, autoescape=True))
    if wanted.start:
        conditions.append(found.c.at >= _midnight(wanted.start))
    if wanted.end:
        conditions.append(found.c.at < _midnight(wanted.end + timedelta(days=1)))
    return conditions


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BEIJING)


def _notice(kind: str, ref: str, title: str, category: str, at: datetime) -> NoticeLine:
    address = {
        "tender": f"/tenders/{ref}",
        "opening": f"/lots/{ref}/opening",
        "failed": f"/lots/{ref}/opening",
    }
    href = address.get(kind, f"/notices/award/{ref}")
    return NoticeLine(href=href, title=title, kind=kind, category=category, at=at)


def papers_of(tx: Tx, tender_id: str) -> dict[str, list[NoticeLine]]:
    """The award notices of a tender's lots by lot, oldest first: public."""
    query = (
        select(Paper, Tender.title, Project.category)
        .join(Lot, Lot.id == Paper.lot_id)
        .join(Tender, Tender.id == Lot.tender_id)
        .join(Project, Project.id == Tender.project_id)
        .where(Tender.id == tender_id, Paper.kind.in_(PUBLIC_KINDS))
        .order_by(Paper.published_at)
    )
    found: dict[str, list[NoticeLine]] = {}
    for paper, title, category in tx.execute(query):
        line = _notice(paper.kind, paper.id, title, category, paper.published_at)
        found.setdefault(paper.lot_id, []).append(line)
    return found


def openings_on(tx: Tx, day: date, *, at: datetime) -> list[LotLine]:
    """The published lots that open on a day in Beijing, by their hour: public."""
    start = _midnight(day)
    query = _LOTS.where(
        Tender.state == TenderState.PUBLISHED,
        Lot.opening_at >= start,
        Lot.opening_at < start + timedelta(days=1),
    )
    return _lines(tx, query.order_by(Lot.opening_at, Lot.code), at)


def opening_days(tx: Tx, *, after: date, limit: int = 14) -> list[tuple[date, int]]:
    """The next days in Beijing after a day on which lots open, and how many lots: public."""
    opens_later = Lot.opening_at >= _midnight(after + timedelta(days=1))
    moments = tx.scalars(
        select(Lot.opening_at)
        .join(Tender, Tender.id == Lot.tender_id)
        .where(Tender.state == TenderState.PUBLISHED, opens_later)
        .order_by(Lot.opening_at)
        .limit(MANY)
    )
    days = Counter(moment.astimezone(BEIJING).date() for moment in moments if moment)
    return sorted(days.items())[:limit]


def year_figures(tx: Tx, *, at: datetime) -> dict[str, int]:
    """This year's published tenders, failed and awarded lots, and the awarded sum in fen: public."""
    start = datetime(at.astimezone(BEIJING).year, 1, 1, tzinfo=BEIJING)
    tenders = select(func.count()).where(Tender.published_at >= start, Tender.state == TenderState.PUBLISHED)
    failed = select(func.count()).where(Opening.state == "failed", Opening.closed_at >= start)
    won = (
        select(func.count(), func.coalesce(func.sum(Candidate.price_fen), 0))
        .select_from(Award)
        .join(Candidate, (Candidate.lot_id == Award.lot_id) & (Candidate.bid_id == Award.bid_id))
        .where(Award.decided_at >= start)
    )
    awarded, awarded_fen = tx.execute(won).one()
    return {
        "tenders": tx.scalar(tenders.select_from(Tender)) or 0,
        "failed": tx.scalar(failed.select_from(Opening)) or 0,
        "awarded": awarded,
        "awarded_fen": int(awarded_fen),
    }


_LOTS = (
    select(Lot, Tender, Project)
    .join(Tender, Tender.id == Lot.tender_id)
    .join(Project, Project.id == Tender.project_id)
)


def lots_shown(tx: Tx, *, actor: Actor, at: datetime, limit: int = 200) -> list[LotLine]:
    """Lots of published tenders, and those of drafts on the actor's own side or whose keys it keeps."""
    mine: ColumnElement[bool] = Tender.state == TenderState.PUBLISHED
    if actor.org_id is not None:
        kept = select(Custodian.lot_id).where(Custodian.org_id == actor.org_id)
        own = (Project.tenderer_id == actor.org_id, Project.agency_id == actor.org_id, Lot.id.in_(kept))
        mine = or_(mine, *own)
    order = (Tender.published_at.is_(None).desc(), Tender.published_at.desc(), Lot.code)
    return _lines(tx, _LOTS.where(mine).order_by(*order).limit(limit), at)


def _lines(tx: Tx, query: Select[Lot, Tender, Project], at: datetime) -> list[LotLine]:
    return [
        LotLine(
            lot_id=lot.id,
            lot_code=lot.code,
            lot_name=lot.name,
            round=lot.round,
            state=shown_state(lot.state, lot.deadline_at, at),
            deadline_at=lot.deadline_at,
            opening_at=lot.opening_at,
            tender_id=tender.id,
            tender_state=tender.state,
            title=tender.title,
            category=project.category,
            tenderer_id=project.tenderer_id,
            agency_id=project.agency_id,
            regulator_id=project.regulator_id,
        )
        for lot, tender, project in tx.execute(query)
    ]


def published_files(tx: Tx, sha256: str) -> list[PublishedFile]:
    """The published files with exactly this SHA-256: public."""
    documents = (
        select(literal("document"), Document.name, Tender.title, Document.id, Tender.published_at)
        .join(Tender, Tender.id == Document.tender_id)
        .where(Document.sha256 == sha256, Tender.state == TenderState.PUBLISHED)
    )
    lot_title = Tender.title + " · " + Lot.name
    records = _of_lots(
        select(literal("record"), Lot.code, lot_title, Opening.lot_id, Opening.read_out_at), Opening
    ).where(Opening.record_sha256 == sha256)
    papers = _of_lots(
        select(cast(Paper.kind, String), Lot.code, lot_title, Paper.id, Paper.published_at), Paper
    ).where(Paper.sha256 == sha256, Paper.kind.in_(PUBLIC_KINDS))
    circulated = select(
        literal("circulated"),
        CirculatedNotice.number,
        CirculatedNotice.number,
        CirculatedNotice.id,
        CirculatedNotice.circulated_at,
    ).where(CirculatedNotice.pdf_sha256 == sha256, CirculatedNotice.scope == Scope.PUBLIC)
    found: list[PublishedFile] = []
    for query in (documents, records, papers, circulated):
        found += [_file(*row) for row in tx.execute(query)]
    return found


_FILES = {
    "document": "/documents/{}",
    "record": "/lots/{}/opening/record.pdf",
    "candidates": "/notices/award/{}/notice.pdf",
    "result": "/notices/award/{}/notice.pdf",
    "circulated": "",
}


def _file(kind: str, name: str, title: str, ref: str, at: datetime) -> PublishedFile:
    return PublishedFile(kind=kind, name=name, title=title, href=_FILES[kind].format(ref), at=at)
