"""Committees to appoint, qualification to examine, sheets to fill."""

from __future__ import annotations

from collections.abc import Iterator

from trading.committee.leading import waits_for_name
from trading.committee.shortness import shortness_now
from trading.desk.task import Desk, Task
from trading.evaluation import queries
from trading.evaluation.policy import Stage
from trading.tender.policy import LotState, Step


def committees(desk: Desk) -> Iterator[Task]:
    """Opened lots without a committee, for the centre."""
    for lot in desk.lots:
        facts = desk.facts[lot.lot_id]
        held = facts.stopping(Step.EVALUATION, desk.at)
        if lot.state == LotState.OPENED and not facts.appointed and held is None:
            yield Task(
                text="Appoint the consultation group of {lot}"
                if lot.procedure == "consultation"
                else "Appoint the evaluation committee of {lot}",
                data={"lot": lot.lot_name},
                href=f"/evaluation/{lot.lot_id}/committee",
                article="Three or more members, an odd number, two thirds experts (财库〔2014〕214号 art. 14)."
                if lot.procedure == "consultation"
                else "Five or more members, an odd number (招标投标法 art. 37).",
                about=lot,
            )


def evaluations(desk: Desk) -> Iterator[Task]:
    """Evaluations that go on; nobody outside the committee acts in them."""
    for lot in desk.own:
        facts = desk.facts[lot.lot_id]
        if lot.state == LotState.OPENED and not lot.consults:
            yield Task(
                text="The committee evaluates {lot}" if facts.appointed else "{lot} waits for its committee",
                data={"lot": lot.lot_name},
                href=f"/evaluation/{lot.lot_id}/result" if facts.appointed else f"/lots/{lot.lot_id}/opening",
                word="Under way" if facts.appointed else "Waiting",
                kind="neutral",
                about=lot,
            )


def leaders(desk: Desk) -> Iterator[Task]:
    """Committees whose leader the tenderer names and has not named."""
    for lot in desk.own:
        if not desk.facts[lot.lot_id].appointed or not desk.is_tenderer(lot):
            continue
        if waits_for_name(desk.tx, lot.lot_id):
            yield Task(
                text="Name the leader of the committee of {lot}",
                data={"lot": lot.lot_name},
                href=f"/committee-draws/{lot.lot_id}/seats",
                article="Before it first meets (T14 · 评标委员会和评标方法暂行规定 art. 9).",
                about=lot,
            )


def too_short(desk: Desk) -> Iterator[Task]:
    """Sessions that the centre has to prolong."""
    for lot in desk.lots:
        if lot.state != LotState.OPENED or not desk.facts[lot.lot_id].appointed:
            continue
        short = shortness_now(desk.tx, lot.lot_id, at=desk.at)
        if short is not None and short.obliges:
            yield Task(
                text="Prolong the session of {lot}: {n} of {total} members find its time too short",
                data={"lot": lot.lot_name, "n": len(short.seats), "total": short.members},
                href=f"/evaluation/{lot.lot_id}/committee",
                article="When more than a third say so (T16 · 实施条例 art. 48).",
                about=lot,
            )


def sheets(desk: Desk) -> Iterator[Task]:
    """The committees that the actor sits on."""
    for row in queries.seats_of(desk.tx, actor=desk.actor):
        if row.stage == Stage.SCORE:
            yield Task(
                text="Score the bids of {lot}: {done} of {total} fields are filled",
                data={"lot": row.context.lot_name, "done": row.done, "total": row.total},
                href=f"/evaluation/{row.context.lot_id}",
            )
        elif row.stage == Stage.SETTLE:
            yield Task(
                text="Settle what the locked sheets of {lot} leave open",
                data={"lot": row.context.lot_name},
                href=f"/evaluation/{row.context.lot_id}/agreement",
                article="One value for an objective item, a word about points far from the others' (87号令 art. 64).",
            )
        elif row.stage == Stage.LOCKED:
            yield Task(
                text="{lot}: your sheet is locked",
                data={"lot": row.context.lot_name},
                href=f"/evaluation/{row.context.lot_id}",
                word="Done",
                kind="success",
            )
