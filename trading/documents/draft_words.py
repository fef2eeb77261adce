"""What the pages of a draft call its subjects, its fields and the choices that they offer."""

from __future__ import annotations

from govcore.i18n.catalogue import Translate
from trading.documents import price_words, words
from trading.documents.benchmark_answers import PARAMETERS
from trading.documents.making import Wrong

STEP_NAMES = {
    "basis": "What is tendered, by whom and for whom",
    "lots": "Lots, prices and deposits",
    "scoring": "What bids must pass and what is scored",
    "price": "How prices count and who comes first",
    "form": "What a bid says",
    "terms": "Periods and deposits",
    "parts": "Parts of a bid",
}
WAYS = {
    "open": "Everybody",
    "invited": "Those who are invited",
    "prequalified": "Those who passed the prequalification",
}
KIND_NAMES = {
    "text": "Text",
    "integer": "Whole number",
    "date": "Date",
    "duration_days": "Days to complete",
    "quality": "Quality",
    "legal_representative": "Legal representative",
    "manager": "Project manager",
    "technical_lead": "Technical lead",
    "manager_certificate": "Certificate number",
}
FIELD_NAMES = {
    "title": "Title of the tender",
    "scope": "Scope",
    "location": "Place",
    "funds": "Source of funds",
    "qualification": "Who may bid",
    "contact": "Contact of the agency",
    "prequalifies": "Prequalification",
    "policies": "Procurement policies",
    "centre_id": "Trading centre, which keeps a share of the keys",
    "name": "Label",
    "estimate": "Estimate or budget",
    "max_price": "Maximum price",
    "deposit": "Deposit",
    "label": "Label",
    "points": "Full points",
    "price_points": "Points of the price",
    "gate_label": "Condition",
    "gate_article": "Article or place in the documents",
    "parts": "Bands or steps",
    "price_method": "How prices are compared",
    "ground": "Ground of the consultation",
    "family": "Benchmark price",
    "e1": "Points off for each percent above",
    "e2": "Points off for each percent below",
    "floor": "Least price score",
    "full_from": "Full points from (%)",
    "full_to": "Full points to (%)",
    "policy_label": "Policy",
    "policy_rate": "Rate (%)",
    "adjust_label": "Deviation",
    "adjust_unit": "By what it is counted",
    "adjust_rate": "Share of the price for each (%)",
    "adjust_amount": "Amount for each (yuan)",
    "candidates": "Candidates at most",
    **{f"b_{one.name}": one.question for family in PARAMETERS.values() for one in family},
    "technical_min": "Least technical points for the price to be opened",
    "duration_days": "Duration of the contract (days)",
    "validity_days": "Bids stay valid (days)",
    "deposit_validity_days": "Deposits stay valid (days)",
    "available_days": "Documents available (days)",
    "deposit_forms": "Forms of deposit",
    "megabytes": "Largest size (MiB)",
}
"""What each field of a draft asks for."""

CHOICES = {
    "procures": words.PROCURES_NAMES,
    "price_type": words.PRICE_NAMES,
    "forms": words.FORM_NAMES,
    "kind": KIND_NAMES,
    "methods": WAYS,
    **price_words.CHOICES,
}


def told(_: Translate, one: Wrong, *, purchase: bool) -> str:
    """What is wrong, with the question and in a table the row."""
    name, _dash, row = one.field.partition("-")
    question = _("Price ceiling" if purchase and name == "max_price" else FIELD_NAMES[name])
    where = _("{question}, row {row}", question=question, row=row) if row else question
    return f"{where}: {_(one.detail.text, **one.detail.data)}"
