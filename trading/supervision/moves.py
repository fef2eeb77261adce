"""Apply a rule of the tables: one compare-and-swap, or a refusal."""

from __future__ import annotations

from sqlalchemy import update

from govcore.db import Tx
from govcore.errors import MoveNotAllowed
from trading.supervision.models import MisconductRecord, SupervisorLetter
from trading.supervision.policy import LETTER_RULES, RECORD_RULES, LetterMove, RecordMove


def move_record(tx: Tx, record: MisconductRecord, move: RecordMove) -> str:
    """Move a record's state and name the event, or raise `MoveNotAllowed` and change nothing."""
    rule = RECORD_RULES[move]
    moved = tx.execute(
        update(MisconductRecord)
        .where(MisconductRecord.id == record.id, MisconductRecord.state.in_(rule.sources))
        .values(state=rule.target)
        .returning(MisconductRecord.id)
    ).one_or_none()
    if moved is None:
        tx.refresh(record)
        raise MoveNotAllowed(move=move, state=record.state)
    return rule.event


def move_letter(tx: Tx, letter: SupervisorLetter, move: LetterMove) -> str:
    """Move a letter's state and name the event, or raise `MoveNotAllowed` and change nothing."""
    rule = LETTER_RULES[move]
    moved = tx.execute(
        update(SupervisorLetter)
        .where(SupervisorLetter.id == letter.id, SupervisorLetter.state.in_(rule.sources))
        .values(state=rule.target)
        .returning(SupervisorLetter.id)
    ).one_or_none()
    if moved is None:
        tx.refresh(letter)
        raise MoveNotAllowed(move=move, state=letter.state)
    return rule.event
