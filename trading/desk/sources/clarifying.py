"""Questions that wait and clarifications that are to be released, while bids are taken."""

from __future__ import annotations

from collections.abc import Iterator

from trading.clarification import queries
from trading.clarification.policy import State
from trading.desk.task import Desk, Task, one_per_tender
from trading.tender.policy import LotState


def clarifications(desk: Desk) -> Iterator[Task]:
    """Questions for both sides to answer, not how many; the finished clarification for the tenderer to release."""
    running = one_per_tender([lot for lot in desk.own if lot.state == LotState.OPEN])
    tenders = [lot.tender_id for lot in running]
    made = queries.preparations(desk.tx, tenders, actor=desk.actor)
    waiting = queries.waiting(desk.tx, tenders, actor=desk.actor, at=desk.at)
    for lot in running:
        prepared = made.get(lot.tender_id)
        ready = prepared is not None and prepared.state == State.READY
        if prepared is not None and ready and desk.is_tenderer(lot):
            yield Task(
                text="Release clarification no. {n} of {title}, or give it back",
                data={"n": prepared.number, "title": lot.title},
                href=f"/clarifications/{prepared.id}/release",
                by=lot.deadline_at,
                article="Each day that passes counts for the deadline (实施条例 art. 21).",
            )
        elif desk.is_agency(lot) and not ready and (prepared is not None or lot.tender_id in waiting):
            yield Task(
                text="Answer questions about {title}, or finish its clarification",
                data={"title": lot.title},
                href=f"/tenders/{lot.tender_id}/clarification",
                by=lot.deadline_at,
                article="A late answer that touches bids moves the deadline (实施条例 art. 21).",
            )
