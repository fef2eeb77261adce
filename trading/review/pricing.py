"""Policies that a bid is granted and quantities by which its price is adjusted: each with its basis."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum

from govcore.audit.service import record
from govcore.db import Tx, upsert
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor
from trading.procedure.policy import Regime
from trading.review.brands import BRAND_MAX
from trading.review.documents import adjustments, policies
from trading.review.models import Grant
from trading.review.policy import REASON_MAX
from trading.review.service import leading, note_change
from trading.tender.queries import LotContext
from trading.tender.schemas import BRAND

_QUANTITY = re.compile(r"\d{1,9}(?:\.\d{1,6})?", re.ASCII)


class GrantKind(StrEnum):
    POLICY = "policy"
    ADJUSTMENT = "adjustment"
    BRAND = BRAND


class GrantBrand(Problem):
    code = "E_GRANT_BRAND"
    status = 422
    text = "Name the brand in 1 to {most} characters; bids of one brand are named alike."


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
    """Record as the leader whether a policy applies to a bid, the quantity of an adjustment, or the brand it offers."""
    known = leading(tx, lot_id, actor=actor, at=at)
    if (kind, item) not in {(kind, item) for kind, item, _ in offered(known.context)} or bid_id not in {
        bid.bid_id for bid in known.bids
    }:
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


def offered(context: LotContext) -> list[tuple[GrantKind, str, str]]:
    """What can be recorded of a bid: kind, id and name; the brand where a purchase asks for it."""
    content = context.content
    brand = [field for field in content.form.fields if field.id == BRAND]
    purchase = context.rule_set.regime is Regime.GP
    return [
        *((GrantKind.POLICY, *one) for one in policies(content)),
        *((GrantKind.ADJUSTMENT, *one) for one in adjustments(content)),
        *((GrantKind.BRAND, one.id, one.label) for one in brand if purchase),
    ]


def _checked(kind: GrantKind, value: str, basis: str) -> tuple[str, str]:
    """Value and basis as they are kept; raise `GrantValue`, `GrantBrand` or `GrantBasis`."""
    basis, value = basis.strip(), value.strip()
    if kind is GrantKind.BRAND and not 0 < len(value) <= BRAND_MAX:
        raise GrantBrand(most=BRAND_MAX)
    fits = value in ("yes", "no") if kind is GrantKind.POLICY else _QUANTITY.fullmatch(value) is not None
    if not fits and kind is not GrantKind.BRAND:
        raise GrantValue
    if not basis or len(basis) > REASON_MAX:
        raise GrantBasis(most=REASON_MAX)
    return value, basis
