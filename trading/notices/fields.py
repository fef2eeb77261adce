"""The fields that notices are made of: their names in both languages, and what each may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Type(StrEnum):
    """What a field holds: Python's types, so that a notice is the same in a page, a paper, JSON and a table."""

    TEXT = "text"
    TEXTS = "texts"
    MONEY = "money"
    """Fen."""
    COUNT = "count"
    YES_NO = "yes_no"
    MOMENT = "moment"
    """RFC 3339 in UTC, as `time_text` writes it."""
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Field:
    """A field; `label` is a key of the catalogue, `columns` are a table's, `found` ones are searched by words."""

    label: str
    type: Type = Type.TEXT
    columns: tuple[str, ...] = ()
    found: bool = False


COLUMNS: Mapping[str, Field] = {
    "code": Field("Lot code", found=True),
    "name": Field("Lot", found=True),
    "max_price_fen": Field("Maximum price", Type.MONEY),
    "deposit_fen": Field("Deposit", Type.MONEY),
    "duration_days": Field("Days to complete", Type.COUNT),
    "deadline_at": Field("Deadline for bids", Type.MOMENT),
    "rank": Field("Rank", Type.COUNT),
    "bidder": Field("Bidder", found=True),
    "uscc": Field("Credit code or other id", found=True),
    "price_fen": Field("Bid price", Type.MONEY),
    "total": Field("Points"),
    "evaluated_fen": Field("Evaluated price", Type.MONEY),
    "quality": Field("Quality"),
    "manager": Field("Project manager"),
    "manager_certificate": Field("Certificate number"),
    "qualification": Field("Response to the qualification"),
    "reason": Field("Reason"),
    "state": Field("Outcome"),
    "item": Field("Matter"),
    "old": Field("Changed from"),
    "new": Field("Changed to"),
    "question": Field("Question"),
    "answer": Field("Answer"),
    "quantity": Field("Quantity"),
    "unit_price_fen": Field("Unit price", Type.MONEY),
    "specification": Field("Specification"),
}
"""The columns of tables."""

_CANDIDATE = ("rank", "bidder", "uscc", "price_fen", "total", "evaluated_fen", "quality", "duration_days")
_MANAGER = ("manager", "manager_certificate", "qualification")

FIELDS: Mapping[str, Field] = {
    "reference": Field("Concerns the notice", found=True),
    "project": Field("Project", found=True),
    "project_code": Field("Project code", found=True),
    "tender_code": Field("Tender code", found=True),
    "scope": Field("Scope and scale"),
    "location": Field("Place"),
    "funds": Field("Source of funds"),
    "budget_fen": Field("Budget", Type.MONEY),
    "planned": Field("Planned time"),
    "ground": Field("Ground of the consultation"),
    "lots": Field(
        "Lots",
        Type.TABLE,
        ("code", "name", "max_price_fen", "deposit_fen", "duration_days", "deadline_at"),
    ),
    "qualification": Field("Who may bid", Type.TEXTS),
    "consortium": Field("Consortium accepted", Type.YES_NO),
    "policies": Field("Procurement policies", Type.TEXTS),
    "documents": Field("How to get the documents"),
    "documents_price_fen": Field("Price of the documents", Type.MONEY),
    "documents_until": Field("Documents available until", Type.MOMENT),
    "submission": Field("How to submit"),
    "deadline_at": Field("Deadline", Type.MOMENT),
    "opening_at": Field("Opening", Type.MOMENT),
    "opening_place": Field("Place of the opening"),
    "deposit": Field("Deposit"),
    "platform": Field("Platform and how to reach it"),
    "media": Field("Also published by", Type.TEXTS),
    "notice_period": Field("Period of the notice"),
    "changes": Field("What changes", Type.TABLE, ("item", "old", "new")),
    "answers": Field("Questions and answers", Type.TABLE, ("question", "answer")),
    "bids": Field("Bids", Type.TABLE, ("bidder", "uscc", "price_fen", "quality", "duration_days", "state")),
    "opened_at": Field("Opened", Type.MOMENT),
    "candidates": Field("Candidates in order", Type.TABLE, (*_CANDIDATE, *_MANAGER)),
    "rejected": Field("Rejected bids", Type.TABLE, ("bidder", "reason")),
    "publicity_from": Field("Publicity begins", Type.MOMENT),
    "publicity_until": Field("Publicity ends", Type.MOMENT),
    "objections": Field("Where to object"),
    "winner": Field("Winner", found=True),
    "winner_uscc": Field("Credit code or other id", found=True),
    "price_fen": Field("Amount", Type.MONEY),
    "quality": Field("Quality"),
    "duration_days": Field("Days to complete", Type.COUNT),
    "manager": Field("Project manager"),
    "manager_certificate": Field("Certificate number"),
    "goods": Field("What is bought", Type.TABLE, ("item", "specification", "quantity", "unit_price_fen")),
    "experts": Field("Members of the committee", Type.TEXTS),
    "reason": Field("Reason"),
    "next_step": Field("What happens next"),
    "parties": Field("Parties", Type.TEXTS, found=True),
    "contract_no": Field("Contract number", found=True),
    "object": Field("Object of the contract"),
    "signed_at": Field("Signed on", Type.MOMENT),
    "term": Field("Term of the contract"),
    "from_at": Field("From", Type.MOMENT),
    "until_at": Field("Until", Type.MOMENT),
    "effect": Field("Effect on the procedure"),
    "subject": Field("Matter"),
    "decision": Field("Decision"),
    "decided_by": Field("Decided by"),
    "decided_at": Field("Decided", Type.MOMENT),
    "accepted_at": Field("Accepted", Type.MOMENT),
    "conclusion": Field("Conclusion of the acceptance"),
    "basis": Field("Legal basis"),
    "tenderer": Field("Tenderer", found=True),
    "agency": Field("Agency", found=True),
    "regulator": Field("Supervising department"),
    "contact": Field("Contact"),
    "address": Field("Address"),
}
"""Every field that a notice may have, in the order in which pages and papers show them."""

PURCHASE_NAMES: Mapping[str, str] = {
    "code": "Package code",
    "name": "Package",
    "lots": "Packages to buy",
    "max_price_fen": "Price ceiling",
    "duration_days": "Days to perform",
    "manager": "Person in charge",
    "tenderer": "Purchaser",
    "agency": "Purchasing agency",
    "project": "Purchase",
    "project_code": "Code of the purchase",
    "budget_fen": "Procurement budget",
}
"""What a notice under the law of procurement calls fields and columns that it has in common with a tender's."""


def is_filled(value: object) -> bool:
    """Whether a mandatory field is answered: "no" and nought are answers, an empty text or list is none."""
    return value is not None and value != "" and value != []


def fits(field: Field, value: object) -> bool:
    """Whether a value is of its field's type; in tables each cell of a known column, empty ones included."""
    match field.type:
        case Type.TEXT:
            return isinstance(value, str)
        case Type.TEXTS:
            return isinstance(value, list) and all(isinstance(one, str) for one in value)
        case Type.MONEY | Type.COUNT:
            return isinstance(value, int) and not isinstance(value, bool)
        case Type.YES_NO:
            return isinstance(value, bool)
        case Type.MOMENT:
            return isinstance(value, str) and _is_moment(value)
        case Type.TABLE:
            return isinstance(value, list) and all(_row_fits(field, row) for row in value)


def _row_fits(field: Field, row: object) -> bool:
    return isinstance(row, dict) and all(
        name in field.columns and (cell is None or fits(COLUMNS[name], cell)) for name, cell in row.items()
    )


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def found_texts(values: Mapping[str, object]) -> list[str]:
    """The texts of a notice's fields by which it is found."""
    texts: list[str] = []
    for name, value in values.items():
        field = FIELDS[name]
        if field.type is Type.TABLE and isinstance(value, list):
            texts += [cell for row in value for column, cell in row.items() if cell and COLUMNS[column].found]
        elif field.found and isinstance(value, list):
            texts += value
        elif field.found and isinstance(value, str):
            texts.append(value)
    return texts
