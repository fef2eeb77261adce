"""Bidding that goes on, openings under way, objections in the hall, suspensions to lift."""

from __future__ import annotations

from collections.abc import Iterator

from govcore.errors import Detail
from govcore.identity.policy import Role
from trading.desk.task import Desk, Task
from trading.opening import hall_queries, queries
from trading.tender.policy import LotState, Step


def bidding(desk: Desk) -> Iterator[Task]:
    """Until when sealed bids are taken, for who tenders, supervises or serves the lot."""
    for lot in desk.lots:
        served = Role.CENTRE in desk.actor.roles or lot.regulator_id == desk.actor.org_id
        if lot.state == LotState.OPEN and (served or lot in desk.own):
            yield Task(
                text="{lot} takes sealed bids until its deadline",
                data={"lot": lot.lot_name},
                href=f"/tenders/{lot.tender_id}",
                by=lot.deadline_at,
                article="Bids are opened at the deadline itself (招标投标法 art. 34).",
                word="Open for bids",
                kind="info",
                about=lot,
            )


def openings(desk: Desk) -> Iterator[Task]:
    """Openings under way, for the centre that runs them and the side that attends."""
    for lot in desk.lots:
        served = Role.CENTRE in desk.actor.roles or lot in desk.own
        if served and lot.state in ("closing", LotState.CLOSED):
            yield Task(
                text="The opening of {lot} is under way",
                data={"lot": lot.lot_name},
                href=f"/lots/{lot.lot_id}/opening",
                word="Under way",
                kind="info",
                about=lot,
            )


def hall_objections(desk: Desk) -> Iterator[Task]:
    """Objections to an opening, which are answered on the spot."""
    own = {lot.lot_id: lot for lot in desk.own}
    for lot_id, bidder in hall_queries.unanswered(desk.tx, own):
        yield Task(
            text="Answer the objection of {bidder} in the opening hall",
            data={"bidder": bidder},
            href=f"/lots/{lot_id}/opening#mine",
            article="On the spot (招标投标法实施条例 art. 44).",
            kind="danger",
            about=own[lot_id],
        )


def standstills(desk: Desk) -> Iterator[Task]:
    """Openings that stand still, for who may propose to go on, unless that is proposed already."""
    if not desk.actor.may("opening.conclude"):
        return
    proposed = {one.object_id for one in desk.waiting if one.act.name == "opening.conclude"}
    lots = {lot.lot_id: lot for lot in desk.lots if lot.lot_id not in proposed}
    for lot_id in queries.suspended(desk.tx, lots):
        yield Task(
            text="Propose to go on with the suspended opening of {lot}",
            data={"lot": lots[lot_id].lot_name},
            href=f"/two-person/propose/opening.conclude/{lot_id}",
            article="Custodians and bidders may still bring their keys. Once a second person confirms, "
            "bids without keys stay sealed for ever.",
            kind="danger",
            about=lots[lot_id],
        )


def suspensions(desk: Desk) -> Iterator[Task]:
    """Lots that are suspended: why, and where the suspension is lifted."""
    for lot in desk.lots:
        sides = lot in desk.own or lot.regulator_id == desk.actor.org_id or Role.CENTRE in desk.actor.roles
        held = desk.facts[lot.lot_id].stopping(Step.CONTRACT, desk.at) if sides else None
        if held is None:
            continue
        may_act = desk.actor.may("tender.act") and not desk.is_agency(lot)
        yield Task(
            text="{lot} is suspended by {cause}; it goes on when that ends",
            data={"lot": lot.lot_name, "cause": Detail(held.rule.text)},
            href=f"/lots/{lot.lot_id}/acts" if may_act else f"/tenders/{lot.tender_id}/objections",
            by=held.ended_at,
            article=held.rule.basis,
            word="Suspended",
            kind="danger",
            about=lot,
        )
