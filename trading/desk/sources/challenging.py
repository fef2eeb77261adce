"""What objections, challenges and complaints ask of those who filed, answer or decide them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from trading.challenge import queries
from trading.challenge.policy import Kind, Side, State
from trading.challenge.queries import CaseLine
from trading.desk.task import Desk, Task

CASE_TASKS: dict[tuple[str, str], tuple[str, str, str]] = {
    (Side.TENDERER, State.RECEIVED): (
        "Answer {number} in {title}",
        "Within three days, in procurement seven working days; what it stops waits until then "
        "(实施条例 art. 22, 54; 政府采购法 art. 53).",
        "warning",
    ),
    (Side.REGULATOR, State.RECEIVED): (
        "Accept the complaint {number} about {title}, or say why not",
        "Within three working days (实施条例 art. 61).",
        "warning",
    ),
    (Side.REGULATOR, State.ACCEPTED): (
        "Decide the complaint {number} about {title}",
        "Within thirty working days without testing and expert review (实施条例 art. 61; 政府采购法 art. 56).",
        "warning",
    ),
    (Side.FILER, State.INCOMPLETE): (
        "Supplement {number} about {title}",
        "The supervising department asked for it.",
        "warning",
    ),
    (Side.FILER, State.RECEIVED): (
        "{number} about {title} waits for its answer",
        "You can add to it or take it back.",
        "neutral",
    ),
    (Side.FILER, State.ANSWERED): (
        "{number} about {title} is answered; you may complain",
        "To the supervising department, until the time shown (实施条例 art. 60; 政府采购法 art. 55).",
        "neutral",
    ),
}
"""What a case asks of whom it is shown to: words, reason, urgency."""


def cases(desk: Desk) -> Iterator[Task]:
    """Objections and challenges to answer, complaints to decide, and what their filers wait for."""
    for case in queries.visible_cases(desk.tx, desk.platform, actor=desk.actor, at=desk.at):
        yield from _tasks(case, desk.at)


def cases_about(desk: Desk) -> Iterator[Task]:
    """The same, about the tenders of this desk's lots alone."""
    tenders = {lot.tender_id for lot in desk.lots}
    for case in queries.visible_cases(desk.tx, desk.platform, actor=desk.actor, at=desk.at):
        if case.tender_id in tenders:
            yield from _tasks(case, desk.at)


def _tasks(case: CaseLine, at: datetime) -> Iterator[Task]:
    task = CASE_TASKS.get((case.as_, case.state))
    if task is None or case.clock is None or (case.as_ is Side.TENDERER and case.kind == Kind.COMPLAINT):
        return
    text, article, kind = task
    if kind == "neutral":
        word = "Waiting"
    else:
        word, kind = ("Overdue", "danger") if at >= case.clock.at else ("To do", kind)
    yield Task(
        text=text,
        data={"number": case.number, "title": case.title},
        href=f"/objections/{case.id}",
        by=case.clock.at,
        article=article,
        word=word,
        kind=kind,
    )
