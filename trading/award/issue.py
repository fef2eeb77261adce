"""Issue the papers of an award: draft in a read, render, store, and record in one short transaction."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal

from govcore import clock
from govcore.db import Tx, new_id
from govcore.identity.policy import Actor
from govcore.pdf.blocks import CheckCode, Contact
from govcore.pdf.document import DEMO_WATERMARK
from govcore.pdf.figures import money
from govcore.platform import Platform
from govcore.seals import sealing
from govcore.seals.uses import IssuedPaper, UseOrder, finish_use
from govcore.storage import AlreadyStored, Store
from trading.award import closing_papers, drafts, papers, queries, reports, service
from trading.award.drafts import AwardDraft, PublicityDraft
from trading.award.goods import Bought, bought
from trading.award.policy import LETTER_PAPER, Basis, Failure, PaperKind
from trading.award.queries import Awarded, PublishedCandidate
from trading.award.results import MyResult
from trading.award.service import StoredPaper
from trading.committee import queries as committees
from trading.evaluation.queries import BidOutcome, outcomes, report_sha256
from trading.procedure.competition import Stage
from trading.procedure.policy import Regime
from trading.tender.grounds import ground_text
from trading.tender.queries import LotContext

_TELEPHONE = re.compile(r"\+?\d[\d -]{5,}\d$")


def publicise(platform: Platform, lot_id: str, *, actor: Actor) -> StoredPaper:
    """Publish the candidates of a lot; a crash on the way leaves at most a paper that nothing names."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        draft = drafts.draft_publicity(tx, lot_id, actor=actor, at=at)
    content = papers.candidate_publicity(publicity_paper(draft), watermark=watermark(draft.context))
    notice = stored(platform.store, lot_id, PaperKind.CANDIDATES, content)
    with platform.db.transaction() as tx:
        service.publicise(tx, lot_id, notice=notice, actor=actor, at=at)
    return notice


def award(
    platform: Platform, lot_id: str, *, bid_id: str, reason: str = "", actor: Actor
) -> tuple[StoredPaper, StoredPaper]:
    """Award a lot; the award letter and the result notice."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        draft = drafts.draft_award(tx, lot_id, bid_id=bid_id, reason=reason, actor=actor, at=at)
        order = _order(tx, platform, draft, actor)
    goods = bought(platform, draft)
    letter, result, sealed = _papers(platform, draft, goods, order)
    with platform.db.transaction() as tx:
        service.award(
            tx,
            lot_id,
            bid_id=bid_id,
            reason=reason,
            letter=letter,
            result=result,
            goods=goods,
            actor=actor,
            at=at,
        )
        finish_use(tx, sealed, at=at)
    return letter, result


def announce(platform: Platform, lot_id: str, *, actor: Actor) -> tuple[StoredPaper, StoredPaper]:
    """Publish the result of a decision that the purchaser's silence made; letter and notice."""
    with platform.db.transaction() as tx:
        service.note_silence(tx, lot_id, at=clock.now(tx))
    with platform.db.read() as tx:
        at = clock.now(tx)
        draft = drafts.draft_announcement(tx, lot_id, actor=actor, at=at)
        order = _order(tx, platform, draft, actor)
    goods = bought(platform, draft)
    letter, result, sealed = _papers(platform, draft, goods, order)
    with platform.db.transaction() as tx:
        draft = drafts.draft_announcement(tx, lot_id, actor=actor, at=at)
        service.announce(tx, draft, goods, letter=letter, result=result, at=at)
        finish_use(tx, sealed, at=at)
    return letter, result


def report(platform: Platform, lot_id: str, *, actor: Actor) -> tuple[int, StoredPaper]:
    """Report the present award to the supervising department (T20 · 招标投标法 art. 47); its number and paper."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        context, awarded = reports.report_on(tx, lot_id, actor=actor)
        paper = report_paper(tx, context, awarded, at=at)
    content = closing_papers.award_report(paper, watermark=watermark(context))
    kept = stored(platform.store, lot_id, PaperKind.REPORT, content)
    with platform.db.transaction() as tx:
        reports.send_report(tx, lot_id, n=awarded.n, paper=kept, actor=actor, at=at)
    return awarded.n, kept


def failure_notice(
    tx: Tx, platform: Platform, context: LotContext, cause: Failure, text: str, *, at: datetime
) -> StoredPaper:
    """The notice that a lot ended without a winner, stored before the transaction that says so is over."""
    paper = closing_papers.FailureNotice(
        subject=_subject(context, centre_of(tx, context)),
        cause=cause,
        least=context.least(Stage.RESPONSIVE),
        text=text,
        published_at=at,
    )
    content = closing_papers.failure_notice(paper, watermark=watermark(context))
    return stored(platform.store, context.lot_id, PaperKind.FAILURE, content)


def loser_notice(mine: MyResult, *, centre: str) -> bytes:
    """What a bidder is told that did not win; the same facts give the same bytes."""
    assert mine.award is not None  # there is a winner
    assert mine.award.announced_at is not None
    purchase = mine.context.rule_set.regime is Regime.GP
    paper = closing_papers.LoserNotice(
        subject=_subject(mine.context, centre),
        bidder=mine.outcome.bid.bidder_name,
        winner=_candidate(mine.award.winner),
        issued_at=mine.award.announced_at,
        own_total=points_of(mine.outcome.total) if purchase else None,
        own_evaluated_fen=mine.outcome.evaluated_fen if purchase else None,
        own_rank=mine.outcome.rank if purchase else None,
        rejected=mine.outcome.rejection if mine.outcome.invalid else "",
    )
    return closing_papers.loser_notice(paper, watermark=watermark(mine.context))


def report_paper(
    tx: Tx, context: LotContext, awarded: Awarded, *, at: datetime
) -> closing_papers.AwardReport:
    """The report on an award as a paper."""
    lot_id = context.lot_id
    assert context.deadline_at is not None  # the lot was closed
    publicity = queries.publicity_of(tx, lot_id)
    names = {one.bid_id: one.bidder_name for one in queries.candidates_of(tx, lot_id)}
    outs = queries.outs_of(tx, lot_id)
    return closing_papers.AwardReport(
        subject=_subject(context, centre_of(tx, context)),
        n=awarded.n,
        published_at=context.published_at,
        deadline_at=context.deadline_at,
        bids=[_line(outcome) for outcome in outcomes(tx, lot_id)],
        candidates=[_candidate(one) for one in queries.candidates_of(tx, lot_id)],
        publicity=publicity,
        basis=awarded.basis,
        reason=awarded.reason,
        outs=[(names[bid_id], out.cause, out.text) for bid_id, out in outs.items() if bid_id in names],
        winner=_candidate(awarded.winner),
        decided_at=awarded.decided_at,
        report_sha256=report_sha256(tx, lot_id),
        reported_at=at,
    )


def _line(outcome: BidOutcome) -> tuple[str, str, str]:
    price = "" if outcome.price_fen is None else money(outcome.price_fen)
    result = f"第{outcome.rank}名" if outcome.invalid is None else outcome.rejection
    return outcome.bid.bidder_name, price, result


def _papers(
    platform: Platform, draft: AwardDraft, goods: Sequence[Bought], order: UseOrder | None
) -> tuple[StoredPaper, StoredPaper, IssuedPaper]:
    check = sealing.check_of(platform, order)
    mark = watermark(draft.context)
    letter_pdf = papers.award_notice(letter_paper(draft, check=check), watermark=mark)
    result_pdf = papers.result_notice(result_paper(draft, goods), watermark=mark)
    sealed = sealing.issue(platform, letter_pdf, order)
    letter = StoredPaper(id=new_id(), key=sealed.key, sha256=sealed.sha256, size=sealed.size)
    result = stored(platform.store, draft.context.lot_id, PaperKind.RESULT, result_pdf)
    return letter, result, sealed


def publicity_paper(draft: PublicityDraft) -> papers.CandidatePublicity:
    """The candidates' notice as a paper."""
    return papers.CandidatePublicity(
        subject=_subject(draft.context, draft.centre),
        candidates=[_candidate(candidate) for candidate in draft.candidates],
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        rejected=[(o.bid.bidder_name, o.rejection) for o in draft.rejected if o.invalid],
    )


def _order(tx: Tx, platform: Platform, draft: AwardDraft, actor: Actor) -> UseOrder | None:
    """The tenderer's seal on its award letter, where it ordered so."""
    context = draft.context
    again = "" if draft.n == 1 else f"/{draft.n}"
    return sealing.standing_order(
        tx,
        platform,
        org_id=context.tenderer.id,
        purpose=LETTER_PAPER,
        subject=f"{context.lot_id}/{context.round}{again}",
        title=f"{context.project_name}（{context.lot_name}）{context.words.won}通知书",
        requested_by=actor.user_id,
    )


def letter_paper(draft: AwardDraft, *, check: CheckCode | None = None) -> papers.AwardNotice:
    """The award letter (中标通知书) as a paper, numbered by lot and round, and by its place in the sequence."""
    again = "" if draft.n == 1 else f"-{draft.n}"
    return papers.AwardNotice(
        number=f"{draft.context.lot_code}-{draft.context.round}{again}",
        subject=_subject(draft.context, draft.centre),
        winner=_candidate(draft.winner),
        issued_on=draft.at.astimezone(clock.BEIJING).date(),
        check=check,
        contract_by=last_day(draft.contract_by),
    )


def result_paper(draft: AwardDraft, goods: Sequence[Bought]) -> papers.ResultNotice:
    """The result notice as a paper."""
    return papers.ResultNotice(
        subject=_subject(draft.context, draft.centre),
        winner=_candidate(draft.winner),
        publicity_from=draft.publicity_from,
        publicity_until=draft.publicity_until,
        published_at=draft.at,
        earlier=f"{closing_papers.BASES[draft.basis].format(w=draft.context.words)}，"
        if draft.basis is Basis.NEXT
        else "",
        experts=draft.experts,
        goods=[(one.item, one.specification, one.quantity, one.unit_price_fen) for one in goods],
        notice_until=draft.notice_until,
    )


def last_day(limit: datetime) -> date:
    """The last day of a time that ends at this moment: midnight belongs to the day before."""
    return (limit - timedelta(microseconds=1)).astimezone(clock.BEIJING).date()


def centre_of(tx: Tx, context: LotContext) -> str:
    """The centre that appointed the committee, else the one this platform is run by."""
    seated = committees.formed(tx, context.lot_id) is not None
    return committees.seating_centre(tx, context.lot_id) if seated else str(tx.info["settings"].centre)


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
        words=context.words,
        ground=ground_text(context.content, context.rule_set),
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
        total=points_of(row.total),
        evaluated_fen=row.evaluated_fen,
        duration_days=row.duration_days,
        quality=row.quality,
        manager=row.manager,
        manager_certificate=row.manager_certificate,
    )


def points_of(hundredths: int | None) -> Decimal | None:
    return None if hundredths is None else Decimal(hundredths).scaleb(-2)


def watermark(context: LotContext) -> str | None:
    return None if context.rule_set.lawful else DEMO_WATERMARK


def stored(store: Store, lot_id: str, kind: PaperKind, content: bytes) -> StoredPaper:
    """Store under the paper's own hash: what is there already is the same paper."""
    digest = hashlib.sha256(content).hexdigest()
    key = f"award/{lot_id}/{kind}-{digest}.pdf"
    with suppress(AlreadyStored):
        store.put_new(key, content)
    return StoredPaper(id=new_id(), key=key, sha256=digest, size=len(content))


def keep_evidence(platform: Platform, lot_id: str, content: bytes) -> StoredPaper:
    """Store a file behind a cause under its hash."""
    digest = hashlib.sha256(content).hexdigest()
    key = f"award/{lot_id}/evidence-{digest}"
    with suppress(AlreadyStored):
        platform.store.put_new(key, content)
    return StoredPaper(id=new_id(), key=key, sha256=digest, size=len(content))
