"""Prepare a clarification, hand it over, give it back, release it: the agency prepares, the tenderer releases."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec
from sqlalchemy import func, select

from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import Detail, NotFound, Problem
from govcore.identity.policy import Actor, require
from govcore.keys import KeyWrapper
from govcore.pdf.styles import SERIF, require_glyphs
from trading.clarification import moves, moving, queries
from trading.clarification.models import Clarification, Question
from trading.clarification.policy import RULES, SUBJECT_NAMES, Move, State, Subject, forbidden
from trading.clarification.schemas import Prepared
from trading.procedure import rules as procedure
from trading.procedure.policy import CHANGE_TO_DEADLINE, RuleSet
from trading.procedure.words import article_of
from trading.tender.models import Tender


class InPreparation(Problem):
    code = "E_CLARIFICATION_READY"
    text = "The tenderer has this clarification before it. It can be changed again when the tenderer gives it back."


class NothingSaid(Problem):
    code = "E_CLARIFICATION_EMPTY"
    status = 422
    text = "A clarification needs at least an answer, a change, a dated act, a statement or a new deadline."


class UnknownQuestion(Problem):
    code = "E_QUESTION"
    status = 422
    text = "There is no open question {reference} in this tender."


class ShortenedWithoutReason(Problem):
    code = "E_SHORTENED"
    status = 422
    text = "Question {reference} is published in other words than it was asked in; say why."


class ChangesNothing(Problem):
    code = "E_CHANGE"
    status = 422
    text = "A change needs a passage as it was, as it is from now on, or both, and they must differ."


class ActEndsFirst(Problem):
    code = "E_ACT_TIMES"
    status = 422
    text = "A site visit, a hand-in or a demonstration must end after it begins."


class FixedInProcurement(Problem):
    """政府采购货物和服务招标投标管理办法 art. 27."""

    code = "E_CHANGE_FIXED"
    text = "{rule} · {article}: a clarification may not change this: {what}. End this round and tender again."


def prepare(
    tx: Tx, wrapper: KeyWrapper, tender_id: str, content: Prepared, *, actor: Actor, at: datetime
) -> Clarification:
    """Keep what the agency's next clarification says; there is one at a time, and its number is the next."""
    return edit(tx, wrapper, tender_id, lambda _: content, actor=actor, at=at)


def edit(
    tx: Tx,
    wrapper: KeyWrapper,
    tender_id: str,
    change: Callable[[Prepared], Prepared],
    *,
    actor: Actor,
    at: datetime,
) -> Clarification:
    """Change what the agency's next clarification says; two who edit at once wait for each other."""
    require(actor, "clarification.prepare")
    party = queries.party(tx, tender_id, actor=actor)
    if party.project.agency_id != actor.org_id:
        raise NotFound
    if not moving.open_lots(party.lots, at):
        raise moving.BiddingOver
    tx.execute(select(Tender.id).where(Tender.id == tender_id).with_for_update())
    row = queries.preparation_of(tx, tender_id, actor=actor) or _begun(tx, tender_id, actor)
    if row.state != State.PREPARING:
        raise InPreparation
    content = change(queries.content_of(row))
    _check_content(tx, wrapper, tender_id, content, at=at)
    _check_regime(party.tender.rule_set, content)
    row.content, row.prepared_by = msgspec.to_builtins(content), actor.user_id
    tx.flush()
    record(tx, "clarification.prepared", subject=row.id, actor=actor.user_id, at=at, data={})
    return row


def _begun(tx: Tx, tender_id: str, actor: Actor) -> Clarification:
    last = tx.scalar(select(func.max(Clarification.number)).where(Clarification.tender_id == tender_id))
    row = Clarification(
        id=new_id(),
        tender_id=tender_id,
        number=(last or 0) + 1,
        state=State.PREPARING,
        content={},
        schedules={},
        effects=[],
        prepared_by=actor.user_id,
    )
    tx.add(row)
    return row


def _check_content(tx: Tx, wrapper: KeyWrapper, tender_id: str, content: Prepared, *, at: datetime) -> None:
    asked = _asked(tx, wrapper, tender_id, at=at)
    references = [answer.reference for answer in content.answers]
    for answer in content.answers:
        if answer.reference not in asked or references.count(answer.reference) > 1:
            raise UnknownQuestion(reference=answer.reference)
        if answer.question.strip() != asked[answer.reference] and not answer.shortened.strip():
            raise ShortenedWithoutReason(reference=answer.reference)
    for change in content.changes:
        if change.before.strip() == change.after.strip():
            raise ChangesNothing
    for act in content.acts or []:
        if act.ends_at <= act.starts_at:
            raise ActEndsFirst
    _check_printable(_texts(content))


def _asked(tx: Tx, wrapper: KeyWrapper, tender_id: str, *, at: datetime) -> dict[str, str]:
    """The collected questions that no released clarification has answered, by their numbers."""
    done = queries.answered(tx, tender_id)
    rows = tx.scalars(select(Question).where(Question.tender_id == tender_id, Question.collected_at <= at))
    return {
        row.reference: queries.unwrap_question(wrapper, row).text for row in rows if row.reference not in done
    }


def _texts(content: Prepared) -> Iterable[str]:
    for answer in content.answers:
        yield from (answer.question, answer.answer, answer.shortened)
    for change in content.changes:
        yield from (change.where, change.before, change.after)
    for act in content.acts or []:
        yield from (act.place, act.note)
    yield from (content.statement, content.untouched)


def _check_printable(texts: Iterable[str]) -> None:
    """Raise `GlyphMissing` for words that the paper could not carry."""
    for text in texts:
        require_glyphs("".join(text.splitlines()), SERIF)


def _check_regime(rule_set: str, content: Prepared) -> None:
    rules = procedure.rule_set(rule_set)
    if banned := forbidden(rules.regime, (change.about for change in content.changes)):
        raise fixed_in_procurement(rules, banned[0])


def fixed_in_procurement(rules: RuleSet, what: Subject) -> FixedInProcurement:
    """The refusal of a change of this, with the rule and its article."""
    rule = rules[CHANGE_TO_DEADLINE[rules.regime]]
    return FixedInProcurement(rule=rule.id, article=article_of(rule), what=Detail(SUBJECT_NAMES[what]))


def hand_over(tx: Tx, clarification_id: str, *, actor: Actor, at: datetime) -> None:
    """The agency gives a clarification to the tenderer, who alone can release it."""
    row, _ = moves.held(tx, clarification_id, Move.HAND_OVER, actor=actor)
    if queries.content_of(row) == Prepared():
        raise NothingSaid
    moves.move(tx, row, Move.HAND_OVER)
    row.returned_for = None
    record(tx, RULES[Move.HAND_OVER].event, subject=row.id, actor=actor.user_id, at=at, data={})


def give_back(tx: Tx, clarification_id: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """The tenderer gives a clarification back to its agency, with the reason; signed schedules fall away."""
    row, _ = moves.held(tx, clarification_id, Move.RETURN, actor=actor)
    moves.move(tx, row, Move.RETURN)
    row.returned_for, row.schedules = reason, {}
    data = {"reason": reason}
    record(tx, RULES[Move.RETURN].event, subject=row.id, actor=actor.user_id, at=at, data=data)
