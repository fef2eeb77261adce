"""The gate's keys of a lot, as the platform knows them: who runs the gate, and its recipients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from bidding_docs.codes import PolicyRefused
from bidding_docs.suites import SuiteId
from govcore import clock
from govcore.db import Tx
from govcore.keys import KeyWrapper
from govcore.platform import Platform
from trading.gate.port import RemoteGate, make_local_keys
from trading.gate.schemas import Scope
from trading.procedure.policy import RuleSet
from trading.procedure.rules import rule_set
from trading.tender.models import GateKey, Lot, Tender
from trading.tender.queries import content_of

LOCAL_OPERATOR = "platform"


def scope_of(tender_id: str, lot_id: str, round_: int) -> Scope:
    return Scope(tender_id=tender_id, lot_id=lot_id, round=round_)


def operator_of(tx: Tx, rules: RuleSet) -> str:
    """Who runs the gate: the credit code of its organisation, or this platform; E_POLICY when nobody is set."""
    if rules.gate == "local":
        return LOCAL_OPERATOR
    operator: str = tx.info["settings"].gate_operator
    if not operator:
        raise PolicyRefused(detail="there is no time gate")
    return operator


def make_own(tx: Tx, wrapper: KeyWrapper, lot: Lot, *, suite: SuiteId, stages: Sequence[str]) -> None:
    """Make the keys of the gate in this process."""
    scope = scope_of(lot.tender_id, lot.id, lot.round)
    _keep(tx, lot.id, make_local_keys(tx, wrapper, scope, stages, suite=suite, at=clock.now(tx)))


def ask_for_keys(platform: Platform, lot_id: str) -> None:
    """Have the remote gate make a lot's keys, before anything is locked; nothing when they are there."""
    with platform.db.read() as tx:
        lot = tx.get(Lot, lot_id)
        tender = tx.get(Tender, lot.tender_id) if lot else None
        known = recipients_of(tx, lot_id)
    if lot is None or tender is None or known or rule_set(tender.rule_set).gate != "remote":
        return
    content = content_of(tender)
    scope = scope_of(tender.id, lot.id, lot.round)
    made = RemoteGate.of(platform).make_keys(scope, content.stages(), suite=content.suite)
    with platform.db.transaction() as tx:
        tx.scalar(select(Lot.id).where(Lot.id == lot_id).with_for_update())
        if not recipients_of(tx, lot_id):
            _keep(tx, lot_id, made)


def recipients_of(tx: Tx, lot_id: str) -> dict[str, str]:
    """The gate's recipients by stage."""
    rows = tx.scalars(select(GateKey).where(GateKey.lot_id == lot_id).order_by(GateKey.opens))
    return {row.opens: row.recipient for row in rows}


def _keep(tx: Tx, lot_id: str, recipients: Mapping[str, str]) -> None:
    tx.add_all(
        GateKey(lot_id=lot_id, opens=opens, recipient=recipient) for opens, recipient in recipients.items()
    )
    tx.flush()
