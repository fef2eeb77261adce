"""Places and values of the documents in words, for differences and findings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from govcore.i18n.catalogue import Translate
from govcore.i18n.citations import cited
from govcore.pdf.figures import money
from trading.documents.comparing import Change
from trading.documents.findings import Finding
from trading.documents.price_words import LEADER_NAMES

PLACE_NAMES = {
    "title": "Title",
    "scope": "Scope",
    "location": "Place",
    "funds": "Source of funds",
    "qualification": "Who may bid",
    "contact": "Contact",
    "duration_days": "Duration (days)",
    "validity_days": "Bids stay valid (days)",
    "consortium": "Consortia",
    "procures": "What is bought",
    "price_type": "Kind of price",
    "deposit_forms": "Forms of deposit",
    "deposit_validity_days": "Deposits stay valid (days)",
    "available_days": "Documents available (days)",
    "criteria": "How bids are scored",
    "items": "Item",
    "bands": "Band",
    "steps": "Scored step",
    "gates": "What bids must pass",
    "method": "Method",
    "benchmark": "Benchmark price",
    "benchmark_basis": "Whose prices make the benchmark",
    "e1": "Points off for each percent above",
    "e2": "Points off for each percent below",
    "floor": "Least price score",
    "price_policies": "Policies that move prices",
    "how": "What the policy does",
    "rate": "Rate",
    "adjustments": "Adjustments of the price",
    "draws": "Draws at the opening",
    "scoring": "How points become ranks",
    "procedure": "Kind of purchase",
    "leader": "Who determines the leader",
    "ground": "Ground of the consultation",
    "price": "Price rule",
    "form": "Bid form",
    "price_form": "Price form",
    "parts": "Parts of a bid",
    "technical_min": "Least technical points",
    "max_points": "Full points",
    "rule": "How points are given",
    "label": "Label",
    "name": "Label",
    "max_price_fen": "Maximum price",
    "deposit_fen": "Deposit",
    "estimate_fen": "Estimate or budget",
    "bill": "Bill of quantities",
    "unit": "Unit",
    "quantity": "Quantity of work",
    "feature": "Feature",
    "limit_fen": "Unit price limit",
    "files": "Files",
    "sha256": "SHA-256",
    "size": "Size in bytes",
    "order": "Order",
    "questions_end_days": "Questions end (days before the deadline)",
    "policies": "Procurement policies",
    "acts": "Site visits, samples, demonstrations",
    "starts_at": "Begins",
    "ends_at": "Ends",
    "place": "Where it takes place",
    "note": "Note",
}
"""Members of the terms by their names; those without a word of their own are left out of a place."""

SILENT = frozenset({"content", "sections", "lines", "fields"})

FORM_NAMES = {
    "transfer": "Bank transfer",
    "cheque": "Cheque or draft",
    "guarantee": "Bank guarantee",
    "insurance": "Surety insurance",
    "surety": "Guarantee of a guarantee company",
}
PRICE_NAMES = {
    "total": "A total price",
    "unit": "Unit prices and their total",
    "discount": "A discount and the price that it makes",
}
PROCURES_NAMES = {"works": "Works", "goods": "Goods", "services": "Services"}
STATE_NAMES = {"prepared": "Prepared", "released": "Released by the tenderer", "published": "Published"}
FILE_NAMES = {
    "notice": "Tender notice",
    "documents": "Tender documents",
    "bill": "Bill of quantities",
    "attachment": "Attachment",
    "release": "Release signed by the tenderer's officer",
    "data": "Machine-readable tender file",
}
_CHOICE_NAMES = {**FORM_NAMES, **PRICE_NAMES, **PROCURES_NAMES, **LEADER_NAMES}


def place(_: Translate, path: Sequence[str]) -> str:
    """Where something stands, from the outside in: "Lot 2 · Deposit"."""
    words: list[str] = []
    steps = iter(path)
    for step in steps:
        if step == "lots":
            number = next(steps, "")
            words.append(_("Lot {n}", n=number) if number else _("Lots"))
        elif step in PLACE_NAMES:
            words.append(_(PLACE_NAMES[step]))
        elif step not in SILENT:
            words.append(step)
    return " · ".join(words)


def value(_: Translate, name: str, given: object) -> str:
    """A value of the member `name` as people write it."""
    if given is None:
        return "—"
    if isinstance(given, bool):
        return _("yes") if given else _("no")
    if isinstance(given, int):
        return f"{money(given)} {_('yuan')}" if name.endswith("_fen") else f"{given:,}"
    if isinstance(given, Mapping):
        parts = [value(_, key, one) for key, one in given.items() if one not in (None, "", [], ())]
        return " · ".join(parts)
    if isinstance(given, Sequence) and not isinstance(given, str):
        return "; ".join(value(_, name, one) for one in given)
    text = str(given)
    return _(_CHOICE_NAMES[text]) if text in _CHOICE_NAMES else text


def typed_yuan(_: Translate, text: str) -> str:
    """An amount as it was typed into a draft, set as money where it is one."""
    if re.fullmatch(r"\d+(\.\d{1,2})?", text) is None:
        return text or "—"
    return f"{money(int(Decimal(text) * 100))} {_('yuan')}"


def rows(_: Translate, changes: Sequence[Change]) -> list[dict[str, str]]:
    """Differences as rows of a table: where, which kind, old, new."""
    return [
        {
            "place": place(_, one.path),
            "kind": one.kind,
            "old": value(_, one.path[-1], one.old),
            "new": value(_, one.path[-1], one.new),
        }
        for one in changes
    ]


def findings(
    _: Translate,
    language: str,
    found: Sequence[Finding],
    *,
    names: Mapping[str, str] | None = None,
    reasons: Mapping[str, str] | None = None,
) -> list[dict[str, object]]:
    """Findings in words, each with the field that asks for its reason, and the reason."""
    return [
        {
            "severity": one.severity,
            "rule": one.rule,
            "basis": article(one.basis, language),
            "place": place(_, one.place),
            "words": one.words,
            "what": _(one.what.text, **one.what.data),
            "mend": _(one.mend.text, **one.mend.data),
            "verified": one.verified,
            "name": (names or {}).get(one.key, ""),
            "reason": (reasons or {}).get(one.key, ""),
        }
        for one in found
    ]


def article(basis: str, language: str) -> str:
    """A law and its article in the reader's language; laws are cited by their Chinese names in both."""
    if language != "zh_CN":
        return basis
    return cited(basis)
