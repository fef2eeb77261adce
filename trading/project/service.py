"""Register projects, correct them, file their papers; say who supervises what."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import datetime

import msgspec
from sqlalchemy import func, select

from govcore.audit.service import record
from govcore.clock import BEIJING
from govcore.db import Tx, new_id
from govcore.divisions import check_division
from govcore.errors import Forbidden, NotFound, Problem
from govcore.identifiers import ECode, check_investment_code
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from govcore.storage import AlreadyStored, Store
from trading.procedure.policy import Regime
from trading.procedure.rules import in_force
from trading.project import queries
from trading.project.models import Project, ProjectFile, ProjectVersion, Supervision
from trading.project.policy import Category, Trust, grounds, mandate_covers, must_be_tendered
from trading.project.schemas import NewProject, ProjectTerms

PLATFORM = "0001"
FILE_LIMIT = 20 << 20
"""Bytes of one approval or mandate."""


class NoSupervisor(Problem):
    """实施条例 art. 4."""

    code = "E_SUPERVISOR"
    status = 422
    text = "No department is set to supervise this category. Name one, or ask the centre to set it."


class SupervisorReason(Problem):
    code = "E_SUPERVISOR_REASON"
    status = 422
    text = "Another department than the one of the category supervises this project: say why."


class MustBeTendered(Problem):
    """招标投标法 art. 3."""

    code = "E_MANDATORY"
    status = 422
    text = "T35 · 招标投标法 art. 3: by its funds and estimate the law obliges to tender this project, so it cannot be registered as a voluntary one."  # noqa: E501


class MandateDates(Problem):
    code = "E_MANDATE_DATES"
    status = 422
    text = "The mandate ends before it begins."


class NotEntrusted(Problem):
    """招标投标法 art. 15: an agency acts within its mandate."""

    code = "E_MANDATE"
    status = 403
    text = "招标投标法 art. 15: the agency's mandate does not cover this on {day}: {trust}."


class FileTooLarge(Problem):
    code = "E_LIMIT"
    status = 413
    text = "A file has between 1 byte and {megabytes} MB."


def check_place(tx: Tx, division: str) -> None:
    """Raise `DivisionUnknown` unless the division exists; a demonstration plays in one that does not."""
    if not tx.info["settings"].demo:
        check_division(division)


def register(tx: Tx, project: NewProject, *, actor: Actor, at: datetime) -> Project:
    """Register a project for its tenderer and agency; raise for unknown organisations and what does not fit."""
    require(actor, "project.register")
    if actor.org_id is None:
        raise Forbidden
    tenderer_id, agency_id = project.tenderer_id, actor.org_id
    if Role.AGENCY not in actor.roles:
        tenderer_id, agency_id = actor.org_id, project.agency_id
    regulator_id = _regulator(tx, project)
    for org_id in (tenderer_id, agency_id, regulator_id):
        identity.organisation(tx, org_id)
    check(project.category, project.terms, at=at)
    check_place(tx, project.division)
    serial = (tx.scalar(select(func.count()).select_from(Project)) or 0) + 1
    row = Project(
        id=new_id(),
        code=str(ECode(division=project.division, platform=PLATFORM, serial=serial)),
        name=project.name,
        category=project.category,
        tenderer_id=tenderer_id,
        agency_id=agency_id,
        regulator_id=regulator_id,
        registered_at=at,
        version=0,
    )
    tx.add(row)
    _say(tx, row, project.name, regulator_id, project.terms, actor=actor, at=at)
    record(tx, "project.registered", subject=row.id, actor=actor.user_id, at=at, data={"code": row.code})
    return row


def correct(tx: Tx, project_id: str, project: NewProject, *, actor: Actor, at: datetime) -> Project:
    """Say anew what a registration says; parties, category and code stay, what was said before is kept."""
    require(actor, "project.register")
    row = queries.visible_project(tx, project_id, actor=actor)
    if actor.org_id not in (row.tenderer_id, row.agency_id):
        raise NotFound
    check(Category(row.category), project.terms, at=at)
    regulator_id, before = project.regulator_id or row.regulator_id, _said_sha256(row)
    _say(tx, row, project.name, regulator_id, project.terms, actor=actor, at=at)
    data = {
        "code": row.code,
        "version": row.version,
        "before": before,
        "content_sha256": _said_sha256(row),
    }
    record(tx, "project.corrected", subject=row.id, actor=actor.user_id, at=at, data=data)
    return row


def _say(
    tx: Tx,
    row: Project,
    name: str,
    regulator_id: str,
    terms: ProjectTerms,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    row.version += 1
    row.name, row.regulator_id = name, regulator_id
    row.mandatory, row.state_funded = terms.mandatory, terms.state_funded
    row.terms = msgspec.to_builtins(terms)
    tx.flush()
    tx.add(
        ProjectVersion(
            project_id=row.id,
            number=row.version,
            name=name,
            regulator_id=regulator_id,
            terms=row.terms,
            said_by=actor.user_id,
            at=at,
        )
    )
    tx.flush()


def _said_sha256(row: Project) -> str:
    """The hash of what a registration says, which its versions hold in full."""
    said = msgspec.json.encode([row.name, row.regulator_id, row.terms], order="sorted")
    return hashlib.sha256(said).hexdigest()


def check(category: Category, terms: ProjectTerms, *, at: datetime) -> None:
    """Raise what does not hold together in a registration."""
    if terms.investment_code is not None:
        check_investment_code(terms.investment_code)
    if terms.mandate is not None and terms.mandate.until_day < terms.mandate.from_day:
        raise MandateDates
    regime = queries.regime_of(category, terms)
    if terms.mandatory or terms.estimate_fen is None:
        return
    rules = in_force(Regime.TB, at.astimezone(BEIJING).date())
    funds = {one.source: one.amount_fen for one in terms.funds}
    found = grounds(rules, subject=terms.subject, estimate_fen=terms.estimate_fen, funds=funds)
    if must_be_tendered(regime, found):
        raise MustBeTendered


def _regulator(tx: Tx, project: NewProject) -> str:
    """The department of the category, or the one that is named with a reason."""
    usual = tx.scalar(select(Supervision.org_id).where(Supervision.category == project.category))
    named = project.regulator_id or usual
    if named is None:
        raise NoSupervisor
    if usual is not None and named != usual and not project.terms.regulator_reason.strip():
        raise SupervisorReason
    return named


def set_supervisor(tx: Tx, category: Category, org_id: str, *, actor: Actor, at: datetime) -> None:
    """From now on this department supervises new projects of the category; registered ones keep theirs."""
    require(actor, "project.supervision")
    if org_id not in {one.id for one in queries.departments(tx)}:
        raise NotFound
    before = tx.scalar(select(Supervision.org_id).where(Supervision.category == category))
    tx.merge(Supervision(category=category, org_id=org_id, set_at=at))
    data = {"category": category, "before": before, "department": org_id}
    record(tx, "project.supervisor_set", subject=category, actor=actor.user_id, at=at, data=data)


def file_paper(
    tx: Tx,
    store: Store,
    project_id: str,
    *,
    kind: str,
    name: str,
    content: bytes,
    actor: Actor,
    at: datetime,
) -> ProjectFile:
    """Keep an approval or the mandate as a file; a newer one stands beside it."""
    require(actor, "project.register")
    row = queries.visible_project(tx, project_id, actor=actor)
    if actor.org_id not in (row.tenderer_id, row.agency_id):
        raise NotFound
    if not 0 < len(content) <= FILE_LIMIT:
        raise FileTooLarge(megabytes=FILE_LIMIT >> 20)
    digest = hashlib.sha256(content).hexdigest()
    key = f"project/{row.id}/{digest}"
    with suppress(AlreadyStored):
        store.put_new(key, content)
    paper = ProjectFile(
        id=new_id(),
        project_id=row.id,
        kind=kind,
        name=name,
        sha256=digest,
        size=len(content),
        store_key=key,
        filed_at=at,
    )
    tx.add(paper)
    tx.flush()
    data = {"kind": kind, "sha256": digest}
    record(tx, "project.paper_filed", subject=row.id, actor=actor.user_id, at=at, data=data)
    return paper


def check_entrusted(tx: Tx, project: Project, trust: Trust, *, at: datetime) -> None:
    """Raise `NotEntrusted` when the agency's mandate does not cover this today; without one nothing is limited."""
    mandate = queries.terms_of(project).mandate
    day = at.astimezone(BEIJING).date()
    if mandate is not None and not mandate_covers(
        mandate.scope, mandate.from_day, mandate.until_day, trust=trust, on=day
    ):
        raise NotEntrusted(day=day.isoformat(), trust=TRUST_WORDS[trust])


TRUST_WORDS = {
    Trust.DOCUMENTS: "prepare the documents",
    Trust.NOTICE: "publish notices",
    Trust.OPENING: "serve the opening",
    Trust.AWARD: "serve the award",
}
