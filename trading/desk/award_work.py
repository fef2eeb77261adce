"""What awards and contracts ask of their sides next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from govcore.db import Tx
from govcore.identity.policy import Actor
from trading.award import results
from trading.award.policy import Stage as AwardStage
from trading.contract import queries as contracts
from trading.desk.task import Task
from trading.tender.policy import LotState

_TASKS = {
    AwardStage.PUBLICISE: (
        "Publish the candidates of {lot}",
        "Within three days of the report (T18 · 实施条例 art. 54).",
    ),
    AwardStage.HAND_OVER: (
        "Give the purchaser the report on {lot}",
        "Within two working days (G16 · 政府采购法实施条例 art. 43).",
    ),
    AwardStage.DECIDE: ("Decide the award of {lot}", ""),
    AwardStage.ANNOUNCE: (
        "Publish the result of {lot}",
        "Within two working days of the decision (G17 · 政府采购法实施条例 art. 43).",
    ),
    AwardStage.FAIL: ("End {lot}: no winner is possible", ""),
    AwardStage.HELD: ("{lot} is suspended", "Nothing can be awarded until the suspension ends."),
}


def awards_waiting(tx: Tx, *, actor: Actor, at: datetime) -> Iterator[Task]:
    """What the awards of the actor's side want next."""
    for room in results.desk(tx, actor=actor, at=at):
        name: dict[str, object] = {"lot": room.context.lot_name}
        href, due = f"/award/{room.context.lot_id}", room.next_due
        if room.stage == AwardStage.WAIT:
            yield Task(
                text="The candidates of {lot} are published",
                data=name,
                href=href,
                by=room.ends_at,
                word="Publicity",
                kind="info",
            )
        elif room.stage in _TASKS:
            text, article = _TASKS[room.stage]
            by = due.limit.at if due else None
            yield Task(text=text, data=name, href=href, by=by, article=article)
        elif due is not None:
            yield Task(
                text="Report the award of {lot} to the supervising department",
                data=name,
                href=href,
                by=due.limit.at,
                article="Within fifteen days (T20 · 招标投标法 art. 47).",
            )


def awards_won(tx: Tx, *, actor: Actor) -> Iterator[Task]:
    """The awards whose winner the actor is, until the contract is signed."""
    for mine in results.my_results(tx, actor=actor):
        if mine.won and mine.context.state == LotState.AWARDED and mine.contract_by is not None:
            yield Task(
                text="Award letter for {lot}: sign the contract in time",
                data={"lot": mine.context.lot_name},
                href=f"/award/{mine.context.lot_id}/mine",
                by=mine.contract_by.at,
                word="Awarded",
                kind="success",
            )


def contracts_waiting(tx: Tx, *, actor: Actor, at: datetime) -> Iterator[Task]:
    """The contracts that the actor has to draw, to sign, to publish or to file."""
    for view in contracts.desk(tx, actor=actor, at=at):
        name: dict[str, object] = {"lot": view.context.lot_name}
        href = f"/contracts/{view.context.lot_id}"
        if view.to_sign and actor.may("contract.sign"):
            yield Task(text="Sign the contract of {lot}", data=name, href=href, by=view.due.at, article=_SIGN)
        elif view.contract is None and actor.may("contract.draw"):
            yield Task(text="Draw the contract of {lot}", data=name, href=href, by=view.due.at, article=_SIGN)
        elif view.unfinished and actor.may("contract.draw"):
            by = min(one.limit.at for one in view.unfinished)
            yield Task(
                text="Publish and file the contract of {lot}", data=name, href=href, by=by, article=_PUBLISH
            )


_SIGN = "Within thirty days of the award notice (T21 · 招标投标法 art. 46; G18 · 政府采购法 art. 46)."
_PUBLISH = "Published within two working days, filed within seven (G18 · 政府采购法 art. 47)."
