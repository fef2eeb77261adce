"""Drafts in the browser: begin, save step by step, hand over as a tender with version 1 of its documents."""

from __future__ import annotations

from datetime import datetime

import msgspec

from govcore.audit.service import record
from govcore.clock import BEIJING
from govcore.db import Tx, new_id
from govcore.errors import Malformed, MoveNotAllowed, NotFound
from govcore.identity.policy import Actor, require
from govcore.keys import KeyWrapper
from govcore.storage import Store
from trading.documents import draft_queries, service
from trading.documents.answers import DraftAnswers, assemble
from trading.documents.models import Draft
from trading.documents.starting import REGIMES, TEMPLATE_NAMES, start
from trading.procedure.rules import in_force
from trading.project.models import Project


def begin(tx: Tx, project_id: str, *, template: str, actor: Actor, at: datetime) -> Draft:
    """Begin a draft for a project of the actor's agency with a template's answers, under the law of its day."""
    require(actor, "tender.draft")
    project = tx.get(Project, project_id)
    if project is None or project.agency_id != actor.org_id:
        raise NotFound
    if template not in TEMPLATE_NAMES:
        raise Malformed(detail="template")
    rules = in_force(REGIMES[template], at.astimezone(BEIJING).date())
    answers = start(template, rule_set=rules.id)
    draft = Draft(
        id=new_id(),
        project_id=project.id,
        template=template,
        data=msgspec.to_builtins(answers),
        edited_by=actor.user_id,
        edited_at=at,
        tender_id=None,
    )
    tx.add(draft)
    tx.flush()
    record(tx, "documents.draft_begun", subject=draft.id, actor=actor.user_id, at=at, data={})
    return draft


def save(tx: Tx, draft_id: str, answers: DraftAnswers, *, actor: Actor, at: datetime) -> None:
    """Keep the answers so far, whether or not they hold together; `MoveNotAllowed` once it was handed over."""
    draft = _open(tx, draft_id, actor)
    draft.data = msgspec.to_builtins(answers)
    draft.edited_by, draft.edited_at = actor.user_id, at


def hand_over(tx: Tx, wrapper: KeyWrapper, store: Store, draft_id: str, *, actor: Actor, at: datetime) -> str:
    """Make the tender and version 1 of its documents, or that version anew; the tender's id. `NotYet` for what is
    missing; the tenderer then releases it.
    """
    draft = _open(tx, draft_id, actor)
    project = tx.get_one(Project, draft.project_id)
    new = assemble(
        draft_queries.answers_of(draft),
        project_id=project.id,
        tenderer_id=project.tenderer_id,
        regulator_id=project.regulator_id,
    )
    if draft.tender_id is None:
        tender, _ = service.prepare(tx, wrapper, new, actor=actor, at=at)
        service.set_papers(tx, store, tender)
        draft.tender_id = tender.id
    else:
        service.prepare_again(tx, store, draft.tender_id, new.terms, actor=actor, at=at)
    draft.edited_at = at
    return draft.tender_id


def _open(tx: Tx, draft_id: str, actor: Actor) -> Draft:
    require(actor, "tender.draft")
    draft = draft_queries.own_draft(tx, draft_id, actor=actor)
    if not draft_queries.is_open(tx, draft):
        raise MoveNotAllowed(move="documents.draft", state="released")
    return draft
