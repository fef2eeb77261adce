"""What a notice still needs once it is published: its paper, where it brought none, and the seal, where one is ordered.

Both may be done late or twice: the same notice gives the same paper, and only the first is bound to it.
"""

from __future__ import annotations

from govcore import clock
from govcore.db import Tx
from govcore.pdf.document import DEMO_WATERMARK
from govcore.platform import Platform
from govcore.seals import sealing
from govcore.seals.uses import UseOrder, finish_use
from trading.notices import queries, service
from trading.notices.paper import notice_paper
from trading.notices.policy import CONTENTS, NOTICE_PAPER
from trading.notices.queries import NoticeShown
from trading.notices.service import StoredPaper
from trading.notices.showing import shown

CHINESE = "zh_CN"


def finish(platform: Platform, notice_id: str) -> None:
    """Set the paper and seal it as ordered; raises `SealUnusable` or `NoSealCertificate`, and is then tried again."""
    with platform.db.read() as tx:
        found = queries.notice(tx, notice_id)
        order = _order(tx, platform, found)
    paper = found.paper
    if paper is None:
        made = sealing.issue(platform, _set(platform, found, order), None)
        with platform.db.transaction() as tx:
            service.keep_paper(
                tx,
                notice_id,
                StoredPaper(key=made.key, sha256=made.sha256, size=made.size),
                sealed=False,
                at=clock.now(tx),
            )
            paper = queries.notice(tx, notice_id).paper
    if order is not None and found.sealed is None and paper is not None:
        sealed = sealing.issue(platform, platform.store.get(paper.key), order)
        with platform.db.transaction() as tx:
            at = clock.now(tx)
            if service.keep_paper(
                tx,
                notice_id,
                StoredPaper(key=sealed.key, sha256=sealed.sha256, size=sealed.size),
                sealed=True,
                at=at,
            ):
                finish_use(tx, sealed, at=at)
    with platform.db.transaction() as tx:
        service.note_finished(tx, notice_id)


def _order(tx: Tx, platform: Platform, found: NoticeShown) -> UseOrder | None:
    if found.publisher_id is None:
        return None
    word = platform.catalogue.translator(CHINESE)(found.line.word)
    return sealing.standing_order(
        tx,
        platform,
        org_id=found.publisher_id,
        purpose=NOTICE_PAPER,
        subject=found.line.id,
        title=f"{found.line.title}{word}",
        requested_by=None,
    )


def _set(platform: Platform, found: NoticeShown, order: UseOrder | None) -> bytes:
    translate = platform.catalogue.translator(CHINESE)
    rule = CONTENTS[found.line.kind]
    return notice_paper(
        kind=translate(found.line.word),
        about=found.line.title,
        basis=rule.cited_zh(found.regime),
        fields=shown(found.fields, regime=found.regime),
        publisher=found.publisher or found.fields["tenderer"],
        published_at=found.line.at,
        reference=found.line.id,
        translate=translate,
        check=sealing.check_of(platform, order),
        watermark=DEMO_WATERMARK if platform.settings.demo else None,
    )
