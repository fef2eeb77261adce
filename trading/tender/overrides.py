"""Rules that two people set aside for one round: with a reason, and told to everybody."""

from __future__ import annotations

from datetime import datetime

from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import Problem
from trading.procedure.rules import rule_set
from trading.tender.models import Override, Tender

OVERRIDABLE = ("T01", "G04")
"""What may be set aside: the least time for bids, of tenders that the law does not oblige to it or in an emergency."""


class AlreadyOverridden(Problem):
    code = "E_OVERRIDDEN"
    text = "{rule} is set aside for this round already."


class NotOverridable(Problem):
    code = "E_OVERRIDE"
    status = 422
    text = "{rule} cannot be set aside: only {rules} can."


def override(tx: Tx, tender_id: str, rule: str, *, notice: str, at: datetime) -> None:
    """Set a rule aside for a round; the log tells everybody which, by what article and why."""
    check(tx, tender_id, rule)
    tx.add(Override(tender_id=tender_id, rule=rule, notice=notice, at=at))
    tender = tx.get_one(Tender, tender_id)
    basis = str(rule_set(tender.rule_set)[rule].basis)
    data = {"code": tender.code, "round": tender.round, "rule": rule, "basis": basis, "notice": notice}
    record(tx, "tender.overridden", subject=tender_id, actor="system", at=at, data=data)


def check(tx: Tx, tender_id: str, rule: str) -> None:
    """Raise what forbids to set this rule aside."""
    if rule not in OVERRIDABLE:
        raise NotOverridable(rule=rule, rules=", ".join(OVERRIDABLE))
    if is_overridden(tx, tender_id, rule):
        raise AlreadyOverridden(rule=rule)


def is_overridden(tx: Tx, tender_id: str, rule: str) -> bool:
    return tx.get(Override, (tender_id, rule)) is not None
