"""What the pages of a draft call methods, families, kinds and the ways to the ranking; all keys of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from trading.documents.benchmark_answers import FAMILY_NAMES, FORM_NAMES, INNER
from trading.procedure.competition import GROUND_NAMES

METHOD_NAMES = {
    "low_price_first": "The lowest price has full points",
    "benchmark_mean": "Measured by the mean of the prices",
    "bilateral": "Measured by another benchmark price",
    "highway": "Measured by a benchmark price on a scale of 100 (highways)",
    "fixed": "The price is fixed and has no points",
    "lowest_evaluated": "No points: the least evaluated price comes first",
}
PURCHASE_METHODS = ("low_price_first", "fixed", "lowest_evaluated")
"""What 87号令 art. 54 and 55 admit."""

LEADER_NAMES = {"elected": "the members elect their leader", "named": "the tenderer names the leader"}

CHOICES: Mapping[str, Mapping[str, str]] = {
    "method": METHOD_NAMES,
    "purchase_method": {name: METHOD_NAMES[name] for name in PURCHASE_METHODS},
    "family": FAMILY_NAMES,
    "inner": {name: FAMILY_NAMES[name] for name in INNER},
    "form_of_k": FORM_NAMES,
    "item_kind": {
        "MANUAL": "Points as the member finds",
        "BAND": "By bands",
        "ADDITIVE": "Steps added up",
        "DEDUCTION": "Steps taken off",
    },
    "gate_kind": {"conformity": "Conformity", "qualification": "Qualification"},
    "policy_kind": {
        "sme": "Small and micro firms",
        "sme_consortium": "Consortium or subcontract with small firms",
        "domestic": "Domestic products",
        "other": "Another policy",
    },
    "benchmark_basis": {
        "": "As the rule set says",
        "AFTER_PRELIM_REVIEW": "Bids that passed the review",
        "AT_OPENING_ALL_VALID": "All bids opened at or under the maximum price",
    },
    "procedure": {"tender": "Open or invited tender", "consultation": "Competitive consultation"},
    "leader": LEADER_NAMES,
    "ground": {"": "Not chosen yet", **GROUND_NAMES},
    "trim": {
        "": "As the rule set says",
        "MEAN": "The mean of all members",
        "DROP_HIGH_LOW": "The mean without one highest and one lowest",
    },
    "level": {
        "": "As the rule set says",
        "SECTION": "For each section",
        "ITEM": "For each item",
        "TOTAL": "For the total",
    },
    "stage": {
        "": "As the rule set says",
        "FINAL": "Only the total",
        "EACH_ITEM": "Each section, then added",
        "DEVIATION_RATE": "The deviation of the price, then the total",
    },
}
