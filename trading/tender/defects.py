"""Defective documents found later (实施条例 art. 23): stop the lot, then mend them before the deadline or begin again.

Each step is an act of two people of the tenderer, published with its reason. Mending itself is a new version of the
documents, whose release moves the deadline where bids are touched (T04).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from govcore import clock
from govcore.audit.entries import time_text
from govcore.clock import start_text
from govcore.db import Tx, new_id
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor
from govcore.module import Act
from govcore.platform import Platform
from trading.notices.policy import NoticeKind
from trading.tender import endings, queries, suspensions
from trading.tender.acts import EFFECT, FOR_EVER, NEXT_STEP, Facts, Said, labels, lot_facts
from trading.tender.announcing import publish_notice
from trading.tender.models import Document
from trading.tender.moves import OutOfOrder
from trading.tender.policy import CAUSES, LOT_RULES, Cause, LotMove, bidding_open
from trading.tender.queries import LotContext
from trading.tender.suspensions import HeldFor

MEND = "Publish the mended documents, with a later deadline where bids are touched; then let the lot go on."
BEGIN_AGAIN = "The deadline is over: end the lot and tender it again with mended documents."


class NotStoppable(Problem):
    code = "E_NOT_STOPPABLE"
    text = "A lot is stopped from its publication until its award."


class StoppedAlready(Problem):
    code = "E_STOPPED"
    text = "This lot is stopped for a defect of its documents already."


class NotStopped(Problem):
    code = "E_NOT_STOPPED"
    text = "This lot was not stopped for a defect of its documents."


class NotMended(Problem):
    """实施条例 art. 23."""

    code = "E_NOT_MENDED"
    text = "No version of the documents was published since the lot was stopped: mend them first (实施条例 art. 23)."


class PastMending(Problem):
    """实施条例 art. 23."""

    code = "E_PAST_MENDING"
    text = (
        "The deadline is over: the documents cannot be mended, the lot is tendered again (实施条例 art. 23)."
    )


class StillMendable(Problem):
    """实施条例 art. 21, 23."""

    code = "E_STILL_MENDABLE"
    text = "The deadline is not over: mend the documents and let the lot go on, or terminate it (实施条例 art. 21, 23)."


def stopping(tx: Tx, lot_id: str, said: Said, actor: Actor) -> Facts:
    lot = _own(tx, lot_id, actor)
    if lot.state not in LOT_RULES[LotMove.TERMINATE].sources:
        raise NotStoppable
    if _held(tx, lot_id):
        raise StoppedAlready
    rule = CAUSES[Cause.DEFECT]
    follows = MEND if _mendable(lot, clock.now(tx)) else BEGIN_AGAIN
    return lot_facts(lot) | {"cause": rule.text, "basis": rule.basis, "next": follows, "notice": said.notice}


def stop(tx: Tx, _platform: Platform, lot_id: str, said: Said, *, proposer: Actor, second: Actor) -> None:
    at, ref, by = clock.now(tx), f"defect:{new_id()}", proposer.user_id
    suspensions.hold(tx, lot_ids=[lot_id], cause=Cause.DEFECT, ref=ref, at=at, actor=by, notice=said.notice)
    lot = queries.lot_context(tx, lot_id)
    fields = {"reason": said.notice, "from_at": time_text(at), "effect": EFFECT.format(w=lot.words)}
    publish_notice(tx, lot, kind=NoticeKind.SUSPENSION, lot_ids=[lot_id], fields=fields, at=at)


def mending(tx: Tx, lot_id: str, said: Said, actor: Actor) -> Facts:
    lot, held = _stopped(tx, lot_id, actor)
    if not _mendable(lot, clock.now(tx)):
        raise PastMending
    newer = select(Document.id).where(
        Document.tender_id == lot.tender_id, Document.created_at > held.began_at
    )
    if tx.scalar(newer.limit(1)) is None:
        raise NotMended
    since = start_text(held.began_at)
    return lot_facts(lot) | {"cause": held.rule.text, "since": since, "notice": said.notice}


def go_on(tx: Tx, _platform: Platform, lot_id: str, said: Said, *, proposer: Actor, second: Actor) -> None:
    _release(tx, lot_id, said, by=proposer.user_id, at=(at := clock.now(tx)))
    fields = {"reason": said.notice, "from_at": time_text(at)}
    lot = queries.lot_context(tx, lot_id)
    publish_notice(tx, lot, kind=NoticeKind.RESUMPTION, lot_ids=[lot_id], fields=fields, at=at)


def ending(tx: Tx, lot_id: str, said: Said, actor: Actor) -> Facts:
    lot, held = _stopped(tx, lot_id, actor)
    if _mendable(lot, clock.now(tx)):
        raise StillMendable
    if lot.state not in LOT_RULES[LotMove.TERMINATE].sources:
        raise OutOfOrder.of(LotMove.TERMINATE, lot.state)
    return lot_facts(lot) | {"basis": held.rule.basis, "next": BEGIN_AGAIN, "notice": said.notice}


def end(tx: Tx, _platform: Platform, lot_id: str, said: Said, *, proposer: Actor, second: Actor) -> None:
    lot, basis = queries.lot_context(tx, lot_id), CAUSES[Cause.DEFECT].basis
    at = endings.end(
        tx, lot_id, LotMove.TERMINATE, notice=said.notice, regime=lot.rule_set.regime, basis=basis
    )
    _release(tx, lot_id, said, by=proposer.user_id, at=at)
    fields = {"reason": said.notice, "next_step": NEXT_STEP.format(w=lot.words)}
    publish_notice(tx, lot, kind=NoticeKind.TERMINATION, lot_ids=[lot_id], fields=fields, at=at)


def _own(tx: Tx, lot_id: str, actor: Actor) -> LotContext:
    lot = queries.published_lot(tx, lot_id)
    if lot.tenderer.id != actor.org_id:
        raise NotFound
    return lot


def _stopped(tx: Tx, lot_id: str, actor: Actor) -> tuple[LotContext, HeldFor]:
    lot = _own(tx, lot_id, actor)
    held = _held(tx, lot_id)
    if not held:
        raise NotStopped
    return lot, held[0]


def _held(tx: Tx, lot_id: str) -> list[HeldFor]:
    holds = suspensions.holds_of(tx, lot_id)
    return [one for one in holds if one.cause is Cause.DEFECT and one.ended_at is None]


def _release(tx: Tx, lot_id: str, said: Said, *, by: str, at: datetime) -> None:
    for one in _held(tx, lot_id):
        suspensions.release_hold(tx, ref=one.ref, at=at, actor=by, notice=said.notice)


def _mendable(lot: LotContext, now: datetime) -> bool:
    return bidding_open(lot.state, lot.deadline_at, now)


DEFECT_ACTS = [
    Act(
        name="tender.stop",
        text="Stop a lot whose documents are defective",
        warning="Everybody reads it at once. Bids are still taken until the deadline; opening, evaluation, publicity, "
        "award and contract wait until the documents are mended or the lot is ended.",
        permission="tender.terminate",
        second="tender.terminate",
        content=Said,
        labels=labels("lot", "title", "deadline", "cause", "basis", "next", "notice"),
        typed="lot",
        facts=stopping,
        run=stop,
        back="/lots/{object_id}/acts",
    ),
    Act(
        name="tender.go_on",
        text="Let a lot go on with mended documents",
        warning="What waited goes on by itself at once, unless something else still suspends the lot.",
        permission="tender.terminate",
        second="tender.terminate",
        content=Said,
        labels=labels("lot", "title", "deadline", "cause", "since", "notice"),
        typed="lot",
        facts=mending,
        run=go_on,
        back="/lots/{object_id}/acts",
    ),
    Act(
        name="tender.end_defective",
        text="End a lot whose documents were defective",
        warning=FOR_EVER,
        permission="tender.terminate",
        second="tender.terminate",
        content=Said,
        labels=labels("lot", "title", "deadline", "basis", "next", "notice"),
        typed="lot",
        facts=ending,
        run=end,
        back="/lots/{object_id}/acts",
    ),
]
