"""What each role must do next, and until when: derived from the state of things, never stored."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from govcore.audit import queries as audit
from govcore.authority import queries as authority
from govcore.authority.queries import ProposalView
from govcore.db import Tx
from govcore.identity.policy import Actor, Role
from govcore.pdf.figures import money
from govcore.platform import Platform
from guarantees import queries as guarantees
from trading.bidding.standing import my_part
from trading.clarification import queries as clarifications
from trading.clarification.policy import State as ClarificationState
from trading.desk.award_work import awards_waiting, awards_won, contracts_waiting
from trading.desk.cases import case_tasks
from trading.desk.queries import LotLine, lots_shown
from trading.desk.task import Task
from trading.evaluation import queries as evaluation
from trading.evaluation.policy import Stage as ScoreStage
from trading.opening import hall_queries, own_keys
from trading.opening import queries as openings
from trading.opening.policy import SeatStep
from trading.opening.seats import seats as custodian_seats
from trading.supervision import queries as supervision
from trading.supervision.policy import LetterState, RecordState, hearing_over
from trading.tender import queries as tenders
from trading.tender.models import KeyManifest, Schedule
from trading.tender.policy import LotState, TenderState

ACCOUNT = "--user NAME --password-file FILE --keys FOLDER"
"""What every signing command asks for; nobody else's computer ever holds it."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Who sits at the desk, when, and the lots that concern them."""

    tx: Tx
    platform: Platform
    actor: Actor
    at: datetime
    lots: list[LotLine]


def tasks_of(tx: Tx, platform: Platform, *, actor: Actor, at: datetime) -> list[Task]:
    """The tasks of all the actor's roles, the most urgent first; nothing of anybody else's."""
    desk = Desk(tx, platform, actor, at, lots_shown(tx, actor=actor, at=at))
    found = [task for role, tasks in _TASKS.items() if role in actor.roles for task in tasks(desk)]
    waiting = authority.waiting(tx, actor=actor, at=at)
    found += _acts_of_two(waiting)
    found += case_tasks(tx, platform, actor=actor, at=at)
    found += _suspended(desk, {one.object_id for one in waiting if one.act.name == "opening.conclude"})
    return sorted(
        found, key=lambda task: (task.kind not in ("danger", "warning"), task.by is None, task.by or at)
    )


def _acts_of_two(waiting: list[ProposalView]) -> Iterator[Task]:
    """What waits for a second person, on the desks of both."""
    for one in waiting:
        yield Task(
            text=one.act.text,
            href=f"/two-person/{one.id}",
            by=one.expires_at,
            article="It lapses unless somebody else confirms it in time."
            if one.mine
            else "A colleague waits for you as second person.",
            word="Waiting" if one.mine else "To do",
            kind="neutral" if one.mine else "danger",
        )


def _suspended(desk: Desk, proposed: Collection[str]) -> Iterator[Task]:
    """Openings that stand still, for who may propose to go on, unless that is proposed already."""
    if not desk.actor.may("opening.conclude"):
        return
    names = {lot.lot_id: lot.lot_name for lot in desk.lots if lot.lot_id not in proposed}
    for lot_id in openings.suspended(desk.tx, names):
        yield Task(
            text="Propose to go on with the suspended opening of {lot}",
            data={"lot": names[lot_id]},
            href=f"/two-person/propose/opening.conclude/{lot_id}",
            article="Custodians and bidders may still bring their keys. Once a second person confirms, "
            "bids without keys stay sealed for ever.",
            kind="danger",
        )


def _agency(desk: Desk) -> Iterator[Task]:
    own = [lot for lot in desk.lots if lot.agency_id == desk.actor.org_id]
    for lot in _one_per_tender(own):
        if lot.tender_state == TenderState.DRAFT:
            yield Task(
                text="{title}: the tenderer has not approved it yet",
                data={"title": lot.title},
                href=f"/tenders/{lot.tender_id}",
                word="Waiting",
                kind="neutral",
            )
        elif lot.tender_state == TenderState.APPROVED:
            yield Task(
                text="Publish {title}",
                data={"title": lot.title},
                href=f"/tenders/{lot.tender_id}/publish",
                article="Possible as soon as all key manifests and schedules are signed.",
            )
    yield from _questions_to_answer(desk, own)
    yield from _objections_to_answer(desk, own)
    yield from _open_lots(own)
    yield from awards_waiting(desk.tx, actor=desk.actor, at=desk.at)
    yield from contracts_waiting(desk.tx, actor=desk.actor, at=desk.at)
    yield from _records_to_answer(desk)


def _questions_to_answer(desk: Desk, own: list[LotLine]) -> Iterator[Task]:
    """Questions that wait, not how many; and what the tenderer gave back."""
    for lot in _one_per_tender([one for one in own if one.state == LotState.OPEN]):
        made = clarifications.preparation_of(desk.tx, lot.tender_id, actor=desk.actor)
        waits = clarifications.question_waits(desk.tx, lot.tender_id, actor=desk.actor, at=desk.at)
        if made.state != ClarificationState.READY if made else waits:
            yield Task(
                text="Answer questions about {title}, or finish its clarification",
                data={"title": lot.title},
                href=f"/tenders/{lot.tender_id}/clarification",
                by=lot.deadline_at,
                article="A late answer that touches bids moves the deadline (实施条例 art. 21).",
            )


def _clarification_to_release(desk: Desk, own: list[LotLine]) -> Iterator[Task]:
    for lot in _one_per_tender([one for one in own if one.state == LotState.OPEN]):
        made = clarifications.preparation_of(desk.tx, lot.tender_id, actor=desk.actor)
        if made is not None and made.state == ClarificationState.READY:
            yield Task(
                text="Release clarification no. {n} of {title}, or give it back",
                data={"n": made.number, "title": lot.title},
                href=f"/clarifications/{made.id}/release",
                by=lot.deadline_at,
                article="Each day that passes counts for the deadline (实施条例 art. 21).",
            )


def _tenderer(desk: Desk) -> Iterator[Task]:
    own = [lot for lot in desk.lots if lot.tenderer_id == desk.actor.org_id]
    for lot in _one_per_tender(own):
        if lot.tender_state == TenderState.DRAFT:
            yield Task(
                text="Approve {title}",
                data={"title": lot.title},
                href=f"/tenders/{lot.tender_id}/approve",
                article="After your approval the content no longer changes.",
            )
    for lot in own:
        if lot.tender_state == TenderState.APPROVED:
            yield from _keys_to_sign(desk, lot)
    yield from _clarification_to_release(desk, own)
    yield from _objections_to_answer(desk, own)
    yield from _open_lots(own)
    yield from awards_waiting(desk.tx, actor=desk.actor, at=desk.at)
    yield from contracts_waiting(desk.tx, actor=desk.actor, at=desk.at)
    yield from _records_to_answer(desk)


def _objections_to_answer(desk: Desk, lots: list[LotLine]) -> Iterator[Task]:
    for lot_id, bidder in hall_queries.unanswered(desk.tx, [lot.lot_id for lot in lots]):
        yield Task(
            text="Answer the objection of {bidder} in the opening hall",
            data={"bidder": bidder},
            href=f"/lots/{lot_id}/opening#mine",
            article="On the spot (招标投标法实施条例 art. 44).",
            kind="danger",
        )


def _keys_to_sign(desk: Desk, lot: LotLine) -> Iterator[Task]:
    name = {"lot": lot.lot_name}
    manifest = desk.tx.get(KeyManifest, (lot.lot_id, lot.round))
    if manifest is None:
        yield Task(
            text="{lot}: the custodians have not all given their keys yet",
            data=dict(name),
            href=f"/tenders/{lot.tender_id}",
            word="Waiting",
            kind="neutral",
        )
    elif desk.tx.get(Schedule, (lot.lot_id, 1)) is None:
        yield Task(
            text="Sign key manifest and schedule of {lot}",
            data=dict(name),
            href=f"/tenders/{lot.tender_id}",
            article="You sign on your own computer; the private key never leaves it.",
            command=f"trading tender sign {ACCOUNT} {lot.lot_id}\n"
            f"trading tender schedule {ACCOUNT} --deadline TIME {lot.lot_id}",
        )


def _custodian(desk: Desk) -> Iterator[Task]:
    for seat in custodian_seats(desk.tx, actor=desk.actor, at=desk.at):
        lot: dict[str, object] = {"lot": seat.lot_name}
        if seat.step == SeatStep.PREPARE:
            yield Task(
                text="Give your one-time keys for {lot}",
                data=lot,
                href="/custodian",
                command=f"trading custodian prepare {ACCOUNT} --all",
            )
        elif seat.step == SeatStep.SIGN:
            yield Task(
                text="Rehearse your keys for {lot} and sign the key manifest",
                data=lot,
                href="/custodian",
                command=f"trading custodian sign {ACCOUNT} --all",
            )
        elif seat.step == SeatStep.DEADLINE:
            yield Task(
                text="Keep your passphrase for {lot} ready for the opening",
                data=lot,
                href="/custodian",
                by=seat.opening_at,
                word="Waiting",
                kind="neutral",
            )
        elif seat.step in (SeatStep.SEAL_CHECK, SeatStep.RELEASE):
            yield Task(
                text="Release your shares for the opening of {lot}",
                data=lot,
                href="/custodian",
                by=seat.release_until,
                article="Your own machine checks the committed set of bids before it releases anything.",
                kind="danger",
                command=f"trading custodian release {ACCOUNT} --all",
            )


def _bidder(desk: Desk) -> Iterator[Task]:
    for lot in desk.lots:
        if lot.state != LotState.OPEN:
            continue
        context = tenders.lot_context(desk.tx, lot.lot_id)
        mine = my_part(desk.tx, context, desk.platform, actor=desk.actor, at=desk.at)
        word, kind = {
            "none": ("NOT SUBMITTED", "danger"),
            "submitted": ("Submitted", "success"),
            "withdrawn": ("Withdrawn", "neutral"),
        }[mine.state]
        yield Task(
            text="{title}: {lot}",
            data={"title": lot.title, "lot": lot.lot_name},
            href=f"/lots/{lot.lot_id}/bid",
            by=lot.deadline_at,
            article="What arrives after the deadline is refused (招标投标法 art. 28).",
            word=word,
            kind=kind,
        )
    names = {lot.lot_id: lot.lot_name for lot in desk.lots}
    for lot_id, until in own_keys.shares_due(desk.tx, actor=desk.actor, at=desk.at):
        yield Task(
            text="Give your share of the keys of {lot}",
            data={"lot": names.get(lot_id, "")},
            href=f"/lots/{lot_id}/opening/share",
            by=until,
            article="Without it the bid stays sealed and counts as revoked.",
            kind="danger",
        )
    for lot_id in hall_queries.to_confirm(desk.tx, actor=desk.actor):
        yield Task(
            text="Confirm the read-out of {lot}",
            data={"lot": names.get(lot_id, "")},
            href=f"/lots/{lot_id}/opening#mine",
            article="Who says nothing is recorded as not confirmed.",
            kind="danger",
        )
    yield from awards_won(desk.tx, actor=desk.actor)
    yield from contracts_waiting(desk.tx, actor=desk.actor, at=desk.at)


def _bank(desk: Desk) -> Iterator[Task]:
    for order in guarantees.refund_orders(desk.tx, actor=desk.actor):
        yield Task(
            text="Pay back {amount} yuan to {payer}",
            data={"amount": money(order.total_fen), "payer": order.payer_name},
            article="To the account that paid; your system reports the refund.",
        )


def _auditor(desk: Desk) -> Iterator[Task]:
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


def _expert(desk: Desk) -> Iterator[Task]:
    for row in evaluation.desk(desk.tx, actor=desk.actor):
        if row.stage == ScoreStage.SCORE:
            yield Task(
                text="Score the bids of {lot}: {done} of {total} fields are filled",
                data={"lot": row.context.lot_name, "done": row.done, "total": row.total},
                href=f"/evaluation/{row.context.lot_id}",
            )
        elif row.stage == ScoreStage.LOCKED:
            yield Task(
                text="{lot}: your sheet is locked",
                data={"lot": row.context.lot_name},
                href=f"/evaluation/{row.context.lot_id}",
                word="Done",
                kind="success",
            )


def _centre(desk: Desk) -> Iterator[Task]:
    for lot in desk.lots:
        if lot.state == "closing" or (lot.state == LotState.CLOSED):
            yield Task(
                text="The opening of {lot} is under way",
                data={"lot": lot.lot_name},
                href=f"/lots/{lot.lot_id}/opening",
                word="Under way",
                kind="info",
            )
    yield from _open_lots(desk.lots)
    for row in evaluation.desk(desk.tx, actor=desk.actor):
        if row.stage == ScoreStage.APPOINT:
            yield Task(
                text="Appoint the evaluation committee of {lot}",
                data={"lot": row.context.lot_name},
                href=f"/evaluation/{row.context.lot_id}/committee",
                article="Five or more members, an odd number (招标投标法 art. 37).",
            )
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


def _regulator(desk: Desk) -> Iterator[Task]:
    for letter in supervision.visible_letters(desk.tx, actor=desk.actor):
        if letter.state == LetterState.SENT:
            yield Task(
                text="Acknowledge the letter {number} from {sender}",
                data={"number": letter.number or "", "sender": letter.sender},
                href=f"/letters/{letter.id}",
            )
    yield from _open_lots([lot for lot in desk.lots if lot.regulator_id == desk.actor.org_id])


def _open_lots(lots: list[LotLine]) -> Iterator[Task]:
    for lot in lots:
        if lot.state == LotState.OPEN:
            yield Task(
                text="{lot} takes sealed bids until its deadline",
                data={"lot": lot.lot_name},
                href=f"/tenders/{lot.tender_id}",
                by=lot.deadline_at,
                word="Open for bids",
                kind="info",
            )


def _records_to_answer(desk: Desk) -> Iterator[Task]:
    for record in supervision.visible_misconduct(desk.tx, actor=desk.actor):
        if record.state == RecordState.RECORDED and record.statement is None:
            yield Task(
                text="Answer the record about {lot}",
                data={"lot": record.lot_name},
                href=f"/supervision/records/{record.id}",
                by=record.reply_until,
            )


def _one_per_tender(lots: list[LotLine]) -> list[LotLine]:
    return list({lot.tender_id: lot for lot in reversed(lots)}.values())[::-1]


_TASKS: dict[str, Callable[[Desk], Iterator[Task]]] = {
    Role.AGENCY: _agency,
    Role.TENDERER: _tenderer,
    Role.CUSTODIAN: _custodian,
    Role.BIDDER: _bidder,
    Role.EXPERT: _expert,
    Role.BANK: _bank,
    Role.AUDITOR: _auditor,
    Role.CENTRE: _centre,
    Role.REGULATOR: _regulator,
}
