"""Messages of the project API, and what a registration says."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

from trading.procedure.thresholds import Subject
from trading.project.policy import Category, Source, Trust

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Fen = Annotated[int, msgspec.Meta(ge=0, le=10**15)]
Number = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class Fund(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: Source
    amount_fen: Annotated[int, msgspec.Meta(gt=0, le=10**15)]


class Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One approval: its kind, the paper's number and who gave it."""

    kind: Literal["initiation", "planning", "design", "method"]
    paper_no: Number
    authority: Name


class Mandate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The contract that entrusts the agency: with what, from which day until which, both included."""

    contract_no: Number
    scope: Annotated[list[Trust], msgspec.Meta(min_length=1)]
    from_day: date
    until_day: date


class ProjectTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a registration says besides its parties; `estimate_fen` is the contract's estimate, or the budget.

    Where nothing else is said the law is taken to oblige: `mandatory` and `state_funded` are on by default.
    Only a project of `research` takes bids of natural persons (招标投标法 art. 25).
    """

    subject: Subject = Subject.WORKS
    method: Literal["open", "invited", "prequalified"] = "open"
    regime: Literal["TB", "GP"] | None = None
    funds: list[Fund] = []
    estimate_fen: Fen | None = None
    mandatory: bool = True
    state_funded: bool = True
    research: bool = False
    investment_code: str | None = None
    approvals: list[Approval] = []
    mandate: Mandate | None = None
    regulator_reason: Annotated[str, msgspec.Meta(max_length=200)] = ""


class NewProject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A project to register: organisations by their ids, the division by its six digits (GB/T 2260).

    Who registers is its agency, or its tenderer and then names the agency. Without a regulator it is the department
    that supervises the category.
    """

    name: Name
    category: Category
    division: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}$")]
    tenderer_id: str = ""
    regulator_id: str = ""
    agency_id: str = ""
    terms: ProjectTerms = msgspec.field(default_factory=ProjectTerms)


class ProjectRegistered(msgspec.Struct):
    id: str
    code: str
