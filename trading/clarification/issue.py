"""Release a clarification: draft and set its paper in a read, then everything in one short transaction."""

from __future__ import annotations

import hashlib
from contextlib import suppress

from govcore import clock
from govcore.identity.policy import Actor
from govcore.pdf.blocks import Contact
from govcore.pdf.document import DEMO_WATERMARK
from govcore.platform import Platform
from govcore.storage import AlreadyStored
from trading.clarification import papers, releasing
from trading.clarification.releasing import Draft
from trading.documents.papers import CENTRE
from trading.notices.service import StoredPaper

TRIES = 3


def release(platform: Platform, clarification_id: str, *, actor: Actor) -> None:
    """Publish a clarification with its moved schedules, its paper and its notice, all at one moment or not at all.

    The paper is set before the lots are locked; where the day turned or a deadline moved meanwhile, it is set again.
    """
    for left in reversed(range(TRIES)):
        with platform.db.transaction() as tx:
            draft = releasing.draft(tx, clarification_id, actor=actor, at=clock.now(tx))
        paper = _stored(platform, draft)
        try:
            with platform.db.transaction() as tx:
                releasing.release(
                    tx, platform.store, platform.keys, draft, paper=paper, actor=actor, at=clock.now(tx)
                )
            return
        except releasing.Outdated:
            if not left:
                raise


def preview(platform: Platform, draft: Draft) -> bytes:
    """The paper as it would be published now."""
    watermark = None if draft.context.rule_set.lawful else DEMO_WATERMARK
    return papers.clarification_paper(_paper(platform, draft), watermark=watermark)


def _stored(platform: Platform, draft: Draft) -> StoredPaper:
    """Store under the paper's own hash: what is there already is the same paper."""
    content = preview(platform, draft)
    digest = hashlib.sha256(content).hexdigest()
    key = f"clarification/{draft.context.tender_id}/{draft.number}-{digest}.pdf"
    with suppress(AlreadyStored):
        platform.store.put_new(key, content)
    return StoredPaper(key=key, sha256=digest, size=len(content))


def _paper(platform: Platform, draft: Draft) -> papers.ClarificationPaper:
    context, content = draft.context, draft.content
    return papers.ClarificationPaper(
        words=context.words,
        centre=platform.settings.centre or CENTRE,
        project=context.title,
        tender_code=context.tender_code,
        number=draft.number,
        tenderer=Contact(name=context.tenderer.name),
        agency=Contact(name=context.agency.name, person=context.content.contact),
        answers=[
            papers.Answered(one.reference, one.question, one.answer, one.shortened) for one in content.answers
        ],
        changes=[papers.Changed(one.about, one.where, one.before, one.after) for one in content.changes],
        acts=None
        if content.acts is None
        else [
            papers.Dated(one.kind, one.place, one.starts_at, one.ends_at, one.note) for one in content.acts
        ],
        version=content.version,
        statement=content.statement,
        untouched=content.untouched,
        deadlines=[
            papers.DeadlineLine(
                lot=one.lot_name,
                before=one.deadline_at,
                after=one.moved_to or one.deadline_at,
                rule=f"{one.rule} · {'、'.join(f'{law}第{number}条' for law, number in one.basis)}",
                left=one.left,
                least=one.least,
                unit=one.unit,
            )
            for one in draft.effects
        ],
        address=f"{platform.settings.site_url}/clarifications/{draft.id}",
        published_at=draft.at,
    )
