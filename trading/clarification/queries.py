"""Reads of questions, clarifications and samples: what is released is public, the rest is agency's and tenderer's."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, or_, select

from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from govcore.keys import KeyWrapper
from govcore.pdf.figures import end_moment
from govcore.vault import Vault
from trading.clarification.models import Clarification, Question, Sample
from trading.clarification.policy import State, asking_ends
from trading.clarification.schemas import (
    ClarificationShown,
    EffectShown,
    OpenQuestion,
    Prepared,
    SampleShown,
)
from trading.project.models import Project
from trading.tender import queries as tenders
from trading.tender.models import Lot, Tender
from trading.tender.policy import TenderState, bidding_open
from trading.tender.schemas import DatedAct


class KeptQuestion(msgspec.Struct, frozen=True):
    """What a question's row keeps wrapped; the salt lets its hash lie in the log and tell nothing."""

    text: str
    salt: str
    user_id: str | None
    receipt: str | None


class KeptSample(msgspec.Struct, frozen=True):
    """What a sample's row keeps wrapped."""

    what: str
    received_at: datetime
    taken_by: str
    salt: str


@dataclass(frozen=True, slots=True)
class AskingWindow:
    """Until when questions are taken; `days` is the documents' last day as days before the deadline, 0 for none."""

    open: bool
    until: datetime | None
    days: int

    @property
    def until_text(self) -> str:
        return end_moment(self.until) if self.until else ""


@dataclass(frozen=True, slots=True)
class MyQuestion:
    """A question of the reader's own; `answered_in` is the number of the clarification that answers it."""

    reference: str
    text: str
    collected_at: datetime
    answered_in: int | None


@dataclass(frozen=True, slots=True)
class Party:
    """A published tender as its agency or tenderer works on its clarifications."""

    tender: Tender
    project: Project
    lots: list[Lot]


def published_tender(tx: Tx, tender_id: str) -> Tender:
    """A published tender: public; `NotFound` for every other."""
    tender = tx.get(Tender, tender_id)
    if tender is None or tender.state != TenderState.PUBLISHED:
        raise NotFound
    return tender


def project_of(tx: Tx, tender: Tender) -> Project:
    return tx.get_one(Project, tender.project_id)


def asking_window(tx: Tx, tender_id: str, *, at: datetime) -> AskingWindow:
    """Until when questions about a published tender are taken: by the latest deadline of its lots."""
    tender = published_tender(tx, tender_id)
    days = tenders.content_of(tender).questions_end_days
    open_until = [
        lot.deadline_at
        for lot in tenders.lots_of(tx, tender_id)
        if lot.deadline_at and bidding_open(lot.state, lot.deadline_at, at)
    ]
    until = asking_ends(max(open_until), days) if open_until else None
    return AskingWindow(open=until is not None and at < until, until=until, days=days)


def asker_tag(vault: Vault, tender_id: str, actor: Actor) -> str:
    """Finds a person's own questions about one tender; nobody else can make it."""
    return vault.tag("asker", tender_id, actor.user_id)


def unwrap_question(wrapper: KeyWrapper, row: Question) -> KeptQuestion:
    return msgspec.json.decode(wrapper.unwrap("question", row.id, row.wrapped), type=KeptQuestion)


def my_questions(
    tx: Tx, vault: Vault, wrapper: KeyWrapper, tender_id: str, *, actor: Actor
) -> list[MyQuestion]:
    """The actor's own questions about a tender, by their numbers."""
    if not actor.signed_in:
        return []
    found = answered(tx, tender_id)
    mine = select(Question).where(Question.asker_tag == asker_tag(vault, tender_id, actor))
    return [
        MyQuestion(
            row.reference, unwrap_question(wrapper, row).text, row.collected_at, found.get(row.reference)
        )
        for row in tx.scalars(mine.order_by(Question.collected_at, Question.reference))
    ]


def unanswered(tx: Tx, vault: Vault, tender_ids: Collection[str], *, actor: Actor) -> list[tuple[str, str]]:
    """The tenders and numbers of the actor's own questions that no released clarification answers yet."""
    tags = [asker_tag(vault, tender_id, actor) for tender_id in tender_ids]
    mine = select(Question.tender_id, Question.reference).where(Question.asker_tag.in_(tags))
    rows = tx.execute(mine.order_by(Question.collected_at, Question.reference)).all()
    done = {
        (tender_id, answer.reference)
        for tender_id, found in released_in(tx, tender_ids).items()
        for one in found
        for answer in one.content.answers
    }
    return [(tender_id, reference) for tender_id, reference in rows if (tender_id, reference) not in done]


def answered(tx: Tx, tender_id: str) -> dict[str, int]:
    """The numbers of the answered questions, each with that of the clarification that answers it."""
    return {answer.reference: one.number for one in released(tx, tender_id) for answer in one.content.answers}


def party(tx: Tx, tender_id: str, *, actor: Actor) -> Party:
    """A published tender for people of its agency or tenderer; `NotFound` for everybody else."""
    tender = published_tender(tx, tender_id)
    project = project_of(tx, tender)
    if actor.org_id is None or actor.org_id not in (project.agency_id, project.tenderer_id):
        raise NotFound
    return Party(tender, project, tenders.lots_of(tx, tender_id))


def open_questions(
    tx: Tx, wrapper: KeyWrapper, tender_id: str, *, actor: Actor, at: datetime
) -> list[OpenQuestion]:
    """The collected questions that no released clarification answers, in the order of their random numbers."""
    party(tx, tender_id, actor=actor)
    done = answered(tx, tender_id)
    collected = select(Question).where(Question.tender_id == tender_id, Question.collected_at <= at)
    return [
        OpenQuestion(row.reference, unwrap_question(wrapper, row).text)
        for row in tx.scalars(collected.order_by(Question.reference))
        if row.reference not in done
    ]


def waiting(tx: Tx, tender_ids: Collection[str], *, actor: Actor, at: datetime) -> set[str]:
    """Those of the actor's own tenders in which a collected question has no answer yet; not how many."""
    own = select(Tender.id).join(Project, Project.id == Tender.project_id)
    own = own.where(Tender.id.in_(tender_ids), Tender.state == TenderState.PUBLISHED, _is_party(actor))
    asked = select(Question.tender_id, Question.reference)
    collected = tx.execute(asked.where(Question.tender_id.in_(own), Question.collected_at <= at)).all()
    rows = tx.scalars(
        select(Clarification).where(Clarification.tender_id.in_(own), Clarification.state == State.RELEASED)
    )
    done = {(row.tender_id, answer.reference) for row in rows for answer in content_of(row).answers}
    return {tender_id for tender_id, reference in collected if (tender_id, reference) not in done}


def preparations(tx: Tx, tender_ids: Collection[str], *, actor: Actor) -> dict[str, Clarification]:
    """What agency and tenderer are working on, by tender; of the actor's own ones."""
    query = select(Clarification).join(Tender, Tender.id == Clarification.tender_id)
    query = query.join(Project, Project.id == Tender.project_id).where(_is_party(actor))
    rows = tx.scalars(
        query.where(Clarification.tender_id.in_(tender_ids), Clarification.state != State.RELEASED)
    )
    return {row.tender_id: row for row in rows}


def _is_party(actor: Actor) -> ColumnElement[bool]:
    return or_(Project.agency_id == actor.org_id, Project.tenderer_id == actor.org_id)


def touched_after(tx: Tx, tender_id: str, *, since: datetime) -> int | None:
    """The number of the newest clarification that touches bids and was released after a moment: public."""
    newer = (one.number for one in released(tx, tender_id) if one.touches_bids and one.released_at > since)
    return next(newer, None)


def preparation_of(tx: Tx, tender_id: str, *, actor: Actor) -> Clarification | None:
    """The clarification that agency and tenderer are working on; there is at most one."""
    party(tx, tender_id, actor=actor)
    query = select(Clarification).where(Clarification.tender_id == tender_id)
    return tx.scalar(query.where(Clarification.state != State.RELEASED))


def clarification(tx: Tx, clarification_id: str, *, actor: Actor) -> Clarification:
    """One clarification of the actor's own tender, in whatever state; `NotFound` for everybody else."""
    row = tx.get(Clarification, clarification_id)
    if row is None:
        raise NotFound
    party(tx, row.tender_id, actor=actor)
    return row


def content_of(row: Clarification) -> Prepared:
    return msgspec.convert(row.content, Prepared)


def released(tx: Tx, tender_id: str) -> list[ClarificationShown]:
    """The released clarifications of a tender, the newest first: public."""
    return released_in(tx, [tender_id])[tender_id]


def released_in(tx: Tx, tender_ids: Collection[str]) -> dict[str, list[ClarificationShown]]:
    """The released clarifications of each of these tenders, the newest first: public."""
    found: dict[str, list[ClarificationShown]] = {tender_id: [] for tender_id in tender_ids}
    rows = select(Clarification).where(
        Clarification.tender_id.in_(tender_ids), Clarification.state == State.RELEASED
    )
    for row in tx.scalars(rows.order_by(Clarification.number.desc())):
        found[row.tender_id].append(_shown(row))
    return found


def released_clarification(tx: Tx, clarification_id: str) -> ClarificationShown:
    """A released clarification: public; `NotFound` for every other."""
    return _shown(_released(tx, clarification_id))


def paper_of(tx: Tx, clarification_id: str) -> tuple[str, str, int]:
    """Where a released clarification's paper is stored, its SHA-256 and size: public."""
    row = _released(tx, clarification_id)
    assert row.paper_key is not None
    assert row.paper_sha256 is not None
    assert row.paper_size is not None
    return row.paper_key, row.paper_sha256, row.paper_size


def _released(tx: Tx, clarification_id: str) -> Clarification:
    row = tx.get(Clarification, clarification_id)
    if row is None or row.state != State.RELEASED:
        raise NotFound
    return row


def _shown(row: Clarification) -> ClarificationShown:
    assert row.released_at is not None
    assert row.paper_sha256 is not None
    content = content_of(row)
    return ClarificationShown(
        id=row.id,
        tender_id=row.tender_id,
        number=row.number,
        released_at=row.released_at,
        content=content,
        touches_bids=content.touches_bids,
        effects=msgspec.convert(row.effects, list[EffectShown]),
        paper_href=f"/clarifications/{row.id}/paper.pdf",
        paper_sha256=row.paper_sha256,
    )


def dated_acts(tx: Tx, tender: Tender) -> list[DatedAct]:
    """The site visits, hand-ins and demonstrations that hold now: the newest released list, else the documents'."""
    newest = (one.content.acts for one in released(tx, tender.id) if one.content.acts is not None)
    acts = next(newest, tenders.content_of(tender).acts)
    return sorted(acts, key=lambda act: act.starts_at)


def sample(tx: Tx, wrapper: KeyWrapper, number: str) -> SampleShown:
    """A sample for whoever knows its number, which stands on the receipt alone; `NotFound` for an unknown one."""
    found = sample_or_none(tx, wrapper, number)
    if found is None:
        raise NotFound
    return found


def sample_or_none(tx: Tx, wrapper: KeyWrapper, number: str) -> SampleShown | None:
    """The same, and nothing for a number that was mistyped."""
    row = tx.scalar(select(Sample).where(Sample.number == number.strip().upper()))
    return None if row is None else _sample(wrapper, row, tx.get_one(Tender, row.tender_id).title)


def samples_after(
    tx: Tx, wrapper: KeyWrapper, tender_id: str, *, actor: Actor, at: datetime
) -> list[SampleShown]:
    """All samples of a tender for its agency and tenderer, once no lot takes bids any more; before, none."""
    held = party(tx, tender_id, actor=actor)
    if any(bidding_open(lot.state, lot.deadline_at, at) for lot in held.lots):
        return []
    rows = tx.scalars(select(Sample).where(Sample.tender_id == tender_id).order_by(Sample.number))
    return [_sample(wrapper, row, held.tender.title) for row in rows]


def _sample(wrapper: KeyWrapper, row: Sample, title: str) -> SampleShown:
    kept = msgspec.json.decode(wrapper.unwrap("sample", row.id, row.wrapped), type=KeptSample)
    return SampleShown(number=row.number, tender_title=title, what=kept.what, received_at=kept.received_at)
