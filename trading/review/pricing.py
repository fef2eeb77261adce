"""Policies that a bid is granted and quantities by which its price is adjusted: each with its basis."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum

from govcore.audit.service import record
from govcore.db import Tx, upsert
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor
from trading.review.documents import adjustments, policies
from trading.review.models import Grant
from trading.review.policy import REASON_MAX
from trading.review.service import leading, note_change

_QUANTITY = re.compile(r"\d{1,9}(?:\.\d{1,6})?", re.ASCII)


class GrantKind(StrEnum):
    POLICY = "policy"
    ADJUSTMENT = "adjustment"


class GrantBasis(Problem):
    code = "E_GRANT_BASIS"
    status = 422
    text = (
        "Say in 1 to {most} characters on what this rests: which declaration, certificate or part of the bid."
    )


class GrantValue(Problem):
    code = "E_GRANT_VALUE"
    status = 422
    text = "A policy is granted or not; an adjustment is a number with at most six decimals."


def grant(
    tx: Tx,
    lot_id: str,
    *,
    bid_id: str,
    kind: GrantKind,
    item: str,
    value: str,
    basis: str,
    actor: Actor,
    at: datetime,
    why: str = "",
) -> None:
    """Record as the leader that a policy of the documents applies to a bid or not, or the quantity of an adjustment."""
    known = leading(tx, lot_id, actor=actor, at=at)
    offered = (
        policies(known.context.content) if kind is GrantKind.POLICY else adjustments(known.context.content)
    )
    if item not in dict(offered) or bid_id not in {bid.bid_id for bid in known.bids}:
        raise NotFound
    value, basis = _checked(kind, value, basis)
    key = {"lot_id": lot_id, "bid_id": bid_id, "kind": kind, "item": item}
    before = tx.get(Grant, tuple(key.values()))
    if before is not None:
        if (before.value, before.basis) == (value, basis):
            return
        note_change(
            tx,
            lot_id,
            bid_id=bid_id,
            about=f"{kind}:{item}",
            old=f"{before.value}: {before.basis}",
            new=f"{value}: {basis}",
            why=why,
            actor=actor,
            at=at,
        )
    fresh = {"value": value, "basis": basis, "by": actor.user_id, "at": at}
    insert = upsert(tx, Grant).values(**key, **fresh)
    tx.execute(insert.on_conflict_do_update(index_elements=list(key), set_=fresh))
    tx.expire_all()
    data = {"bid": bid_id, "kind": kind, "item": item, "value": value, "basis": basis}
    record(tx, "review.granted", subject=lot_id, actor=actor.user_id, at=at, data=data)


def _checked(kind: GrantKind, value: str, basis: str) -> tuple[str, str]:
    """Value and basis as they are kept; raise `GrantValue` or `GrantBasis`."""
    basis, value = basis.strip(), value.strip()
    fits = value in ("yes", "no") if kind is GrantKind.POLICY else _QUANTITY.fullmatch(value) is not None
    if not fits:
        raise GrantValue
    if not basis or len(basis) > REASON_MAX:
        raise GrantBasis(most=REASON_MAX)
    return value, basis
