"""Draft, sign, send and acknowledge letters (函告) to the department that supervises a project."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import MoveNotAllowed, Problem
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from govcore.notify.service import tell
from govcore.numbering.service import take_number
from trading.supervision import queries
from trading.supervision.models import MisconductRecord, SupervisorLetter
from trading.supervision.moves import move_letter
from trading.supervision.policy import LETTER_TITLE, LetterMove, LetterState, RecordState
from trading.supervision.schemas import NewLetter
from trading.supervision.service import DrafterSigns, require_printable, signable
from trading.tender.queries import lot_context

LETTER_SERIES = "函"


class LetterExists(Problem):
    code = "E_LETTER_EXISTS"
    text = "There is a letter about this record already."


def draft_letter(
    tx: Tx, misconduct_id: str, letter: NewLetter, *, actor: Actor, at: datetime
) -> SupervisorLetter:
    """Draft the letter about a record, after its subject was heard, to the project's regulator."""
    require(actor, "supervision.draft")
    require_printable(letter.suggestion)
    row = signable(tx, misconduct_id, actor=actor, at=at)
    # The update changes nothing and locks: of two drafters at once, the second sees the first one's letter.
    state = tx.execute(
        update(MisconductRecord)
        .where(MisconductRecord.id == row.id)
        .values(state=MisconductRecord.state)
        .returning(MisconductRecord.state)
    ).scalar_one()
    if state == RecordState.RETRACTED:
        raise MoveNotAllowed(move="draft_letter", state=state)
    if queries.has_letter(tx, row.id):
        raise LetterExists
    drafted = SupervisorLetter(
        id=new_id(),
        misconduct_id=row.id,
        addressee_id=lot_context(tx, row.lot_id).regulator.id,
        suggestion=letter.suggestion.strip(),
        state=LetterState.DRAFTED,
        drafted_by=actor.user_id,
        drafted_at=at,
    )
    tx.add(drafted)
    tx.flush()
    data = {"misconduct": row.id, "addressee": drafted.addressee_id}
    record(tx, "supervision.letter_drafted", subject=drafted.id, actor=actor.user_id, at=at, data=data)
    return drafted


def sign_letter(tx: Tx, letter_id: str, *, actor: Actor, at: datetime) -> SupervisorLetter:
    """Sign a drafted letter, by somebody else than its drafter; it takes its number here."""
    require(actor, "supervision.sign")
    letter = queries.letter_row(tx, letter_id, actor=actor)
    row = tx.get_one(MisconductRecord, letter.misconduct_id)
    if actor.user_id == letter.drafted_by:
        raise DrafterSigns
    event = move_letter(tx, letter, LetterMove.SIGN)
    title = LETTER_TITLE.format(subject=identity.organisation(tx, row.subject_id).name)
    number = take_number(
        tx, org_id=row.org_id, series=LETTER_SERIES, document_id=letter.id, title=title, at=at
    )
    letter.number = str(number)
    letter.signed_by, letter.signed_at = actor.user_id, at
    tx.flush()
    record(tx, event, subject=letter.id, actor=actor.user_id, at=at, data={"number": letter.number})
    return letter


def send_letter(tx: Tx, letter_id: str, *, pdf_sha256: str, at: datetime) -> None:
    """Put a signed letter whose paper is stored into the regulator's inbox, once."""
    letter = tx.get_one(SupervisorLetter, letter_id)
    event = move_letter(tx, letter, LetterMove.SEND)
    letter.pdf_sha256, letter.sent_at = pdf_sha256, at
    record(tx, event, subject=letter.id, actor="system", at=at, data={"pdf": pdf_sha256})
    tell(
        tx,
        identity.users_with_role(tx, Role.REGULATOR, org_id=letter.addressee_id),
        about=f"letter/{letter.id}",
        text="A letter has arrived from the trading centre: {number}",
        data={"number": letter.number},
        href=f"/letters/{letter.id}",
        at=at,
    )


def acknowledge(tx: Tx, letter_id: str, *, actor: Actor, at: datetime) -> None:
    """The addressed regulator confirms that the letter arrived; for others it does not exist."""
    require(actor, "supervision.acknowledge")
    letter = queries.letter_row(tx, letter_id, actor=actor)
    event = move_letter(tx, letter, LetterMove.ACKNOWLEDGE)
    letter.acknowledged_by, letter.acknowledged_at = actor.user_id, at
    data = {"number": letter.number}
    record(tx, event, subject=letter.id, actor=actor.user_id, at=at, data=data)
