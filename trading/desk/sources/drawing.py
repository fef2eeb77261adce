"""Experts to draw, needs to widen, calls to answer."""

from __future__ import annotations

from collections.abc import Iterator

from trading.committee import drawing_queries as queries
from trading.committee.drawing import HOURS_BEFORE
from trading.committee.drawing_policy import Answer, may_draw
from trading.desk.task import Desk, Task
from trading.draws.policy import DrawState


def draws(desk: Desk) -> Iterator[Task]:
    """Lots whose experts can be drawn now, for the centre."""
    lots = {lot.lot_id: lot for lot in desk.lots}
    for lot_id in queries.required(desk.tx):
        found = queries.view(desk.tx, lot_id, actor=desk.actor)
        waits = found.state in (None, DrawState.VOID)
        seconds = found.context.rule_set.seconds(HOURS_BEFORE)
        if found.asked and waits and may_draw(found.asked.meets_at, at=desk.at, seconds_before=seconds):
            yield Task(
                text="Draw the experts of {lot}",
                data={"lot": found.context.lot_name},
                href=f"/committee-draws/{lot_id}",
                by=found.asked.meets_at,
                article="Nobody sees whom it draws (招标投标法 art. 37).",
                about=lots.get(lot_id),
            )


def shortages(desk: Desk) -> Iterator[Task]:
    """Lots of one's own whose draw has asked everybody and left seats open."""
    own = {lot.lot_id for lot in desk.own}
    for lot_id in own.intersection(queries.required(desk.tx)):
        found = queries.view(desk.tx, lot_id, actor=desk.actor)
        if found.short and found.asked:
            yield Task(
                text="Widen what the committee of {lot} needs: everybody who could be drawn was asked",
                data={"lot": found.context.lot_name},
                href=f"/committee-draws/{lot_id}",
                by=found.asked.meets_at,
                article="The change and its reason are recorded.",
            )


def calls(desk: Desk) -> Iterator[Task]:
    """What somebody drawn has to answer, without the tender."""
    for call in queries.own_calls(desk.tx, desk.platform.keys, actor=desk.actor):
        if call.state is Answer.ASKED:
            yield Task(
                text="You were drawn: say whether you come to an evaluation",
                href="/draw-calls",
                by=call.due_at,
                article="Names stay secret until the result (招标投标法 art. 37).",
            )
