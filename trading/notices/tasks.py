"""Sweeps of notices: each may come late, twice or not at all."""

from __future__ import annotations

from datetime import date

import structlog
from celery import shared_task

from govcore import clock
from govcore.media import Medium
from govcore.platform import Platform, current
from govcore.seals.service import SealUnusable
from govcore.seals.uses import NoSealCertificate
from trading.notices import dispatching, feed, issuing, media_queries, queries
from trading.notices.exchange import message
from trading.notices.media import HttpMedium, NoAnswer, Port
from trading.notices.policy import DispatchState

BATCH = 20
_log = structlog.get_logger()


@shared_task(name="notices.number")
def number(**_: object) -> None:
    """Number the changes that wait, until fewer than a full batch are left."""
    platform = current()
    while True:
        with platform.db.transaction() as tx:
            if feed.number(tx, at=clock.now(tx)) < feed.BATCH:
                return


@shared_task(name="notices.finish")
def finish(**_: object) -> None:
    """Set and seal the papers that are missing; one that cannot be sealed now holds up no other."""
    platform = current()
    with platform.db.read() as tx:
        waiting = queries.unfinished(tx, limit=BATCH)
    for notice_id in waiting:
        try:
            issuing.finish(platform, notice_id)
        except (SealUnusable, NoSealCertificate):
            _log.warning("the notice waits for its seal", notice=notice_id)


@shared_task(name="notices.push")
def push(**_: object) -> None:
    """Send to each medium what is due."""
    platform = current()
    for medium in platform.settings.media:
        push_due(platform, medium, HttpMedium(medium))


def push_due(platform: Platform, medium: Medium, port: Port) -> None:
    """Send a medium what is due, until it does not answer: then the rest can wait, and the other media need not."""
    with platform.db.read() as tx:
        due = media_queries.due(tx, medium.id, at=clock.now(tx), limit=BATCH)
    for notice_id in due:
        if not send_one(platform, medium, port, notice_id):
            return


def send_one(platform: Platform, medium: Medium, port: Port, notice_id: str) -> bool:
    """One notice in three steps: claimed, sent outside any transaction, settled; false when nobody answered."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        state = dispatching.claim(tx, notice_id, medium.id, at=at)
        if state is None:
            return True
        notice, paper = media_queries.to_send(tx, notice_id)
        translate = platform.catalogue.translator("zh_CN")
        body = message(notice, paper, settings=platform.settings, translate=translate)
    try:
        sent = state is DispatchState.SENT
        answer = port.ask(notice_id, at=at) if sent else port.push(notice_id, body, at=at)
    except NoAnswer as error:
        _log.warning("the medium was not reached", medium=medium.id, notice=notice_id, reason=str(error))
        with platform.db.transaction() as tx:
            dispatching.postpone(tx, notice_id, medium.id, detail=str(error), at=clock.now(tx))
        return False
    with platform.db.transaction() as tx:
        dispatching.settle(tx, notice_id, medium.id, answer, at=clock.now(tx))
    return True


@shared_task(name="notices.compare")
def compare(**_: object) -> None:
    """Hold one day of one medium against ours, when its turn has come."""
    platform = current()
    with platform.db.read() as tx:
        at = clock.now(tx)
        found = media_queries.to_compare(tx, at=at)
    if found is not None:
        medium, day = found
        compare_one(platform, medium.id, HttpMedium(medium), day=day)


def compare_one(platform: Platform, medium: str, port: Port, *, day: date) -> None:
    """Ask what the medium has of a day, outside any transaction, and keep what differs."""
    with platform.db.read() as tx:
        at = clock.now(tx)
    theirs, fault = None, None
    try:
        theirs = port.held_on(day, at=at)
    except NoAnswer as error:
        fault = str(error)
    with platform.db.transaction() as tx:
        dispatching.keep_comparison(tx, medium, day, theirs, fault=fault, at=clock.now(tx))
