"""Reads of awards: what is published for everybody, letters for the parties, the desk for the tenderer's side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor, Role
from trading.award.models import (
    Award,
    Candidate,
    Evidence,
    Exclusion,
    FailedAward,
    Paper,
    PastPublicity,
    Publicity,
)
from trading.award.policy import (
    PUBLIC_KINDS,
    Basis,
    Cause,
    Failure,
    PaperKind,
    Ranked,
    publicity_is_over,
)
from trading.tender.policy import Step
from trading.tender.queries import LotContext, lot_context
from trading.tender.suspensions import stopped_by


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
        return KIND_WORDS[self.kind]


KIND_WORDS = {
    PaperKind.CANDIDATES: "Candidates' publicity",
    PaperKind.RESULT: "Award result",
    PaperKind.FAILURE: "Failed tender",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedCandidate:
    """A candidate as its notice names it; `total` in hundredths of a point, absent where prices alone are compared."""

    bid_id: str
    rank: int
    org_id: str
    bidder_name: str
    uscc: str
    price_fen: int
    total: int | None
    duration_days: int
    quality: str
    manager: str
    manager_certificate: str
    evaluated_fen: int | None = None

    @property
    def by_price(self) -> bool:
        """Whether the evaluated price, not points, gave it its rank."""
        return self.total is None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A paper's name in the store and in the log."""

    id: str
    key: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Out:
    """Why a candidate is out."""

    cause: Cause
    text: str
    at: datetime
    evidence_name: str = ""
    evidence_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Awarded:
    """One decision in the sequence of a lot's awards."""

    n: int
    winner: PublishedCandidate
    basis: Basis
    reason: str
    decided_at: datetime
    announced_at: datetime | None
    out: Out | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Why a lot ended without a winner."""

    cause: Failure
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredNotice:
    """A public notice with what it says, and the paper that says it."""

    id: str
    kind: PaperKind
    context: LotContext
    candidates: tuple[PublishedCandidate, ...]
    award: Awarded | None
    failed: Failed | None
    ends_at: datetime | None
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
    outs: dict[str, Out]
    ends_at: datetime | None
    over: bool
    awards: tuple[Awarded, ...]
    failed: Failed | None
    papers: tuple[StoredFile, ...]

    @property
    def winner_bid_id(self) -> str | None:
        """Who holds the award now: nobody once the last winner is out."""
        return next((one.winner.bid_id for one in self.awards[-1:] if one.out is None), None)


def is_own_side(context: LotContext, actor: Actor) -> bool:
    """Whether the actor belongs to the lot's tenderer or agency, in that role."""
    tenderer = Role.TENDERER in actor.roles and actor.org_id == context.tenderer.id
    return tenderer or (Role.AGENCY in actor.roles and actor.org_id == context.agency.id)


def own_lot(tx: Tx, lot_id: str, actor: Actor) -> LotContext:
    """The lot, for its tenderer and agency; `NotFound` for everybody else."""
    context = lot_context(tx, lot_id)
    if not is_own_side(context, actor):
        raise NotFound
    return context


def public_notices(tx: Tx) -> list[PublicNotice]:
    """All candidates', result and failure notices, newest first: public."""
    query = select(Paper).where(Paper.kind.in_(PUBLIC_KINDS)).order_by(Paper.published_at.desc(), Paper.id)
    return [_line(tx, paper) for paper in tx.scalars(query)]


def public_notice(tx: Tx, notice_id: str, *, at: datetime) -> StoredNotice:
    """One of `public_notices` in full; `NotFound` for every other paper."""
    paper = tx.get(Paper, notice_id)
    if paper is None or paper.kind not in PUBLIC_KINDS:
        raise NotFound
    kind = PaperKind(paper.kind)
    publicity = tx.get(Publicity, paper.lot_id)
    past = tx.get(PastPublicity, (paper.lot_id, paper.n)) if kind is PaperKind.CANDIDATES else None
    told = [one for one in awards_of(tx, paper.lot_id) if one.n == paper.n]
    return StoredNotice(
        id=paper.id,
        kind=kind,
        context=lot_context(tx, paper.lot_id),
        candidates=_told_candidates(tx, paper, past) if kind is PaperKind.CANDIDATES else (),
        award=told[0] if kind is PaperKind.RESULT else None,
        failed=failed_of(tx, paper.lot_id) if kind is PaperKind.FAILURE else None,
        ends_at=past.ends_at if past else publicity.ends_at if publicity else None,
        over=past is not None or (publicity is not None and is_over(tx, publicity, at)),
        published_at=paper.published_at,
        store_key=paper.store_key,
        sha256=paper.sha256,
        size=paper.size,
    )


def _told_candidates(tx: Tx, paper: Paper, past: PastPublicity | None) -> tuple[PublishedCandidate, ...]:
    if past is not None:
        return tuple(PublishedCandidate(**one) for one in past.candidates)
    return tuple(candidates_of(tx, paper.lot_id))


def standing(tx: Tx, lot_id: str, *, at: datetime) -> Standing:
    """The published part of a lot's award; `NotFound` before anything of it is published."""
    query = select(Paper).where(Paper.lot_id == lot_id, Paper.kind.in_(PUBLIC_KINDS))
    papers = list(tx.scalars(query.order_by(Paper.published_at, Paper.kind)))
    if not papers:
        raise NotFound
    publicity = tx.get(Publicity, lot_id)
    return Standing(
        context=lot_context(tx, lot_id),
        candidates=tuple(candidates_of(tx, lot_id)) if publicity else (),
        outs=outs_of(tx, lot_id),
        ends_at=publicity.ends_at if publicity else None,
        over=publicity is not None and is_over(tx, publicity, at),
        awards=tuple(one for one in awards_of(tx, lot_id) if one.announced_at is not None),
        failed=failed_of(tx, lot_id),
        papers=tuple(_file(paper) for paper in papers),
    )


def is_over(tx: Tx, publicity: Publicity, at: datetime) -> bool:
    """Whether the publicity is over; it cannot end while a suspension stops it (I3)."""
    held = stopped_by(tx, publicity.lot_id, Step.PUBLICITY, at) is not None
    return publicity_is_over(publicity.ends_at, at, held=held)


def candidates_of(tx: Tx, lot_id: str) -> list[PublishedCandidate]:
    """The candidates of a lot in their order."""
    query = select(Candidate).where(Candidate.lot_id == lot_id)
    return [shown(row) for row in tx.scalars(query.order_by(Candidate.position))]


def ranked_of(tx: Tx, lot_id: str) -> list[Ranked]:
    """The candidates as the order of awards needs them."""
    outs = outs_of(tx, lot_id)
    return [Ranked(one.bid_id, one.rank, one.bid_id in outs) for one in candidates_of(tx, lot_id)]


def outs_of(tx: Tx, lot_id: str) -> dict[str, Out]:
    """The candidates that are out, by bid."""
    query = select(Exclusion, Evidence).outerjoin(Evidence, Evidence.id == Exclusion.evidence_id)
    return {
        row.bid_id: Out(
            cause=Cause(row.cause),
            text=row.text,
            at=row.at,
            evidence_name=file.name if file else "",
            evidence_sha256=file.sha256 if file else "",
        )
        for row, file in tx.execute(query.where(Exclusion.lot_id == lot_id))
    }


def awards_of(tx: Tx, lot_id: str) -> list[Awarded]:
    """The sequence of a lot's awards, the first one first."""
    outs = outs_of(tx, lot_id)
    rows = tx.scalars(select(Award).where(Award.lot_id == lot_id).order_by(Award.n))
    return [
        Awarded(
            n=row.n,
            winner=shown(tx.get_one(Candidate, (lot_id, row.bid_id))),
            basis=Basis(row.basis),
            reason=row.reason,
            decided_at=row.decided_at,
            announced_at=row.announced_at,
            out=outs.get(row.bid_id),
        )
        for row in rows
    ]


def present_award(tx: Tx, lot_id: str) -> Awarded | None:
    """The award that holds now; nothing before the first, and once its winner is out."""
    return next((one for one in awards_of(tx, lot_id)[-1:] if one.out is None), None)


def failed_of(tx: Tx, lot_id: str) -> Failed | None:
    row = tx.get(FailedAward, lot_id)
    return None if row is None else Failed(cause=Failure(row.cause), text=row.text, at=row.at)


def letter(tx: Tx, lot_id: str, *, actor: Actor, n: int | None = None) -> tuple[StoredFile, LotContext]:
    """An award letter, by default the newest, for its winner, the lot's side, its regulator and the centre."""
    query = select(Paper).where(Paper.lot_id == lot_id, Paper.kind == PaperKind.LETTER)
    if n is not None:
        query = query.where(Paper.n == n)
    paper = tx.scalar(query.order_by(Paper.n.desc()).limit(1))
    if paper is None:
        raise NotFound
    context = lot_context(tx, lot_id)
    award = tx.get_one(Award, (lot_id, paper.n))
    winner = tx.get_one(Candidate, (lot_id, award.bid_id))
    won = Role.BIDDER in actor.roles and actor.org_id == winner.org_id
    regulates = Role.REGULATOR in actor.roles and actor.org_id == context.regulator.id
    if not (won or regulates or Role.CENTRE in actor.roles or is_own_side(context, actor)):
        raise NotFound
    return _file(paper), context


def publicity_of(tx: Tx, lot_id: str) -> tuple[datetime, datetime] | None:
    """From when until when the candidates were published."""
    row = tx.get(Publicity, lot_id)
    return None if row is None else (row.published_at, row.ends_at)


def paper_of(tx: Tx, lot_id: str, kind: PaperKind, n: int) -> StoredFile | None:
    """One paper of a lot, for services that have checked who asks."""
    query = select(Paper).where(Paper.lot_id == lot_id, Paper.kind == kind, Paper.n == n)
    paper = tx.scalar(query)
    return None if paper is None else _file(paper)


def papers_of(tx: Tx, lot_id: str) -> list[tuple[PaperKind, int, StoredFile]]:
    """Every stored paper of a lot's award, for the archive."""
    query = select(Paper).where(Paper.lot_id == lot_id).order_by(Paper.kind, Paper.n)
    return [(PaperKind(paper.kind), paper.n, _file(paper)) for paper in tx.scalars(query)]


def shown(row: Candidate) -> PublishedCandidate:
    return PublishedCandidate(
        bid_id=row.bid_id,
        rank=row.rank,
        org_id=row.org_id,
        bidder_name=row.bidder_name,
        uscc=row.uscc,
        price_fen=row.price_fen,
        total=row.total,
        evaluated_fen=row.evaluated_fen,
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
