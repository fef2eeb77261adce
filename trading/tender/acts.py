"""The graver acts on a lot or a round, each of two people: what they mean, and what they do.

The regulator acts on the lots it supervises, the centre on faults of its platform, the tenderer on its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from govcore import clock
from govcore.audit.entries import time_text
from govcore.clock import start_text
from govcore.db import Tx, new_id
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.identity.policy import Actor, Role
from govcore.module import Act
from govcore.platform import Platform
from trading.notices.policy import NoticeKind
from trading.procedure.rules import rule_set
from trading.procedure.words import article_of
from trading.tender import endings, overrides, queries, suspensions
from trading.tender.announcing import publish_notice
from trading.tender.models import Tender
from trading.tender.moves import OutOfOrder
from trading.tender.policy import CAUSES, LOT_RULES, Cause, LotMove, LotState
from trading.tender.queries import LotContext

EFFECT = (
    "暂停期间停止开标、{w.evaluation}、结束公示、确定{w.winner}和签约；{w.deadline}不自动顺延，递交、撤回、提问和答复照常"
    "进行。"
)
NEXT_STEP = "已递交的{w.bid}不予开启，密钥已销毁；保证金连同银行同期存款利息退还。该{w.lot}继续采购的，依法{w.again}。"
"""What the notices say besides the reason; notices are Chinese papers."""

Notice = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the public notice of the act says."""

    notice: Notice


class SetAside(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rule that is set aside, and what the notice says."""

    rule: Literal["T01", "G04"]
    notice: Notice


class NothingHeld(Problem):
    code = "E_NOT_SUSPENDED"
    text = "Nothing that you suspended is suspended in this lot."


Facts = Mapping[str, str | int]


def suspending(tx: Tx, lot_id: str, said: Said, actor: Actor) -> Facts:
    lot = _supervised(tx, lot_id, actor)
    if lot.state not in LOT_RULES[LotMove.TERMINATE].sources | {LotState.AWARDED}:
        raise MoveNotAllowed(move="tender.suspend", state=lot.state)
    rule = CAUSES[_cause(actor)]
    return lot_facts(lot) | {"cause": rule.text, "basis": rule.basis, "notice": said.notice}


def suspend(tx: Tx, _platform: Platform, lot_id: str, said: Said, *, proposer: Actor, second: Actor) -> None:
    cause, at = _cause(proposer), clock.now(tx)
    ref, by = f"order:{new_id()}", proposer.user_id
    suspensions.hold(tx, lot_ids=[lot_id], cause=cause, ref=ref, at=at, actor=by, notice=said.notice)
    lot = queries.lot_context(tx, lot_id)
    fields = {"reason": said.notice, "from_at": time_text(at), "effect": EFFECT.format(w=lot.words)}
    publish_notice(tx, lot, kind=NoticeKind.SUSPENSION, lot_ids=[lot_id], fields=fields, at=at)


def resuming(tx: Tx, lot_id: str, said: Said, actor: Actor) -> Facts:
    lot = _supervised(tx, lot_id, actor)
    held = _own_holds(tx, lot_id, actor)
    since = start_text(held[0].began_at)
    return lot_facts(lot) | {"cause": held[0].rule.text, "since": since, "notice": said.notice}


def resume(tx: Tx, _platform: Platform, lot_id: str, said: Said, *, proposer: Actor, second: Actor) -> None:
    at = clock.now(tx)
    for one in _own_holds(tx, lot_id, proposer):
        suspensions.release_hold(tx, ref=one.ref, at=at, actor=proposer.user_id, notice=said.notice)
    lot = queries.lot_context(tx, lot_id)
    fields = {"reason": said.notice, "from_at": time_text(at)}
    publish_notice(tx, lot, kind=NoticeKind.RESUMPTION, lot_ids=[lot_id], fields=fields, at=at)


def terminating(tx: Tx, lot_id: str, said: Said, actor: Actor) -> Facts:
    lot = queries.published_lot(tx, lot_id)
    if lot.tenderer.id != actor.org_id:
        raise NotFound
    return _ending(lot, LotMove.TERMINATE, said)


def terminate(
    tx: Tx, _platform: Platform, lot_id: str, said: Said, *, proposer: Actor, second: Actor
) -> None:
    _end(tx, lot_id, LotMove.TERMINATE, said)


def cancelling(tx: Tx, lot_id: str, said: Said, actor: Actor) -> Facts:
    lot = queries.published_lot(tx, lot_id)
    if lot.regulator.id != actor.org_id:
        raise NotFound
    return _ending(lot, LotMove.CANCEL, said)


def cancel(tx: Tx, _platform: Platform, lot_id: str, said: Said, *, proposer: Actor, second: Actor) -> None:
    _end(tx, lot_id, LotMove.CANCEL, said)


def setting_aside(tx: Tx, tender_id: str, given: SetAside, actor: Actor) -> Facts:
    tender = tx.get(Tender, tender_id)
    if tender is None:
        raise NotFound
    project, *_ = queries.parties(tx, tender)
    if actor.org_id not in (project.tenderer_id, project.regulator_id):
        raise NotFound
    overrides.check(tx, tender_id, given.rule)
    basis = article_of(rule_set(tender.rule_set)[given.rule])
    return {
        "tender": tender.code,
        "title": tender.title,
        "rule": given.rule,
        "basis": str(basis),
        "notice": given.notice,
    }


def set_aside(
    tx: Tx, _platform: Platform, tender_id: str, given: SetAside, *, proposer: Actor, second: Actor
) -> None:
    overrides.override(tx, tender_id, given.rule, notice=given.notice, at=clock.now(tx))


def _supervised(tx: Tx, lot_id: str, actor: Actor) -> LotContext:
    lot = queries.published_lot(tx, lot_id)
    if Role.CENTRE not in actor.roles and lot.regulator.id != actor.org_id:
        raise NotFound
    return lot


def _cause(actor: Actor) -> Cause:
    """The regulator orders; the centre, which is none, can only stop for its own faults (39号令)."""
    return Cause.FAULT if Role.CENTRE in actor.roles else Cause.ORDER


def _own_holds(tx: Tx, lot_id: str, actor: Actor) -> list[suspensions.HeldFor]:
    cause = _cause(actor)
    held = [one for one in suspensions.holds_of(tx, lot_id) if one.cause is cause and one.ended_at is None]
    if not held:
        raise NothingHeld
    return held


def lot_facts(lot: LotContext) -> dict[str, str | int]:
    facts: dict[str, str | int] = {"lot": lot.lot_code, "title": f"{lot.title} · {lot.lot_name}"}
    return facts | {"deadline": start_text(lot.deadline_at) if lot.deadline_at else "-"}


def _ending(lot: LotContext, move: LotMove, said: Said) -> Facts:
    if lot.state not in LOT_RULES[move].sources:
        raise OutOfOrder.of(move, lot.state)
    basis = endings.BASIS[lot.rule_set.regime][move]
    return lot_facts(lot) | {"basis": basis, "notice": said.notice}


def _end(tx: Tx, lot_id: str, move: LotMove, said: Said) -> None:
    lot = queries.lot_context(tx, lot_id)
    at = endings.end(tx, lot_id, move, notice=said.notice, regime=lot.rule_set.regime)
    fields = {"reason": said.notice, "next_step": NEXT_STEP.format(w=lot.words)}
    publish_notice(tx, lot, kind=NoticeKind.TERMINATION, lot_ids=[lot_id], fields=fields, at=at)


LABELS = {
    "lot": "Lot",
    "title": "Tender",
    "deadline": "Deadline",
    "cause": "Cause",
    "basis": "By which law",
    "since": "Suspended since",
    "next": "What comes next",
    "notice": "What the notice says",
    "tender": "Tender code",
    "rule": "Rule that is set aside",
}


def labels(*keys: str) -> dict[str, str]:
    return {key: LABELS[key] for key in keys}


FOR_EVER = (
    "This cannot be undone: sealed bids stay sealed for ever, all keys are destroyed, deposits go back with interest. "
    "The lot can only be tendered again."
)

ACTS = [
    Act(
        name="tender.suspend",
        text="Suspend a lot",
        warning="Everybody reads it at once. Bids are still taken until the deadline; opening, evaluation, publicity, "
        "award and contract wait until it is resumed.",
        permission="tender.suspend",
        second="tender.suspend",
        content=Said,
        labels=labels("lot", "title", "deadline", "cause", "basis", "notice"),
        typed="lot",
        facts=suspending,
        run=suspend,
        back="/lots/{object_id}/acts",
    ),
    Act(
        name="tender.resume",
        text="Resume a suspended lot",
        warning="What waited goes on by itself at once, unless something else still suspends the lot.",
        permission="tender.suspend",
        second="tender.suspend",
        content=Said,
        labels=labels("lot", "title", "deadline", "cause", "since", "notice"),
        typed="lot",
        facts=resuming,
        run=resume,
        back="/lots/{object_id}/acts",
    ),
    Act(
        name="tender.terminate",
        text="Terminate a lot",
        warning=FOR_EVER,
        permission="tender.terminate",
        second="tender.terminate",
        content=Said,
        labels=labels("lot", "title", "deadline", "basis", "notice"),
        typed="lot",
        facts=terminating,
        run=terminate,
        back="/lots/{object_id}/acts",
    ),
    Act(
        name="tender.cancel",
        text="Cancel a lot by order",
        warning=FOR_EVER,
        permission="tender.order",
        second="tender.order",
        content=Said,
        labels=labels("lot", "title", "deadline", "basis", "notice"),
        typed="lot",
        facts=cancelling,
        run=cancel,
        back="/lots/{object_id}/acts",
    ),
    Act(
        name="tender.override",
        text="Set a rule aside for a round",
        warning="The rule, the article and the reason are published and stay so.",
        permission="tender.override",
        second="tender.order",
        content=SetAside,
        labels=labels("tender", "title", "rule", "basis", "notice"),
        typed="tender",
        facts=setting_aside,
        run=set_aside,
        back="/tenders/{object_id}",
    ),
]
