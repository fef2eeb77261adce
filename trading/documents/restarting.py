"""A new round of lots that failed or were given up: the answers of the round before, for the agency to make its own."""

from __future__ import annotations

from datetime import datetime

import msgspec

from govcore.audit.service import record
from govcore.clock import BEIJING
from govcore.db import Tx, new_id
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, require
from trading.documents import queries
from trading.documents.answers import BRAND_LABEL, MIB, DraftAnswers, FieldAnswer, LotAnswer, PartAnswer
from trading.documents.evaluation_again import evaluation_said
from trading.documents.models import Draft
from trading.documents.schemas import Terms
from trading.documents.starting import FOR_CATEGORY
from trading.procedure.policy import Regime
from trading.procedure.rules import in_force, rule_set
from trading.project.models import Project
from trading.project.policy import Category
from trading.tender import queries as tenders
from trading.tender import rounds
from trading.tender.models import Lot, Tender
from trading.tender.schemas import BRAND, DISCOUNT, NAMED_FIELDS, TenderContent

OWN_PARTS = ("summary", "deposit", "price")
"""The parts that every draft has by itself."""

GOODS = ("goods", "services")


class NoLots(Problem):
    code = "E_NO_LOTS"
    status = 422
    text = "Choose at least one lot that failed or was given up and is not tendered again yet (招标投标法 art. 28, 42)."


def begin_again(tx: Tx, tender_id: str, lot_ids: list[str], *, actor: Actor, at: datetime) -> Draft:
    """Begin a draft of the next round of these lots, with the newest documents' answers, under the law of its day."""
    require(actor, "tender.draft")
    tender = tenders.visible_tender(tx, tender_id, actor=actor)
    project = tx.get_one(Project, tender.project_id)
    chosen = [lot for lot in open_lots(tx, tender_id, actor=actor) if lot.id in lot_ids]
    if not chosen:
        raise NoLots
    regime = rule_set(tender.rule_set).regime
    rules = in_force(regime, at.astimezone(BEIJING).date())
    answers = _answers(tx, project, chosen, rule_set_id=rules.id)
    draft = Draft(
        id=new_id(),
        project_id=project.id,
        template=_template(answers, project, regime),
        data=msgspec.to_builtins(answers),
        edited_by=actor.user_id,
        edited_at=at,
        tender_id=None,
    )
    tx.add(draft)
    tx.flush()
    data = {"code": tender.code, "round": rounds.next_round(tx, tender.code)}
    record(tx, "documents.draft_begun", subject=draft.id, actor=actor.user_id, at=at, data=data)
    return draft


def open_lots(tx: Tx, tender_id: str, *, actor: Actor) -> list[Lot]:
    """The lots of a round of the actor's agency that can be tendered again; `NotFound` for everybody else."""
    tender = tenders.visible_tender(tx, tender_id, actor=actor)
    if tx.get_one(Project, tender.project_id).agency_id != actor.org_id:
        raise NotFound
    return rounds.to_retender(tx, tender_id)


NOT_ASKED = {
    "bidder_share": "A share of the keys for each bidder",
    "few_opened": "What happens when few bids open",
    "acts": "Site visits, samples, demonstrations",
    "questions_end_days": "When questions end",
    "suite": "Algorithms of the sealing",
}
"""What documents may say and no page of a draft asks for, with its name."""

SCORING_NOT_ASKED = ("trim_from", "scale", "alarm", "corrections", "keep_replaced_total", "least_valid")
"""What of the way to the ranks is left to the rule set by every draft."""


def falls_away(tx: Tx, tender_id: str) -> list[str]:
    """What the newest documents say that the next round's draft would not: such a round is drafted by the API."""
    asked = first_asked(tx, tenders.lots_of(tx, tender_id)[0])
    content = queries.terms_of(queries.in_force(tx, asked.tender_id)).content
    defaults = {field.name: field for field in msgspec.structs.fields(TenderContent)}
    found = [
        name
        for key, name in NOT_ASKED.items()
        if getattr(content, key) != defaults[key].default and getattr(content, key)
    ]
    unasked = any(getattr(content.scoring, name) is not None for name in SCORING_NOT_ASKED)
    return [*found, "How points become ranks"] if unasked else found


def _template(answers: DraftAnswers, project: Project, regime: Regime) -> str:
    if regime is Regime.GP:
        return answers.procures if answers.procures in GOODS else "goods"
    found = FOR_CATEGORY.get(Category(project.category), "building")
    return found if found not in GOODS else "building"


def first_asked(tx: Tx, lot: Lot) -> Lot:
    """The lot whose documents say what is bought: of final offers that of the consultation before them."""
    final = tenders.content_of(tx.get_one(Tender, lot.tender_id)).final
    return tx.get_one(Lot, lot.previous_id) if final and lot.previous_id else lot


def _answers(tx: Tx, project: Project, lots: list[Lot], *, rule_set_id: str) -> DraftAnswers:
    asked = [first_asked(tx, lot) for lot in lots]
    tender = tx.get_one(Tender, asked[0].tender_id)
    terms = queries.terms_of(queries.in_force(tx, tender.id))
    centre = tenders.custodian_org(tx, lots[0].id, role="centre")
    return msgspec.structs.replace(
        from_content(terms.content),
        title=tender.title,
        rule_set=rule_set_id,
        centre_id=centre or "",
        method=tender.method,
        previous=[lot.id for lot in lots],
        lots=[_lot(terms, lot) for lot in asked],
    )


def _lot(terms: Terms, lot: Lot) -> LotAnswer:
    said = next(one for one in terms.lots if one.number == lot.number)
    return LotAnswer(
        name=lot.name,
        estimate=_yuan(said.estimate_fen),
        max_price=_yuan(lot.max_price_fen),
        deposit=_yuan(lot.deposit_fen),
        bill=said.bill,
    )


def from_content(content: TenderContent) -> DraftAnswers:
    """The answers that make this content again; what no page of a draft asks for falls away."""
    asked = [one for one in content.form.fields if one.kind != "money" and one.id not in (DISCOUNT, BRAND)]
    return DraftAnswers(
        procures=content.procures,
        scope=content.scope,
        location=content.location,
        funds=content.funds,
        qualification=content.qualification,
        contact=content.contact,
        policies="\n".join(content.policies),
        consortium=content.consortium,
        prequalifies=content.prequalifies,
        **evaluation_said(content),
        price_type=content.price_type,
        two_envelopes=content.price_form is not None,
        technical_min=str(content.technical_min or ""),
        core_product=_core_product(content),
        fields=[
            FieldAnswer(label=one.label, kind=one.id if one.id in NAMED_FIELDS else one.kind) for one in asked
        ],
        duration_days=str(content.duration_days),
        validity_days=str(content.validity_days),
        deposit_validity_days=str(content.deposit_validity_days or ""),
        available_days=str(content.available_days or ""),
        deposit_forms=list(content.deposit_forms),
        parts=[
            PartAnswer(
                label=one.label,
                megabytes=str(max(one.max_size // MIB, 1)),
                types=", ".join(one.types),
                blind="yes" if one.blind else "",
            )
            for one in content.parts
            if one.id not in OWN_PARTS
        ],
    )


def _core_product(content: TenderContent) -> str:
    before, after = BRAND_LABEL.split("{product}")
    labels = [one.label for one in content.form.fields if one.id == BRAND]
    return labels[0].removeprefix(before).removesuffix(after) if labels else ""


def _yuan(fen: int | None) -> str:
    return "" if fen is None else f"{fen // 100}.{fen % 100:02d}"
