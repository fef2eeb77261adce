"""Reads of prequalifications: the review for the tenderer's side, an applicant's own result, its invitations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity import queries as identity
from govcore.identity.models import Organisation
from govcore.identity.policy import Actor, Role
from trading.opening.queries import OpenedBid, all_read_out, opened_bids
from trading.prequalification.models import Following, Invitation, Review, Verdict
from trading.procedure.competition import Stage
from trading.project.models import Project
from trading.tender import queries as tenders
from trading.tender.models import Lot, Tender
from trading.tender.policy import LotState, Method, TenderState, bidding_open
from trading.tender.queries import LotContext, lot_context


@dataclass(frozen=True, slots=True)
class Application:
    """An opened application and what was found; nothing before it was judged."""

    bid: OpenedBid
    verdict: Verdict | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """The review of a prequalification as the tenderer's side works on it."""

    context: LotContext
    applications: tuple[Application, ...]
    members: tuple[str, ...]
    closed_at: datetime | None
    following: str | None

    @property
    def passed(self) -> list[Application]:
        return [one for one in self.applications if one.verdict is not None and one.verdict.passed]

    @property
    def missing(self) -> int:
        return sum(1 for one in self.applications if one.verdict is None)

    @property
    def least(self) -> int:
        return self.context.least(Stage.PASSED).number

    @property
    def enough(self) -> bool:
        return len(self.passed) >= self.least


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnResult:
    """What one applicant is told: its own verdict, and the round to which it is invited once that is published."""

    context: LotContext
    applicant: str
    passed: bool
    ground: str
    reason: str
    closed_at: datetime
    invited_to: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnInvitation:
    tender: Tender
    lots: tuple[Lot, ...]
    tenderer: str
    invited: str
    invited_at: datetime
    answer: str | None
    answered_at: datetime | None
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitee:
    name: str
    uscc: str
    answer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """Who is admitted to a round, for the tenderer's side; the answers are empty before the deadline."""

    tender: Tender
    project: str
    invitees: tuple[Invitee, ...]
    told: bool


def review(tx: Tx, lot_id: str, *, actor: Actor) -> Reviewed:
    """The review of applications that were read out; `NotFound` for all but the tenderer's side."""
    context = lot_context(tx, lot_id)
    if not context.content.prequalifies or not _own_side(context, actor) or not all_read_out(tx, lot_id):
        raise NotFound
    verdicts = {row.bid_id: row for row in tx.scalars(select(Verdict).where(Verdict.lot_id == lot_id))}
    closed = tx.get(Review, lot_id)
    return Reviewed(
        context=context,
        applications=tuple(Application(bid, verdicts.get(bid.bid_id)) for bid in opened_bids(tx, lot_id)),
        members=tuple(closed.members) if closed else (),
        closed_at=closed.closed_at if closed else None,
        following=following_of(tx, lot_id),
    )


def following_of(tx: Tx, lot_id: str) -> str | None:
    """The round of bids that follows a prequalification."""
    return tx.scalar(select(Following.tender_id).where(Following.lot_id == lot_id).limit(1))


def reviews(tx: Tx, *, actor: Actor) -> list[LotContext]:
    """The prequalifications of the actor's side whose applications were opened, the newest first."""
    query = select(Lot.id).join(Tender, Tender.id == Lot.tender_id).join(Project)
    own = (Project.tenderer_id == actor.org_id) | (Project.agency_id == actor.org_id)
    states = (LotState.OPENED, LotState.PREQUALIFIED, LotState.FAILED)
    found = tx.scalars(query.where(own, Lot.state.in_(states)).order_by(Lot.code.desc(), Lot.round.desc()))
    contexts = [lot_context(tx, lot_id) for lot_id in found]
    return [one for one in contexts if one.content.prequalifies and all_read_out(tx, one.lot_id)]


def applicants(tx: Tx, found: Reviewed) -> list[str]:
    """The people of those whose applications were reviewed."""
    orgs = [one.bid.org_id for one in found.applications]
    return [user for org in orgs for user in identity.users_with_role(tx, Role.BIDDER, org_id=org)]


def my_result(tx: Tx, lot_id: str, *, actor: Actor) -> OwnResult:
    """The result of the actor's organisation once the review ended; it names nobody else and counts nobody."""
    context, closed = lot_context(tx, lot_id), tx.get(Review, lot_id)
    mine = next((bid for bid in opened_bids(tx, lot_id) if bid.org_id == actor.org_id), None)
    if closed is None or mine is None:
        raise NotFound
    verdict = tx.get_one(Verdict, (lot_id, mine.bid_id))
    invited = (
        select(Following.tender_id)
        .join(Tender, Tender.id == Following.tender_id)
        .join(Invitation, Invitation.tender_id == Following.tender_id)
        .where(Following.lot_id == lot_id, Invitation.org_id == actor.org_id)
        .where(Tender.state == TenderState.PUBLISHED)
    )
    return OwnResult(
        context=context,
        applicant=mine.bidder_name,
        passed=verdict.passed,
        ground=verdict.ground,
        reason=verdict.reason,
        closed_at=closed.closed_at,
        invited_to=tx.scalar(invited.limit(1)),
    )


def invitation_of(tx: Tx, tender_id: str, *, actor: Actor) -> Invitation:
    """The invitation of the actor's organisation to a published round; `NotFound` for everybody else."""
    tender, row = tx.get(Tender, tender_id), tx.get(Invitation, (tender_id, actor.org_id or ""))
    if row is None or tender is None or tender.state != TenderState.PUBLISHED:
        raise NotFound
    return row


def my_invitation(tx: Tx, tender_id: str, *, actor: Actor, at: datetime) -> OwnInvitation:
    row = invitation_of(tx, tender_id, actor=actor)
    lots = tuple(tenders.lots_of(tx, tender_id))
    return OwnInvitation(
        tender=tx.get_one(Tender, tender_id),
        lots=lots,
        tenderer=lot_context(tx, lots[0].id).tenderer.name,
        invited=identity.organisation(tx, row.org_id).name,
        invited_at=row.invited_at,
        answer=row.answer,
        answered_at=row.answered_at,
        open=any(bidding_open(lot.state, lot.deadline_at, at) for lot in lots),
    )


def my_invitations(tx: Tx, *, actor: Actor) -> list[Tender]:
    """The published rounds to which the actor's organisation is invited, the newest first."""
    query = select(Tender).join(Invitation, Invitation.tender_id == Tender.id)
    query = query.where(Invitation.org_id == actor.org_id, Tender.state == TenderState.PUBLISHED)
    return list(tx.scalars(query.order_by(Tender.published_at.desc())))


def invited(tx: Tx, tender_id: str, *, actor: Actor, at: datetime) -> Invited:
    """Who may bid in a restricted round; `NotFound` for all but the tenderer's side."""
    tender = tenders.visible_tender(tx, tender_id, actor=actor)
    project = tx.get_one(Project, tender.project_id)
    if tender.method == Method.OPEN or actor.org_id not in (project.tenderer_id, project.agency_id):
        raise NotFound
    lots = tenders.lots_of(tx, tender_id)
    told = all(lot.deadline_at is not None and at >= lot.deadline_at for lot in lots)
    rows = tx.execute(
        select(Organisation, Invitation.answer)
        .join(Invitation, Invitation.org_id == Organisation.id)
        .where(Invitation.tender_id == tender_id)
        .order_by(Organisation.uscc)
    )
    invitees = tuple(
        Invitee(name=org.name, uscc=org.uscc, answer=answer if told else None) for org, answer in rows
    )
    return Invited(tender=tender, project=project.name, invitees=invitees, told=told)


def project_code(tx: Tx, tender: Tender) -> str:
    return tx.get_one(Project, tender.project_id).code


def drafts(tx: Tx, context: LotContext) -> list[Tender]:
    """The drafted rounds of the project that can follow a prequalification."""
    taken = select(Following.tender_id)
    query = select(Tender).join(Project, Project.id == Tender.project_id)
    query = query.where(Project.code == context.project_code, Tender.method == Method.PREQUALIFIED)
    open_ = Tender.state.in_((TenderState.DRAFT, TenderState.APPROVED))
    query = query.where(open_, Tender.id.not_in(taken))
    return list(tx.scalars(query.order_by(Tender.code, Tender.round)))


def _own_side(context: LotContext, actor: Actor) -> bool:
    tenderer = Role.TENDERER in actor.roles and actor.org_id == context.tenderer.id
    return tenderer or (Role.AGENCY in actor.roles and actor.org_id == context.agency.id)
