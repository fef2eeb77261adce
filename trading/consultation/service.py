"""Lead a consultation: keep each talk, let suppliers leave, end it, and call for the final offers."""

from __future__ import annotations

from datetime import datetime

from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, require
from govcore.notify.service import tell
from trading.consultation import queries
from trading.consultation.models import Departure, Ending, Talk
from trading.consultation.policy import CHANGES_MAX, NOTES_MAX, REASON_MAX
from trading.consultation.queries import Consultation
from trading.opening.announcing import publish_failure
from trading.review.service import leading
from trading.tender.models import Lot
from trading.tender.moves import OutOfOrder, move_lot
from trading.tender.policy import LotMove, LotState
from trading.tender.queries import LotContext

TOO_FEW = "符合要求的供应商不足 {needed} 家，依据{basis}终止本次竞争性磋商采购活动。"
NEXT = "采购人分析原因后，依法重新开展采购活动；磋商保证金退还。"


class ReviewFirst(Problem):
    """财库〔2014〕214号 art. 16, 19."""

    code = "E_REVIEW_FIRST"
    text = "The group talks with suppliers once it has reviewed all responses and closed every gate (财库〔2014〕214号 art. 16, 19)."  # noqa: E501


class NotConsultedWith(Problem):
    """财库〔2014〕214号 art. 16, 21, 22."""

    code = "E_NOT_REMAINING"
    text = "The group talks only with suppliers whose responses meet what is asked and who have not left (财库〔2014〕214号 art. 16, 22)."  # noqa: E501


class NotesMissing(Problem):
    code = "E_TALK_NOTES"
    status = 422
    text = "Write in at most {most} characters what was talked about and what the supplier promised."


class Unheard(Problem):
    """财库〔2014〕214号 art. 19."""

    code = "E_UNHEARD"
    text = "All suppliers get the same chance to be heard: {left} of them were not talked with yet (财库〔2014〕214号 art. 19)."  # noqa: E501


class TooLong(Problem):
    code = "E_TOO_LONG"
    status = 422
    text = "At most {most} characters."


class NobodyToLeave(Problem):
    """财库〔2014〕214号 art. 22."""

    code = "E_LEFT"
    text = "Your response is not part of this consultation any more (财库〔2014〕214号 art. 16, 22)."


def note_talk(tx: Tx, lot_id: str, *, bid_id: str, notes: str, actor: Actor, at: datetime) -> None:
    """Keep, as the group's leader, what the talk with one supplier came to; it can be corrected until the end."""
    found = _led(tx, lot_id, actor=actor, at=at)
    if bid_id not in {line.bid.bid_id for line in found.lines}:
        raise NotFound
    if bid_id not in found.remaining:
        raise NotConsultedWith
    notes = notes.strip()
    if not notes or len(notes) > NOTES_MAX:
        raise NotesMissing(most=NOTES_MAX)
    row = tx.get(Talk, (lot_id, bid_id))
    if row is None:
        tx.add(Talk(lot_id=lot_id, bid_id=bid_id, notes=notes, noted_by=actor.user_id, noted_at=at))
    else:
        row.notes, row.noted_by, row.noted_at = notes, actor.user_id, at
    data = {"lot": found.context.lot_code, "bid": bid_id}
    record(tx, "consultation.talked", subject=lot_id, actor=actor.user_id, at=at, data=data)


def leave(tx: Tx, lot_id: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """Leave the consultation, as a supplier that responded, before it ends; the deposit goes back (214号 art. 22)."""
    require(actor, "consultation.take_part")
    tx.get(Lot, lot_id, with_for_update=True)
    mine = queries.mine(tx, lot_id, actor=actor)
    _check_open(mine.context)
    if not mine.takes_part:
        raise NobodyToLeave
    reason = reason.strip()
    if len(reason) > REASON_MAX:
        raise TooLong(most=REASON_MAX)
    bid_id = mine.bid.bid_id
    tx.add(Departure(lot_id=lot_id, bid_id=bid_id, reason=reason, left_by=actor.user_id, left_at=at))
    data = {"lot": mine.context.lot_code, "bid": bid_id}
    record(tx, "consultation.left", subject=lot_id, actor=actor.user_id, at=at, data=data)


def end(tx: Tx, lot_id: str, *, changes: str, actor: Actor, at: datetime) -> None:
    """End the consultation, as the group's leader, once everybody was heard; what changed is told to all alike.

    With enough who remain their final offers can be called for; with fewer the purchase has failed (214号 art. 21, 34).
    Everybody who responded is told how it stands with its own response.
    """
    found = _led(tx, lot_id, actor=actor, at=at)
    if found.unheard:
        raise Unheard(left=len(found.unheard))
    changes = changes.strip()
    if len(changes) > CHANGES_MAX:
        raise TooLong(most=CHANGES_MAX)
    context = found.context
    move_lot(tx, lot_id, LotMove.CONSULT if found.enough else LotMove.TOO_FEW_REMAIN, at=at)
    tx.add(Ending(lot_id=lot_id, changes=changes, ended_by=actor.user_id, ended_at=at))
    data = {"lot": context.lot_code, "round": context.round}
    record(tx, "consultation.ended", subject=lot_id, actor=actor.user_id, at=at, data=data)
    if not found.enough:
        record(tx, "tender.failed", subject=lot_id, actor="system", at=at, data=data)
        publish_failure(tx, context, count=0, reason=TOO_FEW, next_step=NEXT, least=found.least, at=at)
    tell(
        tx,
        queries.people_of(tx, found),
        about=f"consultation.ended/{lot_id}",
        text="The consultation on {lot} has ended. How it stands with your response is ready for you.",
        data={"lot": context.lot_name},
        href=f"/consultation/{lot_id}/mine",
        at=at,
    )


def _led(tx: Tx, lot_id: str, *, actor: Actor, at: datetime) -> Consultation:
    """The consultation under way, for its group's leader in session, once all responses are reviewed."""
    require(actor, "consultation.hold")
    tx.get(Lot, lot_id, with_for_update=True)
    known = leading(tx, lot_id, actor=actor, at=at)
    if not known.context.content.consults:
        raise NotFound
    _check_open(known.context)
    if not all(known.settled(gate) for gate in known.gates):
        raise ReviewFirst
    return queries.consultation_of(tx, known)


def _check_open(context: LotContext) -> None:
    if context.state != LotState.OPENED:
        raise OutOfOrder.of(LotMove.CONSULT, context.state)
