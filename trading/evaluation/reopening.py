"""Explain points that lie far from the others', or reopen a locked sheet for exactly one item, by two people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from sqlalchemy import update

from govcore import clock
from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, Role, require
from govcore.platform import Platform
from trading.committee.service import keep_in_session
from trading.evaluation import sheets as writing
from trading.evaluation.agreement import Findings, findings
from trading.evaluation.facts import present_number, seats
from trading.evaluation.models import Explanation, Reopening, Sheet
from trading.evaluation.sheet_queries import sheets_locked_once
from trading.procedure.policy import Regime
from trading.tender.queries import LotContext, lot_context

EXPLANATION_MAX = 500


class Cause(StrEnum):
    """Why a locked sheet may be reopened for an item; there is no other."""

    OBJECTIVE = "objective"
    ABNORMAL = "abnormal"


@dataclass(frozen=True, slots=True)
class CauseRule:
    """A cause in words (a key of the catalogue) and its article; for tenders a default of ours that nobody verified."""

    text: str
    basis: Mapping[Regime, str]


CAUSES = {
    Cause.OBJECTIVE: CauseRule(
        "Members differ on an objective item",
        {Regime.GP: "87号令 art. 64(3)", Regime.TB: "I6"},
    ),
    Cause.ABNORMAL: CauseRule(
        "The committee holds the points to be abnormally high or low",
        {Regime.GP: "87号令 art. 64(4)", Regime.TB: "I6"},
    ),
}
"""What else art. 64 lists cannot come about here: sums are computed, and points out of range are refused."""


class NotToBeReopened(Problem):
    code = "E_REOPEN_CAUSE"
    text = (
        "A locked sheet is reopened only where members differ on an objective item, "
        "or points lie abnormally far from the others' ({basis})."
    )


class NothingToExplain(Problem):
    code = "E_EXPLAIN"
    text = "These points are not far from the others', or were explained already."


class ExplanationMissing(Problem):
    code = "E_EXPLANATION"
    status = 422
    text = "Explain the points in at most {most} characters; the report shows it."


class Item(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The item of a bid for which a seat's sheet is reopened, and why."""

    seat: Annotated[int, msgspec.Meta(ge=1)]
    bid: Annotated[str, msgspec.Meta(max_length=64)]
    item: Annotated[str, msgspec.Meta(max_length=64)]
    cause: Cause
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=EXPLANATION_MAX)]


def explain(tx: Tx, lot_id: str, *, bid_id: str, item: str, text: str, actor: Actor, at: datetime) -> None:
    """Stand by one's points with an explanation, once; changed points need their own."""
    require(actor, "evaluation.score")
    keep_in_session(tx, lot_id, actor=actor, at=at)
    context = writing.opened(tx, lot_id, at=at)
    text = text.strip()
    if not 0 < len(text) <= EXPLANATION_MAX:
        raise ExplanationMissing(most=EXPLANATION_MAX)
    found = _findings(tx, context)
    own = [
        one
        for one in found.far
        if (one.user_id, one.bid.bid_id, one.leaf.id) == (actor.user_id, bid_id, item) and not one.explained
    ]
    if not own:
        raise NothingToExplain
    number = present_number(tx, lot_id)
    whose = {"lot_id": lot_id, "number": number, "user_id": actor.user_id}
    tx.add(Explanation(**whose, seq=own[0].seq, text=text, at=at))
    data = {"lot": context.lot_code, "bid": bid_id, "item": item}
    record(tx, "evaluation.explained", subject=lot_id, actor=actor.user_id, at=at, data=data)


def reopening(tx: Tx, lot_id: str, found: Item, actor: Actor) -> dict[str, str | int]:
    """What reopening would mean, for members and the centre's staff: no points are among it."""
    context = lot_context(tx, lot_id)
    if actor.user_id not in seats(tx, lot_id) and Role.CENTRE not in actor.roles:
        raise NotFound
    _, bid, name = _target(tx, context, found)
    rule = CAUSES[found.cause]
    return {
        "lot": context.lot_code,
        "title": f"{context.title} · {context.lot_name}",
        "seat": found.seat,
        "bid": bid,
        "item": name,
        "cause": rule.text,
        "basis": rule.basis[context.rule_set.regime],
        "text": found.text,
    }


def reopen(tx: Tx, _platform: Platform, lot_id: str, found: Item, *, proposer: Actor, second: Actor) -> None:
    """Unlock the seat's sheet for this item alone; its member corrects it and locks again."""
    require(proposer, "evaluation.score")
    at = clock.now(tx)
    context = writing.opened(tx, lot_id, at=at)
    user_id, _, _ = _target(tx, context, found)
    number = present_number(tx, lot_id)
    whose = {"lot_id": lot_id, "number": number, "user_id": user_id}
    tx.execute(update(Sheet).filter_by(**whose).values(locked_at=None))
    row = Reopening(
        id=new_id(),
        **whose,
        bid_id=found.bid,
        node_id=found.item,
        cause=found.cause,
        reason=found.text,
        proposed_by=proposer.user_id,
        confirmed_by=second.user_id,
        opened_at=at,
    )
    tx.add(row)
    data = {
        "lot": context.lot_code,
        "number": number,
        "seat": found.seat,
        "bid": found.bid,
        "item": found.item,
        "cause": found.cause,
        "second": second.user_id,
    }
    record(tx, "evaluation.reopened", subject=lot_id, actor=proposer.user_id, at=at, data=data)


def _findings(tx: Tx, context: LotContext) -> Findings:
    present = sheets_locked_once(tx, context.lot_id)
    if not present or context.state != "opened":
        raise NotToBeReopened(basis=CAUSES[Cause.OBJECTIVE].basis[context.rule_set.regime])
    return findings(tx, context, present)


def _target(tx: Tx, context: LotContext, found: Item) -> tuple[str, str, str]:
    """The member, the bid and the name of the item, if the facts hold; raise `NotToBeReopened`."""
    wanted = found.bid, found.item
    seen = _findings(tx, context)
    if found.cause is Cause.OBJECTIVE:
        held = [(one.bid, one.leaf) for one in seen.differences if (one.bid.bid_id, one.leaf.id) == wanted]
    else:
        mine = [one for one in seen.far if one.seat == found.seat]
        held = [(one.bid, one.leaf) for one in mine if (one.bid.bid_id, one.leaf.id) == wanted]
    members = {seat: user_id for user_id, seat in seats(tx, context.lot_id).items()}
    if not held or found.seat not in members:
        raise NotToBeReopened(basis=CAUSES[found.cause].basis[context.rule_set.regime])
    bid, leaf = held[0]
    return members[found.seat], f"{bid.number}. {bid.bidder_name}", leaf.name
