"""What reviews ask: of the purchaser's side, of committees' members, of bidders."""

from __future__ import annotations

from collections.abc import Iterator

from govcore.errors import Problem
from trading.committee.queries import lots_of_member
from trading.desk.task import Desk, Task
from trading.procedure.policy import Regime
from trading.procedure.rules import rule_set
from trading.review import requests, room
from trading.review.documents import purchaser_qualifies
from trading.review.policy import RequestKind
from trading.review.queries import qualification_of
from trading.tender.policy import LotState, Step
from trading.tender.queries import lot_context

_TEXTS = {
    RequestKind.CLARIFICATION: "The committee of {lot} asks for a clarification",
    RequestKind.ABNORMAL_PRICE: "The committee of {lot} asks you to explain your price",
    RequestKind.CORRECTION: "Confirm or refuse the corrected price in {lot}",
}


def qualifications(desk: Desk) -> Iterator[Task]:
    """Opened purchases whose bidders' qualification is to be reviewed."""
    for lot in desk.own:
        facts = desk.facts[lot.lot_id]
        waits = lot.state != LotState.OPENED or facts.stopping(Step.EVALUATION, desk.at) is not None
        if waits or rule_set(lot.rule_set).regime is not Regime.GP:
            continue
        context = lot_context(desk.tx, lot.lot_id)
        if not purchaser_qualifies(context) or context.content.prequalifies:
            continue
        found = qualification_of(desk.tx, context)
        if found.closed_at is None:
            yield Task(
                text="Review the qualification of the bidders of {lot}: {done} of {total}",
                data={
                    "lot": lot.lot_name,
                    "done": len(found.bids) - found.missing,
                    "total": len(found.bids),
                },
                href=f"/review/{lot.lot_id}/qualification",
                article="After the opening, before the committee begins (G12 · 87号令 art. 44).",
                about=lot,
            )


def votes(desk: Desk) -> Iterator[Task]:
    """Bids on which a member of a committee that meets has still to vote."""
    for lot_id in lots_of_member(desk.tx, desk.actor.user_id):
        try:
            found = room.room(desk.tx, lot_id, actor=desk.actor, at=desk.at)
        except Problem:
            continue  # not in the session: what that asks for is told elsewhere
        missing = sum(line.missing for line in found.lines)
        if missing:
            yield Task(
                text="Vote on the bids of {lot}: {missing} votes are missing",
                data={"lot": found.known.context.lot_name, "missing": missing},
                href=f"/review/{lot_id}",
                about=next((lot for lot in desk.lots if lot.lot_id == lot_id), None),
            )


def asked(desk: Desk) -> Iterator[Task]:
    """What committees ask of a bidder, until when."""
    for lot, one in requests.own_requests(desk.tx, actor=desk.actor):
        if one.waiting:
            yield Task(
                text=_TEXTS[one.kind],
                data={"lot": lot.lot_name},
                href=f"/review/requests/{one.id}",
                by=one.until,
                article="The answer changes neither price nor substance (招标投标法 art. 39; 87号令 art. 51).",
            )
