"""Record and lift debarments: acts of two people of the department that decided.

The trading centre may neither fine nor ban; it shows what departments decided and refuses what follows from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

import msgspec

from govcore import clock
from govcore.audit.service import record
from govcore.clock import BEIJING
from govcore.db import Tx, new_id
from govcore.errors import NotFound, Problem
from govcore.identifiers import check_uscc
from govcore.identity.policy import Actor, require
from govcore.platform import Platform
from trading.debarment import queries
from trading.debarment.models import Debarment

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Facts = Mapping[str, str | int]


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the department decided: against whom, for what, by which articles, from which day to which."""

    name: Name
    conduct: Text
    basis: Name
    decision: Name
    decided_on: date
    first_day: date
    last_day: date


class Lifting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    notice: Text


class DaysDisagree(Problem):
    code = "E_DEBARMENT_DAYS"
    status = 422
    text = "A debarment begins on the day of its decision or later, and ends after it began and after today."


class DecisionIncomplete(Problem):
    code = "E_DEBARMENT_INCOMPLETE"
    status = 422
    text = "Fill in every field, days as 2026-12-01."


class AlreadyLifted(Problem):
    code = "E_DEBARMENT_LIFTED"
    text = "This debarment bars nobody any more."


def debarring(tx: Tx, uscc: str, given: Decision, actor: Actor) -> Facts:
    """What would be published; the code is checked, the organisation need not have an account."""
    today = clock.now(tx).astimezone(BEIJING).date()
    if not given.decided_on <= given.first_day <= given.last_day or given.last_day <= today:
        raise DaysDisagree
    if given.decided_on > today:
        raise DaysDisagree
    said = {name: str(value) for name, value in msgspec.to_builtins(given).items()}
    return {"uscc": check_uscc(uscc)} | said


def debar(tx: Tx, _platform: Platform, uscc: str, given: Decision, *, proposer: Actor, second: Actor) -> None:
    """Publish the decision: from its first day to its last the organisation is awarded nothing."""
    require(proposer, "debarment.decide")
    debarring(tx, uscc, given, proposer)
    assert proposer.org_id is not None  # only departments hold the permission
    row = Debarment(
        id=new_id(),
        uscc=check_uscc(uscc),
        authority_id=proposer.org_id,
        recorded_by=proposer.user_id,
        recorded_at=clock.now(tx),
        **{field: getattr(given, field) for field in given.__struct_fields__},
    )
    tx.add(row)
    data = {"uscc": row.uscc, **msgspec.to_builtins(given)}
    record(tx, "debarment.published", subject=row.id, actor="system", at=row.recorded_at, data=data)


def lifting(tx: Tx, debarment_id: str, given: Lifting, actor: Actor) -> Facts:
    """What would be lifted, by the department that decided."""
    found = queries.one(tx, debarment_id, at=clock.now(tx))
    if found.authority_id != actor.org_id:
        raise NotFound
    if found.lifted_on is not None:
        raise AlreadyLifted
    return {
        "uscc": found.uscc,
        "name": found.name,
        "decision": found.decision,
        "last_day": str(found.last_day),
        "notice": given.notice,
    }


def lift(
    tx: Tx, _platform: Platform, debarment_id: str, given: Lifting, *, proposer: Actor, second: Actor
) -> None:
    """Lift it from today on; the decision stays readable while it has to be published."""
    require(proposer, "debarment.decide")
    lifting(tx, debarment_id, given, proposer)
    row, at = tx.get_one(Debarment, debarment_id, with_for_update=True), clock.now(tx)
    row.lifted_on, row.lift_reason = at.astimezone(BEIJING).date(), given.notice
    data = {"uscc": row.uscc, "reason": given.notice}
    record(tx, "debarment.lifted", subject=row.id, actor="system", at=at, data=data)
