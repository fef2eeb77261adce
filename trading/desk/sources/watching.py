"""Supervision, records and letters, refund orders, the log."""

from __future__ import annotations

from collections.abc import Iterator

from govcore.audit import queries as audit
from govcore.pdf.figures import money
from guarantees import queries as guarantees
from trading.award import results
from trading.desk.task import Desk, Task
from trading.supervision import queries as supervision
from trading.supervision.policy import LetterState, RecordState, hearing_over


def refund_orders(desk: Desk) -> Iterator[Task]:
    """What the bank pays back."""
    for order in guarantees.refund_orders(desk.tx, actor=desk.actor):
        yield Task(
            text="Pay back {amount} yuan to {payer}",
            data={"amount": money(order.total_fen), "payer": order.payer_name},
            article="To the account that paid; your system reports the refund.",
        )


def log_checks(desk: Desk) -> Iterator[Task]:
    """The log to check, and what is wrong with it."""
    health = audit.health(desk.tx, at=desk.at)
    yield from _log_alarms(health)
    if health.latest is not None:
        yield Task(
            text="Check the log: {size} entries at the latest checkpoint",
            data={"size": health.latest.size},
            href="/verify/log",
            command="trading audit verify",
            word="At any time",
            kind="info",
        )


def _log_alarms(health: audit.Health) -> Iterator[Task]:
    """What must not be found out by a reader of the software's log alone."""
    alarms = {
        "Entries have waited for the log for half of what receipts promise": health.promises_at_risk,
        "The log stands still: no checkpoint was signed for five intervals": health.stands_still,
    }
    for text, rings in alarms.items():
        if rings:
            yield Task(text=text, href="/verify/log", word="Alarm", kind="danger")
    for witness in health.silent:
        yield Task(
            text="The witness {name} does not cosign: {problem}",
            data={"name": witness.name, "problem": witness.problem},
            href="/verify/log",
            word="Alarm",
            kind="danger",
        )


def records_to_answer(desk: Desk) -> Iterator[Task]:
    """Records of misconduct whose subject is heard first."""
    for record in supervision.visible_misconduct(desk.tx, actor=desk.actor):
        if record.state == RecordState.RECORDED and record.statement is None:
            yield Task(
                text="Answer the record about {lot}",
                data={"lot": record.lot_name},
                href=f"/supervision/records/{record.id}",
                by=record.reply_until,
            )


def records_to_decide(desk: Desk) -> Iterator[Task]:
    """Records whose hearing is over, for the centre to decide, and its letters to sign."""
    for record in supervision.visible_misconduct(desk.tx, actor=desk.actor):
        heard = hearing_over(
            answered=record.statement is not None, reply_until=record.reply_until, now=desk.at
        )
        if record.state == RecordState.RECORDED and heard:
            yield Task(
                text="Decide on the record about {subject}",
                data={"subject": record.subject},
                href=f"/supervision/records/{record.id}",
            )
    for letter in supervision.visible_letters(desk.tx, actor=desk.actor):
        if letter.state == LetterState.DRAFTED:
            yield Task(
                text="Sign the letter to {addressee}",
                data={"addressee": letter.addressee},
                href=f"/letters/{letter.id}",
            )


def letters(desk: Desk) -> Iterator[Task]:
    """Letters that the department has to acknowledge."""
    for letter in supervision.visible_letters(desk.tx, actor=desk.actor):
        if letter.state == LetterState.SENT:
            yield Task(
                text="Acknowledge the letter {number} from {sender}",
                data={"number": letter.number or "", "sender": letter.sender},
                href=f"/letters/{letter.id}",
            )


def reports(desk: Desk) -> Iterator[Task]:
    """Reports on awards that the department received and has not acknowledged (T20)."""
    for line in results.reports(desk.tx, actor=desk.actor, at=desk.at):
        if line.sent_at is not None and line.acknowledged_at is None:
            yield Task(
                text="Acknowledge the report on the award of {lot}",
                data={"lot": line.context.lot_name},
                href="/award/reports",
            )
