"""Reads of awards: notices for everybody, the letter for the parties, the desk for the tenderer's side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor, Role
from trading.award.models import Award, Candidate, Paper, Publicity
from trading.award.policy import PUBLIC_KINDS, PaperKind, Stage, publicity_is_over, stage
from trading.tender.models import Lot
from trading.tender.queries import LotContext, lot_context

AWARDABLE = ("evaluated", "publicity", "awarded")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicNotice:
    """A line in the list of public notices."""

    id: str
    kind: PaperKind
    lot_id: str
    lot_code: str
    title: str
    at: datetime

    @property
    def href(self) -> str:
        return f"/notices/award/{self.id}"

    @property
    def word(self) -> str:
        """The kind of notice as a key of the catalogue."""
        return "Candidates' publicity" if self.kind is PaperKind.CANDIDATES else "Award result"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedCandidate:
    """A candidate as its notice names it; `total` in hundredths of a point."""

    bid_id: str
    rank: int
    org_id: str
    bidder_name: str
    uscc: str
    price_fen: int
    total: int
    duration_days: int
    quality: str
    manager: str
    manager_certificate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A paper's name in the store and in the log."""

    id: str
    key: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredNotice:
    """A public notice with what it says, and the paper that says it."""

    id: str
    kind: PaperKind
    context: LotContext
    candidates: tuple[PublishedCandidate, ...]
    winner: PublishedCandidate | None
    ends_at: datetime
    over: bool
    published_at: datetime
    store_key: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a lot's award is, for everybody: nothing is in it before it is published."""

    context: LotContext
    candidates: tuple[PublishedCandidate, ...]
    ends_at: datetime | None
    over: bool
    winner_bid_id: str | None
    papers: tuple[StoredFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRow:
    """A lot of the actor's side and what it waits for."""

    context: LotContext
    stage: Stage
    ends_at: datetime | None
    firsts: tuple[PublishedCandidate, ...]
    notice_id: str | None


def is_own_side(context: LotContext, actor: Actor) -> bool:
    """Whether the actor belongs to the lot's tenderer or agency, in that role."""
    tenderer = Role.TENDERER in actor.roles and actor.org_id == context.tenderer.id
    return tenderer or (Role.AGENCY in actor.roles and actor.org_id == context.agency.id)


def public_notices(tx: Tx) -> list[PublicNotice]:
    """All candidates' and result notices, newest first: public."""
    query = select(Paper).where(Paper.kind.in_(PUBLIC_KINDS)).order_by(Paper.published_at.desc(), Paper.id)
    return [_line(tx, paper) for paper in tx.scalars(query)]


def public_notice(tx: Tx, notice_id: str, *, at: datetime) -> StoredNotice:
    """One of `public_notices` in full; `NotFound` for every other paper."""
    paper = tx.get(Paper, notice_id)
    if paper is None or paper.kind not in PUBLIC_KINDS:
        raise NotFound
    kind = PaperKind(paper.kind)
    publicity = tx.get_one(Publicity, paper.lot_id)
    candidates = candidates_of(tx, paper.lot_id)
    return StoredNotice(
        id=paper.id,
        kind=kind,
        context=lot_context(tx, paper.lot_id),
        candidates=tuple(candidates),
        winner=_winner(tx, paper.lot_id) if kind is PaperKind.RESULT else None,
        ends_at=publicity.ends_at,
        over=publicity_is_over(publicity.ends_at, at),
        published_at=paper.published_at,
        store_key=paper.store_key,
        sha256=paper.sha256,
        size=paper.size,
    )


def standing(tx: Tx, lot_id: str, *, at: datetime) -> Standing:
    """The published part of a lot's award; `NotFound` before its candidates are published."""
    publicity = tx.get(Publicity, lot_id)
    if publicity is None:
        raise NotFound
    award = tx.get(Award, lot_id)
    papers = select(Paper).where(Paper.lot_id == lot_id, Paper.kind.in_(PUBLIC_KINDS)).order_by(Paper.kind)
    return Standing(
        context=lot_context(tx, lot_id),
        candidates=tuple(candidates_of(tx, lot_id)),
        ends_at=publicity.ends_at,
        over=publicity_is_over(publicity.ends_at, at),
        winner_bid_id=award.bid_id if award else None,
        papers=tuple(_file(paper) for paper in tx.scalars(papers)),
    )


def candidates_of(tx: Tx, lot_id: str) -> list[PublishedCandidate]:
    """The published candidates of a lot in their order."""
    query = select(Candidate).where(Candidate.lot_id == lot_id)
    return [_shown(row) for row in tx.scalars(query.order_by(Candidate.position))]


def letter(tx: Tx, lot_id: str, *, actor: Actor) -> tuple[StoredFile, LotContext]:
    """The award letter, for the winner, the lot's side, its regulator and the centre."""
    paper = tx.scalar(select(Paper).where(Paper.lot_id == lot_id, Paper.kind == PaperKind.LETTER))
    if paper is None:
        raise NotFound
    context, winner = lot_context(tx, lot_id), _winner(tx, lot_id)
    won = Role.BIDDER in actor.roles and actor.org_id == winner.org_id
    regulates = Role.REGULATOR in actor.roles and actor.org_id == context.regulator.id
    if not (won or regulates or Role.CENTRE in actor.roles or is_own_side(context, actor)):
        raise NotFound
    return _file(paper), context


def desk(tx: Tx, *, actor: Actor, at: datetime) -> list[DeskRow]:
    """The evaluated lots of the actor's side."""
    query = select(Lot.id).where(Lot.state.in_(AWARDABLE)).order_by(Lot.opening_at.desc(), Lot.code)
    contexts = [lot_context(tx, lot_id) for lot_id in tx.scalars(query)]
    return [_desk_row(tx, context, at) for context in contexts if is_own_side(context, actor)]


def _desk_row(tx: Tx, context: LotContext, at: datetime) -> DeskRow:
    publicity = tx.get(Publicity, context.lot_id)
    ends_at = publicity.ends_at if publicity else None
    candidates = candidates_of(tx, context.lot_id)
    latest = select(Paper.id).where(Paper.lot_id == context.lot_id, Paper.kind.in_(PUBLIC_KINDS))
    return DeskRow(
        context=context,
        stage=stage(context.state, ends_at, at),
        ends_at=ends_at,
        firsts=tuple(candidate for candidate in candidates if candidate.rank == 1),
        notice_id=tx.scalar(latest.order_by(Paper.published_at.desc()).limit(1)),
    )


def _winner(tx: Tx, lot_id: str) -> PublishedCandidate:
    award = tx.get_one(Award, lot_id)
    return _shown(tx.get_one(Candidate, (lot_id, award.bid_id)))


def _shown(row: Candidate) -> PublishedCandidate:
    return PublishedCandidate(
        bid_id=row.bid_id,
        rank=row.rank,
        org_id=row.org_id,
        bidder_name=row.bidder_name,
        uscc=row.uscc,
        price_fen=row.price_fen,
        total=row.total,
        duration_days=row.duration_days,
        quality=row.quality,
        manager=row.manager,
        manager_certificate=row.manager_certificate,
    )


def _file(paper: Paper) -> StoredFile:
    return StoredFile(id=paper.id, key=paper.store_key, sha256=paper.sha256)


def _line(tx: Tx, paper: Paper) -> PublicNotice:
    context = lot_context(tx, paper.lot_id)
    return PublicNotice(
        id=paper.id,
        kind=PaperKind(paper.kind),
        lot_id=paper.lot_id,
        lot_code=context.lot_code,
        title=f"{context.title} · {context.lot_name}",
        at=paper.published_at,
    )
