"""File a complaint: what came before it, until when, and to whom (实施条例 art. 60, 61; 政府采购法 art. 55)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from govcore.calendar.queries import calendar_of
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from govcore.notify import following
from govcore.notify.service import tell
from govcore.platform import Platform
from trading.challenge import clocks, facts
from trading.challenge.clocks import Prior
from trading.challenge.entries import Filer, filer_tag
from trading.challenge.evidence import Stored
from trading.challenge.filing import NewCase, Paper, check_paper_time, enter, lots_of, topic
from trading.challenge.models import Case, CaseLot
from trading.challenge.policy import COMPLAINTS, Ground, Kind, Stage, State
from trading.challenge.standing import standing_of
from trading.procedure.words import article_of
from trading.tender.queries import LotContext


class ObjectionFirst(Problem):
    code = "E_OBJECTION_FIRST"
    text = "{rule} · {article}: about this an objection comes first; complain once it is answered, or is not in time."


class ComplainedAlready(Problem):
    """实施条例 art. 61: of several departments the first to receive a complaint handles it."""

    code = "E_COMPLAINED"
    text = "T31 · 实施条例 art. 61: {number} about the same is with {department}, which received it first."


def complain(
    tx: Tx,
    platform: Platform,
    tender_id: str,
    new: NewCase,
    files: Sequence[Stored] = (),
    *,
    about_id: str | None = None,
    actor: Actor,
    at: datetime,
) -> Case:
    """File a complaint with the regulator of the project's category; `about_id` is the filer's case it goes on from.

    Raises `NoStanding`, `ObjectionFirst`, `ReplyPending`, `TooLate`, `ComplainedAlready`.
    """
    require(actor, "challenge.file")
    about = _own_case(tx, platform, tender_id, about_id, actor) if about_id else None
    lots = lots_of(tx, tender_id, facts.lot_ids_of(tx, about.id) if about else new.lot_ids)
    standing = standing_of(tx, platform, lots, new.receipt, actor=actor)
    prior = _prior(tx, lots, about, new.stage, actor.org_id)
    known_at = new.known_at or (prior.filed_at if prior else at)
    clocks.check_complaint(lots[0].rule_set, known_at, prior, calendar=calendar_of(tx), at=at)
    _check_first(tx, filer_tag(platform, actor.org_id), lots, about_id, new.stage)
    filer = Filer(actor.org_id or "", actor.org_name, actor.uscc or "", actor.name)
    case = enter(
        tx,
        platform,
        lots,
        new,
        files,
        filer=filer,
        ground=standing.ground,
        actor=actor,
        at=at,
        about_id=about_id,
    )
    following.follow(tx, platform.keys, platform.wrapper, topic(case.id), actor=actor, at=at)
    _tell_regulator(tx, case, lots[0], at=at)
    return case


def enter_paper_complaint(
    tx: Tx,
    platform: Platform,
    tender_id: str,
    new: NewCase,
    paper: Paper,
    files: Sequence[Stored] = (),
    *,
    actor: Actor,
    at: datetime,
) -> Case:
    """The project's regulator enters a complaint it received on paper; it alone judges time and standing."""
    require(actor, "challenge.decide")
    lots = lots_of(tx, tender_id, new.lot_ids)
    if actor.org_id != lots[0].regulator.id:
        raise NotFound
    check_paper_time(paper.received_at, at=at)
    return enter(
        tx,
        platform,
        lots,
        new,
        files,
        filer=paper.filer,
        ground=Ground.NAMED,
        actor=actor,
        at=at,
        paper=paper,
    )


def _own_case(tx: Tx, platform: Platform, tender_id: str, case_id: str, actor: Actor) -> Case:
    case = tx.get(Case, case_id)
    mine = case is not None and case.filer_tag == filer_tag(platform, actor.org_id)
    if case is None or not mine or case.tender_id != tender_id:
        raise NotFound
    return case


def _prior(
    tx: Tx, lots: Sequence[LotContext], about: Case | None, stage: Stage, org_id: str | None
) -> Prior | None:
    """What must have come before: an objection or challenge, in the hall or as a case; raise `ObjectionFirst`."""
    way = COMPLAINTS[lots[0].rule_set.regime]
    if (
        about is not None
        and about.kind in (Kind.OBJECTION, Kind.CHALLENGE)
        and about.state != State.WITHDRAWN
    ):
        return facts.prior_of(tx, lots[0], about)
    if about is None and stage is Stage.OPENING:
        spoken = facts.opening_objection(tx, [lot.lot_id for lot in lots], org_id)
        if spoken is not None:
            return spoken
    if stage in way.first or about is not None:
        raise ObjectionFirst(rule=way.last, article=article_of(lots[0].rule_set[way.last]))
    return None


def _check_first(tx: Tx, tag: str, lots: Sequence[LotContext], about_id: str | None, stage: Stage) -> None:
    query = select(Case).where(Case.kind == Kind.COMPLAINT, Case.filer_tag == tag)
    if about_id is not None:
        query = query.where(Case.about_id == about_id)
    else:
        named = select(CaseLot.case_id).where(CaseLot.lot_id.in_([lot.lot_id for lot in lots]))
        query = query.where(Case.about_id.is_(None), Case.stage == stage, Case.id.in_(named))
    earlier = tx.scalars(query.where(Case.state.not_in((State.WITHDRAWN, State.REFUSED)))).first()
    if earlier is not None and earlier.regulator_id is not None:
        department = identity.organisation(tx, earlier.regulator_id).name
        raise ComplainedAlready(number=earlier.number, department=department)


def _tell_regulator(tx: Tx, case: Case, lot: LotContext, *, at: datetime) -> None:
    people = identity.users_with_role(tx, Role.REGULATOR, org_id=lot.regulator.id)
    tell(
        tx,
        people,
        about=f"challenge.complained/{case.id}",
        text="A complaint about {title} was received: {number}.",
        data={"title": lot.title, "number": case.number},
        href=f"/objections/{case.id}",
        at=at,
    )
