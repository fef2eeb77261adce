"""Reads across the slices: openings, the lots that concern somebody, published files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select

from govcore.clock import BEIJING
from govcore.db import Tx
from govcore.identity.policy import Actor, Role
from govcore.module import PublishedFile
from trading.award.models import Award, Candidate, Exclusion
from trading.notices.queries import notices_with_paper
from trading.opening.models import Opening, OpeningBid
from trading.procedure.page_terms import terms_of
from trading.procedure.rules import rule_set
from trading.project.models import Project
from trading.supervision.models import CirculatedNotice
from trading.supervision.policy import Scope
from trading.tender.models import Admitted, Custodian, Document, Lot, Tender
from trading.tender.policy import ENDED, LotState, Method, TenderState, shown_state

MANY = 1000


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
    tender_round: int
    tender_state: str
    rule_set: str
    published_at: datetime | None
    title: str
    category: str
    project_id: str
    tenderer_id: str
    agency_id: str
    regulator_id: str
    mandatory: bool = True
    state_funded: bool = True
    procedure: str = "tender"
    final: bool = False
    """Takes the final offers of those who remained in a consultation."""

    @property
    def terms(self) -> Mapping[str, str]:
        """What tasks about this lot call people and things, and which law they cite."""
        return terms_of(rule_set(self.rule_set).regime, self.procedure)

    @property
    def consults(self) -> bool:
        return self.procedure == "consultation" and not self.final


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BEIJING)


def openings_on(tx: Tx, day: date, *, at: datetime) -> list[LotLine]:
    """The published lots that open on a day in Beijing, by their hour: public."""
    return openings_between(tx, day, day + timedelta(days=1), at=at)


def openings_between(tx: Tx, first: date, end: date, *, at: datetime) -> list[LotLine]:
    """The published lots that open from one day up to, not including, another, by their hour: public."""
    query = _LOTS.where(
        Tender.state == TenderState.PUBLISHED,
        Lot.opening_at >= _midnight(first),
        Lot.opening_at < _midnight(end),
    )
    return _lines(tx, query.order_by(Lot.opening_at, Lot.code).limit(MANY), at)


def opening_days(tx: Tx, *, after: date, limit: int = 14) -> list[tuple[date, int]]:
    """The days in Beijing from a day on on which lots open, and how many lots: public."""
    opens_later = Lot.opening_at >= _midnight(after)
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
    closed = exists().where(Exclusion.lot_id == Award.lot_id, Exclusion.bid_id == Award.bid_id)
    won = (
        select(func.count(), func.coalesce(func.sum(Candidate.price_fen), 0))
        .select_from(Award)
        .join(Candidate, (Candidate.lot_id == Award.lot_id) & (Candidate.bid_id == Award.bid_id))
        .where(Award.announced_at >= start, ~closed)
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
    .where(Tender.state != TenderState.ABANDONED)
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


def lots_at_work(tx: Tx, *, actor: Actor, at: datetime) -> list[LotLine]:
    """The lots that can ask something of the actor: those of its own side, those it serves, those it may bid for."""
    published = Tender.state == TenderState.PUBLISHED
    asks: list[ColumnElement[bool]] = [false()]
    if actor.org_id is not None:
        sides = {
            Role.TENDERER: Project.tenderer_id == actor.org_id,
            Role.AGENCY: Project.agency_id == actor.org_id,
            Role.REGULATOR: and_(Project.regulator_id == actor.org_id, published),
        }
        asks += [side for role, side in sides.items() if role in actor.roles]
    if Role.CENTRE in actor.roles:
        asks.append(and_(published, Lot.state.in_((*_TO_SERVE, LotState.OPEN))))
    if Role.BIDDER in actor.roles:
        won = select(Candidate.lot_id).where(Candidate.org_id == actor.org_id)
        in_hall = select(OpeningBid.lot_id).where(OpeningBid.org_id == actor.org_id)
        asked = exists().where(Admitted.tender_id == Tender.id, Admitted.org_id == actor.org_id)
        open_to = or_(Tender.method == Method.OPEN, asked)
        biddable = and_(Lot.state == LotState.OPEN, Lot.deadline_at > at, open_to)
        asks.append(and_(published, or_(biddable, Lot.id.in_(won), Lot.id.in_(in_hall))))
    going_on = Lot.state.not_in(ENDED)
    query = _LOTS.where(or_(*asks), going_on).order_by(
        Lot.deadline_at.is_(None), Lot.deadline_at.desc(), Lot.code
    )
    return _lines(tx, query.limit(MANY), at)


def lots_supervised(tx: Tx, *, actor: Actor, at: datetime) -> list[LotLine]:
    """The published lots of the actor's department, by category, those whose deadline is farthest ahead first."""
    mine = and_(Project.regulator_id == actor.org_id, Tender.state == TenderState.PUBLISHED)
    order = (Project.category, Lot.deadline_at.desc(), Lot.code)
    return _lines(tx, _LOTS.where(mine).order_by(*order).limit(MANY), at)


def lots_of_project(tx: Tx, project_id: str, *, actor: Actor, at: datetime) -> list[LotLine]:
    """The lots of all rounds of a project, whose drafts only its own side sees."""
    order = (Tender.code, Tender.round.desc(), Lot.number)
    return _lines(tx, _LOTS.where(Project.id == project_id, _seen_by(actor)).order_by(*order), at)


def lots_of_tender(tx: Tx, tender_id: str, *, actor: Actor, at: datetime) -> list[LotLine]:
    """The lots of a published tender; those of a draft for its own side."""
    return _lines(tx, _LOTS.where(Tender.id == tender_id, _seen_by(actor)).order_by(Lot.number), at)


def _seen_by(actor: Actor) -> ColumnElement[bool]:
    own = (Project.tenderer_id == actor.org_id, Project.agency_id == actor.org_id)
    return or_(Tender.state == TenderState.PUBLISHED, *own)


_TO_SERVE = (LotState.CLOSED, LotState.OPENED)


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
            tender_round=tender.round,
            tender_state=tender.state,
            rule_set=tender.rule_set,
            published_at=tender.published_at,
            title=tender.title,
            category=project.category,
            project_id=project.id,
            tenderer_id=project.tenderer_id,
            agency_id=project.agency_id,
            regulator_id=project.regulator_id,
            mandatory=project.mandatory,
            state_funded=project.state_funded,
            procedure=tender.content.get("procedure", "tender"),
            final=tender.content.get("final", False),
        )
        for lot, tender, project in tx.execute(query)
    ]


def published_files(tx: Tx, sha256: str) -> list[PublishedFile]:
    """The published files with exactly this SHA-256: public."""
    documents = (
        select(Document, Tender)
        .join(Tender, Tender.id == Document.tender_id)
        .where(Document.sha256 == sha256, Tender.state == TenderState.PUBLISHED)
    )
    circulated = select(CirculatedNotice).where(
        CirculatedNotice.pdf_sha256 == sha256, CirculatedNotice.scope == Scope.PUBLIC
    )
    return [
        *(
            PublishedFile(
                kind="Tender document",
                name=document.name,
                title=tender.title,
                href=f"/documents/{document.id}",
                at=tender.published_at,
            )
            for document, tender in tx.execute(documents)
        ),
        *(
            PublishedFile(kind=line.word, name=line.title, title="", href=line.href, at=line.at)
            for line in notices_with_paper(tx, sha256)
        ),
        *(
            PublishedFile(kind="Circulated notice", name=one.number, title="", href="", at=one.circulated_at)
            for one in tx.scalars(circulated)
        ),
    ]
