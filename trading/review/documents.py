"""What the documents of a tender say about its review."""

from __future__ import annotations

from trading.evaluation.scoring.tender_file import Order
from trading.procedure.competition import Stage
from trading.procedure.policy import Regime
from trading.tender.criteria import Gate
from trading.tender.queries import LotContext
from trading.tender.schemas import TenderContent


def purchaser_qualifies(context: LotContext) -> bool:
    """By tender a purchaser reviews qualification itself; else the committee does (domain: I7)."""
    return context.rule_set.regime is Regime.GP and context.content.procedure == "tender"


def committee_gates(context: LotContext) -> list[Gate]:
    """The gates of the documents that the committee decides."""
    purchaser = purchaser_qualifies(context)
    return [gate for gate in context.content.gates if not (purchaser and gate.kind == "qualification")]


def qualification_gates(context: LotContext) -> list[Gate]:
    """The requirements of the documents that the purchaser's side reviews."""
    return [gate for gate in context.content.gates if gate.kind == "qualification"]


def policies(content: TenderContent) -> list[tuple[str, str]]:
    """Id and name of each policy that moves prices or their points."""
    return [(one.id, one.label) for one in content.price_policies]


def adjustments(content: TenderContent) -> list[tuple[str, str]]:
    """Id and name, with its unit, of each deviation that a price is adjusted by."""
    return [(one.id, f"{one.label}（{one.unit}）") for one in content.adjustments]


def correction_terms(context: LotContext) -> tuple[Order, bool]:
    """In which order arithmetic is corrected, and whether a total that the summary replaced is kept (domain: I10)."""
    scoring, rules = context.content.scoring, context.rule_set
    kept = rules.choice("correction.keep_replaced_total") == "YES"
    keep = kept if scoring.keep_replaced_total is None else scoring.keep_replaced_total
    return Order(scoring.corrections or rules.regime), keep


def least_valid(context: LotContext) -> int:
    """How many valid bids make a competition without further words (domain: I7)."""
    return context.content.scoring.least_valid or context.least(Stage.RESPONSIVE).number
