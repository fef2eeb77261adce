"""Draft a tender: what a draft must hold together before anybody approves it."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import func, select

from bidding_docs.manifests import OPENING, TECHNICAL_FIXED
from bidding_docs.summary import PRICE_PART, SUMMARY_PART, check_form
from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import Detail, NotFound, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, require
from govcore.keys import KeyWrapper
from trading.evaluation.scoring import Code, Refused, check
from trading.procedure.competition import Ground, Stage
from trading.procedure.policy import Regime, RuleSet
from trading.procedure.rules import rule_set
from trading.procedure.words import named
from trading.project.models import Project
from trading.project.policy import Trust
from trading.project.service import check_entrusted
from trading.tender import gates, rounds
from trading.tender.evaluation_file import evaluation_file
from trading.tender.models import Custodian, Lot, Tender
from trading.tender.moves import move_lot, move_tender
from trading.tender.policy import LotMove, LotState, Method, Move, TenderState
from trading.tender.schemas import NewTender, TenderContent


class UnlawfulRuleSet(Problem):
    code = "E_UNLAWFUL"
    status = 422
    text = "This rule set shortens lawful periods and is accepted only in a demonstration."


class InconsistentTender(Problem):
    code = "E_TENDER"
    status = 422
    text = "The tender does not hold together: {detail}"


def draft(
    tx: Tx, wrapper: KeyWrapper, new: NewTender, *, actor: Actor, at: datetime
) -> tuple[Tender, list[Lot]]:
    """Draft a tender of a project of the actor's agency, or its next round; raise naming what does not hold together.

    A new round keeps the codes; bids, downloads and deposits stay with the old lots, which stay readable.
    """
    require(actor, "tender.draft")
    project = tx.get(Project, new.project_id)
    if project is None or project.agency_id != actor.org_id:
        raise NotFound
    check_entrusted(tx, project, Trust.DOCUMENTS, at=at)
    rules = rule_set(new.rule_set)
    if not rules.lawful and not tx.info["settings"].demo:
        raise UnlawfulRuleSet
    _check(tx, new, rules)
    if new.content.prequalifies and (len(new.lots), new.method) != (1, Method.OPEN):
        raise InconsistentTender(detail="a prequalification has one lot and is open to everybody")
    if new.content.final != (Method(new.method) is Method.REMAINED):
        raise InconsistentTender(detail="final offers are taken of those who remained in a consultation")
    before: Tender | None = None
    old: list[Lot] = []
    if new.previous:
        before, old = rounds.followed(
            tx, new.previous, project_id=project.id, wanted=len(new.lots), final=new.content.final
        )
    code = before.code if before else f"{project.code}{_serial(tx, project.id):03d}"
    tender = Tender(
        id=new_id(),
        project_id=project.id,
        code=code,
        round=rounds.next_round(tx, code),
        previous_id=before.id if before else None,
        method=new.method,
        title=new.title,
        rule_set=rules.id,
        state=TenderState.DRAFT,
        content=msgspec.to_builtins(new.content),
        drafted_by=actor.user_id,
        approved_by=None,
        published_at=None,
    )
    tx.add(tender)
    tx.flush()
    lots = [
        _lot(tx, wrapper, tender, new, number, again=old[number - 1] if old else None)
        for number in range(1, len(new.lots) + 1)
    ]
    data = {"code": tender.code, "round": tender.round}
    record(tx, "tender.drafted", subject=tender.id, actor=actor.user_id, at=at, data=data)
    return tender, lots


def abandon(tx: Tx, tender_id: str, *, actor: Actor, at: datetime) -> None:
    """Give up a round that was never published; the lots that it was to tender again are free for another one.

    Its number is not used a second time: the log tells what became of it.
    """
    require(actor, "tender.draft")
    tender = tx.get(Tender, tender_id)
    if tender is None or tx.get_one(Project, tender.project_id).agency_id != actor.org_id:
        raise NotFound
    move_tender(tx, tender_id, Move.ABANDON)
    for lot in tx.scalars(select(Lot).where(Lot.tender_id == tender_id).with_for_update()).all():
        move_lot(tx, lot.id, LotMove.ABANDON, at=at)
        lot.previous_id = None
    data = {"code": tender.code, "round": tender.round}
    record(tx, "tender.abandoned", subject=tender_id, actor=actor.user_id, at=at, data=data)


def _serial(tx: Tx, project_id: str) -> int:
    """The next number of a tender in its project; two drafts at once meet at the unique code and round."""
    codes = select(func.count(Tender.code.distinct())).where(Tender.project_id == project_id)
    return (tx.scalar(codes) or 0) + 1


def _lot(
    tx: Tx, wrapper: KeyWrapper, tender: Tender, new: NewTender, number: int, *, again: Lot | None
) -> Lot:
    given = new.lots[number - 1]
    lot = Lot(
        id=new_id(),
        tender_id=tender.id,
        number=number,
        code=again.code if again else f"{tender.code}{number:03d}",
        name=given.name,
        round=tender.round,
        previous_id=again.id if again else None,
        state=LotState.DRAFT,
        max_price_fen=given.max_price_fen,
        deposit_fen=given.deposit_fen,
        deadline_at=None,
        opening_at=None,
        closed_at=None,
        key_manifest_sha256=None,
    )
    tx.add(lot)
    tx.flush()
    if rule_set(tender.rule_set).gate == "local":
        gates.make_own(tx, wrapper, lot, suite=new.content.suite, stages=new.content.stages())
    for index, seat in enumerate(new.custodians, 1):
        tx.add(Custodian(lot_id=lot.id, index=index, role=seat.role, org_id=seat.org_id))
    return lot


def _check(tx: Tx, new: NewTender, rules: RuleSet) -> None:
    check_content(new.content, rules)
    if (
        len(new.custodians) != rules.custodians.n
        or len({s.org_id for s in new.custodians}) != rules.custodians.n
    ):
        raise InconsistentTender(
            detail=Detail(
                "{count} custodians of different organisations are needed", count=rules.custodians.n
            )
        )
    for seat in new.custodians:
        identity.organisation(tx, seat.org_id)


def check_content(content: TenderContent, rules: RuleSet) -> None:
    """Raise `InconsistentTender` unless criteria, parts and forms hold together."""
    if content.prequalifies:
        _check_applications(content)
        return
    _check_evaluation(content, rules)
    _check_parts(content)
    _check_responses(content)


def _check_applications(content: TenderContent) -> None:
    """Applicants are told neither points nor asked for a price, and nothing of theirs is read out to the public."""
    for form in content.forms().values():
        check_form(form)
    if content.criteria or "price_fen" in {field.id for field in content.form.fields}:
        raise InconsistentTender(detail="a prequalification has no points and asks for no price")
    names = [part.id for part in content.parts]
    if len(set(names)) != len(names) or SUMMARY_PART not in names:
        raise InconsistentTender(detail="the part summary must be there, every part once")
    if content.stages() != [OPENING] or any(part.public for part in content.parts):
        raise InconsistentTender(
            detail="all parts of an application open at once, none of them to the public"
        )


_OF_ITS_KIND = (Ground.SERVICES, Ground.WORKS)
"""Grounds that say themselves what is bought."""


def _check_responses(content: TenderContent) -> None:
    """Responses and final offers are the group's to read; what was given as deposit stays with the response."""
    if content.final and content.procedure != "consultation":
        raise InconsistentTender(detail="final offers are taken of those who remained in a consultation")
    if content.ground and content.procedure != "consultation":
        raise InconsistentTender(detail="only a consultation has a ground")
    if content.ground in _OF_ITS_KIND and content.procures != str(content.ground):
        raise InconsistentTender(detail="the ground of the consultation does not fit what is bought")
    if content.final and any(part.id == "deposit" for part in content.parts):
        raise InconsistentTender(detail="a final offer has no deposit of its own")
    if content.reads_out:
        return
    if content.stages() != [OPENING] or any(part.public for part in content.parts):
        raise InconsistentTender(detail="all parts of a response open at once, none of them to the public")


def _check_parts(content: TenderContent) -> None:
    """The price is asked for once: in the opening summary, or in a second envelope of its own."""
    for form in content.forms().values():
        check_form(form)
    if any(part.blind and (part.public or part.types != ("pdf",)) for part in content.parts):
        raise InconsistentTender(detail="a blind part is not public and takes PDF files only")
    opens = {part.id: part.opens for part in content.parts}
    needed = {"summary"} if content.final else {"summary", "deposit"}
    if len(opens) != len(content.parts) or not needed <= set(opens):
        raise InconsistentTender(detail="the parts summary and deposit must be there, every part once")
    if {opens[part] for part in needed} != {OPENING}:
        raise InconsistentTender(detail="the parts summary and deposit open at the opening")
    later = {part for part, stage in opens.items() if stage == TECHNICAL_FIXED}
    if (PRICE_PART in later) != bool(later) or bool(later) != (content.price_form is not None):
        raise InconsistentTender(detail="a second envelope needs the part price and its form")
    asked = [
        part
        for part, form in content.forms().items()
        for field in form.fields
        if (field.id, field.kind) == ("price_fen", "money")
    ]
    if asked != [PRICE_PART if later else SUMMARY_PART]:
        raise InconsistentTender(detail="the summary that holds the price needs the money field price_fen")
    named = [field.id for form in content.forms().values() for field in form.fields]
    if len(set(named)) != len(named):
        raise InconsistentTender(detail="the two forms name a field twice")


_FAULTS = {
    Code.WEIGHTS: "the points do not add up: {place}",
    Code.CRITERIA: "the criteria do not hold together: {place}",
    Code.UNKNOWN: "what is named is not there: {place}",
}


def _check_evaluation(content: TenderContent, rules: RuleSet) -> None:
    """What the scoring would refuse once bids are open is refused before anybody bids."""
    try:
        check(evaluation_file(content, rules, max_price_fen=1))
    except Refused as fault:
        text = _FAULTS.get(fault.code, "the evaluation does not hold together: {place}")
        place = fault.place.removeprefix("tender_file.")
        raise InconsistentTender(
            detail=Detail(text, place=place), fault=fault.code.value, place=place
        ) from None
    most = rules.count("T17") if rules.regime is Regime.TB else None
    if most is not None and (content.scoring.candidates or 0) > most:
        raise InconsistentTender(
            detail=Detail("a tender names at most {most} candidates (T17 · 实施条例 art. 53)", most=most)
        )
    if rules.regime is Regime.GP and content.leader == "named":
        raise InconsistentTender(
            detail="in a government purchase the members elect their leader (G13 · 87号令 art. 45)"
        )
    least = content.least(rules, Stage.RESPONSIVE)
    if content.scoring.least_valid is not None and content.scoring.least_valid < least.number:
        raise InconsistentTender(
            detail=Detail("at least {least} bids must be valid ({rule} · {article})", **named(least))
        )
    itemised_price = any(one.items for one in content.criteria if one.kind == "price")
    if itemised_price or (content.criteria and not content.scored):
        raise InconsistentTender(detail=Detail(_FAULTS[Code.CRITERIA], place="criteria"))
    ids = [gate.id for gate in content.gates]
    if len(set(ids)) != len(ids):
        raise InconsistentTender(detail="criteria and items need different ids")
