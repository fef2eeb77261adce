"""Issue the papers of an award: draft in a read, render, store, and record in one short transaction."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from decimal import Decimal

from govcore import clock
from govcore.db import Tx, new_id
from govcore.identity.policy import Actor
from govcore.pdf.blocks import CheckCode, Contact
from govcore.pdf.document import DEMO_WATERMARK
from govcore.platform import Platform
from govcore.seals import sealing
from govcore.seals.uses import UseOrder, finish_use
from govcore.storage import AlreadyStored, Store
from trading.award import papers, service
from trading.award.policy import CONTRACT_WITHIN, LETTER_PAPER, PaperKind
from trading.award.queries import PublishedCandidate
from trading.award.service import AwardDraft, PublicityDraft, StoredPaper
from trading.evaluation.report import REJECTIONS
from trading.tender.queries import LotContext

_TELEPHONE = re.compile(r"\+?\d[\d -]{5,}\d$")


def publicise(platform: Platform, lot_id: str, *, actor: Actor) -> StoredPaper:
    """Publish the candidates of a lot; a crash on the way leaves at most a paper that nothing names."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        draft = service.draft_publicity(tx, lot_id, actor=actor, at=at)
    content = papers.candidate_publicity(publicity_paper(draft), watermark=_watermark(draft.context))
    notice = _stored(platform.store, lot_id, PaperKind.CANDIDATES, content)
    with platform.db.transaction() as tx:
        service.publicise(tx, lot_id, notice=notice, actor=actor, at=at)
    return notice


def award(platform: Platform, lot_id: str, *, bid_id: str, actor: Actor) -> tuple[StoredPaper, StoredPaper]:
    """Award a lot; the award letter and the result notice."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        draft = service.draft_award(tx, lot_id, bid_id=bid_id, actor=actor, at=at)
        order = _order(tx, platform, draft.context, actor)
    watermark = _watermark(draft.context)
    check = sealing.check_of(platform, order)
    letter_pdf = papers.award_notice(letter_paper(draft, check=check), watermark=watermark)
    result_pdf = papers.result_notice(result_paper(draft), watermark=watermark)
    sealed = sealing.issue(platform, letter_pdf, order)
    letter = StoredPaper(id=new_id(), key=sealed.key, sha256=sealed.sha256, size=sealed.size)
    result = _stored(platform.store, lot_id, PaperKind.RESULT, result_pdf)
    with platform.db.transaction() as tx:
        service.award(tx, lot_id, bid_id=bid_id, letter=letter, result=result, actor=actor, at=at)
        finish_use(tx, sealed, at=at)
    return letter, result


def publicity_paper(draft: PublicityDraft) -> papers.CandidatePublicity:
    """The candidates' notice as a paper."""
    return papers.CandidatePublicity(
        subject=_subject(draft.context, draft.centre),
        candidates=[_candidate(candidate) for candidate in draft.candidates],
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        rejected=[(o.bid.bidder_name, REJECTIONS[o.invalid]) for o in draft.rejected if o.invalid],
    )


def _order(tx: Tx, platform: Platform, context: LotContext, actor: Actor) -> UseOrder | None:
    """The tenderer's seal on its award letter, where it ordered so."""
    return sealing.standing_order(
        tx,
        platform,
        org_id=context.tenderer.id,
        purpose=LETTER_PAPER,
        subject=f"{context.lot_id}/{context.round}",
        title=f"{context.project_name}（{context.lot_name}）中标通知书",
        requested_by=actor.user_id,
    )


def letter_paper(draft: AwardDraft, *, check: CheckCode | None = None) -> papers.AwardNotice:
    """The award letter (中标通知书) as a paper, numbered by lot and round."""
    issued_on = draft.decided_at.astimezone(clock.BEIJING).date()
    return papers.AwardNotice(
        number=f"{draft.context.lot_code}-{draft.context.round}",
        subject=_subject(draft.context, draft.centre),
        winner=_candidate(draft.winner),
        issued_on=issued_on,
        check=check,
        contract_by=issued_on + CONTRACT_WITHIN,
    )


def result_paper(draft: AwardDraft) -> papers.ResultNotice:
    """The result notice as a paper."""
    return papers.ResultNotice(
        subject=_subject(draft.context, draft.centre),
        winner=_candidate(draft.winner),
        publicity_from=draft.publicity_from,
        publicity_until=draft.publicity_until,
        published_at=draft.decided_at,
    )


def _subject(context: LotContext, centre: str) -> papers.Subject:
    assert context.opening_at is not None  # the lot was opened
    return papers.Subject(
        centre=centre,
        project=context.project_name,
        project_code=context.project_code,
        lot=context.lot_name,
        lot_code=context.lot_code,
        tenderer=Contact(name=context.tenderer.name),
        agency=agency_contact(context.agency.name, context.content.contact),
        regulator=Contact(name=context.regulator.name),
        opened_at=context.opening_at,
    )


def agency_contact(name: str, contact: str) -> Contact:
    """The notice's contact line as person and telephone, where it ends with a number."""
    found = _TELEPHONE.search(contact)
    if found is None:
        return Contact(name=name, person=contact)
    person = contact[: found.start()].strip(" ,，、;；:：")
    return Contact(name=name, person=person, phone=found.group())


def _candidate(row: PublishedCandidate) -> papers.Candidate:
    return papers.Candidate(
        rank=row.rank,
        name=row.bidder_name,
        uscc=row.uscc,
        price_fen=row.price_fen,
        total=Decimal(row.total).scaleb(-2),
        duration_days=row.duration_days,
        quality=row.quality,
        manager=row.manager,
        manager_certificate=row.manager_certificate,
    )


def _watermark(context: LotContext) -> str | None:
    return None if context.rule_set.lawful else DEMO_WATERMARK


def _stored(store: Store, lot_id: str, kind: PaperKind, content: bytes) -> StoredPaper:
    """Store under the paper's own hash: what is there already is the same paper."""
    digest = hashlib.sha256(content).hexdigest()
    key = f"award/{lot_id}/{kind}-{digest}.pdf"
    with suppress(AlreadyStored):
        store.put_new(key, content)
    return StoredPaper(id=new_id(), key=key, sha256=digest, size=len(content))
