"""Set the papers of what was signed, store them once, and hand them out.

Signing commits first, so a number is never lost between a paper and its row; whoever comes next,
the request itself or the sweep, sets the same paper from the same facts.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from datetime import date, datetime

from obstore.exceptions import BaseError

from govcore import clock
from govcore.clock import BEIJING
from govcore.db import Tx
from govcore.errors import MoveNotAllowed
from govcore.i18n import Translate
from govcore.identity import queries as identity
from govcore.pdf.document import DEMO_WATERMARK
from govcore.platform import Platform
from govcore.storage import AlreadyStored, Store
from trading.supervision import letters, papers, service
from trading.supervision.models import CirculatedNotice, MisconductRecord, SupervisorLetter
from trading.supervision.policy import CATEGORIES, GRADES, RECIPIENTS, Grade, Scope
from trading.supervision.queries import reply_due
from trading.tender.queries import LotContext, lot_context

log = logging.getLogger(__name__)


def issue_now(issue: Callable[[Platform, str], None], platform: Platform, document_id: str) -> None:
    """Issue within the request; when the store fails, the signature stands and the sweep tries again."""
    try:
        issue(platform, document_id)
    except (OSError, BaseError):
        log.warning("the paper of %s waits for the sweep", document_id, exc_info=True)


def paper_key(document_id: str) -> str:
    """Where a notice's or a letter's paper lies in the store."""
    return f"supervision/{document_id}.pdf"


def issue_notice(platform: Platform, notice_id: str) -> None:
    """Set, store and circulate a signed notice; doing it twice changes nothing."""
    with platform.db.read() as tx:
        content = _notice_paper(tx, notice_id, platform.catalogue.translator("zh_CN"))
    digest = _keep(platform.store, notice_id, content)
    with platform.db.transaction() as tx:
        try:
            service.circulate(tx, notice_id, pdf_sha256=digest, at=clock.now(tx))
        except MoveNotAllowed:
            return  # another process was faster; the paper is the same


def issue_letter(platform: Platform, letter_id: str) -> None:
    """Set, store and send a signed letter; doing it twice changes nothing."""
    with platform.db.read() as tx:
        content = _letter_paper(tx, letter_id, platform.catalogue.translator("zh_CN"))
    digest = _keep(platform.store, letter_id, content)
    with platform.db.transaction() as tx:
        try:
            letters.send_letter(tx, letter_id, pdf_sha256=digest, at=clock.now(tx))
        except MoveNotAllowed:
            return  # another process was faster; the paper is the same


def _keep(store: Store, document_id: str, content: bytes) -> str:
    """Store a paper once and name the hash of what is stored, which an earlier attempt may have left."""
    try:
        store.put_new(paper_key(document_id), content)
    except AlreadyStored:
        content = store.get(paper_key(document_id))
    return hashlib.sha256(content).hexdigest()


def _notice_paper(tx: Tx, notice_id: str, translate: Translate) -> bytes:
    notice = tx.get_one(CirculatedNotice, notice_id)
    record = tx.get_one(MisconductRecord, notice.misconduct_id)
    context = lot_context(tx, record.lot_id)
    paper = papers.CirculatedNotice(
        number=notice.number,
        dated=_day(notice.signed_at),
        recipients=translate(RECIPIENTS[Scope(notice.scope)]),
        misconduct=_misconduct(tx, record, context, translate),
        handling=notice.handling,
        requirements=_paragraphs(notice.requirements),
    )
    return papers.circulated_notice(paper, watermark=_watermark(context))


def _letter_paper(tx: Tx, letter_id: str, translate: Translate) -> bytes:
    letter = tx.get_one(SupervisorLetter, letter_id)
    record = tx.get_one(MisconductRecord, letter.misconduct_id)
    context = lot_context(tx, record.lot_id)
    if letter.number is None or letter.signed_at is None:
        raise MoveNotAllowed(move="issue", state=letter.state)
    dated = _day(letter.signed_at)
    paper = papers.SupervisorLetter(
        number=letter.number,
        dated=dated,
        department=identity.organisation(tx, letter.addressee_id).name,
        misconduct=_misconduct(tx, record, context, translate),
        suggestion=_paragraphs(letter.suggestion),
        reply_due=reply_due(dated).day,
    )
    return papers.letter_to_supervisor(paper, watermark=_watermark(context))


def _misconduct(
    tx: Tx, record: MisconductRecord, context: LotContext, translate: Translate
) -> papers.Misconduct:
    subject = identity.organisation(tx, record.subject_id)
    return papers.Misconduct(
        centre=identity.organisation(tx, record.org_id).name,
        project=context.title,
        lot=context.lot_name,
        lot_code=context.lot_code,
        subject=subject.name,
        subject_uscc=subject.uscc,
        category=translate(CATEGORIES[record.category]),
        grade=translate(GRADES[Grade(record.grade)]),
        occurred_at=record.occurred_at,
        facts=_paragraphs(record.facts),
        basis=_paragraphs(record.basis),
        recorded_by=identity.user_names(tx, [record.recorded_by])[record.recorded_by],
        statement=record.statement or "",
        statement_at=record.statement_at,
        evidence=[papers.Evidence(piece["name"], piece["sha256"]) for piece in record.evidence],
    )


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _watermark(context: LotContext) -> str | None:
    return None if context.rule_set.lawful else DEMO_WATERMARK


def _day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()
