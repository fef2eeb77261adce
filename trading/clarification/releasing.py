"""What a release does: judge the deadlines, move them, publish documents, notice and clarification together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from govcore.audit.entries import time_text
from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.identity.queries import actor_of_user
from govcore.notify.following import announce
from govcore.storage import Store
from govcore.vault import Vault
from trading.clarification import announcing, moves, moving, queries, service
from trading.clarification.models import Clarification
from trading.clarification.policy import RULES, Move, Subject
from trading.clarification.queries import Party
from trading.clarification.schemas import EffectShown, Prepared
from trading.documents import queries as versions
from trading.documents import service as documents
from trading.documents.policy import VersionState
from trading.notices.service import StoredPaper
from trading.procedure.policy import Regime
from trading.procedure.rules import rule_set
from trading.tender import queries as tenders
from trading.tender import reminders
from trading.tender.queries import LotContext


class Outdated(Problem):
    """The day turned or a deadline moved while the paper was set."""

    code = "E_CLARIFICATION_OUTDATED"
    text = "Meanwhile the day has turned or a deadline has moved; look at the effects again."


class VersionNotReleased(Problem):
    code = "E_CLARIFICATION_DOCUMENTS"
    text = "Version {number} of the documents is not released by the tenderer yet."


class PreparerReleases(Problem):
    code = "E_CLARIFICATION_TWO"
    status = 403
    text = "Who prepared a clarification does not release it; somebody else has to."


GP_FIXED_TERMS: dict[tuple[str, ...], Subject] = {
    ("content", "scope"): Subject.OBJECT,
    ("content", "qualification"): Subject.QUALIFICATION,
}
"""Terms of the documents that a change in procurement may not touch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A clarification as it would be released now."""

    id: str
    number: int
    content: Prepared
    effects: Sequence[EffectShown]
    context: LotContext
    at: datetime


def draft(tx: Tx, clarification_id: str, *, actor: Actor, at: datetime) -> Draft:
    """What a release would publish and do now; raises what would refuse it."""
    row, party = _releasable(tx, clarification_id, actor)
    effects = moving.effects(tx, party, row, at=at)
    moving.check(effects)
    _check_version(tx, party, queries.content_of(row).version, actor)
    return drafted(tx, row, party, effects, at=at)


def drafted(
    tx: Tx, row: Clarification, party: Party, effects: Sequence[EffectShown], *, at: datetime
) -> Draft:
    """A clarification with what its release would do, whether or not it is lawful yet."""
    context = tenders.lot_context(tx, party.lots[0].id)
    content = queries.content_of(row)
    return Draft(id=row.id, number=row.number, content=content, effects=effects, context=context, at=at)


def _check_version(tx: Tx, party: Party, number: int, actor: Actor) -> None:
    """Raise unless the version is released, and in procurement leaves object and qualification as they are (G05)."""
    if not number:
        return
    if versions.visible_version(tx, party.tender.id, number, actor=actor).state != VersionState.RELEASED:
        raise VersionNotReleased(number=number)
    rules = rule_set(party.tender.rule_set)
    changed = {one.path[:2] for one in versions.changes(tx, party.tender.id, number - 1, number, actor=actor)}
    if rules.regime is Regime.GP and (fixed := sorted(changed & GP_FIXED_TERMS.keys())):
        raise service.fixed_in_procurement(rules, GP_FIXED_TERMS[fixed[0]])


def _releasable(tx: Tx, clarification_id: str, actor: Actor) -> tuple[Clarification, Party]:
    row, party = moves.held(tx, clarification_id, Move.RELEASE, actor=actor)
    if row.prepared_by == actor.user_id:
        raise PreparerReleases
    return row, party


def release(
    tx: Tx, store: Store, vault: Vault, made: Draft, *, paper: StoredPaper, actor: Actor, at: datetime
) -> None:
    """Publish what was drafted: moved schedules, documents, notice and word to all followers, or nothing of it.

    Raises `Outdated` when the effects are no longer those that the paper tells.
    """
    row, party = _releasable(tx, made.id, actor)
    effects = moving.effects(tx, party, row, at=at)
    if _told(effects) != _told(made.effects) or queries.content_of(row) != made.content:
        raise Outdated
    moving.check(effects)
    moving.move(tx, row, actor=actor)
    if made.content.version:
        agency = actor_of_user(tx, row.prepared_by)
        documents.publish_version(tx, store, vault, row.tender_id, made.content.version, actor=agency, at=at)
    moves.move(tx, row, Move.RELEASE)
    row.effects, row.released_by, row.released_at = msgspec.to_builtins(effects), actor.user_id, at
    row.paper_key, row.paper_sha256, row.paper_size = paper.key, paper.sha256, paper.size
    data = {
        "tender": party.tender.code,
        "number": row.number,
        "paper_sha256": paper.sha256,
        "touches_bids": made.content.touches_bids,
        "moved": {one.lot_id: time_text(one.moved_to) for one in effects if one.moved_to is not None},
    }
    record(tx, RULES[Move.RELEASE].event, subject=row.id, actor="system", at=at, data=data)
    announcing.publish(tx, made.context, made.content, effects, paper=paper, actor=actor.user_id, at=at)
    _tell(tx, party, row, made.content, at=at)


def _told(effects: Sequence[EffectShown]) -> list[tuple[object, ...]]:
    """What the paper says of the deadlines."""
    return [(one.lot_id, one.released_on, one.deadline_at, one.moved_to) for one in effects]


def _tell(tx: Tx, party: Party, row: Clarification, content: Prepared, *, at: datetime) -> None:
    """Tell all who follow the tender: the same words to everybody, so they say nothing of who bids."""
    announce(
        tx,
        reminders.topic(party.tender.id),
        about=f"clarification:{row.number}",
        text=TOLD_WORDS[content.touches_bids],
        href=f"/clarifications/{row.id}",
        at=at,
        data={"title": party.tender.title, "number": row.number},
    )


TOLD_WORDS = {
    True: "{title}: clarification no. {number} is published and may touch how bids are made. Read it before the "
    "deadline. A bid sent before stays valid unless it is withdrawn or replaced.",
    False: "{title}: clarification no. {number} is published. It does not touch how bids are made.",
}
"""What everybody who follows is told, by whether bids are touched; keys of the catalogue."""
