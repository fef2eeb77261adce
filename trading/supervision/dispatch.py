"""Set the papers of what was signed, store them once, and hand them out.

Signing commits first, so a number is never lost between a paper and its row; whoever comes next,
the request itself or the sweep, sets the same paper from the same facts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime

from obstore.exceptions import BaseError

from govcore import clock
from govcore.calendar.queries import calendar_of
from govcore.clock import BEIJING
from govcore.db import Tx
from govcore.errors import MoveNotAllowed
from govcore.i18n import Translate
from govcore.identity import queries as identity
from govcore.pdf.blocks import CheckCode
from govcore.pdf.document import DEMO_WATERMARK
from govcore.platform import Platform
from govcore.seals import sealing
from govcore.seals.service import SealUnusable
from govcore.seals.uses import NoSealCertificate, finish_use
from trading.supervision import letters, papers, service
from trading.supervision.models import CirculatedNotice, MisconductRecord, SupervisorLetter
from trading.supervision.policy import (
    CATEGORIES,
    GRADES,
    LETTER_PAPER,
    LETTER_TITLE,
    NOTICE_PAPER,
    NOTICE_TITLE,
    RECIPIENTS,
    Grade,
    Scope,
)
from trading.supervision.queries import reply_due
from trading.tender.queries import LotContext, lot_context

log = logging.getLogger(__name__)


def issue_now(issue: Callable[[Platform, str], None], platform: Platform, document_id: str) -> None:
    """Issue a signed paper; when store or seal fail, the signature stands and the sweep tries again."""
    try:
        issue(platform, document_id)
    except (OSError, BaseError, SealUnusable, NoSealCertificate):
        log.warning("the paper of %s waits for the sweep", document_id, exc_info=True)


def issue_notice(platform: Platform, notice_id: str) -> None:
    """Set, seal, store and circulate a signed notice; doing it twice changes nothing."""
    with platform.db.read() as tx:
        notice = tx.get_one(CirculatedNotice, notice_id)
        record = tx.get_one(MisconductRecord, notice.misconduct_id)
        order = sealing.standing_order(
            tx,
            platform,
            org_id=record.org_id,
            purpose=NOTICE_PAPER,
            subject=notice_id,
            title=NOTICE_TITLE.format(subject=identity.organisation(tx, record.subject_id).name),
            requested_by=notice.signed_by,
        )
        content = _notice_paper(tx, platform, notice, record, check=sealing.check_of(platform, order))
    paper = sealing.issue(platform, content, order)
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        try:
            service.circulate(tx, notice_id, pdf_sha256=paper.sha256, at=at)
        except MoveNotAllowed:
            return  # another process was faster
        finish_use(tx, paper, at=at)


def issue_letter(platform: Platform, letter_id: str) -> None:
    """Set, seal, store and send a signed letter; doing it twice changes nothing."""
    with platform.db.read() as tx:
        letter = tx.get_one(SupervisorLetter, letter_id)
        record = tx.get_one(MisconductRecord, letter.misconduct_id)
        order = sealing.standing_order(
            tx,
            platform,
            org_id=record.org_id,
            purpose=LETTER_PAPER,
            subject=letter_id,
            title=LETTER_TITLE.format(subject=identity.organisation(tx, record.subject_id).name),
            requested_by=letter.signed_by,
        )
        content = _letter_paper(tx, platform, letter, record, check=sealing.check_of(platform, order))
    paper = sealing.issue(platform, content, order)
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        try:
            letters.send_letter(tx, letter_id, pdf_sha256=paper.sha256, at=at)
        except MoveNotAllowed:
            return  # another process was faster
        finish_use(tx, paper, at=at)


def _notice_paper(
    tx: Tx,
    platform: Platform,
    notice: CirculatedNotice,
    record: MisconductRecord,
    *,
    check: CheckCode | None,
) -> bytes:
    translate = platform.catalogue.translator("zh_CN")
    context = lot_context(tx, record.lot_id)
    paper = papers.CirculatedNotice(
        number=notice.number,
        dated=_day(notice.signed_at),
        recipients=translate(RECIPIENTS[Scope(notice.scope)]),
        misconduct=_misconduct(tx, record, context, translate),
        handling=notice.handling,
        requirements=_paragraphs(notice.requirements),
        check=check,
    )
    return papers.circulated_notice(paper, watermark=_watermark(context))


def _letter_paper(
    tx: Tx,
    platform: Platform,
    letter: SupervisorLetter,
    record: MisconductRecord,
    *,
    check: CheckCode | None,
) -> bytes:
    translate = platform.catalogue.translator("zh_CN")
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
        reply_due=reply_due(dated, calendar=calendar_of(tx)).day,
        check=check,
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
