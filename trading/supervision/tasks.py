"""The sweep that hands out signed papers after a request broke off."""

from __future__ import annotations

from celery import shared_task

from govcore.platform import current
from trading.supervision import dispatch, queries


@shared_task(name="supervision.issue")
def issue(**_: object) -> None:
    """Issue every signed notice and letter that is still waiting; each in its own transaction."""
    platform = current()
    with platform.db.read() as tx:
        notices, letters = queries.unissued(tx)
    for notice_id in notices:
        dispatch.issue_now(dispatch.issue_notice, platform, notice_id)
    for letter_id in letters:
        dispatch.issue_now(dispatch.issue_letter, platform, letter_id)
