"""The registration as a form: what was typed, what is wrong with it, and what it means."""

from __future__ import annotations

import re
from datetime import date

import msgspec

from govcore.divisions import DivisionUnknown
from govcore.errors import Problem
from govcore.identifiers import InvestmentCodeInvalid
from trading.procedure.thresholds import Subject
from trading.project.models import Project
from trading.project.policy import APPROVALS, Category, Source, Trust, fen_of
from trading.project.queries import terms_of
from trading.project.schemas import Approval, Fund, Mandate, NewProject
from trading.project.service import MandateDates, MustBeTendered, NoSupervisor, SupervisorReason

TEXTS = {
    "name": "Enter the project's name.",
    "division": "Enter the six digits of the division.",
    "estimate": "Enter an amount in yuan, with at most two decimals.",
    "amount": "Enter an amount in yuan, with at most two decimals, or nothing.",
    "funds": "Enter at least one source of funds.",
    "partner": "Choose the other party.",
    "mandate": "Fill in the mandate whole: number, first day, last day and at least one matter.",
}
FIELDS: dict[type[Problem], str] = {
    NoSupervisor: "regulator_id",
    SupervisorReason: "regulator_reason",
    MustBeTendered: "mandatory",
    InvestmentCodeInvalid: "investment_code",
    DivisionUnknown: "division",
    MandateDates: "mandate_until",
}
"""The field that a refusal of the service belongs to."""


class ProjectForm(msgspec.Struct):
    """Everything as it was typed; a checkbox holds `yes` or nothing."""

    name: str = ""
    category: str = Category.BUILDING
    division: str = "371500"
    partner_id: str = ""
    regulator_id: str = ""
    regulator_reason: str = ""
    subject: str = Subject.WORKS
    method: str = "open"
    regime: str = ""
    estimate: str = ""
    fiscal: str = ""
    state_owned: str = ""
    foreign_aid: str = ""
    private: str = ""
    mandatory: str = ""
    state_funded: str = ""
    research: str = ""
    investment_code: str = ""
    initiation_number: str = ""
    initiation_authority: str = ""
    planning_number: str = ""
    planning_authority: str = ""
    design_number: str = ""
    design_authority: str = ""
    method_number: str = ""
    method_authority: str = ""
    mandate_no: str = ""
    mandate_from: str = ""
    mandate_until: str = ""
    trust_documents: str = ""
    trust_notice: str = ""
    trust_opening: str = ""
    trust_award: str = ""
    confirmed: str = ""


Errors = dict[str, str]
"""Keys of the catalogue by field."""


def read(form: ProjectForm, *, agency: bool) -> tuple[NewProject | None, Errors]:
    """The registration, or what is wrong in which field; `agency` registers for a tenderer, else the other way."""
    errors: Errors = {}
    if not form.name.strip():
        errors["name"] = TEXTS["name"]
    if re.fullmatch(r"[0-9]{6}", form.division.strip()) is None:
        errors["division"] = TEXTS["division"]
    if not form.partner_id:
        errors["partner_id"] = TEXTS["partner"]
    estimate = fen_of(form.estimate)
    if estimate is None:
        errors["estimate"] = TEXTS["estimate"]
    funds = _funds(form, errors)
    mandate = _mandate(form, errors)
    if errors:
        return None, errors
    given = {
        "name": form.name.strip(),
        "category": form.category,
        "division": form.division.strip(),
        "tenderer_id" if agency else "agency_id": form.partner_id,
        "regulator_id": form.regulator_id,
        "terms": {
            "subject": form.subject,
            "method": form.method,
            "regime": form.regime or None,
            "funds": msgspec.to_builtins(funds),
            "estimate_fen": estimate,
            "mandatory": form.mandatory == "yes",
            "state_funded": form.state_funded == "yes",
            "research": form.research == "yes",
            "investment_code": form.investment_code.strip() or None,
            "approvals": msgspec.to_builtins(_approvals(form)),
            "mandate": msgspec.to_builtins(mandate),
            "regulator_reason": form.regulator_reason.strip(),
        },
    }
    return msgspec.convert(given, NewProject), {}


def filled(project: Project, *, agency: bool) -> ProjectForm:
    """The form with what a registration says now."""
    terms = terms_of(project)
    form = ProjectForm(
        name=project.name,
        category=project.category,
        division=project.code[1:7],
        partner_id=project.tenderer_id if agency else project.agency_id,
        regulator_id=project.regulator_id,
        regulator_reason=terms.regulator_reason,
        subject=terms.subject,
        method=terms.method,
        regime=terms.regime or "",
        estimate=_yuan(terms.estimate_fen),
        mandatory="yes" if terms.mandatory else "",
        state_funded="yes" if terms.state_funded else "",
        research="yes" if terms.research else "",
        investment_code=terms.investment_code or "",
    )
    for fund in terms.funds:
        setattr(form, fund.source, _yuan(fund.amount_fen))
    for one in terms.approvals:
        setattr(form, f"{one.kind}_number", one.paper_no)
        setattr(form, f"{one.kind}_authority", one.authority)
    if terms.mandate is not None:
        form.mandate_no = terms.mandate.contract_no
        form.mandate_from = terms.mandate.from_day.isoformat()
        form.mandate_until = terms.mandate.until_day.isoformat()
        for trust in terms.mandate.scope:
            setattr(form, f"trust_{trust}", "yes")
    return form


def _yuan(fen: int | None) -> str:
    return "" if fen is None else f"{fen // 100}.{fen % 100:02d}"


def _funds(form: ProjectForm, errors: Errors) -> list[Fund]:
    funds = []
    for source in Source:
        typed = str(getattr(form, source)).strip()
        amount = fen_of(typed) if typed else 0
        if amount is None:
            errors[str(source)] = TEXTS["amount"]
        elif amount:
            funds.append(Fund(source=source, amount_fen=amount))
    if not funds and not errors.keys() & set(Source):
        errors[Source.FISCAL] = TEXTS["funds"]
    return funds


def _approvals(form: ProjectForm) -> list[Approval]:
    typed = [
        (kind, str(getattr(form, f"{kind}_number")).strip(), str(getattr(form, f"{kind}_authority")).strip())
        for kind in APPROVALS
    ]
    return [
        msgspec.convert({"kind": kind, "paper_no": number, "authority": authority or "-"}, Approval)
        for kind, number, authority in typed
        if number
    ]


def _mandate(form: ProjectForm, errors: Errors) -> Mandate | None:
    scope = [trust for trust in Trust if getattr(form, f"trust_{trust}") == "yes"]
    parts = (form.mandate_no.strip(), form.mandate_from, form.mandate_until)
    if not any(parts) and not scope:
        return None
    try:
        first, last = date.fromisoformat(form.mandate_from), date.fromisoformat(form.mandate_until)
    except ValueError:
        errors["mandate_no"] = TEXTS["mandate"]
        return None
    if not parts[0] or not scope:
        errors["mandate_no"] = TEXTS["mandate"]
        return None
    return Mandate(contract_no=parts[0], scope=scope, from_day=first, until_day=last)
