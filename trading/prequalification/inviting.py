"""Invitations to a restricted round: who is admitted, the letters at its publication, and the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import delete, select

from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from govcore.notify.service import tell
from trading.draws import queries as draws
from trading.draws.policy import DrawState, Purpose
from trading.prequalification import queries
from trading.prequalification.models import Invitation
from trading.prequalification.policy import Answer
from trading.procedure.competition import Stage
from trading.procedure.rules import rule_set
from trading.procedure.words import named
from trading.project.models import Project
from trading.tender import queries as tenders
from trading.tender.models import Admitted, Tender
from trading.tender.policy import Method, TenderState, bidding_open


class NotRestricted(Problem):
    code = "E_NOT_RESTRICTED"
    text = "The bidders of a round are named before it is published, and only where it is drafted for them."


class UnknownInvitee(Problem):
    code = "E_UNKNOWN_INVITEE"
    status = 422
    text = "{uscc} is not registered here, or takes part in the tender in another role."


class TooFewInvited(Problem):
    """招标投标法 art. 17."""

    code = "E_TOO_FEW_INVITED"
    status = 422
    text = "{rule} · {article}: invite at least {least} organisations."


class InviteesDrawn(Problem):
    code = "E_INVITEES_DRAWN"
    text = "Those who are invited to this round are drawn by lot; the list is not changed by hand (政府采购法 art. 34)."


class AnswerOver(Problem):
    code = "E_ANSWER_OVER"
    text = "The deadline has passed; an invitation can no longer be answered."


def invite(tx: Tx, tender_id: str, usccs: Sequence[str], *, actor: Actor, at: datetime) -> None:
    """Name all who are invited to a drafted round; a second list replaces the first (T12)."""
    require(actor, "prequalification.admit")
    tender = draft_of(tx, tender_id, Method.INVITED, actor=actor)
    check_enough(tender, len(set(usccs)))
    found = registered(tx, tender, usccs)
    lot = tenders.lots_of(tx, tender_id)[0]
    drawn = draws.present(tx, lot.id, purpose=Purpose.INVITEES)
    if drawn is not None and drawn.state != DrawState.VOID:
        raise InviteesDrawn
    for table in (Invitation, Admitted):
        tx.execute(delete(table).where(table.tender_id == tender_id))
    admit(tx, tender, found, at=at)
    # The log tells that a list was made, never how long it is.
    data = {"tender": tender.code, "round": tender.round}
    record(tx, "prequalification.invited", subject=tender_id, actor=actor.user_id, at=at, data=data)


def check_enough(tender: Tender, number: int) -> None:
    """`TooFewInvited` by the rule of the round's regime."""
    rule = tenders.content_of(tender).least(rule_set(tender.rule_set), Stage.INVITED)
    if number < rule.number:
        raise TooFewInvited(**named(rule))


def registered(tx: Tx, tender: Tender, usccs: Sequence[str]) -> list[str]:
    """The organisations with these codes, each once; none of them serves or supervises the tender."""
    found = []
    for uscc in dict.fromkeys(usccs):
        organisation = identity.organisation_by_uscc(tx, uscc)
        if organisation is None or tenders.runs(tx, tender.id, organisation.id):
            raise UnknownInvitee(uscc=uscc)
        found.append(organisation.id)
    return found


def admit(
    tx: Tx,
    tender: Tender,
    org_ids: Sequence[str],
    *,
    members: Mapping[str, list[str]] = MappingProxyType({}),
    at: datetime,
) -> None:
    """Let these bid in a round, and owe each of them its invitation; `members` of the consortia that they lead."""
    for org_id in org_ids:
        tx.add(Admitted(tender_id=tender.id, org_id=org_id, admitted_at=at, members=members.get(org_id)))
        tx.add(Invitation(tender_id=tender.id, org_id=org_id, invited_at=at, answer=None, answered_at=None))
    tx.flush()


def draft_of(tx: Tx, tender_id: str, method: Method, *, actor: Actor) -> Tender:
    """A round of the actor's agency that is not published yet and takes its bidders in this way."""
    tender = tenders.visible_tender(tx, tender_id, actor=actor)
    if tx.get_one(Project, tender.project_id).agency_id != actor.org_id:
        raise NotFound
    if tender.method != method or tender.state not in (TenderState.DRAFT, TenderState.APPROVED):
        raise NotRestricted
    return tender


def send(tx: Tx, tender_id: str, *, at: datetime) -> None:
    """Tell everybody who is admitted to a round that was published; safe to repeat."""
    tender = tx.get_one(Tender, tender_id)
    rows = tx.scalars(select(Invitation.org_id).where(Invitation.tender_id == tender_id))
    people = [user for org in rows for user in identity.users_with_role(tx, Role.BIDDER, org_id=org)]
    tell(
        tx,
        people,
        about=f"prequalification.invitation/{tender_id}",
        text="You are invited to bid: {tender}.",
        data={"tender": tender.title},
        href=f"/invitations/{tender_id}",
        at=at,
    )


def answer(tx: Tx, tender_id: str, said: Answer, *, actor: Actor, at: datetime) -> None:
    """Accept or decline; until the deadline nobody but the invited organisation reads it, not even the log."""
    require(actor, "prequalification.answer")
    row = queries.invitation_of(tx, tender_id, actor=actor)
    lots = tenders.lots_of(tx, tender_id)
    if not any(bidding_open(lot.state, lot.deadline_at, at) for lot in lots):
        raise AnswerOver
    row.answer, row.answered_at = said, at
