"""Ask about a published tender: with an account or without, and in either case without a name on the question."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime

import msgspec

from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.dsse import BadEnvelope, BadSignature
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.keys import KeyWrapper
from govcore.vault import Vault
from trading.clarification import queries
from trading.clarification.models import Question
from trading.clarification.policy import collected_at
from trading.clarification.queries import KeptQuestion
from trading.clarification.schemas import NewQuestion
from trading.documents import queries as documents

ASKER = "asker"
"""Who is logged as asking: the same for everybody, for the log keeps no names of those who may bid."""


class AskingOver(Problem):
    """The documents' last day for questions has passed, or no lot takes bids any more."""

    code = "E_ASKING_OVER"
    text = "Questions about this tender were possible until {until}. Objections have last days of their own."


class ReceiptRefused(Problem):
    code = "E_RECEIPT"
    status = 422
    text = (
        "This is not a receipt of this tender's documents. Leave the field empty, or paste the whole receipt."
    )


class Blank(Problem):
    code = "E_BLANK"
    status = 422
    text = "Write your question."


def ask(
    tx: Tx,
    vault: Vault,
    wrapper: KeyWrapper,
    tender_id: str,
    given: NewQuestion,
    *,
    actor: Actor,
    at: datetime,
    token_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> str:
    """Take a question and return its nameless number; neither row nor log tells who asked, or when.

    Everybody may ask until the documents' last day for questions; a receipt must be a genuine one of this tender.
    """
    text = given.text.strip()
    if not text:
        raise Blank
    window = queries.asking_window(tx, tender_id, at=at)
    if not window.open:
        raise AskingOver(until=window.until_text)
    if given.receipt:
        _check_receipt(tx, vault, given.receipt, tender_id)
    tag = queries.asker_tag(vault, tender_id, actor) if actor.signed_in else token_bytes(32).hex()
    kept = msgspec.json.encode(
        KeptQuestion(
            text=text,
            salt=token_bytes(16).hex(),
            user_id=actor.user_id if actor.signed_in else None,
            receipt=given.receipt or None,
        )
    )
    question_id = new_id()
    question = Question(
        id=question_id,
        tender_id=tender_id,
        reference=nameless_number(token_bytes),
        asker_tag=tag,
        collected_at=collected_at(at),
        wrapped=wrapper.wrap("question", question_id, kept),
    )
    tx.add(question)
    tx.flush()
    data = {"question_sha256": hashlib.sha256(kept).hexdigest()}
    record(tx, "clarification.asked", subject=question_id, actor=ASKER, at=at, data=data)
    return question.reference


def _check_receipt(tx: Tx, vault: Vault, receipt: str, tender_id: str) -> None:
    try:
        genuine = documents.receipt_is_valid(tx, vault, receipt.encode()).tender_id == tender_id
    except (Problem, BadEnvelope, BadSignature):
        genuine = False
    if not genuine:
        raise ReceiptRefused


def nameless_number(token_bytes: Callable[[int], bytes]) -> str:
    """Forty random bits as eight letters and digits: it tells no order, and nobody guesses another's."""
    letters = base64.b32encode(token_bytes(5)).decode()
    return f"{letters[:4]}-{letters[4:]}"
